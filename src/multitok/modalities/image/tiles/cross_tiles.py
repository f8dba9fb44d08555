"""One text token; up to four tiles go to cross-attention: Llama 3.2 Vision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.layout import Layout, tile_boxes
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.image.tilings import column_major, least_scaled
from multitok.modalities.image.words import Pieces, padded, positive, scaled, verb

if TYPE_CHECKING:
    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class CrossTilesCounter(TokenCounter["Image", ImageInfo]):
    """Always 1 text token: (size / patch)^2 + 1 vision tokens a tile feed cross-attention only.

    The canvas of 1..max_tiles tiles that enlarges least, else shrinks least; of equal ones the
    smallest. The picture keeps its aspect inside it, is not enlarged beyond one tile a side, and
    is padded right and bottom with zeros. Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_mllama.py.

    >>> CrossTilesCounter().geometry(ImageInfo(1920, 1080))["vision_tokens_cross_attention"]
    6404
    """

    size: int = 560
    patch: int = 14
    max_tiles: int = 4
    token: str = "<|image|>"

    name: ClassVar[str] = "cross-tiles"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"size": 28, "max_tiles": 6})

    def __post_init__(self) -> None:
        positive(self, "size", "patch", "max_tiles")

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of tiles."""
        # the first side of a pair is the height here; of equal scales the smallest canvas wins
        grids = sorted(column_major(self.max_tiles), key=lambda grid: grid[0] * grid[1])
        size, width, height = self.size, info.width, info.height
        scales = [min(r * size / height, c * size / width) for r, c in grids]
        return grids[least_scaled(scales)]

    def resized(self, info: ImageInfo) -> tuple[int, int]:
        """Width and height of the picture on its canvas."""
        rows, columns = self.grid(info)
        wide = min(max(info.width, self.size), columns * self.size)
        tall = min(max(info.height, self.size), rows * self.size)
        by_width, by_height = wide / info.width, tall / info.height
        if by_width < by_height:
            return wide, min(floor(info.height * by_width) or 1, tall)
        return min(floor(info.width * by_height) or 1, wide), tall

    def count(self, x: Image | ImageInfo, /) -> int:
        return 1

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The one placeholder."""
        return ((self.token, 1),)

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        width, height = self.resized(info)
        each = (self.size // self.patch) ** 2 + 1
        return {
            "resized": [height, width],
            "tiles": rows * columns,
            "tile_grid_hw": [rows, columns],
            "aspect_ratio_id": column_major(self.max_tiles).index((rows, columns)) + 1,
            "vision_tokens_cross_attention": rows * columns * each,
            "vision_tokens_padded": self.max_tiles * each,
            "pixel_values_shape": [1, 1, self.max_tiles, 3, self.size, self.size],
        }

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        canvas = columns * self.size, rows * self.size
        return Layout(canvas, (0, 0, *self.resized(info)), tiles=tile_boxes(*canvas, rows, columns))

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        each = (self.size // self.patch) ** 2 + 1
        return [
            f"{info} on {columns} x {rows} tiles of {self.size} px:"
            f" {verb(info, *self.resized(info))} and padded",
            f"{rows * columns} x {each:,} = {rows * columns * each:,} vectors for cross-attention",
            "in the text = 1 tokens",
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        vectors = rows * columns * ((self.size // self.patch) ** 2 + 1)
        return [
            *scaled(info, *self.resized(info)),
            *padded(self.layout(info)),
            f"1 token in the text; {vectors:,} vision vectors go to cross-attention",
        ]
