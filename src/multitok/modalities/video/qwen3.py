"""Qwen3-VL and Qwen3.5 video: pixel bounds for the whole clip, a timestamp before each group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from multitok.core.info import VideoInfo
from multitok.core.parameters import Frames, Positive, Rate
from multitok.modalities.video import resize, sampling
from multitok.modalities.video.groups import StampedVideo
from multitok.modalities.video.plan import TEXT


@dataclass(frozen=True, kw_only=True)
class Qwen3VideoTokenizer(StampedVideo):
    """Frames at `fps`, the area of all of them together between min_pixels and max_pixels.

    Each group of two frames is the text `<0.2 seconds>` (their mean time), vision start, its
    placeholders and vision end. With `cap_pixels_per_frame` a frame costs at most
    `max_video_tokens`. `sampler="ends"` is vLLM's loader, up to 0.23; "all" takes every frame
    (do_sample_frames=False). The defaults are the published checkpoint values; the reference
    class's own (131072..786432) are far smaller.
    `vocabulary` names the one whose tokens the times are counted in; without it they are left out.
    Source: transformers 5.23.0, Qwen3VLVideoProcessor and Qwen3VLProcessor.

    >>> clip = VideoInfo(1280, 720, frames=1800, fps=30)
    >>> Qwen3VideoTokenizer(vocabulary="qwen").breakdown(clip)
    {'video': 11400, '<|vision_start|>': 60, '<|vision_end|>': 60, 'timestamps': 410}
    """

    patch: Positive = 16
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)
    min_pixels: Positive = 4096
    max_pixels: Positive = 25_165_824
    fps: Rate | None = 2.0
    num_frames: Frames | None = None
    min_frames: Frames = 4
    max_frames: Frames = 768
    sampler: Literal["own", "ends", "all"] = "own"
    cap_pixels_per_frame: bool = False
    max_video_tokens: int = 768

    name: ClassVar[str] = "qwen3-video"
    before: ClassVar[tuple[str, ...]] = (TEXT, "<|vision_start|>")
    after: ClassVar[tuple[str, ...]] = ("<|vision_end|>",)
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"max_pixels": 40_000, "vocabulary": "qwen"},
        {"fps": None, "num_frames": 5, "patch": 4, "min_pixels": 640, "max_pixels": 6400},
    )

    def sampled(self, info: VideoInfo) -> list[int]:
        """The frames that are read."""
        if self.sampler == "all":
            return list(range(info.frames))
        if self.sampler == "ends":
            return sampling.ends(info.frames, info.fps, num_frames=self.num_frames, fps=self.fps)
        return sampling.qwen3(
            info.frames,
            info.fps,
            num_frames=self.num_frames,
            fps=self.fps,
            min_frames=self.min_frames,
            max_frames=self.max_frames,
        )

    def choose(self, info: VideoInfo) -> tuple[list[int], tuple[int, int]]:
        indices = self.sampled(info)
        frames, factor = len(indices), self.patch * self.merge
        most = self.max_pixels
        if self.cap_pixels_per_frame and frames:
            share = min(self.max_video_tokens * factor * factor, most // frames)
            most = max(share, int(self.min_pixels * 1.05)) * frames
        size = resize.clip_budget(
            frames,
            info.height,
            info.width,
            factor=factor,
            temporal=self.temporal,
            min_pixels=self.min_pixels,
            max_pixels=most,
        )
        return indices, size

    def stamps(self, info: VideoInfo, indices: tuple[int, ...]) -> list[str]:
        return mean_times(indices, info.fps, self.temporal)


def mean_times(indices: tuple[int, ...], fps: float, temporal: int) -> list[str]:
    """The mean of the first and the last frame's time; a missing frame repeats the last.

    >>> mean_times((0, 15, 30), 30, 2)
    ['<0.2 seconds>', '<1.0 seconds>']
    """
    padded = indices + indices[-1:] * (-len(indices) % temporal)
    times = [index / fps for index in padded]
    firsts = range(0, len(times), temporal)
    return [f"<{(times[i] + times[i + temporal - 1]) / 2:.1f} seconds>" for i in firsts]
