"""Round both sides up to whole cells, then search the largest content under a budget: GLM-5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import ceil_div
from multitok.modalities.image.rule import CellGrid
from multitok.modalities.image.words import positive, specials, verb

if TYPE_CHECKING:
    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class AlignedFitCounter(CellGrid):
    """Sides rounded up to cells; under the least tokens scaled up, over the most searched down.

    The picture keeps its aspect inside that canvas and is padded right and bottom with zeros. The
    search halves the content's height between 1 and the picture's and keeps the last canvas
    that fits. Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_glm5_next.py (class defaults).

    >>> AlignedFitCounter().count(ImageInfo(1920, 1080))
    2691
    """

    patch: int = 14
    merge: int = 2
    temporal: int = 2
    min_tokens: int = 16
    max_tokens: int = 8000
    token: str = "<|image|>"
    start: tuple[str, ...] = ()
    end: tuple[str, ...] = ()

    name: ClassVar[str] = "aligned-fit"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"min_tokens": 1, "max_tokens": 6})

    def __post_init__(self) -> None:
        positive(self, "patch", "merge", "temporal", "min_tokens", "max_tokens")

    @property
    def cell(self) -> int:
        """Pixels of the side of a token: merge x merge patches."""
        return self.patch * self.merge

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of tokens."""
        factor, width, height = self.cell, info.width, info.height
        rows, columns = ceil_div(height, factor), ceil_div(width, factor)
        if rows * columns < self.min_tokens:
            by = sqrt(self.min_tokens * factor**2 / (height * width))
            rows = ceil_div(max(1, ceil(height * by)), factor)
            columns = ceil_div(max(1, ceil(width * by)), factor)
        if rows * columns > self.max_tokens:
            return self._searched(width, height, factor)
        return rows, columns

    def _searched(self, width: int, height: int, factor: int) -> tuple[int, int]:
        low, high, best = 1, height, (1, 1)
        while low <= high:
            middle = (low + high) // 2
            rows = ceil_div(middle, factor)
            columns = ceil_div(max(1, floor(width * middle / height)), factor)
            if rows * columns <= self.max_tokens:
                best, low = (rows, columns), middle + 1
            else:
                high = middle - 1
        return best

    def content(self, info: ImageInfo) -> tuple[int, int]:
        """Width and height of the picture on its canvas; the rest is padding."""
        factor = self.cell
        tall, wide = (n * factor for n in self.grid(info))
        by = min(tall / info.height, wide / info.width)
        if info.height * info.width >= self.min_tokens * factor**2:
            by = min(1.0, by)
        return (
            max(1, min(wide, floor(info.width * by))),
            max(1, min(tall, floor(info.height * by))),
        )

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        rows, columns = (n * self.merge for n in self.grid(info_of(x)))
        return {
            "resized": [rows * self.patch, columns * self.patch],
            "image_grid_thw": [[1, rows, columns]],
            "patches": rows * columns,
            "pixel_values_shape": [rows * columns, 3 * self.temporal * self.patch**2],
        }

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        factor = self.cell
        return [
            f"{info} within {self.min_tokens:,} to {self.max_tokens:,} cells of {factor} px:"
            f" {verb(info, *self.content(info))}",
            f"padded to {columns * factor} x {rows * factor}",
            f"{rows} x {columns} cells = {rows * columns} tokens",
            *specials(self.expansion(info), self.token),
        ]
