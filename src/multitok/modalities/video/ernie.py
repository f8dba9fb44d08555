"""ERNIE-4.5-VL video: up to 180 frames in bounds of their own, the time drawn on each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.core.info import VideoInfo
from multitok.core.integers import ceil_div
from multitok.core.parameters import Frames, Positive, Rate
from multitok.modalities.image.limits import limit
from multitok.modalities.video import sampling
from multitok.modalities.video.plan import Plan, SampledVideo
from multitok.modalities.video.resize import ASPECT_LIMIT


@dataclass(frozen=True, kw_only=True)
class ErnieVideoCounter(SampledVideo):
    """All frames up to `max_frames`, or at `fps`; each between min_pixels and max_pixels, two of
    them a group, the last one repeated where they are odd.

    Their times are drawn on the frames in a font of the checkpoint, so they cost no token, and
    what the encoder is fed is not made here. The defaults are those of the reference class.
    Source: transformers 5.23.0, Ernie4_5_VLMoeVideoProcessor and Ernie4_5_VLMoeProcessor.

    >>> ErnieVideoCounter(fps=2.0).count(VideoInfo(1280, 720, frames=300, fps=30))
    11960
    """

    patch: Positive = 14
    merge: Positive = 2
    min_pixels: Positive = 299 * 28 * 28
    max_pixels: Positive = 1196 * 28 * 28
    fps: Rate | None = None
    num_frames: Frames | None = None
    min_frames: Frames = 16
    max_frames: Frames = 180

    name: ClassVar[str] = "ernie-video"
    placeholder: ClassVar[str] = "<|VIDEO_PLACEHOLDER|>"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"fps": 2.0, "min_frames": 1, "max_pixels": 400_000},
    )

    TOGETHER: ClassVar[int] = 2
    """Frames of a group: the reference takes no other number."""

    def plan_for(self, info: VideoInfo) -> Plan:
        indices = sampling.between(
            info.frames,
            info.fps,
            num_frames=self.num_frames,
            fps=self.fps,
            min_frames=self.min_frames,
            max_frames=self.max_frames,
        )
        factor = self.patch * self.merge
        width, height = limit(
            info.width, info.height, factor, self.min_pixels, self.max_pixels, 1, ASPECT_LIMIT
        )
        groups = ceil_div(len(indices), self.TOGETHER)
        rows, columns = height // self.patch, width // self.patch
        return Plan(
            indices=tuple(indices),
            resized=(height, width),
            groups=groups,
            grid=(rows // self.merge, columns // self.merge),
            together=self.TOGETHER,
            geometry={"grid_thw": [self.TOGETHER * groups, rows, columns]},
            shown=f"group of {self.TOGETHER} frames",
        )
