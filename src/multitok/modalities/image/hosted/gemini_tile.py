"""Gemini 2.0: one tile for a small picture, else crop units and a thumbnail, as bills show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.core.counts import Kind
from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo
from multitok.core.parameters import Natural, Positive, Rate
from multitok.modalities.image.rule import PictureCounter, Seen, squares


@dataclass(frozen=True, kw_only=True)
class GeminiTileCounter(PictureCounter):
    """`tile` tokens for each crop unit of floor(short side / divisor) pixels.

    A picture with both sides at most `small` pixels is one tile. The page, which calls its formula
    rough, tells neither of the limits of a unit (`least` and `most` pixels) nor of the `thumbnail`
    that costs one more tile; bills show both. MediaError where the unit would be 0 px (a picture
    1 px thin without `least`), which the formula cannot cut.
    Source: ai.google.dev/gemini-api/docs/image-understanding; the catalogue row for the limits.

    >>> page = GeminiTileCounter(tile=258, small=384, divisor=1.5)
    >>> page.seen(ImageInfo(960, 540)).tiles, page.count(ImageInfo(384, 384))
    ((2, 3), 258)
    >>> billed = GeminiTileCounter(
    ...     tile=258, small=384, divisor=1.5, least=256, most=768, thumbnail=True)
    >>> billed.breakdown(ImageInfo(3008, 2000))  # units of 768 px: 4 x 3 tiles
    {'tiles': 3096, 'thumbnail': 258}
    """

    tile: Natural
    small: int
    divisor: Rate
    least: Natural = 0
    most: Positive | None = None
    thumbnail: bool = False

    name: ClassVar[str] = "gemini-tile"
    kind: ClassVar[Kind] = "observed"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"tile": 258, "small": 384, "divisor": 1.5},
        {"tile": 3, "small": 20, "divisor": 1.5},
        {"tile": 3, "small": 20, "divisor": 1.5, "least": 16, "most": 40, "thumbnail": True},
    )

    def kind_at_hand(self) -> Kind:
        """The formula as bills show it, or as its page roughly has it."""
        return self.kind if self.thumbnail else "estimate"

    def see(self, info: ImageInfo) -> Seen:
        size = info.width, info.height
        if max(size) <= self.small:
            return squares(size, max(size))
        unit = self._unit(min(size))
        if unit < 1:
            raise MediaError(
                f"image {info} is too thin for the published formula: its crop unit is 0 px"
            )
        return squares(size, unit)

    def _unit(self, short: int) -> int:
        unit = int(short / self.divisor)
        unit = max(unit, self.least)
        return unit if self.most is None else min(unit, self.most)

    def charges(self, info: ImageInfo, seen: Seen) -> dict[str, int]:
        tiles = {"tiles": self.tile * seen.cut}
        if self.thumbnail and max(info.width, info.height) > self.small:
            return tiles | {"thumbnail": self.tile}
        return tiles

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        """The page tells of no resize."""
        return {"tiles": list(seen.tiles)}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        if max(info.width, info.height) <= self.small:
            return [f"{info} is at most {self.small} px a side: 1 tile = {self.tile:,} tokens"]
        (rows, columns), short = seen.tiles, min(info.width, info.height)
        held = "" if int(short / self.divisor) == seen.side else ", within its limits"
        tokens = sum(self.charges(info, seen).values())
        tiles = f"({seen.cut:,} + a thumbnail)" if self.thumbnail else f"{seen.cut:,}"
        return [
            f"crop unit: {short} / {self.divisor:g}, rounded down{held} = {seen.side}",
            f"{columns} x {rows} tiles = {seen.cut:,}",
            f"{tiles} x {self.tile:,} = {tokens:,} tokens",
        ]
