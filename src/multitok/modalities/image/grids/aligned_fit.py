"""Round both sides up to whole cells, then search the largest content under a budget: GLM-5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.integers import ceil_div
from multitok.core.parameters import Positive
from multitok.modalities.image.rule import Pair, PictureRule, Seen, cells
from multitok.modalities.image.words import Pieces, placed, wrapped


@dataclass(frozen=True, kw_only=True)
class AlignedFitCounter(PictureRule):
    """Sides rounded up to cells; under the least tokens scaled up, over the most searched down.

    The picture keeps its aspect inside that canvas and is padded right and bottom with zeros. The
    search halves the content's height between 1 and the picture's and keeps the last canvas
    that fits. Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_glm5_next.py (class defaults).

    >>> AlignedFitCounter().count(ImageInfo(1920, 1080))
    2691
    """

    patch: Positive = 14
    merge: Positive = 2
    temporal: Positive = 2
    min_tokens: Positive = 16
    max_tokens: Positive = 8000
    token: str = "<|image|>"
    start: tuple[str, ...] = ()
    end: tuple[str, ...] = ()

    name: ClassVar[str] = "aligned-fit"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"min_tokens": 1, "max_tokens": 6})

    def see(self, info: ImageInfo) -> Seen:
        cell, width, height = self.patch * self.merge, info.width, info.height
        rows, columns = self._grid(width, height, cell)
        tall, wide = rows * cell, columns * cell
        by = min(tall / height, wide / width)
        if height * width >= self.min_tokens * cell**2:
            by = min(1.0, by)
        picture = max(1, min(wide, floor(width * by))), max(1, min(tall, floor(height * by)))
        return cells(rows, columns, cell, picture)

    def _grid(self, width: int, height: int, cell: int) -> Pair:
        rows, columns = ceil_div(height, cell), ceil_div(width, cell)
        if rows * columns < self.min_tokens:
            by = sqrt(self.min_tokens * cell**2 / (height * width))
            rows = ceil_div(max(1, ceil(height * by)), cell)
            columns = ceil_div(max(1, ceil(width * by)), cell)
        if rows * columns <= self.max_tokens:
            return rows, columns
        low, high, best = 1, height, (1, 1)
        while low <= high:
            middle = (low + high) // 2
            rows = ceil_div(middle, cell)
            columns = ceil_div(max(1, floor(width * middle / height)), cell)
            if rows * columns <= self.max_tokens:
                best, low = (rows, columns), middle + 1
            else:
                high = middle - 1
        return best

    def pieces(self, seen: Seen) -> Pieces:
        rows, columns = seen.grid
        return wrapped(self.start, ((self.token, rows * columns),), self.end)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        rows, columns = (n * self.merge for n in seen.grid)
        return {
            "resized": seen.resized,
            "image_grid_thw": [[1, rows, columns]],
            "patches": rows * columns,
            "pixel_values_shape": [rows * columns, 3 * self.temporal * self.patch**2],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = seen.grid
        return [
            f"{info} within {self.min_tokens:,} to {self.max_tokens:,} cells of"
            f" {self.patch * self.merge} px: {placed(info, seen.picture, seen.canvas)}",
            f"{rows} x {columns} cells = {rows * columns:,} tokens",
        ]
