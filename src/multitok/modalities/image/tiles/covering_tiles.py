"""The fewest tiles that show nine tenths of the picture unshrunk: Ovis 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.parameters import Positive, Tiles
from multitok.modalities.image.rule import PictureRule, Seen, tiled, uncut
from multitok.modalities.image.tilings import Grid, by_tiles
from multitok.modalities.image.words import Pieces, product


def covering_grid(width: int, height: int, size: int, most: int, enough: float) -> Grid:
    """Rows and columns as the expansion writes them: the scored pair the other way round.

    >>> covering_grid(1920, 1080, 448, 9, 0.9)
    (4, 2)
    """
    scored = []
    for rows, columns in by_tiles(most):
        tall, wide = height // rows, width // columns
        # all cells are equal but those of the last row and column, which take the rest
        last_tall, last_wide = height - (rows - 1) * tall, width - (columns - 1) * wide
        inner = right = below = corner = _shown(wide, tall, size)
        if last_wide != wide:
            right = corner = _shown(last_wide, tall, size)
        if last_tall != tall:
            below = _shown(wide, last_tall, size)
            corner = below if last_wide == wide else _shown(last_wide, last_tall, size)
        shown = 0.0  # added cell by cell, as the reference does: float64 sums depend on the order
        for _ in range(rows - 1):
            for _ in range(columns - 1):
                shown += inner
            shown += right
        for _ in range(columns - 1):
            shown += below
        shown += corner
        scored.append(((rows, columns), shown / (width * height)))
    covering = [one for one in scored if one[1] > enough]
    if covering:
        best = min(covering, key=lambda one: (one[0][0] * one[0][1], -one[1]))[0]
    else:
        best = min(scored, key=lambda one: (-one[1], one[0][0] * one[0][1]))[0]
    return best[1], best[0]


def _shown(width: int, height: int, size: int) -> float:
    """Pixels of a cell after its long side is limited."""
    if width < height:
        width, height = height, width
    return width * height if width <= size else size * (height / width * size)


@dataclass(frozen=True, kw_only=True)
class CoveringTilesCounter(PictureRule):
    """`tokens` for an overview and for each tile, with names for grid, columns, rows and ends.

    A grid covers the share of the picture's area that is left when each cell's long side is
    limited to `size`. Of the grids that cover more than `enough` the one with fewest tiles, else
    the one that covers most. The reference scores a pair as (rows, columns) and then cuts by it as
    (columns, rows): 1024 x 768 is scored as 2 x 3 and cut into 3 rows of 2. Arithmetic is float64.
    Source: transformers 5.23.0, image_processing_ovis2.py, processing_ovis2.py.

    >>> CoveringTilesCounter().count(ImageInfo(1920, 1080))
    2314
    """

    size: Positive = 448
    tokens: Positive = 256
    max_tiles: Tiles = 9
    enough: float = 0.9
    token: str = "<IMG_ATOM>"
    start: str = "<IMG_START>"
    grid_name: str = "<IMG_GRID>"
    between: str = "<IMG_COL>"
    row_end: str = "<IMG_ROW>"
    end: str = "<IMG_END>"

    name: ClassVar[str] = "covering-tiles"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"size": 28, "tokens": 4, "max_tiles": 4},
    )

    def see(self, info: ImageInfo) -> Seen:
        size = self.size
        grid = covering_grid(info.width, info.height, size, self.max_tiles, self.enough)
        return uncut(size) if grid == (1, 1) else tiled(*grid, size, overview=(size, size))

    def pieces(self, seen: Seen) -> Pieces:
        view, (rows, columns) = (self.token, self.tokens), seen.tiles
        row = ((view, (self.between, 1)) * columns)[:-1]
        tiled = ((*row, (self.row_end, 1)) * rows)[:-1]
        return ((self.start, 1), view, (self.grid_name, 1), *tiled, (self.end, 1))

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        return {
            "resized": seen.resized,
            "grids": [list(seen.tiling)],
            "num_patches": [seen.views],
            "pixel_values_shape": [seen.views, 3, self.size, self.size],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        cut = f"{seen.cut:,} tiles of {self.size} px and an overview" if seen.cut else "one view"
        return [
            f"{info}: {cut}",
            product(seen.views, self.tokens),
        ]
