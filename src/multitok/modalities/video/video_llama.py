"""VideoLLaMA 3 video: frames that share one budget of pixels, each after its time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.core.counts import Kind
from multitok.core.info import VideoInfo
from multitok.core.parameters import Frames, Positive, Rate
from multitok.modalities.image.limits import limit
from multitok.modalities.video import sampling
from multitok.modalities.video.plan import TEXT, Plan, SampledVideo
from multitok.modalities.video.resize import ASPECT_LIMIT


@dataclass(frozen=True, kw_only=True)
class VideoLlamaVideoCounter(SampledVideo):
    """All frames, or at `fps`; `max_pixels` is shared by all of them, `min_pixels` is that of one.

    Of a frame that changes little the processor drops tokens by its pixels, so the number of a
    shape is the most (use_token_compression). Before each frame stands `Time 0.0s:`, from the
    second on after a comma; that text is counted by the model's own vocabulary, not here.
    Source: transformers 5.23.0, VideoLlama3VideoProcessor and VideoLlama3Processor.

    >>> VideoLlamaVideoCounter(fps=1.0).count(VideoInfo(1280, 720, frames=300, fps=30))
    660
    """

    patch: Positive = 14
    merge: Positive = 2
    min_pixels: Positive = 128 * 28 * 28
    max_pixels: Positive = 768 * 28 * 28
    fps: Rate | None = None
    num_frames: Frames | None = None
    min_frames: Frames = 4
    max_frames: Frames = 180

    name: ClassVar[str] = "video-llama-video"
    kind: ClassVar[Kind] = "upper-bound"
    placeholder: ClassVar[str] = "<video>"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"fps": 2.0, "min_pixels": 784})

    def plan_for(self, info: VideoInfo) -> Plan:
        indices = sampling.qwen2(
            info.frames,
            info.fps,
            num_frames=self.num_frames,
            fps=self.fps,
            min_frames=self.min_frames,
            max_frames=self.max_frames,
            temporal=1,
        )
        factor, share = self.patch * self.merge, self.max_pixels // len(indices)
        width, height = limit(
            info.width, info.height, factor, self.min_pixels, share, 1, ASPECT_LIMIT
        )
        times = [f"Time {index / info.fps:.1f}s:" for index in indices]
        return Plan(
            indices=tuple(indices),
            resized=(height, width),
            groups=len(indices),
            grid=(height // factor, width // factor),
            before=(TEXT,),
            text=tuple(f",{time}" if place else time for place, time in enumerate(times)),
        )
