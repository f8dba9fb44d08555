"""Tiles joined by separators, row by row, then an overview: Llama 4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.parameters import Positive, Tiles
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.rule import EncodedPicture, Seen, on_tiles
from multitok.modalities.image.tilings import Grid, by_factors, least_scaled, single, square
from multitok.modalities.image.words import Pieces, placed, product

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Image


@lru_cache(maxsize=64)
def _fewest_first(most: int) -> tuple[Grid, ...]:
    return tuple(sorted(by_factors(most), key=lambda grid: grid[0] * grid[1]))


@dataclass(frozen=True, kw_only=True)
class SeparatedTilesTokenizer(EncodedPicture):
    """(size / patch)^2 * ratio^2 tokens a tile, and an overview where there is more than one.

    The canvas of max_tiles..1 tiles that enlarges least, else shrinks least; of equal ones that
    with fewest tiles, then the first in order of ratios. The picture keeps its aspect, is enlarged
    to one tile a side at most and padded right and bottom with black. Scales are float32 as in the
    reference. `inputs["pixel_values"]` is float32 (views, 3, size, size), the overview last.
    Decoding gives the padded canvas exactly. Not idempotent: the padding becomes picture.
    Source: transformers 5.23.0, image_processing_llama4.py, processing_llama4.py.

    >>> SeparatedTilesTokenizer().count(ImageInfo(1920, 1080))
    2322
    """

    size: Positive = 336
    patch: Positive = 14
    shuffle: Positive = 2
    max_tiles: Tiles = 16
    token: str = "<|patch|>"
    start: str = "<|image_start|>"
    between: str = "<|tile_x_separator|>"
    row_end: str = "<|tile_y_separator|>"
    overview_name: str = "<|image|>"
    end: str = "<|image_end|>"
    mean: px.Triple = px.HALF
    std: px.Triple = px.HALF
    resample: px.Resample = "bilinear"

    name: ClassVar[str] = "separated-tiles"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"size": 28, "max_tiles": 6})

    @property
    def tokens(self) -> int:
        """Tokens of one tile."""
        return (self.size // self.patch) ** 2 // self.shuffle**2

    def see(self, info: ImageInfo) -> Seen:
        seen = on_tiles(info, *self._grid(info), self.size)
        if seen.cut > 1:
            return seen._replace(overview=(self.size, self.size))
        side = self.size // self.patch // self.shuffle
        return Seen(seen.picture, seen.canvas, grid=(side, side))

    def _grid(self, info: ImageInfo) -> Grid:
        """Rows and columns of tiles."""
        grids, size, sides = _fewest_first(self.max_tiles), self.size, range(self.max_tiles + 1)
        width, height = single([info.width, info.height])
        tall = single([n * size / height for n in sides])
        wide = single([n * size / width for n in sides])
        scales = [a if (a := tall[r]) < (b := wide[c]) else b for r, c in grids]
        return grids[least_scaled(scales)]

    def count(self, x: Image | ImageInfo, /) -> int:
        """A tile has a separator, or the end of its row, behind it."""
        rows, columns = self._grid(x if type(x) is ImageInfo else info_of(x))
        tiles = rows * columns
        return (tiles if tiles > 1 else 0) * (self.tokens + 1) + self.tokens + 3

    def pieces(self, seen: Seen) -> Pieces:
        tile, (rows, columns) = (self.token, self.tokens), seen.tiles
        row = ((tile, (self.between, 1)) * columns)[:-1]
        tiled = (*row, (self.row_end, 1)) * rows
        return ((self.start, 1), *tiled, (self.overview_name, 1), tile, (self.end, 1))

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        return {
            "resized": seen.size,
            "aspect_ratios": [list(seen.tiling)],
            "num_patches": [seen.views],
            "pixel_values_shape": [seen.views, 3, self.size, self.size],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = seen.tiling
        overview = " and an overview" if seen.cut else ""
        return [
            f"{info} on {columns} x {rows} tiles of {self.size} px{overview}:"
            f" {placed(info, seen.picture, seen.canvas)}",
            product(seen.views, self.tokens),
        ]

    def places(self, seen: Seen) -> NDArray[np.int32]:
        cells = square(self.tokens)
        return vw.places([(view, *cells) for view in (*range(1, seen.cut + 1), 0)])

    def inputs(self, media: Image, seen: Seen) -> dict[str, NDArray[Any]]:
        import numpy as np

        return {
            "pixel_values": self.values(self.squares(media)),
            "aspect_ratios": np.array([seen.tiling], np.int64),
        }
