"""MiniCPM-V 4.6 video: a frame a second, each cut into slices as a picture is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, VideoInfo, info_of
from multitok.core.parameters import Frames, Positive
from multitok.modalities.image.tiles.adaptive_slices import AdaptiveSlicesCounter
from multitok.modalities.video import sampling
from multitok.modalities.video.plan import Plan, SampledVideo

if TYPE_CHECKING:
    from multitok.core.media import Video


@dataclass(frozen=True, kw_only=True)
class MiniCpmVideoCounter(SampledVideo):
    """A frame a second, up to `max_frames` of them spread over a longer clip; each is an overview
    and up to `max_slices` slices, as `adaptive-slices` has it.

    Line ends between the rows of slices are text. Frames of one second that are stacked into one
    (`stack_frames`) are not counted.
    Source: transformers 5.23.0, MiniCPMV4_6VideoProcessor and MiniCPMV4_6Processor.

    >>> MiniCpmVideoCounter().count(VideoInfo(1280, 720, frames=300, fps=30))
    4580
    """

    side: Positive = 448
    patch: Positive = 14
    merge: Positive = 4
    max_slices: Positive = 9
    max_frames: Frames = 128

    name: ClassVar[str] = "minicpm-video"
    placeholder: ClassVar[str] = "<|video_pad|>"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"max_slices": 1, "max_frames": 2})

    def frame(self) -> AdaptiveSlicesCounter:
        """The rule of one frame."""
        return AdaptiveSlicesCounter(
            side=self.side, patch=self.patch, merge=self.merge, max_slices=self.max_slices
        )

    def plan_for(self, info: VideoInfo) -> Plan:
        picture, rule = ImageInfo(info.width, info.height), self.frame()
        width, height = rule.see(picture).whole
        indices = sampling.seconds(info.frames, info.fps, max_frames=self.max_frames)
        each = rule.breakdown(picture)["image"]
        return Plan(
            indices=tuple(indices),
            resized=(height, width),
            groups=len(indices),
            grid=(1, each),
            geometry={"grid_rows_cols": rule.geometry(picture)["grid_rows_cols"]},
        )

    def breakdown(self, x: Video | VideoInfo, /) -> dict[str, int]:
        info: VideoInfo = info_of(x)
        frames = len(self.plan(info).indices)
        each = self.frame().breakdown(ImageInfo(info.width, info.height))
        return {"video" if name == "image" else name: n * frames for name, n in each.items()}

    def count(self, x: Video | VideoInfo, /) -> int:
        return sum(self.breakdown(x).values())

    def literal_text(self, x: Video | VideoInfo, /) -> Mapping[str, int]:
        info: VideoInfo = info_of(x)
        frames = len(self.plan(info).indices)
        each = self.frame().literal_text(ImageInfo(info.width, info.height))
        return {text: n * frames for text, n in each.items() if n}
