"""Crops that overlap by a margin, pooled as one grid, beside a low-resolution view: Molmo 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.integers import ceil_div
from multitok.core.layout import Box
from multitok.core.parameters import Positive
from multitok.modalities.image.rule import PictureRule, Seen
from multitok.modalities.image.tilings import Grid, column_major, least_scaled, single
from multitok.modalities.image.words import Pieces


@lru_cache(maxsize=64)
def _by_tiles_then_rows(most: int) -> tuple[Grid, ...]:
    return tuple(sorted(column_major(most), key=lambda grid: (grid[0] * grid[1], grid[0])))


@dataclass(frozen=True, kw_only=True)
class OverlapCropsCounter(PictureRule):
    """A token for each pool x pool patches of the low-resolution view and of the crops' canvas.

    A crop is size x size pixels, of which a margin of `margin` patches a side overlaps its
    neighbors. The tiling is chosen for the picture less the margins, in float32; a side below
    them makes negative scales, and the least of those wins, as in the reference.
    `row_end` ends each row of both grids.
    Source: transformers 5.23.0, image_processing_molmo2.py, processing_molmo2.py.

    >>> OverlapCropsCounter().count(ImageInfo(1920, 1080))
    1203
    """

    size: Positive = 378
    patch: Positive = 14
    margin: int = 4
    pool: Positive = 2
    max_crops: Positive = 8
    token: str = "<im_patch>"
    low_start: str = "<low_res_im_start>"
    start: str = "<im_start>"
    row_end: str = "<im_col>"
    end: str = "<im_end>"

    name: ClassVar[str] = "overlap-crops"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"size": 32, "patch": 4, "margin": 1, "max_crops": 6},
    )

    @property
    def window(self) -> int:
        """Patches of the side of a crop without its margins: the step from crop to crop."""
        return self.size // self.patch - 2 * self.margin

    @property
    def low(self) -> int:
        """Tokens of the side of the low-resolution view."""
        return ceil_div(self.size // self.patch, self.pool)

    def see(self, info: ImageInfo) -> Seen:
        rows, columns = self._grid(info)
        tall, wide = (n * self.window + 2 * self.margin for n in (rows, columns))
        canvas = wide * self.patch, tall * self.patch
        grid = ceil_div(tall, self.pool), ceil_div(wide, self.pool)
        overview = self.size, self.size
        return Seen(canvas, canvas, grid=grid, tiles=(rows, columns), overview=overview)

    def _grid(self, info: ImageInfo) -> Grid:
        """Rows and columns of crops."""
        grids, window = _by_tiles_then_rows(self.max_crops), self.window * self.patch
        margins = 2 * self.margin * self.patch
        height, width = single([info.height - margins, info.width - margins])
        scales = [min(_over(r * window, height), _over(c * window, width)) for r, c in grids]
        return grids[least_scaled(single(scales))]

    def pieces(self, seen: Seen) -> Pieces:
        low, (rows, columns), end = self.low, seen.grid, (self.end, 1)
        overview = ((self.token, low), (self.row_end, 1)) * low
        canvas = ((self.token, columns), (self.row_end, 1)) * rows
        return ((self.low_start, 1), *overview, end, (self.start, 1), *canvas, end)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        patches = (self.size // self.patch) ** 2
        return {
            "resized": seen.resized,
            "tiles": list(seen.tiles),
            "image_grids": [[self.low, self.low, *seen.grid]],
            "image_num_crops": [seen.views],
            "pixel_values_shape": [seen.views, patches, 3 * self.patch**2],
        }

    def boxes(self, seen: Seen) -> tuple[Box, ...]:
        (rows, columns), step, size = seen.tiles, self.window * self.patch, self.size
        corners = [(c * step, r * step) for r in range(rows) for c in range(columns)]
        return tuple((left, top, left + size, top + size) for left, top in corners)

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        low, (rows, columns), (width, height) = self.low, seen.grid, seen.canvas
        down, across = seen.tiles
        return [
            f"{info} in {down} x {across} overlapping crops of {self.size} px: stretched to"
            f" {width} x {height}",
            f"{low} x {low} for the overview + {rows} x {columns} ="
            f" {low * low + rows * columns:,} tokens",
        ]


def _over(side: int, length: float) -> float:
    return side / length if length else inf
