"""The tile canvas that needs least scaling, stretched to, with an overview: Command-A Vision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.layout import Layout, tile_boxes
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.image.tilings import by_tiles, least_scaled
from multitok.modalities.image.words import Pieces, parts, positive, scaled, specials, wrapped

if TYPE_CHECKING:
    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class CanvasTilesCounter(TokenCounter["Image", ImageInfo]):
    """`tokens` and one `tile_end` a tile, and an overview where there is more than one tile.

    Of the canvases of 1..max_tiles tiles the one that enlarges least, else shrinks least; of equal
    ones that with fewer tiles, then fewer columns. Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_cohere2_vision.py.

    >>> CanvasTilesCounter(size=512, tokens=256).count(ImageInfo(640, 480))
    768
    """

    size: int
    tokens: int
    max_tiles: int = 12
    token: str = "<|IMG_PATCH|>"
    tile_end: str = ""
    start: tuple[str, ...] = ()
    end: tuple[str, ...] = ()

    name: ClassVar[str] = "canvas-tiles"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 512, "tokens": 256, "tile_end": "<|IMG_LINE_BREAK|>"},
        {"size": 32, "tokens": 4, "max_tiles": 6, "start": ("<s>",), "end": ("</s>",)},
    )

    def __post_init__(self) -> None:
        positive(self, "size", "tokens", "max_tiles")

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of tiles."""
        grids, size, width, height = by_tiles(self.max_tiles), self.size, info.width, info.height
        scales = [min(c * size / width, r * size / height) for c, r in grids]
        columns, rows = grids[least_scaled(scales)]
        return rows, columns

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.grid(x if type(x) is ImageInfo else info_of(x))
        views = rows * columns + 1 if rows * columns > 1 else 1
        each = self.tokens + 1 if self.tile_end else self.tokens
        return views * each + len(self.start) + len(self.end)

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order."""
        rows, columns = self.grid(info_of(x))
        views = rows * columns + 1 if rows * columns > 1 else 1
        view = ((self.token, self.tokens), *([(self.tile_end, 1)] if self.tile_end else []))
        return wrapped(self.start, view * views, self.end)

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        rows, columns = self.grid(info_of(x))
        views = rows * columns + 1 if rows * columns > 1 else 1
        return {
            "resized": [rows * self.size, columns * self.size],
            "tiles": [rows, columns],
            "num_patches": [views],
            "pixel_values_shape": [views, 3, self.size, self.size],
        }

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        rows, columns = self.grid(info_of(x))
        canvas = columns * self.size, rows * self.size
        if rows * columns == 1:
            return Layout(canvas, (0, 0, *canvas))
        boxes = tile_boxes(*canvas, rows, columns)
        return Layout(canvas, (0, 0, *canvas), tiles=boxes, thumbnail=(self.size, self.size))

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        n = rows * columns
        views = n + 1 if n > 1 else 1
        overview = " and an overview" if n > 1 else ""
        return [
            f"{info} is scaled least by {columns} x {rows} tiles of {self.size} px{overview}",
            f"{views} x {self.tokens} = {views * self.tokens} tokens",
            *specials(self.expansion(info), self.token),
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        rows, columns = self.grid(info_of(x))
        return scaled(info_of(x), columns * self.size, rows * self.size)
