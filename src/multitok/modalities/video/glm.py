"""GLM-4.1V, 4.5V and 4.6V video: pixel bounds for the whole clip, expanded to image tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from multitok.core.info import VideoInfo
from multitok.core.parameters import Positive, Rate
from multitok.modalities.video import resize, sampling
from multitok.modalities.video.groups import StampedVideo
from multitok.modalities.video.plan import TEXT


@dataclass(frozen=True, kw_only=True)
class GlmVideoTokenizer(StampedVideo):
    """Groups of two frames as images, each followed by its time: `12` or `12.0 seconds`.

    version   "4.1v" (also 4.5V) samples `fps` a second up to `max_duration` and spreads beyond it;
              "4.6v" samples 3, 1 or 0.5 groups a second, as the clip grows
    The time is that of every second sampled frame.
    `vocabulary` names the one whose tokens the times are counted in; without it they are left out.
    Source: transformers 5.23.0, Glm4vVideoProcessor and Glm46VVideoProcessor.

    >>> GlmVideoTokenizer().count(VideoInfo(1920, 1080, frames=300, fps=30))
    26930
    """

    version: Literal["4.1v", "4.6v"] = "4.1v"
    min_pixels: Positive = 112 * 112
    max_pixels: Positive = 28 * 28 * 2 * 30_000
    fps: Rate = 2.0
    max_duration: int = 300

    name: ClassVar[str] = "glm-video"
    placeholder: ClassVar[str] = "<|image|>"
    before: ClassVar[tuple[str, ...]] = ("<|begin_of_image|>",)
    after: ClassVar[tuple[str, ...]] = ("<|end_of_image|>", TEXT)
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"max_pixels": 30_000, "vocabulary": "glm"},
        {"version": "4.6v", "patch": 7, "max_pixels": 60_000},
    )

    def choose(self, info: VideoInfo) -> tuple[list[int], tuple[int, int]]:
        if self.version == "4.1v":
            indices = sampling.glm41(
                info.frames, info.fps, fps=self.fps, max_duration=self.max_duration
            )
        else:
            indices = sampling.glm46(info.frames, info.fps, temporal=self.temporal)
        size = resize.clip_budget(
            len(indices),
            info.height,
            info.width,
            factor=self.patch * self.merge,
            temporal=self.temporal,
            min_pixels=self.min_pixels,
            max_pixels=self.max_pixels,
        )
        return indices, size

    def stamps(self, info: VideoInfo, indices: tuple[int, ...]) -> list[str]:
        groups = -(-len(indices) // self.temporal)
        times = [index / info.fps for index in indices[::2]][:groups]
        times += times[-1:] * (groups - len(times))
        whole = self.version == "4.1v"
        return [f"{int(time)}" if whole else f"{time:.1f} seconds" for time in times]
