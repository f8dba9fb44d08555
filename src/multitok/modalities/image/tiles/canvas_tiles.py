"""The tile canvas that needs least scaling, stretched to, with an overview: Command-A Vision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.parameters import Positive, Tiles
from multitok.modalities.image.rule import PictureRule, Seen, tiled, uncut
from multitok.modalities.image.tilings import by_tiles, least_scaled
from multitok.modalities.image.words import Pieces, product, wrapped


@dataclass(frozen=True, kw_only=True)
class CanvasTilesCounter(PictureRule):
    """`tokens` and one `tile_end` a tile, and an overview where there is more than one tile.

    Of the canvases of 1..max_tiles tiles the one that enlarges least, else shrinks least; of equal
    ones that with fewer tiles, then fewer columns. Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_cohere2_vision.py.

    >>> CanvasTilesCounter(size=512, tokens=256).count(ImageInfo(640, 480))
    768
    """

    size: Positive
    tokens: Positive
    max_tiles: Tiles = 12
    token: str = "<|IMG_PATCH|>"
    tile_end: str = ""
    start: tuple[str, ...] = ()
    end: tuple[str, ...] = ()

    name: ClassVar[str] = "canvas-tiles"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 512, "tokens": 256, "tile_end": "<|IMG_LINE_BREAK|>"},
        {"size": 32, "tokens": 4, "max_tiles": 6, "start": ("<s>",), "end": ("</s>",)},
    )

    def see(self, info: ImageInfo) -> Seen:
        grids, size, width, height = by_tiles(self.max_tiles), self.size, info.width, info.height
        scales = [min(c * size / width, r * size / height) for c, r in grids]
        columns, rows = grids[least_scaled(scales)]
        if rows * columns == 1:
            return uncut(size)
        return tiled(rows, columns, size, overview=(size, size))

    def pieces(self, seen: Seen) -> Pieces:
        view = ((self.token, self.tokens), *([(self.tile_end, 1)] if self.tile_end else []))
        return wrapped(self.start, view * seen.views, self.end)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        return {
            "resized": seen.resized,
            "tiles": list(seen.tiling),
            "num_patches": [seen.views],
            "pixel_values_shape": [seen.views, 3, self.size, self.size],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = seen.tiling
        overview = " and an overview" if seen.cut else ""
        return [
            f"{info} is scaled least by {columns} x {rows} tiles of {self.size} px{overview}",
            product(seen.views, self.tokens),
        ]
