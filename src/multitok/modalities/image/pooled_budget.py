"""Scale to the largest grid of pooled cells under a soft-token budget: Gemma 4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, sqrt
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.info import ImageInfo, info_of
from multitok.layout import Layout, whole
from multitok.modalities.image.sizes import (
    Pieces,
    parts,
    positive,
    refuse,
    scaled,
    specials,
    verb,
    wrapped,
)
from multitok.tokenizer import TokenCounter

if TYPE_CHECKING:
    from multitok.media import Image


@dataclass(frozen=True, kw_only=True)
class PooledBudgetCounter(TokenCounter["Image", ImageInfo]):
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

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of tokens."""
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
        return rows, columns

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.grid(x if type(x) is ImageInfo else info_of(x))
        return rows * columns + len(self.start) + len(self.end)

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order."""
        rows, columns = self.grid(info_of(x))
        return wrapped(self.start, ((self.token, rows * columns),), self.end)

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        rows, columns = self.grid(info_of(x))
        cell = self.patch * self.pool
        return {
            "resized": [rows * cell, columns * cell],
            "num_soft_tokens_per_image": [rows * columns],
            "pixel_values_shape": [1, self.max_tokens * self.pool**2, 3 * self.patch**2],
        }

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        rows, columns = self.grid(info_of(x))
        cell = self.patch * self.pool
        return whole(columns * cell, rows * cell, rows, columns)

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        cell = self.patch * self.pool
        return [
            f"{info} scaled to fill {self.max_tokens:,} cells of {cell} px:"
            f" {verb(info, columns * cell, rows * cell)}",
            f"{rows} x {columns} cells = {rows * columns} tokens",
            *specials(self.expansion(info), self.token),
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        rows, columns = self.grid(info_of(x))
        cell = self.patch * self.pool
        return scaled(info_of(x), columns * cell, rows * cell)
