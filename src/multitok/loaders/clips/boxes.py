"""Boxes of mp4 and elements of Matroska: the rotation of a video, which PyAV tells only of a frame.

Degrees clockwise that a player turns the stored frame by. Only headers are read; media data is
stepped over.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from math import atan2, degrees
from struct import unpack
from typing import NamedTuple

from multitok.loaders.isobmff import Damaged, boxes
from multitok.loaders.source import Reader, Source

_MATROSKA_INSIDE = {0x18538067: "Segment", 0x1654AE6B: "Tracks", 0xAE: "TrackEntry", 0xE0: "Video"}
_PROJECTION, _POSE_ROLL, _CLUSTER = 0x7670, 0x7675, 0x1F43B675
_UNKNOWN_SIZE = (1 << 56) - 1


class Boxes(NamedTuple):
    """What the boxes of an mp4 tell: is its index there; the turn and the codec of its videos."""

    indexed: bool
    rotations: tuple[int, ...]
    codecs: tuple[str, ...]


def mp4_boxes(source: Source) -> Boxes:
    """The top boxes of an mp4 or QuickTime file and the rotation of its video tracks."""
    top: dict[bytes, bool] = {}
    videos: list[tuple[int, str]] = []
    try:
        with Reader(source) as r:
            size = r.size
            for kind, start, end in _boxes(r, 0, size):
                top[kind] = end > size
                if kind == b"moov" and end <= size:
                    videos = _videos(r, start, end)
    except (EOFError, struct.error, IndexError):
        pass  # a damaged index: FFmpeg says what it is
    indexed = b"moov" in top and not top[b"moov"]
    turns, codecs = tuple(turn for turn, _ in videos), tuple(codec for _, codec in videos)
    return Boxes(indexed or b"moof" in top, turns, codecs)


def _boxes(r: Reader, at: int, end: int) -> list[tuple[bytes, int, int]]:
    """`boxes` up to the first that is damaged."""
    found = []
    with suppress(Damaged):
        for box in boxes(r, at, end):
            found.append(box)
    return found


def _videos(r: Reader, start: int, end: int) -> list[tuple[int, str]]:
    """The turn and the four-letter codec of each video track."""
    found = []
    for kind, inner, stop in _boxes(r, start, end):
        if kind != b"trak":
            continue
        turn, codec, video = 0, "", False
        for name, at, last in _boxes(r, inner, stop):
            if name == b"tkhd":
                turn = matrix_turn(r.at(at, last - at))
            elif name == b"mdia":
                for part, a, z in _boxes(r, at, last):
                    if part == b"hdlr":
                        video = r.at(a + 8, 4) == b"vide"
                    elif part == b"minf":
                        codec = _codec(r, a, z)
        if video:
            found.append((turn, codec))
    return found


def _codec(r: Reader, start: int, end: int) -> str:
    """The four letters of the first sample description: avc1, hvc1, av01, ..."""
    for wanted in (b"stbl", b"stsd"):
        inside = [(a, z) for kind, a, z in _boxes(r, start, end) if kind == wanted]
        if not inside:
            return ""
        start, end = inside[0]
    return r.at(start + 12, 4).decode("latin-1").strip()


def matrix_turn(tkhd: bytes) -> int:
    """A track header's 3 x 3 matrix, in 16.16 fixed point; the first two numbers tell the turn."""
    first = 40 + (12 if tkhd[0] == 1 else 0)
    a, b = unpack(">ii", tkhd[first : first + 8])
    return round(degrees(atan2(b, a))) % 360


def matroska_turn(source: Source) -> int:
    """The roll of the first video track that has one; 0 where no projection is told."""
    try:
        with Reader(source) as r:
            return _roll(r, 0, r.size) or 0
    except (EOFError, struct.error, IndexError):
        return 0


def _roll(r: Reader, at: int, end: int) -> int | None:
    while at + 2 <= end:
        ident, at = _vint(r, at, keep_marker=True)
        size, at = _vint(r, at, keep_marker=False)
        stop = end if size == _UNKNOWN_SIZE else min(at + size, end)
        if ident == _CLUSTER:
            return None
        if ident in _MATROSKA_INSIDE or ident == _PROJECTION:
            found = _roll(r, at, stop)
            if found is not None:
                return found
        elif ident == _POSE_ROLL:
            degrees_left: float = unpack(">f" if size == 4 else ">d", r.at(at, size))[0]
            return -round(degrees_left) % 360
        at = stop
    return None


def _vint(r: Reader, at: int, *, keep_marker: bool) -> tuple[int, int]:
    """A number of EBML and the byte after it: the leading zeros of its first byte tell its length.

    All ones stand for a size that is not known.
    """
    first = r.at(at, 1)[0]
    length = 9 - first.bit_length()
    if length > 8:
        raise EOFError("no EBML number")
    value = int.from_bytes(r.at(at, length), "big")
    if not keep_marker:
        value &= (1 << 7 * length) - 1
        if value == (1 << 7 * length) - 1:
            value = _UNKNOWN_SIZE
    return value, at + length
