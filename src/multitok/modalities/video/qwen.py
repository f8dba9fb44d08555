"""Qwen2-VL and Qwen2.5-VL video: pixel bounds for each frame, two frames a group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from multitok.core.info import VideoInfo
from multitok.core.parameters import Frames, Positive, Rate
from multitok.modalities.image.limits import limit
from multitok.modalities.video import sampling
from multitok.modalities.video.groups import GroupedVideo
from multitok.modalities.video.resize import ASPECT_LIMIT


@dataclass(frozen=True, kw_only=True)
class QwenVideoTokenizer(GroupedVideo):
    """Frames at `fps` (or `num_frames`, or all), each between min_pixels and max_pixels.

    With `cap_pixels_per_frame` a frame also keeps to an even share of `max_video_tokens`, as
    qwen_vl_utils has it. `sampler="ends"` is vLLM's loader, up to 0.23: evenly from the first frame
    to the last; "all" takes every frame (do_sample_frames=False). The defaults are those of the
    reference class; a checkpoint that ships only image bounds (3136..12845056) has them applied to
    every frame of a video. Clips of one frame divide by zero in the reference and are refused.
    Source: transformers 5.23.0, Qwen2VLVideoProcessor.

    >>> QwenVideoTokenizer().count(VideoInfo(1280, 720, frames=1800, fps=30))
    43200
    """

    min_pixels: Positive = 128 * 28 * 28
    max_pixels: Positive = 768 * 28 * 28
    fps: Rate | None = 2.0
    num_frames: Frames | None = None
    min_frames: Frames = 4
    max_frames: Frames = 768
    sampler: Literal["own", "ends", "all"] = "own"
    cap_pixels_per_frame: bool = False
    max_video_tokens: int = 128_000

    name: ClassVar[str] = "qwen-video"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"min_pixels": 784, "max_pixels": 7840},
        {"fps": None, "min_pixels": 784, "max_pixels": 1568, "temporal": 3},
        {"num_frames": 4, "fps": None, "patch": 4, "min_pixels": 64, "max_pixels": 640},
    )

    def sampled(self, info: VideoInfo) -> list[int]:
        """The frames that are read."""
        if self.sampler == "all":
            return list(range(info.frames))
        if self.sampler == "ends":
            return sampling.ends(info.frames, info.fps, num_frames=self.num_frames, fps=self.fps)
        return sampling.qwen2(
            info.frames,
            info.fps,
            num_frames=self.num_frames,
            fps=self.fps,
            min_frames=self.min_frames,
            max_frames=self.max_frames,
            temporal=self.temporal,
        )

    def choose(self, info: VideoInfo) -> tuple[list[int], tuple[int, int]]:
        indices = self.sampled(info)
        factor = self.patch * self.merge
        most = self.max_pixels
        if self.cap_pixels_per_frame:
            budget = int(self.max_video_tokens * factor * factor * 0.9)
            most = min(most, budget * self.temporal // len(indices))
            most = max(most, int(self.min_pixels * 1.05))
        width, height = limit(
            info.width, info.height, factor, self.min_pixels, most, 1, ASPECT_LIMIT
        )
        return indices, (height, width)
