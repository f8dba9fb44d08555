"""qwen_vl_utils' own video pipeline, as its users' requests reach Qwen2.5-VL and Qwen3-VL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import VideoInfo
from multitok.core.parameters import Frames, Positive, Rate
from multitok.modalities.image import antialias
from multitok.modalities.image.limits import limit_clamped
from multitok.modalities.video import sampling
from multitok.modalities.video.groups import GroupedVideo
from multitok.modalities.video.plan import Plan
from multitok.modalities.video.qwen3 import Qwen3VideoTokenizer, mean_times
from multitok.modalities.video.resize import ASPECT_LIMIT
from multitok.modalities.video.timestamps import Vocabulary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FACTOR = 2
MIN_TOKENS, MAX_TOKENS = 128, 768
SEQUENCE = 128_000


@dataclass(frozen=True, kw_only=True)
class QwenVlUtilsVideoTokenizer(GroupedVideo):
    """An even number of frames, each of 128 to 768 tokens, within 90% of the model's context.

    The words are those of a request: `nframes` or `fps`, `min_frames`, `max_frames`, `min_pixels`,
    `max_pixels`, `total_pixels`. A clip of one frame is refused. `patch` (its image_patch_size) is
    14 for Qwen2 and Qwen2.5-VL, 16 for Qwen3-VL (whose mean and std are 0.5). `stamped` adds what
    Qwen3-VL's processor then writes: each group's time, counted in the tokens of `vocabulary`, and
    vision start and end around it.
    Source: qwen_vl_utils 0.0.14, fetch_video, for a clip given as a file.

    >>> QwenVlUtilsVideoTokenizer().count(VideoInfo(640, 360, frames=9000, fps=25))
    107640
    """

    fps: Rate = 2.0
    nframes: Frames | None = None
    min_frames: Frames = 4
    max_frames: Frames | None = None
    min_pixels: Positive | None = None
    max_pixels: Positive | None = None
    total_pixels: float | None = None
    stamped: bool = False
    vocabulary: Vocabulary | None = None

    name: ClassVar[str] = "qwen-vl-utils-video"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"patch": 4},
        {"patch": 4, "stamped": True, "vocabulary": "qwen"},
        {"patch": 4, "nframes": 4, "total_pixels": 20_000, "min_pixels": 640},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.merge != FACTOR or self.temporal != FACTOR:
            raise MediaError(f"merge and temporal are {FACTOR} in qwen_vl_utils")

    def choose(self, info: VideoInfo) -> tuple[list[int], tuple[int, int]]:
        indices = sampling.qwen_vl_utils(
            info.frames,
            info.fps,
            num_frames=self.nframes,
            fps=self.fps,
            min_frames=self.min_frames,
            max_frames=self.max_frames,
        )
        factor = self.patch * self.merge
        cell = factor * factor
        least = self.min_pixels if self.min_pixels is not None else MIN_TOKENS * cell
        total = self.total_pixels if self.total_pixels is not None else SEQUENCE * cell * 0.9
        limit = max(min(MAX_TOKENS * cell, total / len(indices) * FACTOR), int(least * 1.05))
        most = min(self.max_pixels, limit) if self.max_pixels is not None else limit
        if most < least:
            raise MediaError(f"max_pixels must be at least min_pixels = {least}, got {most}")
        width, height = limit_clamped(info.width, info.height, factor, least, most, 1, ASPECT_LIMIT)
        return indices, (height, width)

    def resized(self, pixels: NDArray[np.uint8], plan: Plan) -> NDArray[np.uint8]:
        height, width = plan.resized
        return antialias.resize_as_floats(pixels, width, height, self.resample)

    def plan_for(self, info: VideoInfo) -> Plan:
        plan = super().plan_for(info)
        sample_fps = len(plan.indices) / max(info.frames, 1e-6) * info.fps
        if self.stamped:
            plan = replace(
                plan,
                before=Qwen3VideoTokenizer.before,
                after=Qwen3VideoTokenizer.after,
                text=tuple(mean_times(plan.indices, info.fps, self.temporal)),
                vocabulary=self.vocabulary,
            )
        return replace(plan, geometry={**plan.geometry, "sample_fps": sample_fps})
