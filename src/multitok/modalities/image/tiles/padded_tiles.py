"""As many tiles along the long side as the limit allows, the short side padded: Phi-3 Vision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.integers import ceil_div
from multitok.core.parameters import Positive, Tiles
from multitok.modalities.image.rule import Pair, PictureRule, Seen
from multitok.modalities.image.words import Pieces, placed, refuse


@dataclass(frozen=True, kw_only=True)
class PaddedTilesCounter(PictureRule):
    """side^2 tokens a tile and for the overview, `side` newlines a row of tiles, one separator.

    The long side becomes the most tiles whose grid stays within `max_tiles` (the short side rounded
    up to whole tiles); a portrait is turned for this and back. Small pictures are enlarged.
    Arithmetic is float64. Described, not executed: no golden cases.
    Source: vllm, models/phi3v.py, and the checkpoint's own image_processing_phi3_v.py.

    >>> PaddedTilesCounter().count(ImageInfo(1920, 1080))
    2353
    """

    size: Positive = 336
    side: Positive = 12
    max_tiles: Tiles = 16
    token: str = "<|image|>"

    name: ClassVar[str] = "padded-tiles"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"size": 28, "max_tiles": 4})

    def see(self, info: ImageInfo) -> Seen:
        size, (width, height) = self.size, self._scaled(info)
        rows, columns = ceil_div(height, size), ceil_div(width, size)
        wide, tall = columns * size, rows * size
        corner = (wide - width) // 2, (tall - height) // 2
        return Seen(
            (width, height), (wide, tall), corner, tiles=(rows, columns), overview=(size, size)
        )

    def _scaled(self, info: ImageInfo) -> Pair:
        """Width and height before padding."""
        long, short = max(info.width, info.height), min(info.width, info.height)
        ratio, n = long / short, 1
        while (n + 1) * ceil((n + 1) / ratio) <= self.max_tiles:
            n += 1
        wide = n * self.size
        tall = int(wide / ratio)
        if not tall:
            raise refuse(info, f"scaled to {n} tiles, its short side is 0 px")
        return (wide, tall) if info.width >= info.height else (tall, wide)

    def pieces(self, seen: Seen) -> Pieces:
        """One name for cells, newlines and the separator."""
        row_ends = (seen.tiles[0] + 1) * self.side
        return ((self.token, seen.views * self.side**2 + row_ends + 1),)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        return {"resized": seen.size, "tiles": list(seen.tiles)}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        (rows, columns), ((_, total),) = seen.tiles, self.pieces(seen)
        return [
            f"{info} on {columns} x {rows} tiles of {self.size} px and an overview:"
            f" {placed(info, seen.picture, seen.canvas)}",
            f"{seen.views:,} x {self.side**2} + {(rows + 1) * self.side} row ends + 1"
            f" = {total:,} tokens",
        ]
