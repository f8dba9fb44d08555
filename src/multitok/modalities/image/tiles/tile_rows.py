"""An overview and one grid of all tiles, each row ended: DeepSeek-OCR, DeepSeek-VL2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.parameters import Positive, Tiles
from multitok.modalities.image.rule import PictureRule, Seen, tiled, uncut
from multitok.modalities.image.tiles.anyres import Pinpoints, best_resolution
from multitok.modalities.image.tilings import closest_ratio, within
from multitok.modalities.image.words import Pieces


@dataclass(frozen=True, kw_only=True)
class TileRowsCounter(PictureRule):
    """overview x (overview + 1) + 1 tokens, and rows x tile of (columns x tile + 1) where cut.

    `overview` and `tile` are cells a side. A picture with a side over `size` is stretched to the
    grid of min_tiles..max_tiles closest in aspect (see tilings.py); `max_tiles` 1 never cuts.
    With `pinpoints`, (height, width) as in `anyres`, every picture is fitted into the best of them,
    padded evenly, and cut into tiles, one at least (DeepSeek-VL2).
    Source: vllm, models/deepseek_ocr.py (mode "Gundam": base 1024, tiles 640), deepseek_vl2.py.

    >>> TileRowsCounter().count(ImageInfo(640, 640)), TileRowsCounter().count(ImageInfo(1920, 1080))
    (273, 483)
    """

    size: Positive = 640
    overview_size: Positive = 1024
    overview: Positive = 16
    tile: Positive = 10
    min_tiles: Tiles = 2
    max_tiles: Tiles = 6
    pinpoints: Pinpoints = ()
    token: str = "<image>"

    name: ClassVar[str] = "tile-rows"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"size": 40, "max_tiles": 4},
        {"size": 28, "overview_size": 28, "tile": 2, "pinpoints": ((28, 28), (28, 56), (56, 28))},
    )

    def see(self, info: ImageInfo) -> Seen:
        width, height, side = info.width, info.height, self.overview_size
        if self.pinpoints:
            tall, wide = best_resolution(width, height, self.pinpoints)
            picture = within(width, height, wide, tall, round)
            picture = max(1, picture[0]), max(1, picture[1])
            corner = round((wide - picture[0]) * 0.5), round((tall - picture[1]) * 0.5)
            tiles = tall // self.size, wide // self.size
            return Seen(picture, (wide, tall), corner, tiles=tiles, overview=(side, side))
        if self.max_tiles == 1 or (width <= self.size and height <= self.size):
            return uncut(side, self.overview, self.overview)
        columns, rows = closest_ratio(width, height, self.size, self.min_tiles, self.max_tiles)
        return tiled(rows, columns, self.size, overview=(side, side))

    def pieces(self, seen: Seen) -> Pieces:
        """One name for cells, newlines and the separator."""
        rows, columns = (side * self.tile for side in seen.tiles)
        total = self.overview * (self.overview + 1) + 1 + rows * (columns + 1)
        return ((self.token, total),)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        return {"resized": seen.resized, "tiles": list(seen.tiles)}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        (rows, columns), ((_, total),) = seen.tiles, self.pieces(seen)
        side, tile = self.overview, self.tile
        local = f" + {rows * tile} rows of {columns * tile} + 1" if rows else ""
        cut = f"{columns} x {rows} tiles of {self.size} px and " if rows else ""
        return [
            f"{info}: {cut}an overview of {self.overview_size} px",
            f"{side} rows of {side} + 1, and 1{local} = {total:,} tokens",
        ]
