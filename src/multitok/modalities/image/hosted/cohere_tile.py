"""Cohere's Command A Vision: tiles of a fixed price and one preview tile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo
from multitok.core.parameters import Natural, Positive
from multitok.modalities.image.rule import Pair, PictureCounter, Seen, squares
from multitok.modalities.image.words import shrunk


@dataclass(frozen=True, kw_only=True)
class CohereTileCounter(PictureCounter):
    """`tile` tokens for each size x size tile and for one preview of the whole.

    The picture is shrunk, never enlarged, to fit `box` (short side, long side), which turns with
    it. With both sides at most `low_up_to` pixels it is one tile, without a preview (detail=auto).
    Source: docs.cohere.com/docs/image-inputs.

    >>> cohere = CohereTileCounter(tile=256, size=512, box=(1536, 2048), low_up_to=0)
    >>> cohere.seen(ImageInfo(10000, 20000)).picture, cohere.count(ImageInfo(10000, 20000))
    ((1024, 2048), 2304)
    """

    tile: Natural
    size: Positive
    box: tuple[int, int]
    low_up_to: int

    name: ClassVar[str] = "cohere-tile"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"tile": 256, "size": 512, "box": (1536, 2048), "low_up_to": 768},
        {"tile": 3, "size": 16, "box": (48, 64), "low_up_to": 0},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if min(self.box) < 1:
            raise MediaError(f"box must be at least 1 x 1, got {self.box!r}")

    def see(self, info: ImageInfo) -> Seen:
        size = info.width, info.height
        if max(size) <= self.low_up_to:
            return squares(size, max(size))
        wide, high = self._turned(info)
        times = per = 1
        if info.width > wide or info.height > high:
            by_width = wide * info.height <= high * info.width
            times, per = (wide, info.width) if by_width else (high, info.height)
        return squares(size, self.size, times, per)._replace(overview=(self.size, self.size))

    def _turned(self, info: ImageInfo) -> Pair:
        """Width and height of the box, which lies as the picture does."""
        short, long = self.box
        return (short, long) if info.width <= info.height else (long, short)

    def charges(self, info: ImageInfo, seen: Seen) -> dict[str, int]:
        preview = {"preview": self.tile} if seen.overview else {}
        return {"tiles": self.tile * seen.cut, **preview}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        if not seen.overview:
            return [f"{info} is at most {self.low_up_to} px a side: 1 tile = {self.tile:,} tokens"]
        rows, columns = seen.tiles
        return [
            *shrunk(info, "{} x {}".format(*self._turned(info)), *seen.picture),
            f"{columns} x {rows} tiles of {self.size} px = {seen.cut:,}, and 1 preview",
            f"{seen.views:,} x {self.tile:,} = {seen.views * self.tile:,} tokens",
        ]
