"""Animated pictures as videos: frames and their times from the blocks of the file, undecoded."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from struct import unpack
from typing import TYPE_CHECKING, Any

from multitok.core.errors import SourceError
from multitok.core.info import VideoInfo
from multitok.loaders.image_header import read_header
from multitok.loaders.probed import Probed, ReadOptions
from multitok.loaders.source import Reader, Source
from multitok.loaders.timing import section

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.loaders.clips.frame import Undrawn

SLOWED = 0.1
"""Seconds of a frame whose delay is told as 10 ms or less: what browsers show, and models see."""
_AT_ONCE = 0.01
_STEP = 4096


def examine(source: Source, read: ReadOptions) -> Probed:
    """A video of the animation's size; every frame is shown for its own time."""
    header = read_header(source, read.format)
    if header is None:
        raise SourceError(f"{source.name}: not an animation multitok can read", source=source.name)
    seconds = frame_seconds(source, read.format)
    if len(seconds) < 2:
        raise SourceError(
            f"{source.name}: a still picture, not an animation. Leave out --as video",
            source=source.name,
        )
    starts = _starts(seconds)
    part = section(starts, seconds[-1], read, clock=0.0)
    varied = max(seconds) - min(seconds) > 0.0015
    notes = ["read as a video, frame by frame"]
    if varied:
        notes.append("frames are shown for different times")
    facts: dict[str, Any] = {"variable_rate": True} if varied else {}
    pace = part.pace
    info = VideoInfo(header.width, header.height, len(part.times), pace.fps, pace.duration)
    return Probed(info, read.format, source.name, facts, tuple(notes))


def _starts(seconds: list[float]) -> list[float]:
    starts, at = [], 0.0
    for length in seconds:
        starts.append(at)
        at += length
    return starts


def undrawn(source: Source, read: ReadOptions) -> Iterator[Undrawn]:
    """Pillow's frames, each composed as it is shown."""
    from PIL import Image as Pillow, ImageSequence

    from multitok.loaders.clips.frame import Undrawn

    starts = _starts(frame_seconds(source, read.format))
    with source.open() as file, Pillow.open(file) as animation:
        pairs = zip(starts, ImageSequence.Iterator(animation), strict=False)
        for index, (start, picture) in enumerate(pairs):
            yield Undrawn(index, start, lambda p=picture: _pixels(p))  # type: ignore[misc]


def _pixels(picture: Any) -> NDArray[np.uint8]:
    import numpy as np

    return np.asarray(picture.convert("RGB"))


def frame_seconds(source: Source, form: str) -> list[float]:
    """Seconds that each frame is shown. SourceError for a file that ends inside a block."""
    if form == "AVIF":
        return _avif(source)
    walk = {"GIF": _gif, "WebP": _webp, "PNG": _png}[form]
    try:
        with _Bytes(source) as data:
            return [delay if delay > _AT_ONCE else SLOWED for delay in walk(data)]
    except (struct.error, IndexError, EOFError):
        raise SourceError(
            f"{source.name}: damaged {form}: it ends inside a frame", source=source.name
        ) from None


class _Bytes:
    """Bytes at offsets of a whole file: a Reader stops after a header's worth of reads."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._reader = Reader(source)
        self._reads = 0
        self.size = self._reader.size

    def at(self, offset: int, size: int) -> bytes:
        self._reads += 1
        if self._reads == _STEP:
            self._reader.__exit__(None, None, None)
            self._reads, self._reader = 0, Reader(self._source)
        return self._reader.at(offset, size)

    def __enter__(self) -> _Bytes:
        return self

    def __exit__(self, *exception: object) -> None:
        self._reader.__exit__(None, None, None)


def _gif(r: _Bytes) -> Iterator[float]:
    packed = r.at(10, 1)[0]
    at = 13 + (3 << (packed & 7) + 1 if packed & 0x80 else 0)
    delay = 0.0
    while (kind := r.at(at, 1)) not in (b"\x3b", b""):
        if kind == b"\x21":
            if r.at(at + 1, 1) == b"\xf9":
                delay = unpack("<H", r.at(at + 4, 2))[0] / 100
            at = _after_blocks(r, at + 2)
            continue
        packed = r.at(at + 9, 1)[0]
        at = _after_blocks(r, at + 11 + (3 << (packed & 7) + 1 if packed & 0x80 else 0))
        yield delay
        delay = 0.0


def _after_blocks(r: _Bytes, at: int) -> int:
    while length := r.at(at, 1)[0]:
        at += length + 1
    return at + 1


def _webp(r: _Bytes) -> Iterator[float]:
    at, end = 12, min(r.size, 8 + unpack("<I", r.at(4, 4))[0])
    while at + 8 <= end:
        kind, length = unpack("<4sI", r.at(at, 8))
        if kind == b"ANMF":
            yield int.from_bytes(r.at(at + 8 + 12, 3), "little") / 1000
        at += 8 + length + (length & 1)


def _png(r: _Bytes) -> Iterator[float]:
    at, kind = 8, b""
    while kind != b"IEND":
        length, kind = unpack(">I4s", r.at(at, 8))
        if kind == b"fcTL":
            over, under = unpack(">HH", r.at(at + 8 + 20, 4))
            yield over / (under or 100)
        at += length + 12


def _avif(source: Source) -> list[float]:
    """An AVIF sequence is an mp4 of pictures; its still is a track too, of one frame."""
    from multitok.loaders.containers import opened, scan

    with opened(source) as container:
        tracks = container.streams.video
        if not tracks:
            return []
        seen = scan(container, max(tracks, key=lambda track: track.frames))
    ends = [*seen.times[1:], seen.times[-1] + seen.tail] if seen.times else []
    return [b - a for a, b in zip(seen.times, ends, strict=True)]
