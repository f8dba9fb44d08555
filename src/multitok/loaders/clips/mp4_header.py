"""The header of an mp4 or QuickTime file, read without FFmpeg where it is sure to be the truth.

`mp4_header` gives just what a demux pass gives, or None: then the pass is made. It declines what it
does not know: fragments, an edit list that cuts, a file shorter than its index, other codecs than
H.264 with AAC, tracks that are neither picture nor sound, cover art, any box that it has not met.
Only the boxes of `moov` are read.

Source: ISO/IEC 14496-12:2022 (boxes and tables), 14496-1 and 14496-3 (esds).
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from multitok.loaders.clips.boxes import matrix_turn
from multitok.loaders.clips.display import Look, stretched
from multitok.loaders.clips.mp4_tables import Edit, Table, table_of
from multitok.loaders.clips.parameter_sets import Bits, h264_picture
from multitok.loaders.clips.shown import units
from multitok.loaders.containers import Scan, may_be_short
from multitok.loaders.isobmff import boxes as iso_boxes
from multitok.loaders.sound_track import Track
from multitok.loaders.source import Reader, Source

if TYPE_CHECKING:
    from fractions import Fraction

_AROUND = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"}
_MOVIE = {b"mvhd", b"trak", b"udta", b"meta", b"iods", b"free", b"skip"}
_TRACK = {b"tkhd", b"edts", b"mdia", b"tref", b"tapt", b"udta", b"meta", b"free", b"skip"}
_MEDIA = {b"mdhd", b"hdlr", b"minf", b"elng", b"free", b"skip"}
_MIDDLE = {b"vmhd", b"smhd", b"hdlr", b"dinf", b"stbl", b"free", b"skip"}
_PICTURE = {b"avcC", b"pasp", b"colr", b"btrt", b"fiel", b"mdcv", b"clli"}
_LONGEST_BOX = 1 << 20
"""Bytes of a box that is not a table of samples."""
_OPENING = 1 << 16
"""Bytes of the first sample in which its key frame begins, behind words about its encoder."""
_KEY, _WIDTH = 5, 4
_AAC = 1024
"""Samples of a packet."""
_MOST_TRACKS = 16
_FINEST = 100_000_000
"""Ticks a second; a finer clock is damage."""

_AAC_RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000,
              11_025, 8_000, 7_350)  # fmt: skip
_AAC_LOW_COMPLEXITY, _SBR = 2, 5
_SBR_SYNC = 0x2B7
_HIGHEST_CORE = 32_000
"""From this rate on a stream that is silent about spectral band replication (SBR) has none."""


class Header(NamedTuple):
    """What PyAV's streams and a demux pass would tell."""

    codec: str
    stored: tuple[int, int]
    aspect: Fraction | None
    look: Look
    seen: Scan


class _Unsure(Exception):
    """The header is not sure to be what a demux pass sees."""


class _Track(NamedTuple):
    handler: bytes
    header: bytes
    description: bytes
    table: Table


def mp4_header(source: Source) -> Header | None:
    """The one video track and the sound tracks; None where only a demux pass is sure."""
    try:
        with Reader(source) as r:
            return _header(r)
    except (_Unsure, EOFError, struct.error, LookupError, ValueError):
        return None


def _header(r: Reader) -> Header:
    top = list(iso_boxes(r, 0, r.size))
    if top[0][0] != b"ftyp" or top[-1][2] != r.size or any(k not in _AROUND for k, _, _ in top):
        raise _Unsure
    ((start, end),) = [(a, z) for kind, a, z in top if kind == b"moov"]
    tracks, length = _movie(r, start, end)
    (video,) = [t for t in tracks if t.handler == b"vide"]
    codec, stored, aspect, look = _video(video)
    table = video.table
    if table.stamps[0] != min(table.stamps) or not _opens(r, video):
        raise _Unsure  # frames that refer to what is not there show nothing
    tick = 1 / table.scale
    seen = Scan(sorted(stamp * tick for stamp in table.stamps), table.tail * tick, movie=length)
    for index, track in enumerate(tracks):
        if track.handler == b"soun":
            rate, channels = _aac(track.description)
            seen.tracks.append(_sound(index, rate, channels, track.table))
    if may_be_short(seen, length):
        raise _Unsure
    return Header(codec, stored, aspect, look, seen)


def _opens(r: Reader, video: _Track) -> bool:
    """Whether the first sample is a key frame of H.264, by its NAL units."""
    config = _parts(_entry(video.description)[0], 86)[b"avcC"]
    at, size = video.table.first
    data = memoryview(r.at(at, min(size, _OPENING)))
    if config[4] & 3 != _WIDTH - 1:
        raise _Unsure  # lengths of fewer bytes are rare, and any byte may be taken for one
    return any(data[start] & 31 == _KEY for start in units(data, _WIDTH) if start < len(data))


def _sound(index: int, rate: int, channels: int, table: Table) -> Track:
    if table.offsets:
        raise _Unsure
    first, last = table.stamps[0], table.stamps[-1] + table.tail
    steps = [b - a for a, b in pairwise(table.stamps)]
    if table.scale != rate or {*steps} - {_AAC} or table.tail > _AAC:
        raise _Unsure  # stamps that contradict the packets: which is right, the packets tell
    track = Track(index, "aac", rate, channels, first, last, tick=1 / table.scale, frame=_AAC)
    track.packets, track.tail = len(table.stamps), table.tail
    track.lengths = dict(Counter((*steps, table.tail)))
    track.warm_up = max(0, round(-first * track.tick * rate))
    return track


def _movie(r: Reader, start: int, end: int) -> tuple[list[_Track], float]:
    """The tracks, and the seconds that the movie header names."""
    inside = list(iso_boxes(r, start, end))
    _known(inside, _MOVIE, end)
    head = _content(r, inside, b"mvhd")
    wide = _wide(head, 100)
    scale, length = struct.unpack_from(">IQ" if wide else ">II", head, 20 if wide else 12)
    if not scale or struct.unpack_from(">9i", head, 36 + wide) != _UPRIGHT:
        raise _Unsure
    _no_art(r, inside)
    places = [(a, z) for kind, a, z in inside if kind == b"trak"]
    if len(places) > _MOST_TRACKS:
        raise _Unsure
    return [_track(r, a, z, scale) for a, z in places], length / scale


def _wide(block: bytes, short: int) -> int:
    """The bytes that a header of version 1, with its longer times, has over `short`."""
    more = 12 if block[0] == 1 else 0
    if block[0] > 1 or len(block) != short + more:
        raise _Unsure
    return more


_UPRIGHT = (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)


def _track(r: Reader, start: int, end: int, movie: int) -> _Track:
    inside = list(iso_boxes(r, start, end))
    _known(inside, _TRACK, end)
    _no_art(r, inside)
    media = _place(inside, b"mdia")
    within = list(iso_boxes(r, *media))
    _known(within, _MEDIA, media[1])
    handler = _content(r, within, b"hdlr")[8:12]
    header = _content(r, inside, b"tkhd")
    _wide(header, 84)
    if handler not in (b"vide", b"soun"):
        raise _Unsure
    clock = _content(r, within, b"mdhd")
    (scale,) = struct.unpack_from(">I", clock, 20 if _wide(clock, 24) else 12)
    if scale > _FINEST:
        raise _Unsure
    edit = _edit(r, inside, scale, movie)
    middle = _place(within, b"minf")
    parts = list(iso_boxes(r, *middle))
    _known(parts, _MIDDLE, middle[1])
    _in_this_file(_content(r, list(iso_boxes(r, *_place(parts, b"dinf"))), b"dref"))
    samples = _place(parts, b"stbl")
    boxes = list(iso_boxes(r, *samples))
    if boxes[-1][2] != samples[1]:
        raise _Unsure
    table = table_of(r, boxes, scale, edit, warms_up=handler == b"soun")
    if table is None:
        raise _Unsure
    return _Track(handler, header, _content(r, boxes, b"stsd"), table)


def _in_this_file(references: bytes) -> None:
    """The one data reference says that the samples are here."""
    count, size, kind, flags = struct.unpack_from(">II4sI", references, 4)
    if count != 1 or size != len(references) - 8 or kind not in (b"url ", b"alis") or flags != 1:
        raise _Unsure


def _edit(r: Reader, inside: list[tuple[bytes, int, int]], scale: int, movie: int) -> Edit | None:
    """The one entry of a track's edit list, on the clock of the track."""
    lists = [(a, z) for kind, a, z in inside if kind == b"edts"]
    if not lists:
        return None
    (place,) = lists
    block = _content(r, list(iso_boxes(r, *place)), b"elst")
    count, form = struct.unpack_from(">I", block, 4)[0], ">QqI" if _wide(block, 20) else ">IiI"
    length, begin, rate = struct.unpack_from(form, block, 8)
    if count != 1 or begin < 0 or length == 0 or rate != 1 << 16:
        raise _Unsure
    return Edit(begin, (length * scale + movie // 2) // movie)


def _video(track: _Track) -> tuple[str, tuple[int, int], Fraction | None, Look]:
    entry, kind = _entry(track.description)
    width, height = struct.unpack_from(">HH", entry, 32)
    boxes = _parts(entry, 86)
    if kind != b"avc1" or not boxes.keys() <= _PICTURE or not width or not height:
        raise _Unsure
    picture = h264_picture(boxes[b"avcC"])
    if picture is None or (picture.width, picture.height) != (width, height):
        raise _Unsure
    aspect = _aspect(boxes)
    if aspect is None and (not picture.square or _named(track.header) != (width, height)):
        raise _Unsure
    turn = _turn(track.header)
    return "h264", (width, height), aspect, Look(stretched(width, aspect), height, turn)


def _aspect(boxes: Mapping[bytes, bytes]) -> Fraction | None:
    if b"pasp" not in boxes:
        return None
    from fractions import Fraction

    wide, high = struct.unpack_from(">II", boxes[b"pasp"])
    if not wide or not high or max(wide, high) > 32767:
        raise _Unsure
    return Fraction(wide, high)


def _named(header: bytes) -> tuple[int, int]:
    """The size in a track header."""
    at = 76 + (12 if header[0] == 1 else 0)
    width, height = struct.unpack_from(">HxxHxx", header, at)
    return width, height


def _turn(header: bytes) -> int:
    """Degrees of a matrix that turns and does nothing else."""
    at = 40 + (12 if header[0] == 1 else 0)
    a, b, u, c, d, v, _, _, w = struct.unpack_from(">9i", header, at)
    if (a, b) != (d, -c) or u or v or w != 1 << 30 or sorted((abs(a), abs(b))) != [0, 1 << 16]:
        raise _Unsure
    return matrix_turn(header)


def _entry(description: bytes) -> tuple[bytes, bytes]:
    """The one sample entry of an stsd box, with its head, and its four letters."""
    count, size, kind = struct.unpack_from(">II4s", description, 4)
    if count != 1 or size != len(description) - 8:
        raise _Unsure
    return description[8:], kind


def _aac(description: bytes) -> tuple[int, int]:
    """Rate and channels of plain AAC: its decoder's own configuration, not the entry's fields."""
    entry, kind = _entry(description)
    boxes = _parts(entry, 36)
    if kind != b"mp4a" or entry[16:18] != b"\0\0" or not boxes.keys() <= {b"esds", b"btrt"}:
        raise _Unsure
    tag, at, _ = _descriptor(boxes[b"esds"], 4)
    if tag != 3 or boxes[b"esds"][at + 2]:
        raise _Unsure
    tag, at, _ = _descriptor(boxes[b"esds"], at + 3)
    if tag != 4 or boxes[b"esds"][at] != 0x40:
        raise _Unsure
    tag, at, end = _descriptor(boxes[b"esds"], at + 13)
    bits = Bits(boxes[b"esds"][at:end])
    kind_of_aac, index, places = bits.take(5), bits.take(4), bits.take(4)
    if tag != 5 or kind_of_aac != _AAC_LOW_COMPLEXITY or not 0 < places < 8 or bits.take(3):
        raise _Unsure
    rate = _AAC_RATES[index]
    if end - at >= 5 and bits.take(11) == _SBR_SYNC:
        if bits.take(5) != _SBR or bits.take(1):
            raise _Unsure
    elif rate < _HIGHEST_CORE:
        raise _Unsure
    return rate, 8 if places == 7 else places


def _descriptor(block: bytes, at: int) -> tuple[int, int, int]:
    """Tag, first byte and end of an MPEG-4 descriptor; its length is 7 bits a byte."""
    tag, length = block[at], 0
    for _ in range(4):
        at += 1
        length = length << 7 | block[at] & 0x7F
        if not block[at] & 0x80:
            break
    if at + 1 + length > len(block):
        raise _Unsure
    return tag, at + 1, at + 1 + length


def _parts(entry: bytes, at: int) -> dict[bytes, bytes]:
    """The boxes inside a sample entry, each once."""
    found: dict[bytes, bytes] = {}
    while at < len(entry):
        size, kind = struct.unpack_from(">I4s", entry, at)
        if size < 8 or at + size > len(entry) or kind in found:
            raise _Unsure
        found[kind] = entry[at + 8 : at + size]
        at += size
    return found


def _known(boxes: list[tuple[bytes, int, int]], names: set[bytes], end: int) -> None:
    if not boxes or boxes[-1][2] != end or any(kind not in names for kind, _, _ in boxes):
        raise _Unsure


def _place(boxes: list[tuple[bytes, int, int]], name: bytes) -> tuple[int, int]:
    ((start, end),) = [(a, z) for kind, a, z in boxes if kind == name]
    return start, end


def _content(r: Reader, boxes: list[tuple[bytes, int, int]], name: bytes) -> bytes:
    start, end = _place(boxes, name)
    if end - start > _LONGEST_BOX:
        raise _Unsure
    return r.at(start, end - start)


def _no_art(r: Reader, boxes: list[tuple[bytes, int, int]]) -> None:
    """Cover art among the tags is a video track to FFmpeg."""
    for kind, start, end in boxes:
        if kind in (b"udta", b"meta"):
            if end - start > _LONGEST_BOX:
                raise _Unsure
            tags = r.at(start, end - start)
            if b"covr" in tags or b"artwork" in tags:
                raise _Unsure
