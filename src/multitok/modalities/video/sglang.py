"""Qwen3-VL and Qwen3.5 clips as SGLang prepares them: resized twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from multitok.core.info import VideoInfo
from multitok.core.integers import ceil_div
from multitok.core.parameters import Frames, Positive, Rate
from multitok.modalities.video import resize
from multitok.modalities.video.plan import Plan, SampledVideo
from multitok.modalities.video.qwen3 import Qwen3VideoTokenizer, mean_times
from multitok.modalities.video.qwen_vl_utils import QwenVlUtilsVideoTokenizer
from multitok.modalities.video.sampling import linspace
from multitok.modalities.video.timestamps import Vocabulary

CELL = 32


@dataclass(frozen=True, kw_only=True)
class SglangQwen3VideoCounter(SampledVideo):
    """Frames of 128 to 768 tokens of 28 px, as for Qwen2-VL, then within Qwen3-VL's own bounds.

    The words `fps`, `nframes`, `min_frames`, `max_frames`, `min_pixels`, `max_pixels` and
    `total_pixels` are those of the first step, and mean what they mean in qwen_vl_utils; frames are
    taken from the first to the last, their numbers cut off. The second step is the model's video
    processor with 4096..25165824 pixels for the whole clip, and its stamps.
    Source: sglang 0.5.23, multimodal/processors/qwen_vl.py, preprocess_video.

    >>> SglangQwen3VideoCounter().count(VideoInfo(756, 756, frames=240, fps=30))
    4624
    """

    fps: Rate = 2.0
    nframes: Frames | None = None
    min_frames: Frames = 4
    max_frames: Frames | None = None
    min_pixels: Positive | None = None
    max_pixels: Positive | None = None
    total_pixels: float | None = None
    vocabulary: Vocabulary | None = None

    name: ClassVar[str] = "sglang-qwen3-video"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"fps": 1.0, "vocabulary": "qwen"})

    def plan_for(self, info: VideoInfo) -> Plan:
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "vocabulary"}
        first = QwenVlUtilsVideoTokenizer(**own).plan_for(info)
        numbers = linspace(0, info.frames - 1, len(first.indices))
        indices = tuple(sorted({int(number) for number in numbers}))
        height, width = resize.clip_budget(
            len(indices),
            *first.resized,
            factor=CELL,
            temporal=2,
            min_pixels=Qwen3VideoTokenizer.min_pixels,
            max_pixels=Qwen3VideoTokenizer.max_pixels,
        )
        return Plan(
            indices=indices,
            resized=(height, width),
            groups=ceil_div(len(indices), 2),
            grid=(height // CELL, width // CELL),
            before=Qwen3VideoTokenizer.before,
            after=Qwen3VideoTokenizer.after,
            text=tuple(mean_times(indices, info.fps, 2)),
            vocabulary=self.vocabulary,
            geometry={"first_resized": list(first.resized)},
            shown="group of 2 frames",
        )
