"""From stored frames to displayed ones: pixel aspect and rotation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.core.errors import SourceError
from multitok.loaders.clips.boxes import matroska_turn, mp4_boxes
from multitok.loaders.containers import opened, packets, video_stream
from multitok.loaders.source import Source

if TYPE_CHECKING:
    from fractions import Fraction

    import numpy as np
    from numpy.typing import NDArray


class Look(NamedTuple):
    """How a stored frame becomes a displayed one.

    width, height   after the pixel aspect, before the turn
    turn            degrees clockwise
    """

    width: int
    height: int
    turn: int

    @property
    def displayed(self) -> tuple[int, int]:
        """Width and height upright."""
        return (self.height, self.width) if self.turn % 180 == 90 else (self.width, self.height)


def look_of(source: Source, stream: Any, container: str) -> Look:
    """Pixel aspect from the stream; rotation from the header of mp4 or Matroska, else a frame."""
    width, height = stretched(stream.width, stream.sample_aspect_ratio), stream.height
    if container.startswith("mov"):
        turns = mp4_boxes(source).rotations
        return Look(width, height, turns[0] if turns else 0)
    if container.startswith("matroska"):
        return Look(width, height, matroska_turn(source))
    return Look(width, height, _turn_of_a_frame(source))


def stretched(width: int, aspect: Fraction | None) -> int:
    """A stored width as displayed, where pixels are `aspect` times as wide as high."""
    if not aspect or aspect < 0 or aspect == 1:
        return width
    return max(1, round(width * aspect))


def require_decoder(source: Source, stream: Any, container: str) -> None:
    """SourceError with the codec's name where FFmpeg knows the track and cannot read it."""
    if stream.codec_context is not None:
        return
    codecs = mp4_boxes(source).codecs if container.startswith("mov") else ()
    named = f" {codecs[0]!r}" if codecs and codecs[0] else ""
    raise SourceError(
        f"{source.name}: FFmpeg has no decoder for its video codec{named}: convert it to H.264",
        source=source.name,
    )


def _turn_of_a_frame(source: Source) -> int:
    import av

    with opened(source) as container:
        stream = video_stream(container)
        if stream is None or stream.codec_context is None:
            return 0
        try:
            for packet in packets(container, stream):
                for frame in packet.decode():
                    return int(-frame.rotation % 360)
        except av.error.FFmpegError:
            return 0
    return 0


def upright(picture: Any, look: Look) -> NDArray[np.uint8]:
    """The pixels of a decoded frame as displayed: RGB, stretched to square pixels, turned."""
    import numpy as np

    shown = picture.reformat(width=look.width, height=look.height, format="rgb24")
    pixels: NDArray[np.uint8] = shown.to_ndarray()
    if look.turn % 90 == 0 and look.turn:
        pixels = np.ascontiguousarray(np.rot90(pixels, -look.turn // 90))
    return pixels
