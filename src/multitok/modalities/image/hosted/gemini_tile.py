"""Gemini 2.x: one tile for a small picture, else crop units; a formula its page calls rough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import ceil_div
from multitok.core.layout import Layout
from multitok.core.parameters import at_least
from multitok.core.tokenizer import TokenCounter

if TYPE_CHECKING:
    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class GeminiTileCounter(TokenCounter["Image", ImageInfo]):
    """`tile` tokens for each crop unit of floor(short side / divisor) pixels.

    A picture with both sides at most `small` pixels is one tile. MediaError where the unit would be
    0 px (a picture 1 px thin), which the formula cannot cut.
    Source: ai.google.dev/gemini-api/docs/image-understanding.

    >>> gemini = GeminiTileCounter(tile=258, small=384, divisor=1.5)
    >>> gemini.tiles(ImageInfo(960, 540)), gemini.count(ImageInfo(384, 384))
    ((2, 3), 258)
    """

    tile: int
    small: int
    divisor: float

    name: ClassVar[str] = "gemini-tile"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"tile": 258, "small": 384, "divisor": 1.5},
        {"tile": 3, "small": 20, "divisor": 1.5},
    )

    def __post_init__(self) -> None:
        at_least(self, 0, "tile")
        if self.divisor <= 0:
            raise MediaError(f"divisor must be above 0, got {self.divisor!r}")

    def unit(self, info: ImageInfo) -> int:
        """The side of a crop unit in pixels, or 0 for a picture that is one tile."""
        if max(info.width, info.height) <= self.small:
            return 0
        unit = int(min(info.width, info.height) / self.divisor)
        if unit < 1:
            raise MediaError(
                f"image {info} is too thin for the published formula: its crop unit is 0 px"
            )
        return unit

    def tiles(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of tiles."""
        unit = self.unit(info)
        return (ceil_div(info.height, unit), ceil_div(info.width, unit)) if unit else (1, 1)

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.tiles(info_of(x))
        return self.tile * rows * columns

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return {"tiles": self.count(x)}

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        return {"tiles": list(self.tiles(info_of(x)))}

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        info: ImageInfo = info_of(x)
        size = info.width, info.height
        rows, columns = self.tiles(info)
        unit = self.unit(info) or max(size)
        boxes = tuple(
            (left, top, min(left + unit, info.width), min(top + unit, info.height))
            for top in range(0, rows * unit, unit)
            for left in range(0, columns * unit, unit)
        )
        return Layout(size, (0, 0, *size), tiles=boxes)

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        unit = self.unit(info)
        if not unit:
            return [f"{info} is at most {self.small} px a side: 1 tile = {self.tile} tokens"]
        rows, columns = self.tiles(info)
        return [
            f"crop unit: {min(info.width, info.height)} / {self.divisor:g}, rounded down = {unit}",
            f"{columns} x {rows} tiles = {rows * columns}",
            f"{rows * columns} x {self.tile} = {self.count(info)} tokens",
        ]
