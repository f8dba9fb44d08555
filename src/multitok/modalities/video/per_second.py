"""Frames at a rate, each at a price, and the sound beside them: how hosted models count video."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from multitok.core.counts import Kind
from multitok.core.errors import MediaError
from multitok.core.info import VideoInfo, info_of
from multitok.core.parameters import Frames, Natural, Rate
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.audio.per_second import seconds_tokens

if TYPE_CHECKING:
    from multitok.core.media import Video

SLACK = 1.5e-3
"""Seconds of a container are rounded to its time base, Matroska's to a millisecond: 120 frames
at 24 a second are 4.999 s there, and five."""


@dataclass(frozen=True, kw_only=True)
class VideoRateCounter(TokenCounter["Video", VideoInfo]):
    """`fps` frames a second at `per_frame` tokens each, plus the sound at so many a second.

    per_frame    tokens of a frame at its level, and `markers` around it
    fps          frames sampled a second; a frame begun is a frame ("up") or not ("down"), never 0
    min_frames   the least that are paid, however short the clip is
    max_frames   the most that are sampled; a longer clip is sampled more thinly and costs no more
    max_seconds  the longest clip that is taken
    audio_per_second   tokens a second of the sound track; 0 where the model does not hear
    silent_too   a clip without a sound track pays for sound, too
    Source: the catalogue row that gives the numbers.

    >>> clip = VideoInfo(1920, 1080, frames=300, fps=30)
    >>> VideoRateCounter(per_frame=288, rounding="down", max_frames=960).breakdown(clip)
    {'frames': 2880}
    """

    per_frame: Natural
    markers: Natural = 0
    fps: Rate = 1.0
    rounding: Literal["down", "up"] = "up"
    min_frames: Frames = 1
    max_frames: Frames | None = None
    max_seconds: float | None = None
    audio_per_second: Natural = 0
    silent_too: bool = False

    name: ClassVar[str] = "video-rate"
    kind: ClassVar[Kind] = "documented"
    modality: ClassVar[str] = "video"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"per_frame": 258, "audio_per_second": 32},
        {"per_frame": 288, "rounding": "down", "max_frames": 2, "fps": 10.0},
        {"per_frame": 256, "markers": 7, "audio_per_second": 32, "silent_too": True},
        {"per_frame": 288, "rounding": "down", "min_frames": 8, "max_frames": 960},
    )

    def frames(self, info: VideoInfo) -> int:
        """Frames that are sampled and paid."""
        if info.frames < 1:
            raise MediaError(f"a video needs at least one frame, got {info.frames}")
        if self.max_seconds is not None and info.duration > self.max_seconds + SLACK:
            raise MediaError(
                f"the model takes at most {self.max_seconds:g} s of video, got"
                f" {info.duration:.1f} s: cut it with --start and --end"
            )
        wanted = info.duration * self.fps
        n = ceil(wanted - SLACK) if self.rounding == "up" else floor(wanted + SLACK)
        n = max(1, self.min_frames, n)
        return min(n, self.max_frames or n)

    def breakdown(self, x: Video | VideoInfo, /) -> dict[str, int]:
        info: VideoInfo = info_of(x)
        parts = {"frames": self.frames(info) * (self.per_frame + self.markers)}
        if info.audio is not None and self.audio_per_second:
            parts["audio"] = seconds_tokens(info.audio, self.audio_per_second, "up")
        elif self.silent_too and self.audio_per_second:
            parts["audio"] = ceil(info.duration * self.audio_per_second - SLACK)
        return parts

    def count(self, x: Video | VideoInfo, /) -> int:
        return sum(self.breakdown(x).values())

    def frames_seen(self, x: Video | VideoInfo, /) -> int:
        return self.frames(info_of(x))

    def geometry(self, x: Video | VideoInfo, /) -> Mapping[str, Any]:
        info: VideoInfo = info_of(x)
        return {"num_frames": self.frames(info), "per_frame": self.per_frame + self.markers}

    def explain(self, x: Video | VideoInfo, /) -> list[str]:
        info: VideoInfo = info_of(x)
        parts, n = self.breakdown(info), self.frames(info)
        least = ", the least that a clip has" if n == self.min_frames > 1 else ""
        steps = [
            f"{info.duration:.2f} s at {self.fps:g} fps: {n:,} frames{least}",
            f"{n:,} x {self.per_frame + self.markers:,} tokens a frame = {parts['frames']:,}",
        ]
        if "audio" in parts:
            heard = info.audio
            seconds = info.duration if heard is None else heard.duration
            what = "sound, billed though there is none," if heard is None else "sound"
            steps.append(
                f"{seconds:.2f} s of {what} at {self.audio_per_second:,} tokens a second"
                f" = {parts['audio']:,}"
            )
        return steps

    def notes(self, x: Video | VideoInfo, /) -> list[str]:
        return list(self._left_out(info_of(x)))

    def left_out(self, x: Video | VideoInfo, /) -> str | None:
        return "; ".join(self._left_out(info_of(x))) or None

    def _left_out(self, info: VideoInfo) -> Iterator[str]:
        if self.max_frames is not None and info.duration * self.fps > self.max_frames + SLACK:
            yield f"sampled more thinly: at most {self.max_frames} frames are seen"
        if info.audio is not None and not self.audio_per_second:
            yield "the sound track is not heard by this model"
