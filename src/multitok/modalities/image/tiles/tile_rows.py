"""An overview and one grid of all tiles, each row ended: DeepSeek-OCR."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.layout import Layout, tile_boxes
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.image.tilings import closest_ratio
from multitok.modalities.image.words import Pieces, parts, positive, scaled

if TYPE_CHECKING:
    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class TileRowsCounter(TokenCounter["Image", ImageInfo]):
    """overview x (overview + 1) + 1 tokens, and rows x tile of (columns x tile + 1) where cut.

    `overview` and `tile` are cells a side. A picture with a side over `size` is stretched to the
    grid of min_tiles..max_tiles closest in aspect (see tilings.py); `max_tiles` 1 never cuts.
    Described, not executed: no golden cases.
    Source: vllm, models/deepseek_ocr.py (mode "Gundam": base 1024, tiles 640).

    >>> TileRowsCounter().count(ImageInfo(640, 640)), TileRowsCounter().count(ImageInfo(1920, 1080))
    (273, 483)
    """

    size: int = 640
    overview_size: int = 1024
    overview: int = 16
    tile: int = 10
    min_tiles: int = 2
    max_tiles: int = 6
    token: str = "<image>"

    name: ClassVar[str] = "tile-rows"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"size": 40, "max_tiles": 4})

    def __post_init__(self) -> None:
        positive(self, "size", "overview_size", "overview", "tile", "min_tiles", "max_tiles")

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of tiles; 0, 0 when the picture is not cut."""
        width, height = info.width, info.height
        if self.max_tiles == 1 or (width <= self.size and height <= self.size):
            return 0, 0
        columns, rows = closest_ratio(width, height, self.size, self.min_tiles, self.max_tiles)
        return rows, columns

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.grid(x if type(x) is ImageInfo else info_of(x))
        local = rows * self.tile * (columns * self.tile + 1)
        return self.overview * (self.overview + 1) + 1 + local

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order: one name for cells, newlines and the separator."""
        return ((self.token, self.count(x)),)

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        rows, columns = self.grid(info_of(x))
        side = self.overview_size
        canvas = [rows * self.size, columns * self.size]
        return {"resized": canvas if rows else [side, side], "tiles": [rows, columns]}

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        rows, columns = self.grid(info_of(x))
        side = self.overview_size
        if not rows:
            return Layout((side, side), (0, 0, side, side), self.overview, self.overview)
        canvas = columns * self.size, rows * self.size
        boxes = tile_boxes(*canvas, rows, columns)
        return Layout(canvas, (0, 0, *canvas), tiles=boxes, thumbnail=(side, side))

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        side, tile = self.overview, self.tile
        local = f" + {rows * tile} rows of {columns * tile} + 1" if rows else ""
        cut = f"{columns} x {rows} tiles of {self.size} px and " if rows else ""
        return [
            f"{info}: {cut}an overview of {self.overview_size} px",
            f"{side} rows of {side} + 1, and 1{local} = {self.count(info)} tokens",
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        height, width = self.geometry(x)["resized"]
        return scaled(info_of(x), width, height)
