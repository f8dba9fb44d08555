"""How much an mp4 says that it holds: FFmpeg makes room for all of it before it reads any.

Source: ISO/IEC 14496-12, 8.8.8 (trun), 8.11.3 (iloc) and 8.11.6 (iinf).
"""

from __future__ import annotations

from contextlib import suppress
from struct import error, unpack

from multitok.loaders.isobmff import Damaged, boxes
from multitok.loaders.source import Reader, Source

_ENTERED = frozenset(
    b"moov moof trak traf trun tfhd mdia minf dinf stbl stsd edts tref mvex udta meta ilst wave"
    b" sinf schi".split()
)
"""What FFmpeg looks into, wherever it stands."""
_HOLD_LISTS = frozenset((b"meta", b"moov", b"trak", b"udta"))
_RUN = 16
"""Bytes of a run up to the number of its samples: its size, its letters, flags, and that."""
_BLOCK = 1 << 20
"""Bytes that are looked through at once."""
_DEEPEST = 10
"""Boxes within each other, as many as FFmpeg looks into."""
_DAMAGES = (Damaged, EOFError, error, IndexError)


def announced(source: Source) -> tuple[int, int]:
    """The samples that the runs of all fragments say to hold, and the pictures of its longest list
    of them. Of damage as much as can be told: FFmpeg goes on, too."""
    samples = pictures = 0
    begun = False
    with suppress(*_DAMAGES), Reader(source) as r:
        for kind, start, end in boxes(r, 0, r.size):
            end = min(end, r.size)
            if kind in _ENTERED:
                more, begun = _samples(r, start - 8, end, begun)
                samples += more
            with suppress(*_DAMAGES):
                pictures = max(pictures, _pictures(r, kind, start, end))
    return samples, pictures


def _samples(r: Reader, at: int, end: int, begun: bool) -> tuple[int, bool]:
    """The samples of the runs between two places; and whether the header of a fragment (tfhd),
    without which no run counts, has begun.

    Runs are found by their letters: where boxes are damaged, FFmpeg comes to them by ways that no
    walk over whole ones goes.
    """
    found = 0
    for begins in range(at, end, _BLOCK):
        data = r.at(begins, min(_BLOCK + _RUN, end - begins))
        place = 0 if begun else data.find(b"tfhd")
        begun = begun or place >= 0
        while place >= 0 and 4 <= (place := data.find(b"trun", max(place, 4))) < _BLOCK + 4:
            size, count = data[place - 4 : place], data[place + 8 : place + 12]
            if len(count) == 4 and not _is_text(size):  # a tree trunk
                found += int(unpack(">I", count)[0])
            place += 4
    return found, begun


def _is_text(size: bytes) -> bool:
    """Whether what stands in front are letters; as the size of a run, half a gigabyte and more."""
    return size.isascii() and size.decode().isprintable()


def _pictures(r: Reader, kind: bytes, start: int, end: int, depth: int = _DEEPEST) -> int:
    """The most pictures that a list in a box says that it has: where each lies (iloc), and what
    each is called (iinf)."""
    if kind in (b"iloc", b"iinf"):
        place = start + (6 if kind == b"iloc" else 4)
        wide = r.at(start, 1)[0] > (1 if kind == b"iloc" else 0)
        return int(unpack(">I", r.at(place, 4))[0] if wide else unpack(">H", r.at(place, 2))[0])
    found = 0
    if kind in _HOLD_LISTS and depth:
        with suppress(*_DAMAGES):
            for box in boxes(r, start + (4 if kind == b"meta" else 0), end):
                found = max(found, _pictures(r, *box, depth - 1))
    return found
