"""Frames under a budget of their own: Gemma 4 fills one with each frame, Kimi-K2.5 stays below one.

Both keep the shape of the picture, so a frame's tokens follow from its aspect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.geometry import ceil_div
from multitok.info import ImageInfo, VideoInfo
from multitok.modalities.image.pooled_budget import PooledBudgetCounter
from multitok.modalities.image.shrink_pad import ShrinkPadCounter
from multitok.modalities.video import sampling
from multitok.modalities.video.frames import clock
from multitok.modalities.video.plan import Plan, SampledVideo
from multitok.parameters import at_least


@dataclass(frozen=True, kw_only=True)
class GemmaVideoCounter(SampledVideo):
    """Gemma 4: `num_frames` frames, each scaled to fill at most `max_soft_tokens`, after its time.

    A clip with fewer frames than `num_frames` is refused, as the reference refuses it.
    Source: transformers 5.23.0, Gemma4VideoProcessor and Gemma4Processor.

    >>> clip = VideoInfo(1920, 1080, frames=300, fps=30)
    >>> GemmaVideoCounter().breakdown(clip)
    {'video': 2112, '<start_of_image>': 32, '<end_of_image>': 32}
    """

    num_frames: int = 32
    max_soft_tokens: int = 70
    patch: int = 16
    pool: int = 3

    name: ClassVar[str] = "gemma-video"
    placeholder: ClassVar[str] = "<|video|>"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"num_frames": 4, "max_soft_tokens": 140},
    )

    def plan_for(self, info: VideoInfo) -> Plan:
        indices = sampling.uniform(info.frames, info.fps, num_frames=self.num_frames, fps=None)
        frame = PooledBudgetCounter(
            patch=self.patch, pool=self.pool, max_tokens=self.max_soft_tokens
        )
        rows, columns = frame.grid(ImageInfo(info.width, info.height))
        cell, per_frame = self.patch * self.pool, rows * columns
        times = [f"{clock(index / info.fps)} " for index in indices]
        return Plan(
            indices=tuple(indices),
            resized=(rows * cell, columns * cell),
            groups=len(indices),
            per_group=per_frame,
            before=("<start_of_image>",),
            after=("<end_of_image>",),
            text=tuple((" " if i else "") + time for i, time in enumerate(times)),
            geometry={"tokens_per_frame": per_frame, "grid": [rows, columns]},
        )


@dataclass(frozen=True, kw_only=True)
class KimiVideoCounter(SampledVideo):
    """Kimi-K2.5: chunks of `temporal` frames share the tokens of one, each chunk after its time.

    A frame is shrunk to at most `max_patches` patches, never enlarged, then padded to whole cells.
    Source: transformers 5.23.0, Kimi_K25VideoProcessor and Kimi_K25Processor.

    >>> KimiVideoCounter().breakdown(VideoInfo(1920, 1080, frames=300, fps=30))["video"]
    5160
    """

    fps: float = 2.0
    patch: int = 14
    merge: int = 2
    temporal: int = 4
    max_patches: int = 4096
    max_side: int = 512

    name: ClassVar[str] = "kimi-video"
    placeholder: ClassVar[str] = "<|media_pad|>"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"max_patches": 16, "fps": 5.0})

    def __post_init__(self) -> None:
        at_least(self, 1, "temporal")

    def plan_for(self, info: VideoInfo) -> Plan:
        indices = sampling.uniform(info.frames, info.fps, num_frames=None, fps=self.fps)
        frame = ShrinkPadCounter(
            patch=self.patch,
            merge=self.merge,
            max_patches=self.max_patches,
            max_side=self.max_side,
        )
        picture = ImageInfo(info.width, info.height)
        (width, height), (rows, columns) = frame.content(picture), frame.grid(picture)
        cell = self.patch * self.merge
        chunks = ceil_div(len(indices), self.temporal)
        text = []
        for index in indices[:: self.temporal]:
            text += [_stamp(index / info.fps), "video"]
        return Plan(
            indices=tuple(indices),
            resized=(height, width),
            groups=chunks,
            per_group=rows * columns,
            before=("<|media_begin|>", "<|media_content|>"),
            after=("<|media_end|>",),
            text=tuple(text),
            geometry={"padded": [rows * cell, columns * cell], "chunks": chunks},
            shown=f"chunk of {self.temporal} frames",
        )


def _stamp(seconds: float) -> str:
    """Hours of the day, minutes, seconds and milliseconds, cut off and not rounded.

    >>> _stamp(3723.5)
    '01:02:03.500'
    """
    whole = int(seconds)
    hours, minutes = whole // 3600 % 24, whole // 60 % 60
    return f"{hours:02d}:{minutes:02d}:{whole % 60:02d}.{int(seconds % 1 * 1000):03d}"
