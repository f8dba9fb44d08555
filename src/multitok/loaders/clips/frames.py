"""The frames of a clip as a stream: one sequential decode, one frame in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import chain, islice, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from multitok.core.errors import MediaError, SourceError
from multitok.loaders.clips.boxes import refuse_encrypted
from multitok.loaders.clips.display import Look, look_of, require_decoder, upright
from multitok.loaders.clips.frame import Frame, Undrawn
from multitok.loaders.containers import (
    cut_off,
    opened,
    packets,
    scan,
    showing_of,
    video_stream,
)
from multitok.loaders.door import resolve
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_T = TypeVar("_T")
_CLOSE = 1e-9
"""Seconds: stamps come as fractions and are compared as floats."""


def frames(
    source: Any,
    sampling: float | Sequence[int] | None = None,
    *,
    start: float | None = None,
    end: float | None = None,
    fps: float | None = None,
    strict: bool = False,
) -> Iterator[Frame]:
    """The frames of a clip one at a time, in order of time; memory holds one.

    source     a clip, an animated picture, or a folder of pictures with `fps`
    sampling   None for all; a rate a second, each frame the first at or after its moment; or frame
               numbers as a rule gives them (`rule.frame_indices(info)`), a repeat given twice
    start, end seconds; frames are numbered from `start`, times stay those of the clip
    strict     a frame that its decoder had to mend is a SourceError

    A frame has its `number`, its `time` in seconds and its `pixels`, uint8 (height, width, 3). A
    damaged packet is skipped. SourceError for a codec that FFmpeg has no decoder for.

    >>> [frame.pixels.shape for frame in frames("samples/clip.mp4", [0, 30])]
    [(360, 640, 3), (360, 640, 3)]
    """
    words = {"start": start, "end": end, "fps": fps, "strict": strict}
    given, _, read = resolve(source, "video", words)
    every = undrawn(given, read)
    if isinstance(sampling, int | float):
        every = by_rate(every, float(sampling), lambda frame: frame.time)
    elif sampling is not None:
        every = _by_number(every, [int(i) for i in sampling])
    return (Frame(frame.number, frame.time, frame.draw()) for frame in every)


def undrawn(source: Source, read: ReadOptions) -> Iterator[Undrawn]:
    """Every frame from `start` to `end`."""
    if source.directory:
        from multitok.loaders.clips import frame_folder

        every = frame_folder.undrawn(source, read)
    elif read.format in ("GIF", "WebP", "PNG", "AVIF"):
        from multitok.loaders.clips import animated

        every = animated.undrawn(source, read)
    else:
        every = _decoded(source, read.strict)
    return _between(every, read)


def _between(every: Iterator[Undrawn], read: ReadOptions) -> Iterator[Undrawn]:
    number, begin = 0, (read.start or 0.0) - _CLOSE
    for frame in every:
        if read.end is not None and frame.time >= read.end - _CLOSE:
            return
        if frame.time >= begin:
            yield Undrawn(number, frame.time, frame.draw)
            number += 1


def by_rate(every: Iterable[_T], per_second: float, time_of: Callable[[_T], float]) -> Iterator[_T]:
    """Those that are the first at or after a moment of the rate."""
    if per_second <= 0:
        raise MediaError(f"frames a second must be above 0, got {per_second!r}")
    due = 0
    for frame in every:
        time = time_of(frame)
        if time >= due / per_second - _CLOSE:
            due = int(time * per_second + _CLOSE * per_second) + 1
            yield frame


def _by_number(every: Iterator[Undrawn], numbers: list[int]) -> Iterator[Undrawn]:
    if any(b < a for a, b in pairwise(numbers)):
        raise MediaError("frame numbers must be in order of time")
    at = 0
    for frame in every:
        while at < len(numbers) and numbers[at] == frame.number:
            yield frame
            at += 1
        if at == len(numbers):
            return
    if at < len(numbers):
        raise MediaError(
            f"the clip has no frame {numbers[at]}: it can be decoded to the one before"
        )


class _Shown(NamedTuple):
    """A decoded picture, how it is displayed, its seconds where the container tells, and the name
    of its clip."""

    picture: Any
    look: Look
    time: float | None
    name: str

    def draw(self) -> NDArray[np.uint8]:
        from av.error import FFmpegError

        try:
            return upright(self.picture, self.look)
        except FFmpegError as error:  # of a side, or in colors, that no scaler takes
            sides = f"{self.picture.width} x {self.picture.height}"
            raise SourceError(
                f"{self.name}: a frame of {sides}, {self.picture.format.name}, that cannot be shown"
                f" ({error.strerror}): get the file anew, or convert it",
                source=self.name,
            ) from None


def _decoded(source: Source, strict: bool) -> Iterator[Undrawn]:
    every = _pictures(source, strict)
    two = list(islice(every, 2))
    same = len(two) == 2 and two[0].time == two[1].time
    length = _assumed_length(source) if same else None
    first, seconds = two[0].time if two else None, 0.0
    for number, shown in enumerate(chain(two, every)):
        if length is not None:
            seconds = number * length
        elif shown.time is not None and first is not None:
            seconds = max(seconds, shown.time - first)  # pictures come in order of time
        yield Undrawn(number, seconds, shown.draw)


def _assumed_length(source: Source) -> float | None:
    """Seconds of a frame, where the container has no times; None where it has some."""
    with opened(source) as container:
        seen = scan(container, video_stream(container))
    return None if seen.timed else seen.tail


class _Unflushed(Exception):
    """Decoding in parallel ended with an error, which hides the frames behind it."""


def _pictures(source: Source, strict: bool) -> Iterator[_Shown]:
    """Decoded pictures in order of time. A damaged clip whose end is lost to decoding in parallel
    is decoded again. `strict`: one that its decoder had to mend is a SourceError."""
    given = 0
    for threads in ("AUTO", "SLICE"):
        with opened(source) as container:
            stream = video_stream(container)
            if stream is None:
                raise SourceError(f"{source.name}: no video track in it", source=source.name)
            name = container.format.name
            require_decoder(source, stream, name)
            refuse_encrypted(source, name, "video")
            look = look_of(source, stream, name)
            stream.thread_type = threads
            try:
                for number, (picture, ticks) in enumerate(_stream(container, stream)):
                    if strict and picture.is_corrupt:
                        raise SourceError(
                            f"{source.name}: damaged inside: its decoder had to mend frames",
                            source=source.name,
                        )
                    if number == given:
                        time = None if ticks is None else float(ticks * stream.time_base)
                        yield _Shown(picture, look, time, source.name)
                        given += 1
                return
            except _Unflushed:
                continue


def _stream(container: Any, stream: Any) -> Iterator[tuple[Any, int | None]]:
    """The pictures of one pass, and when each is shown, in ticks; what cannot be decoded is passed
    over. An AVI tells no time of display: as pictures come out in order, each has the earliest
    stamp of the packets that went in and were not shown yet."""
    from av.error import FFmpegError

    found, codec = packets(container, stream), stream.codec_context.name
    showing, waiting = showing_of(container, stream), list[int]()
    while True:
        try:
            packet = next(found, None)
        except FFmpegError:
            return  # the file ends here: examine tells
        if packet is None:
            return
        if packet.size:
            if cut_off(packet, container):
                continue
            shown = showing.frames(packet)
            if showing.dropped:
                continue
            if shown and container.format.name == "avi" and packet.pts is not None:
                heappush(waiting, packet.pts)
        try:
            for picture in packet.decode():
                if picture.pict_type or codec != "mpeg4":  # not the gray one for want of one
                    yield picture, heappop(waiting) if waiting else picture.pts
        except FFmpegError:
            if not packet.size:
                raise _Unflushed from None
