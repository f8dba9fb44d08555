"""Fit a small picture between token limits, cut a large one into tiles: LFM2-VL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.integers import ceil_div
from multitok.core.parameters import Positive, Tiles
from multitok.modalities.image.rule import Pair, PictureRule, Seen, cells, tiled
from multitok.modalities.image.tilings import Grid, closest_ratio
from multitok.modalities.image.words import Pieces, product, tile_names, verb


@dataclass(frozen=True, kw_only=True)
class FitOrTileCounter(PictureRule):
    """One fitted view of min_tokens..max_tokens, or tiles with that view as the overview.

    A picture whose rounded area is over `tolerance` times the limit is large: it is stretched to
    the grid of min_tiles..max_tiles closest in aspect. Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_lfm2_vl.py, processing_lfm2_vl.py.

    >>> FitOrTileCounter().count(ImageInfo(1920, 1080))
    2311
    """

    patch: Positive = 16
    merge: Positive = 2
    min_tokens: Positive = 64
    max_tokens: Positive = 256
    tile: Positive = 512
    min_tiles: Tiles = 2
    max_tiles: Tiles = 10
    tolerance: float = 2.0
    overview: bool = True
    token: str = "<image>"
    start: str = "<|image_start|>"
    end: str = "<|image_end|>"
    tile_name: str = "<|img_row_{row}_col_{column}|>"
    overview_name: str = "<|img_thumbnail|>"

    name: ClassVar[str] = "fit-or-tile"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"patch": 4, "min_tokens": 4, "max_tokens": 16, "tile": 32, "max_tiles": 4},
    )

    @property
    def cell(self) -> int:
        """Pixels of the side of a token."""
        return self.patch * self.merge

    def see(self, info: ImageInfo) -> Seen:
        (columns, rows), view = self._grid(info), self._view(info)
        if rows * columns > 1:
            return tiled(rows, columns, self.tile, overview=view if self.overview else None)
        return cells(view[1] // self.cell, view[0] // self.cell, self.cell)

    def _view(self, info: ImageInfo) -> Pair:
        """Width and height of the picture between the token limits."""
        cell, width, height = self.cell, info.width, info.height
        wide = max(cell, round(width / cell) * cell)
        tall = max(cell, round(height / cell) * cell)
        low, high = self.min_tokens * cell**2, self.max_tokens * cell**2
        if wide * tall > high:
            by = sqrt(height * width / high)
            wide = max(cell, floor(width / by / cell) * cell)
            tall = max(cell, floor(height / by / cell) * cell)
        elif wide * tall < low:
            by = sqrt(low / (height * width))
            wide = ceil(width * by / cell) * cell
            tall = ceil(height * by / cell) * cell
        return wide, tall

    def _grid(self, info: ImageInfo) -> Grid:
        """Columns and rows of tiles; 1, 1 when the picture is not cut."""
        cell, width, height = self.cell, info.width, info.height
        wide = max(self.patch, round(width / cell) * cell)
        tall = max(self.patch, round(height / cell) * cell)
        if wide * tall <= self.max_tokens * cell**2 * self.tolerance or self.max_tiles == 1:
            return 1, 1
        return closest_ratio(width, height, self.tile, self.min_tiles, self.max_tiles)

    def _tokens(self, view: Pair) -> int:
        width, height = (ceil_div(side // self.patch, self.merge) for side in view)
        return width * height

    def pieces(self, seen: Seen) -> Pieces:
        tile, view = (self.token, self._tokens(seen.tile)), (self.token, self._tokens(seen.whole))
        if not seen.cut:
            return ((self.start, 1), view, (self.end, 1))
        pieces: list[tuple[str, int]] = [(self.start, 1)]
        for name in tile_names(self.tile_name, *seen.tiles):
            pieces += ((name, 1), tile)
        if self.overview:
            pieces += ((self.overview_name, 1), view)
        return (*pieces, (self.end, 1))

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        """`image_sizes` is the fitted view; `spatial_shapes` are patches of every view."""
        width, height = self._view(info)
        rows, columns = seen.tiling
        side = self.tile // self.patch
        shapes = [[side, side]] * seen.cut
        if self.overview or not shapes:
            shapes = [*shapes, [height // self.patch, width // self.patch]]
        most = max(self.max_tokens * self.merge**2, side * side)
        return {
            "resized": seen.resized,
            "image_sizes": [[height, width]],
            "spatial_shapes": shapes,
            "image_rows": [rows],
            "image_cols": [columns],
            "pixel_values_shape": [len(shapes), most, 3 * self.patch**2],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        (rows, columns), (width, height) = seen.tiles, seen.whole
        tile, view = self._tokens(seen.tile), self._tokens(seen.whole)
        if not seen.cut:
            return [
                f"{info} is not cut: {verb(info, width, height)}",
                f"{view:,} = {view:,} tokens",
            ]
        cut = f"{info} is closest to {columns} x {rows} tiles of {self.tile} px"
        if not self.overview:
            return [cut, product(seen.cut, tile)]
        return [
            f"{cut}, and an overview of {width} x {height}",
            f"{seen.cut:,} x {tile:,} + {view:,} = {seen.cut * tile + view:,} tokens",
        ]
