"""Scale to the largest grid of pooled cells under a soft-token budget: Gemma 4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, sqrt
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.parameters import Positive
from multitok.modalities.image.rule import PictureRule, Seen, cells
from multitok.modalities.image.words import Pieces, refuse, verb, wrapped


@dataclass(frozen=True, kw_only=True)
class PooledBudgetCounter(PictureRule):
    """Keep the aspect, fill the budget, round both sides down to cells of patch x pool pixels.

    A small picture is enlarged to the budget. A side that would be 0 becomes one cell, and the
    other the whole-number aspect. Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_gemma4.py.

    >>> PooledBudgetCounter().count(ImageInfo(1920, 1080)), PooledBudgetCounter().count(
    ...     ImageInfo(1, 1))
    (266, 258)
    """

    patch: Positive = 16
    pool: Positive = 3
    max_tokens: Positive = 280
    token: str = "<image_soft_token>"
    start: tuple[str, ...] = ("<start_of_image>",)
    end: tuple[str, ...] = ("<end_of_image>",)

    name: ClassVar[str] = "pooled-budget"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"max_tokens": 6, "pool": 1})

    def see(self, info: ImageInfo) -> Seen:
        cell, width, height = self.patch * self.pool, info.width, info.height
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
        return cells(rows, columns, cell)

    def pieces(self, seen: Seen) -> Pieces:
        rows, columns = seen.grid
        return wrapped(self.start, ((self.token, rows * columns),), self.end)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        rows, columns = seen.grid
        return {
            "resized": seen.resized,
            "num_soft_tokens_per_image": [rows * columns],
            "pixel_values_shape": [1, self.max_tokens * self.pool**2, 3 * self.patch**2],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = seen.grid
        return [
            f"{info} scaled to fill {self.max_tokens:,} cells of {self.patch * self.pool} px:"
            f" {verb(info, *seen.canvas)}",
            f"{rows} x {columns} cells = {rows * columns:,} tokens",
        ]
