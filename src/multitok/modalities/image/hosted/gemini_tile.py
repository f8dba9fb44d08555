"""Gemini 2.x: one tile for a small picture, else crop units; a formula its page calls rough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo
from multitok.core.parameters import Natural, Rate
from multitok.core.tokenizer import Kind
from multitok.modalities.image.rule import PictureCounter, Seen, squares


@dataclass(frozen=True, kw_only=True)
class GeminiTileCounter(PictureCounter):
    """`tile` tokens for each crop unit of floor(short side / divisor) pixels.

    A picture with both sides at most `small` pixels is one tile. MediaError where the unit would be
    0 px (a picture 1 px thin), which the formula cannot cut.
    Source: ai.google.dev/gemini-api/docs/image-understanding.

    >>> gemini = GeminiTileCounter(tile=258, small=384, divisor=1.5)
    >>> gemini.seen(ImageInfo(960, 540)).tiles, gemini.count(ImageInfo(384, 384))
    ((2, 3), 258)
    """

    tile: Natural
    small: int
    divisor: Rate

    name: ClassVar[str] = "gemini-tile"
    kind: ClassVar[Kind] = "estimate"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"tile": 258, "small": 384, "divisor": 1.5},
        {"tile": 3, "small": 20, "divisor": 1.5},
    )

    def see(self, info: ImageInfo) -> Seen:
        size = info.width, info.height
        if max(size) <= self.small:
            return squares(size, max(size))
        unit = int(min(size) / self.divisor)
        if unit < 1:
            raise MediaError(
                f"image {info} is too thin for the published formula: its crop unit is 0 px"
            )
        return squares(size, unit)

    def charges(self, info: ImageInfo, seen: Seen) -> dict[str, int]:
        return {"tiles": self.tile * seen.cut}

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        """The page tells of no resize."""
        return {"tiles": list(seen.tiles)}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        if max(info.width, info.height) <= self.small:
            return [f"{info} is at most {self.small} px a side: 1 tile = {self.tile:,} tokens"]
        (rows, columns), short = seen.tiles, min(info.width, info.height)
        return [
            f"crop unit: {short} / {self.divisor:g}, rounded down = {seen.side}",
            f"{columns} x {rows} tiles = {seen.cut:,}",
            f"{seen.cut:,} x {self.tile:,} = {seen.cut * self.tile:,} tokens",
        ]
