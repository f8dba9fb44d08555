"""Boxes of mp4 and elements of Matroska that tell what PyAV does not: the rotation of a video whose
frames are not decoded, and whether a track is encrypted.

A rotation is in degrees clockwise that a player turns the stored frame by. Only headers are read;
media data is stepped over.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from math import atan2, degrees
from struct import unpack
from typing import NamedTuple

from multitok.core.errors import SourceError
from multitok.loaders.isobmff import Damaged, boxes
from multitok.loaders.source import Reader, Source

_SEGMENT, _TRACKS, _TRACK, _VIDEO, _CLUSTER = 0x18538067, 0x1654AE6B, 0xAE, 0xE0, 0x1F43B675
_PROJECTION, _POSE_ROLL = 0x7670, 0x7675
_ENCODINGS, _ENCODING, _ENCRYPTION, _TYPE = 0x6D80, 0x6240, 0x5035, 0x83
_TO_ROLL = (_SEGMENT, _TRACKS, _TRACK, _VIDEO, _PROJECTION)
_TO_ENCRYPTION = (_SEGMENT, _TRACKS, _TRACK, _ENCODINGS, _ENCODING)
_MATROSKA_TYPES = {1: "video", 2: "sound"}
_UNKNOWN_SIZE = (1 << 56) - 1
_DAMAGES = (Damaged, EOFError, struct.error, IndexError)
_LOCKED = {"encv": "video", "enca": "sound"}
"""Sample entries of encrypted tracks. Source: ISO/IEC 14496-12, 8.12; 23001-7 (CENC)."""


class Boxes(NamedTuple):
    """What the boxes of an mp4 tell: is its index there; the turn and the codec of its videos; what
    is encrypted of it, "video" or "sound"; the seconds of it all, 0.0 where it comes in fragments.
    """

    indexed: bool
    rotations: tuple[int, ...]
    codecs: tuple[str, ...]
    encrypted: frozenset[str]
    seconds: float


def encrypted_tracks(source: Source, container: str) -> frozenset[str]:
    """Which of "video" and "sound" are encrypted in an mp4 or Matroska file."""
    if container.startswith("mov"):
        return mp4_boxes(source).encrypted
    return _matroska_encrypted(source) if container.startswith("matroska") else frozenset()


def encryption_note(encrypted: Iterable[str]) -> str:
    """What is encrypted, and what that means, in words."""
    what = sorted(encrypted, reverse=True)
    return (
        f"the {' and the '.join(what)} of it {'is' if len(what) == 1 else 'are'} encrypted: counted"
        " by packets, and not to be decoded without the key"
    )


def refuse_encrypted(source: Source, container: str, kind: str) -> None:
    """SourceError where the "video" or the "sound" that is to be decoded is encrypted."""
    if kind in encrypted_tracks(source, container):
        raise SourceError(
            f"{source.name}: its {kind} is encrypted: it cannot be decoded without the key",
            source=source.name,
        )


def mp4_boxes(source: Source) -> Boxes:
    """The top boxes of an mp4 or QuickTime file and what its tracks tell."""
    top: dict[bytes, bool] = {}
    tracks: list[tuple[bytes, int, str]] = []
    seconds = 0.0
    with suppress(EOFError), Reader(source) as r:  # what is damaged FFmpeg tells in words
        size = r.size
        for kind, start, end in _boxes(r, 0, size):
            top[kind] = end > size
            if kind == b"moov" and end <= size:
                with suppress(*_DAMAGES):
                    tracks, seconds = _tracks(r, start, end), _movie_seconds(r, start, end)
    indexed = b"moov" in top and not top[b"moov"]
    videos = [(turn, codec) for handler, turn, codec in tracks if handler == b"vide"]
    turns, codecs = tuple(turn for turn, _ in videos), tuple(codec for _, codec in videos)
    encrypted = frozenset(_LOCKED[codec] for _, _, codec in tracks if codec in _LOCKED)
    in_one = b"moof" not in top
    seconds = seconds if in_one else 0.0
    return Boxes(indexed or not in_one, turns, codecs, encrypted, seconds)


def _boxes(r: Reader, at: int, end: int) -> list[tuple[bytes, int, int]]:
    """`boxes` up to the first that is damaged."""
    found = []
    with suppress(Damaged, EOFError, struct.error):
        for box in boxes(r, at, end):
            found.append(box)
    return found


def _movie_seconds(r: Reader, start: int, end: int) -> float:
    """The seconds that the movie header names."""
    for kind, at, _ in _boxes(r, start, end):
        if kind == b"mvhd":
            wide = r.at(at, 1) == b"\1"
            numbers = r.at(at + 20, 12) if wide else r.at(at + 12, 8)
            scale, length = unpack(">IQ" if wide else ">II", numbers)
            return float(length / scale) if scale else 0.0
    return 0.0


def _tracks(r: Reader, start: int, end: int) -> list[tuple[bytes, int, str]]:
    """Of each track the handler ("vide", "soun", ...), the turn and the four-letter codec."""
    found = []
    for kind, inner, stop in _boxes(r, start, end):
        if kind != b"trak":
            continue
        turn, codec, handler = 0, "", b""
        for name, at, last in _boxes(r, inner, stop):
            if name == b"tkhd":
                turn = matrix_turn(r.at(at, last - at))
            elif name == b"mdia":
                for part, a, z in _boxes(r, at, last):
                    if part == b"hdlr":
                        handler = r.at(a + 8, 4)
                    elif part == b"minf":
                        codec = _codec(r, a, z)
        found.append((handler, turn, codec))
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
    with suppress(EOFError, struct.error, IndexError), Reader(source) as r:
        for ident, at, end in _elements(r, 0, r.size, _TO_ROLL):
            if ident == _POSE_ROLL:
                left: float = unpack(">f" if end - at == 4 else ">d", r.at(at, end - at))[0]
                return -round(left) % 360
    return 0


def _matroska_encrypted(source: Source) -> frozenset[str]:
    """A track's type stands before the encryption of its content."""
    found, kind = set(), 0
    with suppress(EOFError, struct.error, IndexError), Reader(source) as r:
        for ident, at, _ in _elements(r, 0, r.size, _TO_ENCRYPTION):
            if ident == _TYPE:
                kind = r.at(at, 1)[0]
            elif ident == _ENCRYPTION and kind in _MATROSKA_TYPES:
                found.add(_MATROSKA_TYPES[kind])
    return frozenset(found)


def _elements(
    r: Reader, at: int, end: int, into: tuple[int, ...]
) -> Iterator[tuple[int, int, int]]:
    """Each element before the first cluster: what it is, its first byte and its end. The elements
    of `into` are entered, and stand before what is in them."""
    while at + 2 <= end:
        ident, at = _vint(r, at, keep_marker=True)
        size, at = _vint(r, at, keep_marker=False)
        stop = end if size == _UNKNOWN_SIZE else min(at + size, end)
        if ident == _CLUSTER:
            return
        yield ident, at, stop
        if ident in into:
            yield from _elements(r, at, stop, into)
        at = stop


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
