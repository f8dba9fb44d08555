"""Crops that overlap by a margin, pooled as one grid, beside a low-resolution view: Molmo 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import inf
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import ceil_div
from multitok.core.layout import Layout
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.image.tilings import Grid, column_major, least_scaled, single
from multitok.modalities.image.words import Pieces, parts, positive, scaled, specials

if TYPE_CHECKING:
    from multitok.core.media import Image


@cache
def _by_tiles_then_rows(most: int) -> tuple[Grid, ...]:
    return tuple(sorted(column_major(most), key=lambda grid: (grid[0] * grid[1], grid[0])))


@dataclass(frozen=True, kw_only=True)
class OverlapCropsCounter(TokenCounter["Image", ImageInfo]):
    """A token for each pool x pool patches of the low-resolution view and of the crops' canvas.

    A crop is size x size pixels, of which a margin of `margin` patches a side overlaps its
    neighbors. The tiling is chosen for the picture less the margins, in float32; a side below
    them makes negative scales, and the least of those wins, as in the reference.
    `row_end` ends each row of both grids.
    Source: transformers 5.23.0, image_processing_molmo2.py, processing_molmo2.py.

    >>> OverlapCropsCounter().count(ImageInfo(1920, 1080))
    1203
    """

    size: int = 378
    patch: int = 14
    margin: int = 4
    pool: int = 2
    max_crops: int = 8
    token: str = "<im_patch>"
    low_start: str = "<low_res_im_start>"
    start: str = "<im_start>"
    row_end: str = "<im_col>"
    end: str = "<im_end>"

    name: ClassVar[str] = "overlap-crops"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"size": 32, "patch": 4, "margin": 1, "max_crops": 6},
    )

    def __post_init__(self) -> None:
        positive(self, "size", "patch", "pool", "max_crops")

    def tiling(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of crops."""
        grids = _by_tiles_then_rows(self.max_crops)
        window = (self.size // self.patch - 2 * self.margin) * self.patch
        margins = 2 * self.margin * self.patch
        height, width = single([info.height - margins, info.width - margins])
        scales = [min(_over(r * window, height), _over(c * window, width)) for r, c in grids]
        return grids[least_scaled(single(scales))]

    def grids(self, info: ImageInfo) -> tuple[int, int, int, int]:
        """Rows and columns of tokens: of the low-resolution view, of the crops' canvas."""
        side = self.size // self.patch
        window = side - 2 * self.margin
        rows, columns = self.tiling(info)
        low = ceil_div(side, self.pool)
        return (
            low,
            low,
            ceil_div(rows * window + 2 * self.margin, self.pool),
            ceil_div(columns * window + 2 * self.margin, self.pool),
        )

    def count(self, x: Image | ImageInfo, /) -> int:
        low_rows, low, rows, columns = self.grids(x if type(x) is ImageInfo else info_of(x))
        return low_rows * (low + 1) + rows * (columns + 1) + 4

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order."""
        low_rows, low, rows, columns = self.grids(info_of(x))
        overview = ((self.token, low), (self.row_end, 1)) * low_rows
        canvas = ((self.token, columns), (self.row_end, 1)) * rows
        end = (self.end, 1)
        return ((self.low_start, 1), *overview, end, (self.start, 1), *canvas, end)

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def canvas(self, info: ImageInfo) -> tuple[int, int]:
        """Width and height the crops are cut from; the picture is stretched to it."""
        rows, columns = self.tiling(info)
        window = (self.size // self.patch - 2 * self.margin) * self.patch
        margins = 2 * self.margin * self.patch
        return columns * window + margins, rows * window + margins

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        info: ImageInfo = info_of(x)
        rows, columns = self.tiling(info)
        width, height = self.canvas(info)
        views, side = rows * columns + 1, self.size // self.patch
        return {
            "resized": [height, width],
            "tiles": [rows, columns],
            "image_grids": [list(self.grids(info))],
            "image_num_crops": [views],
            "pixel_values_shape": [views, side * side, 3 * self.patch**2],
        }

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        info: ImageInfo = info_of(x)
        rows, columns = self.tiling(info)
        width, height = self.canvas(info)
        window = (self.size // self.patch - 2 * self.margin) * self.patch
        tiles = tuple(
            (c * window, r * window, c * window + self.size, r * window + self.size)
            for r in range(rows)
            for c in range(columns)
        )
        _, _, high, wide = self.grids(info)
        return Layout(
            (width, height), (0, 0, width, height), high, wide, tiles, (self.size, self.size)
        )

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.tiling(info)
        low_rows, low, high, wide = self.grids(info)
        width, height = self.canvas(info)
        return [
            f"{info} in {rows} x {columns} overlapping crops of {self.size} px: stretched to"
            f" {width} x {height}",
            f"{low_rows} x {low} for the overview + {high} x {wide} ="
            f" {low_rows * low + high * wide} tokens",
            *specials(self.expansion(info), self.token),
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        return scaled(info_of(x), *self.canvas(info_of(x)))


def _over(side: int, length: float) -> float:
    return side / length if length else inf
