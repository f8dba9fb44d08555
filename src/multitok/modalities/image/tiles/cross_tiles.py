"""One text token; up to four tiles go to cross-attention: Llama 3.2 Vision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.parameters import Positive, Tiles
from multitok.modalities.image.rule import PictureRule, Seen, on_tiles
from multitok.modalities.image.tilings import Grid, by_tiles, column_major, least_scaled
from multitok.modalities.image.words import Pieces, placed


@dataclass(frozen=True, kw_only=True)
class CrossTilesCounter(PictureRule):
    """Always 1 text token: (size / patch)^2 + 1 vision tokens a tile feed cross-attention only.

    The canvas of 1..max_tiles tiles that enlarges least, else shrinks least; of equal ones the
    smallest. The picture keeps its aspect inside it, is not enlarged beyond one tile a side, and
    is padded right and bottom with zeros. Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_mllama.py.

    >>> CrossTilesCounter().geometry(ImageInfo(1920, 1080))["vision_tokens_cross_attention"]
    6404
    """

    size: Positive = 560
    patch: Positive = 14
    max_tiles: Tiles = 4
    token: str = "<|image|>"

    name: ClassVar[str] = "cross-tiles"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"size": 28, "max_tiles": 6})

    def see(self, info: ImageInfo) -> Seen:
        return on_tiles(info, *self._grid(info), self.size)

    def _grid(self, info: ImageInfo) -> Grid:
        """Rows and columns of tiles: the first side of a pair is the height here."""
        grids, size, width, height = by_tiles(self.max_tiles), self.size, info.width, info.height
        scales = [min(r * size / height, c * size / width) for r, c in grids]
        return grids[least_scaled(scales)]

    def pieces(self, seen: Seen) -> Pieces:
        return ((self.token, 1),)

    @property
    def vectors(self) -> int:
        """Vision tokens of one tile."""
        return (self.size // self.patch) ** 2 + 1

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        return {
            "resized": seen.size,
            "tiles": seen.cut,
            "tile_grid_hw": list(seen.tiles),
            "aspect_ratio_id": column_major(self.max_tiles).index(seen.tiles) + 1,
            "vision_tokens_cross_attention": seen.cut * self.vectors,
            "vision_tokens_padded": self.max_tiles * self.vectors,
            "pixel_values_shape": [1, 1, self.max_tiles, 3, self.size, self.size],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        (rows, columns), each = seen.tiles, self.vectors
        return [
            f"{info} on {columns} x {rows} tiles of {self.size} px:"
            f" {placed(info, seen.picture, seen.canvas)}",
            f"{seen.cut:,} x {each:,} = {seen.cut * each:,} vectors for cross-attention",
            "in the text = 1 tokens",
        ]

    def remarks(self, info: ImageInfo, seen: Seen) -> list[str]:
        vectors = seen.cut * self.vectors
        return [f"1 token in the text; {vectors:,} vision vectors go to cross-attention"]
