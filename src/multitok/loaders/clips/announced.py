"""How much a clip says that it holds: FFmpeg makes room for all of it before it reads any.

Sources: ISO/IEC 14496-12, 8.7.3 (stsz), 8.8.8 (trun), 8.11.3 (iloc) and 8.11.6 (iinf); SMPTE ST
377-1, 11 (index table segments).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from struct import Struct, error, unpack

from multitok.core.errors import SourceError
from multitok.loaders.isobmff import Damaged, boxes
from multitok.loaders.source import Reader, Source

_ENTERED = frozenset(
    b"moov moof trak traf trun tfhd mdia minf dinf stbl stsd edts tref mvex udta meta ilst wave"
    b" sinf schi".split()
)
"""What FFmpeg looks into, wherever it stands."""
_BLOCK = 1 << 20
"""Bytes that are looked through at once."""
_HEAD = 32
"""Bytes of a box up to the last that is read here: its size, its letters, flags, three numbers."""
_WIDE = bytes((0, 0, 0, 1))
"""A size that stands behind the letters, in 8 bytes."""
_BY_ONE = bytes((0, 0, 0, 1, 0, 0, 0, 1))
"""One entry, of one unit a sample."""
_DEEPEST = 10
"""Boxes within each other, as many as FFmpeg looks into."""
_DAMAGES = (Damaged, EOFError, error, IndexError)


_SEGMENT = bytes.fromhex("060e2b34 02530101 0d010201 01100100")
"""The key of an index table segment of MXF."""
_ITEM = Struct(">HHII")
_ENTRIES = 0x3F0A
"""The tag of its entries; their value begins with their number, and the bytes of each."""


def check_announced(source: Source) -> None:
    """SourceError for a file that says to hold more than it has bytes. Of damage as much is read as
    can be: FFmpeg goes on, too."""
    size, head = source.size, source.head()
    if size is None:
        return
    told: dict[str, int] = {}
    if head[4:8].isalpha():  # a box, whatever it is called
        told["samples"], told["pictures"] = of_boxes(source)
    elif head.startswith(_SEGMENT[:4]):
        told["bytes of an index"] = of_index(source)
    for what, many in told.items():
        if many > size:
            why = f"damaged: its {size:,} bytes say that they hold {many:,} {what}"
            raise SourceError(f"{source.name}: {why}", source=source.name)


def of_boxes(source: Source) -> tuple[int, int]:
    """The samples that all tables and fragments of an mp4 say to hold, as far as FFmpeg lists them
    before it reads one, and the pictures of the longest list of them."""
    samples = pictures = 0
    begun = False
    with suppress(*_DAMAGES), Reader(source) as r:
        for kind, start, end in boxes(r, 0, r.size):
            end = min(end, r.size)
            for data in _looked_through(r, start - 8, end) if kind in _ENTERED else ():
                begun = begun or b"tfhd" in data
                samples += _of_tables(data) + (_of_runs(data) if begun else 0)
            with suppress(*_DAMAGES):
                pictures = max(pictures, _pictures(r, kind, start, end))
    return samples, pictures


def of_index(source: Source) -> int:
    """The bytes that the entries of all index tables of an MXF say to take, wherever these are."""
    found = 0
    with suppress(EOFError, error), Reader(source) as r:
        for begins in range(0, r.size, _BLOCK):
            data = r.at(begins, min(_BLOCK + len(_SEGMENT), r.size - begins))
            at = data.find(_SEGMENT)
            while 0 <= at < _BLOCK:
                found += _of_segment(r, begins + at + len(_SEGMENT))
                at = data.find(_SEGMENT, at + len(_SEGMENT))
    return found


def _of_segment(r: Reader, at: int) -> int:
    """The bytes that the entries of one segment say to take: a length, then a set of items, each
    with a tag and the bytes of its value."""
    (first,) = r.at(at, 1)
    wide = first & 0x7F if first & 0x80 else 0
    length = int.from_bytes(r.at(at + 1, wide)) if wide else first
    at += 1 + wide
    end = min(at + length, r.size)
    while at + 12 <= end:
        tag, size, many, each = _ITEM.unpack(r.at(at, 12))
        if tag == _ENTRIES:
            return int(many * each)
        at += 4 + size
    return 0


def _looked_through(r: Reader, at: int, end: int) -> Iterator[bytes]:
    """What stands between two places, in pieces; each has the first bytes of the next, too."""
    for begins in range(at, end, _BLOCK):
        yield r.at(begins, min(_BLOCK + _HEAD, end - begins))


def _found(letters: bytes, data: bytes) -> Iterator[int]:
    """The place behind the head of each box of a kind. They are looked for by their letters: where
    boxes are damaged, FFmpeg comes to others by ways that no walk over whole ones goes."""
    place = data.find(letters, 4)
    while 0 <= place < _BLOCK + 4:
        size = data[place - 4 : place]
        if not _is_text(size):
            yield place + (12 if size == _WIDE else 4)
        place = data.find(letters, place + 4)


def _of_runs(data: bytes) -> int:
    """Samples of runs (trun): flags, and their number. Without the header of a fragment (tfhd)
    somewhere in front none counts."""
    return sum(_number(data, place + 4) for place in _found(b"trun", data))


def _of_tables(data: bytes) -> int:
    """Samples of tables that give one size for all (stsz): flags, the size, their number. Not of
    sound whose samples last 1 each (stts): FFmpeg lists its chunks. Of a file that is cut off it
    has more than there are bytes, and of QuickTime's first codecs, before it is packed."""
    times = list(_found(b"stts", data))
    found = 0
    for at in _found(b"stsz", data):
        last = max((time for time in times if time < at), default=len(data))
        by_one = data[last + 4 : last + 8] + data[last + 12 : last + 16] == _BY_ONE
        heard = data.rfind(b"soun", 0, at) > data.rfind(b"vide", 0, at)
        if _number(data, at + 4) and not (by_one and heard):
            found += _number(data, at + 8)
    return found


def _number(data: bytes, at: int) -> int:
    """Four bytes as a number; 0 where the data has ended."""
    return int.from_bytes(data[at : at + 4]) if at + 4 <= len(data) else 0


def _is_text(size: bytes) -> bool:
    """Whether what stands in front are letters (a tree trunk); as a size, half a gigabyte."""
    return size.isascii() and size.decode().isprintable()


def _pictures(r: Reader, kind: bytes, start: int, end: int, depth: int = _DEEPEST) -> int:
    """The most pictures that a list in a box says that it has: where each lies (iloc), and what
    each is called (iinf)."""
    if kind in (b"iloc", b"iinf"):
        place = start + (6 if kind == b"iloc" else 4)
        wide = r.at(start, 1)[0] > (1 if kind == b"iloc" else 0)
        return int(unpack(">I", r.at(place, 4))[0] if wide else unpack(">H", r.at(place, 2))[0])
    found = 0
    if kind in _ENTERED and depth:
        with suppress(*_DAMAGES):
            for box in boxes(r, _first_of_meta(r, start, end) if kind == b"meta" else start, end):
                found = max(found, _pictures(r, *box, depth - 1))
    return found


def _first_of_meta(r: Reader, start: int, end: int) -> int:
    """Where the boxes of a `meta` begin: behind four bytes, which some leave out, so that FFmpeg
    looks for the first of them (hdlr), four bytes by four."""
    data = r.at(start, min(max(end - start, 0), _BLOCK))
    place = data.find(b"hdlr")
    while place > 0 and place % 4:
        place = data.find(b"hdlr", place + 1)
    return start + place - 4 if place > 0 else start + 4
