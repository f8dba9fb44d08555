"""DeepSeek V4.1's picture: 42 px cells, a break after every row, two tokens around."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, sqrt
from typing import Annotated, Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.integers import round_up, scale_to
from multitok.core.parameters import AtLeast, Positive
from multitok.modalities.image.rule import Pair, PictureCounter, Seen, covered


@dataclass(frozen=True, kw_only=True)
class DeepSeekRowsCounter(PictureCounter):
    """rows x (columns + 1) + 2 tokens, where a cell is patch x ratio pixels.

    With `low_side` the longest side is shrunk to it first (detail=low); a picture of less than
    `min_pixels` is enlarged to them, sides truncated; sides are rounded up to whole patches. Over
    `max_tokens` the picture is shrunk to the largest grid of its aspect that fits, at least one
    row and one column. The arithmetic is the reference's, floats included.
    Source: vllm, models/deepseek_v41/common/mm_preprocess.py at 707bb96; constants as served.

    >>> v41 = DeepSeekRowsCounter(patch=14, ratio=3, max_tokens=1024, min_pixels=295936)
    >>> v41.count(ImageInfo(1024, 1024)), v41.count(ImageInfo(1920, 1080))
    (652, 968)
    """

    patch: Positive
    ratio: Positive
    max_tokens: Annotated[int, AtLeast(4)]
    min_pixels: int
    low_side: int | None = None

    name: ClassVar[str] = "deepseek-rows"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"patch": 14, "ratio": 3, "max_tokens": 1024, "min_pixels": 295936},
        {"patch": 4, "ratio": 2, "max_tokens": 60, "min_pixels": 64, "low_side": 100},
    )

    def see(self, info: ImageInfo) -> Seen:
        width, height = info.width, info.height
        if self.low_side is not None and max(width, height) > self.low_side:
            longest = max(width, height)
            width = scale_to(width, self.low_side, longest)
            height = scale_to(height, self.low_side, longest)
        if width * height < self.min_pixels:
            grow = sqrt(self.min_pixels / (width * height))
            width, height = int(width * grow), int(height * grow)
        cell = self.patch * self.ratio
        seen = covered((round_up(width, self.patch), round_up(height, self.patch)), cell)
        if sum(self.charges(info, seen).values()) > self.max_tokens:
            seen = covered(self._shrunk(width, height), cell)
        return seen

    def _shrunk(self, width: int, height: int) -> Pair:
        """The largest whole cells along one side that keep rows x (columns + 1) in the budget."""
        cell, patch = self.patch * self.ratio, self.patch
        room = self.max_tokens - 2
        aspect = height / width
        columns = sqrt(room / aspect + 0.25) - 0.5
        rows = columns * aspect
        if columns < 1:
            return cell, room // 2 * cell
        if rows < 1:
            return (room - 1) * cell, cell
        scale = min(floor(columns) * cell / width, floor(rows) * cell / height)
        return floor(width * scale / patch) * patch, floor(height * scale / patch) * patch

    def charges(self, info: ImageInfo, seen: Seen) -> dict[str, int]:
        rows, columns = seen.grid
        return {"image": rows * columns, "row break": rows, "start and end": 2}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        (width, height), (rows, columns) = seen.picture, seen.grid
        return [
            f"{info} resized to {width} x {height}",
            f"{columns} x {rows} cells of {self.patch * self.ratio} px",
            f"{rows} rows x ({columns} + 1 break) + 2 = {rows * (columns + 1) + 2:,} tokens",
        ]
