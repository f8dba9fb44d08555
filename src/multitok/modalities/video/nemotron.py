"""Nemotron 3 Omni video: frames near a budget of patches, two of them a group after their times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, ClassVar

from multitok.core.info import VideoInfo
from multitok.core.integers import ceil_div
from multitok.core.parameters import Frames, Positive, Rate, Repeats
from multitok.modalities.video import sampling
from multitok.modalities.video.plan import TEXT, Plan, SampledVideo


@dataclass(frozen=True, kw_only=True)
class NemotronVideoCounter(SampledVideo):
    """All frames, or at `fps`; each of about `patches` patches in its own aspect, merged.

    Before each group stands `Frame 1 sampled at 0.00 seconds and frame 2 sampled at 0.03 seconds`
    and a colon, between groups a line end. A time is the frame's number times the whole
    milliseconds that a frame lasts. That text is counted by the model's own vocabulary, not here.
    Source: transformers 5.23.0, NemotronH_Omni_Reasoning_V3VideoProcessor and its processor.

    >>> NemotronVideoCounter(fps=1.0).breakdown(VideoInfo(1280, 720, frames=300, fps=30))
    {'video': 1260, '<img>': 5, '</img>': 5}
    """

    patches: Positive = 1024
    patch: Positive = 16
    merge: Positive = 2
    temporal: Repeats = 2
    fps: Rate | None = None
    num_frames: Frames | None = None

    name: ClassVar[str] = "nemotron-video"
    placeholder: ClassVar[str] = "<image>"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"fps": 2.0, "patches": 64})

    def cells(self, info: VideoInfo) -> tuple[int, int]:
        """Rows and columns of patches: multiples of `merge`, rounded up where the budget allows."""
        aspect = info.width / info.height
        rows = max(round(sqrt(self.patches / aspect)), 1)
        columns = max(round(sqrt(self.patches * aspect)), 1)
        up = tuple(ceil_div(n, self.merge) * self.merge for n in (rows, columns))
        if up[0] * up[1] <= self.patches:
            return up[0], up[1]
        tall, wide = (max(self.merge, n // self.merge * self.merge) for n in (rows, columns))
        return tall, wide

    def plan_for(self, info: VideoInfo) -> Plan:
        rate = self.fps if self.num_frames is None else None
        indices = sampling.uniform(info.frames, info.fps, num_frames=self.num_frames, fps=rate)
        rows, columns = self.cells(info)
        groups = ceil_div(len(indices), self.temporal)
        return Plan(
            indices=tuple(indices),
            resized=(rows * self.patch, columns * self.patch),
            groups=groups,
            grid=(rows // self.merge, columns // self.merge),
            together=self.temporal,
            before=(TEXT, "<img>"),
            after=("</img>",),
            text=tuple(self._labels(indices, int(1000 / info.fps))),
            shown=f"group of {self.temporal} frames",
        )

    def _labels(self, indices: list[int], milliseconds: int) -> list[str]:
        """The text before each group; from the second on, after a line end."""
        times = [
            f"rame {i + 1} sampled at {index * milliseconds / 1000:.2f} seconds"
            for i, index in enumerate(indices)
        ]
        found = []
        for first in range(0, len(times), self.temporal):
            start, *rest = times[first : first + self.temporal]
            label = " and ".join([f"F{start}", *(f"f{time}" for time in rest)])
            found.append(("\n" if first else "") + label + ": ")
        return found
