"""As many tiles along the long side as the limit allows, the short side padded: Phi-3 Vision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import ceil_div
from multitok.core.layout import Layout, tile_boxes
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.image.words import Pieces, padded, parts, positive, refuse, scaled, verb

if TYPE_CHECKING:
    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class PaddedTilesCounter(TokenCounter["Image", ImageInfo]):
    """side^2 tokens a tile and for the overview, `side` newlines a row of tiles, one separator.

    The long side becomes the most tiles whose grid stays within `max_tiles` (the short side rounded
    up to whole tiles); a portrait is turned for this and back. Small pictures are enlarged.
    Arithmetic is float64. Described, not executed: no golden cases.
    Source: vllm, models/phi3v.py, and the checkpoint's own image_processing_phi3_v.py.

    >>> PaddedTilesCounter().count(ImageInfo(1920, 1080))
    2353
    """

    size: int = 336
    side: int = 12
    max_tiles: int = 16
    token: str = "<|image|>"

    name: ClassVar[str] = "padded-tiles"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"size": 28, "max_tiles": 4})

    def __post_init__(self) -> None:
        positive(self, "size", "side", "max_tiles")

    def resized(self, info: ImageInfo) -> tuple[int, int]:
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

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of tiles."""
        width, height = self.resized(info)
        return ceil_div(height, self.size), ceil_div(width, self.size)

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.grid(x if type(x) is ImageInfo else info_of(x))
        return (rows * columns + 1) * self.side**2 + 1 + (rows + 1) * self.side

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order: one name for cells, newlines and the separator."""
        return ((self.token, self.count(x)),)

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        rows, columns = self.grid(info_of(x))
        width, height = self.resized(info_of(x))
        return {"resized": [height, width], "tiles": [rows, columns]}

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        rows, columns = self.grid(info_of(x))
        width, height = self.resized(info_of(x))
        canvas = columns * self.size, rows * self.size
        left, top = (canvas[0] - width) // 2, (canvas[1] - height) // 2
        picture = (left, top, left + width, top + height)
        boxes = tile_boxes(*canvas, rows, columns)
        return Layout(canvas, picture, tiles=boxes, thumbnail=(self.size, self.size))

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        return [
            f"{info} on {columns} x {rows} tiles of {self.size} px and an overview:"
            f" {verb(info, *self.resized(info))} and padded",
            f"{rows * columns + 1} x {self.side**2} + {(rows + 1) * self.side} row ends + 1"
            f" = {self.count(info)} tokens",
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        return [*scaled(info_of(x), *self.resized(info_of(x))), *padded(self.layout(x))]
