"""The header of an mp4 or QuickTime file, read without FFmpeg where it is sure to be the truth.

`mp4_header` gives just what a demux pass gives, or None: then the pass is made. It declines what it
does not know: fragments, an edit list that cuts, a file shorter than its index, other codecs than
H.264, HEVC, VP9 and AV1 with AAC, cover art, any box that it has not met. Of H.264 only the boxes
of `moov` are read, and the first sample; of the others also the head of each, for it may be damaged
or show no frame.

Source: ISO/IEC 14496-12:2022 (boxes and tables).
"""

from __future__ import annotations

import struct
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from multitok.loaders.clips.boxes import matrix_turn
from multitok.loaders.clips.display import Look, stretched
from multitok.loaders.clips.mp4_entries import Unsure, heard, shown
from multitok.loaders.clips.mp4_tables import Edit, Table, table_of
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
_WORDS = {b"meta", b"tmcd"}
"""Tracks of where and how a clip was taken, and of the hour of its frames: nothing is shown."""
_LONGEST_BOX = 1 << 20
"""Bytes of a box that is not a table of samples."""
_OPENING = 1 << 16
"""Bytes of the first sample in which its key frame begins, behind words about its encoder."""
_LOOKS = 40
"""Parts of a sample, on average, that are looked at."""
_AAC = 1024
"""Samples of a packet."""
_MOST_TRACKS = 16
_FINEST = 100_000_000
"""Ticks a second; a finer clock is damage."""


class Header(NamedTuple):
    """What PyAV's streams and a demux pass would tell."""

    codec: str
    stored: tuple[int, int]
    aspect: Fraction | None
    look: Look
    seen: Scan


class _Track(NamedTuple):
    handler: bytes
    header: bytes
    description: bytes
    table: Table


def mp4_header(source: Source) -> Header | None:
    """The one video track and the sound tracks; None where only a demux pass is sure."""
    try:
        with Reader(source) as r:
            return _header(source, r)
    except (Unsure, EOFError, struct.error, LookupError, ValueError):
        return None


def _header(source: Source, r: Reader) -> Header:
    top = list(iso_boxes(r, 0, r.size))
    if top[0][0] != b"ftyp" or top[-1][2] != r.size or any(k not in _AROUND for k, _, _ in top):
        raise Unsure
    ((start, end),) = [(a, z) for kind, a, z in top if kind == b"moov"]
    tracks, length = _movie(r, start, end)
    (video,) = [t for t in tracks if t.handler == b"vide"]
    table = video.table
    at, size = next(table.places())
    first = r.at(at, min(size, _OPENING))
    codec, (width, height), aspect = shown(video.description, first, _named(video.header))
    if table.stamps[0] != min(table.stamps):
        raise Unsure  # frames that refer to what is not there show nothing
    if r.far and codec.hides:
        raise Unsure  # each look is a request
    if codec.each is not None and not r.far:
        with Reader(source, _LOOKS * len(table.sizes)) as looking:
            if not all(codec.each(looking, *place) for place in table.places()):
                raise Unsure
    tick = 1 / table.scale
    seen = Scan(sorted(stamp * tick for stamp in table.stamps), table.tail * tick, movie=length)
    for index, track in enumerate(tracks):
        if track.handler == b"soun":
            rate, channels = heard(track.description)
            seen.tracks.append(_sound(index, rate, channels, track.table))
    if may_be_short(seen, length):
        raise Unsure
    look = Look(stretched(width, aspect), height, _turn(video.header))
    return Header(codec.name, (width, height), aspect, look, seen)


def _sound(index: int, rate: int, channels: int, table: Table) -> Track:
    if table.offsets:
        raise Unsure
    first, last = table.stamps[0], table.stamps[-1] + table.tail
    steps = [b - a for a, b in pairwise(table.stamps)]
    if table.scale != rate or {*steps} - {_AAC} or table.tail > _AAC:
        raise Unsure  # stamps that contradict the packets: which is right, the packets tell
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
        raise Unsure
    _no_art(r, inside)
    places = [(a, z) for kind, a, z in inside if kind == b"trak"]
    if len(places) > _MOST_TRACKS:
        raise Unsure
    tracks = (_track(r, a, z, scale) for a, z in places)
    return [track for track in tracks if track is not None], length / scale


def _wide(block: bytes, short: int) -> int:
    """The bytes that a header of version 1, with its longer times, has over `short`."""
    more = 12 if block[0] == 1 else 0
    if block[0] > 1 or len(block) != short + more:
        raise Unsure
    return more


_UPRIGHT = (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)


def _track(r: Reader, start: int, end: int, movie: int) -> _Track | None:
    """A track of pictures or sound; None for one of words about them, as every phone writes."""
    inside = list(iso_boxes(r, start, end))
    _known(inside, _TRACK, end)
    _no_art(r, inside)
    media = _place(inside, b"mdia")
    within = list(iso_boxes(r, *media))
    _known(within, _MEDIA, media[1])
    handler = _content(r, within, b"hdlr")[8:12]
    header = _content(r, inside, b"tkhd")
    _wide(header, 84)
    if handler in _WORDS:
        return None
    if handler not in (b"vide", b"soun"):
        raise Unsure
    clock = _content(r, within, b"mdhd")
    (scale,) = struct.unpack_from(">I", clock, 20 if _wide(clock, 24) else 12)
    if scale > _FINEST:
        raise Unsure
    edit = _edit(r, inside, scale, movie)
    middle = _place(within, b"minf")
    parts = list(iso_boxes(r, *middle))
    _known(parts, _MIDDLE, middle[1])
    _in_this_file(_content(r, list(iso_boxes(r, *_place(parts, b"dinf"))), b"dref"))
    samples = _place(parts, b"stbl")
    boxes = list(iso_boxes(r, *samples))
    if boxes[-1][2] != samples[1]:
        raise Unsure
    table = table_of(r, boxes, scale, edit, warms_up=handler == b"soun")
    if table is None:
        raise Unsure
    return _Track(handler, header, _content(r, boxes, b"stsd"), table)


def _in_this_file(references: bytes) -> None:
    """The one data reference says that the samples are here."""
    count, size, kind, flags = struct.unpack_from(">II4sI", references, 4)
    if count != 1 or size != len(references) - 8 or kind not in (b"url ", b"alis") or flags != 1:
        raise Unsure


def _edit(r: Reader, inside: list[tuple[bytes, int, int]], scale: int, movie: int) -> Edit | None:
    """The one entry of a track's edit list with media, on the clock of the track; before it may be
    one that is empty: the track begins later than others."""
    lists = [(a, z) for kind, a, z in inside if kind == b"edts"]
    if not lists:
        return None
    (place,) = lists
    block = _content(r, list(iso_boxes(r, *place)), b"elst")
    wide, (count,) = block[0] == 1, struct.unpack_from(">I", block, 4)
    if block[0] > 1:
        raise Unsure
    if count not in (1, 2) or len(block) != 8 + (20 if wide else 12) * count:
        raise Unsure
    entries = list(struct.iter_unpack(">QqI" if wide else ">IiI", block[8:]))
    length, begin, rate = entries[-1]
    late, nothing, _ = entries[0] if count == 2 else (0, -1, 0)
    if nothing != -1 or begin < 0 or length == 0 or rate != 1 << 16:
        raise Unsure
    return Edit(begin, _ticks(length, scale, movie), _ticks(late, scale, movie))


def _ticks(length: int, scale: int, movie: int) -> int:
    """A length on the clock of the movie, on that of a track, rounded as FFmpeg does."""
    return (length * scale + movie // 2) // movie


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
        raise Unsure
    return matrix_turn(header)


def _known(boxes: list[tuple[bytes, int, int]], names: set[bytes], end: int) -> None:
    if not boxes or boxes[-1][2] != end or any(kind not in names for kind, _, _ in boxes):
        raise Unsure


def _place(boxes: list[tuple[bytes, int, int]], name: bytes) -> tuple[int, int]:
    ((start, end),) = [(a, z) for kind, a, z in boxes if kind == name]
    return start, end


def _content(r: Reader, boxes: list[tuple[bytes, int, int]], name: bytes) -> bytes:
    start, end = _place(boxes, name)
    if end - start > _LONGEST_BOX:
        raise Unsure
    return r.at(start, end - start)


def _no_art(r: Reader, boxes: list[tuple[bytes, int, int]]) -> None:
    """Cover art among the tags is a video track to FFmpeg."""
    for kind, start, end in boxes:
        if kind in (b"udta", b"meta"):
            if end - start > _LONGEST_BOX:
                raise Unsure
            tags = r.at(start, end - start)
            if b"covr" in tags or b"artwork" in tags:
                raise Unsure
