"""Scale to the largest grid of pooled cells under a soft-token budget: Gemma 4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, sqrt
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.modalities.image.rule import CellGrid
from multitok.modalities.image.words import positive, refuse, specials, verb

if TYPE_CHECKING:
    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class PooledBudgetCounter(CellGrid):
    """Keep the aspect, fill the budget, round both sides down to cells of patch x pool pixels.

    A small picture is enlarged to the budget. A side that would be 0 becomes one cell, and the
    other the whole-number aspect. Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_gemma4.py.

    >>> PooledBudgetCounter().count(ImageInfo(1920, 1080)), PooledBudgetCounter().count(
    ...     ImageInfo(1, 1))
    (266, 258)
    """

    patch: int = 16
    pool: int = 3
    max_tokens: int = 280
    token: str = "<image_soft_token>"
    start: tuple[str, ...] = ("<start_of_image>",)
    end: tuple[str, ...] = ("<end_of_image>",)

    name: ClassVar[str] = "pooled-budget"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"max_tokens": 6, "pool": 1})

    def __post_init__(self) -> None:
        positive(self, "patch", "pool", "max_tokens")

    @property
    def cell(self) -> int:
        """Pixels of the side of a token: pool x pool patches."""
        return self.patch * self.pool

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of tokens."""
        cell, width, height = self.cell, info.width, info.height
        by = sqrt(self.max_tokens * cell**2 / (height * width))
        rows, columns = floor(by * height / cell), floor(by * width / cell)
        if rows == 0 and columns == 0:
            raise refuse(info, f"both sides are under one cell of {cell} px")
        if rows == 0:
            rows, columns = 1, min(width // height, self.max_tokens)
        elif columns == 0:
            rows, columns = min(height // width, self.max_tokens), 1
        if rows * columns > self.max_tokens:
            raise refuse(info, f"{rows} x {columns} cells exceed {self.max_tokens} tokens")
        return rows, columns

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        rows, columns = self.grid(info_of(x))
        cell = self.cell
        return {
            "resized": [rows * cell, columns * cell],
            "num_soft_tokens_per_image": [rows * columns],
            "pixel_values_shape": [1, self.max_tokens * self.pool**2, 3 * self.patch**2],
        }

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        cell = self.cell
        return [
            f"{info} scaled to fill {self.max_tokens:,} cells of {cell} px:"
            f" {verb(info, columns * cell, rows * cell)}",
            f"{rows} x {columns} cells = {rows * columns} tokens",
            *specials(self.expansion(info), self.token),
        ]
