"""Shrink under a patch budget and a side limit, pad to whole blocks, never enlarge: Kimi."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import ceil_div
from multitok.modalities.image.rule import CellGrid
from multitok.modalities.image.words import positive, specials, verb

if TYPE_CHECKING:
    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class ShrinkPadCounter(CellGrid):
    """Scale by at most 1 so that the patches fit the budget, then pad right and bottom with zeros.

    A token is merge x merge patches; padding can lift the count a little over the budget.
    Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_kimi_k25.py (class defaults of Kimi-K2.5).

    >>> ShrinkPadCounter().count(ImageInfo(8000, 6000)), ShrinkPadCounter().count(ImageInfo(1, 1))
    (4144, 1)
    """

    patch: int = 14
    merge: int = 2
    max_patches: int = 16384
    max_side: int = 512
    token: str = "<|media_pad|>"
    start: tuple[str, ...] = ()
    end: tuple[str, ...] = ()

    name: ClassVar[str] = "shrink-pad"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"max_patches": 16, "max_side": 6})

    def __post_init__(self) -> None:
        positive(self, "patch", "merge", "max_patches", "max_side")

    def content(self, info: ImageInfo) -> tuple[int, int]:
        """Width and height before padding."""
        width, height = info.width, info.height
        longest = self.max_side * self.patch
        patches = max(1, width // self.patch) * max(1, height // self.patch)
        by = min(1.0, sqrt(self.max_patches / patches), longest / height, longest / width)
        return (
            min(max(1, int(width * by)), longest),
            min(max(1, int(height * by)), longest),
        )

    @property
    def cell(self) -> int:
        """Pixels of the side of a token: merge x merge patches."""
        return self.patch * self.merge

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of tokens, padding included."""
        width, height = self.content(info)
        factor = self.cell
        return ceil_div(height, factor), ceil_div(width, factor)

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        """`resized` is the canvas, padding included, as the reference reports it."""
        rows, columns = (n * self.merge for n in self.grid(info_of(x)))
        return {
            "resized": [rows * self.patch, columns * self.patch],
            "image_grid_thw": [[1, rows, columns]],
            "patches": rows * columns,
            "pixel_values_shape": [rows * columns, 3, self.patch, self.patch],
        }

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        factor = self.cell
        return [
            f"{info} within {self.max_patches:,} patches of {self.patch} px, at most"
            f" {self.max_side} a side: {verb(info, *self.content(info))}",
            f"padded to {columns * factor} x {rows * factor}",
            f"{rows} x {columns} cells of {factor} px = {rows * columns} tokens",
            *specials(self.expansion(info), self.token),
        ]
