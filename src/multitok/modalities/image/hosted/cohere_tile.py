"""Cohere's Command A Vision: tiles of a fixed price and one preview tile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import ceil_div, scale_to
from multitok.core.layout import Layout
from multitok.core.parameters import at_least
from multitok.core.tokenizer import TokenCounter

if TYPE_CHECKING:
    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class CohereTileCounter(TokenCounter["Image", ImageInfo]):
    """`tile` tokens for each size x size tile and for one preview of the whole.

    The picture is shrunk, never enlarged, to fit `box` (short side, long side), which turns with
    it. With both sides at most `low_up_to` pixels it is one tile, without a preview (detail=auto).
    Source: docs.cohere.com/docs/image-inputs.

    >>> cohere = CohereTileCounter(tile=256, size=512, box=(1536, 2048), low_up_to=0)
    >>> cohere.seen(ImageInfo(10000, 20000)), cohere.count(ImageInfo(10000, 20000))
    ((1024, 2048), 2304)
    """

    tile: int
    size: int
    box: tuple[int, int]
    low_up_to: int

    name: ClassVar[str] = "cohere-tile"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"tile": 256, "size": 512, "box": (1536, 2048), "low_up_to": 768},
        {"tile": 3, "size": 16, "box": (48, 64), "low_up_to": 0},
    )

    def __post_init__(self) -> None:
        at_least(self, 0, "tile")
        if self.size < 1 or min(self.box) < 1:
            raise MediaError(f"size and box must be at least 1, got {self.size!r} and {self.box!r}")

    def _scale(self, info: ImageInfo) -> tuple[int, int]:
        """The shrink as a fraction, exactly."""
        wide, high = self.box if info.width <= info.height else self.box[::-1]
        if info.width <= wide and info.height <= high:
            return 1, 1
        if wide * info.height <= high * info.width:
            return wide, info.width
        return high, info.height

    def _low(self, info: ImageInfo) -> bool:
        return max(info.width, info.height) <= self.low_up_to

    def seen(self, info: ImageInfo) -> tuple[int, int]:
        """Width and height of the picture that is cut into tiles, to the nearest pixel."""
        times, per = self._scale(info)
        return scale_to(info.width, times, per), scale_to(info.height, times, per)

    def tiles(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of tiles."""
        if self._low(info):
            return 1, 1
        times, per = self._scale(info)
        per *= self.size
        return ceil_div(info.height * times, per), ceil_div(info.width * times, per)

    def count(self, x: Image | ImageInfo, /) -> int:
        return sum(self.breakdown(x).values())

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        info: ImageInfo = info_of(x)
        rows, columns = self.tiles(info)
        preview = {} if self._low(info) else {"preview": self.tile}
        return {"tiles": self.tile * rows * columns, **preview}

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        info: ImageInfo = info_of(x)
        width, height = self.seen(info)
        return {"resized": [height, width], "tiles": list(self.tiles(info))}

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        info: ImageInfo = info_of(x)
        (width, height), size = self.seen(info), self.size
        rows, columns = self.tiles(info)
        if self._low(info):
            return Layout((width, height), (0, 0, width, height), tiles=((0, 0, width, height),))
        boxes = tuple(
            (left, top, min(left + size, width), min(top + size, height))
            for top in range(0, rows * size, size)
            for left in range(0, columns * size, size)
        )
        thumbnail = size, size
        return Layout((width, height), (0, 0, width, height), tiles=boxes, thumbnail=thumbnail)

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        if self._low(info):
            return [f"{info} is at most {self.low_up_to} px a side: 1 tile = {self.tile} tokens"]
        rows, columns = self.tiles(info)
        width, height = self.seen(info)
        steps = []
        if (width, height) != (info.width, info.height):
            box = "{} x {}".format(*(self.box if info.width <= info.height else self.box[::-1]))
            steps.append(f"{info} shrunk to fit {box}: {width} x {height}")
        tiles = rows * columns
        steps.append(f"{columns} x {rows} tiles of {self.size} px = {tiles}, and 1 preview")
        return [*steps, f"{tiles + 1} x {self.tile} = {self.count(info)} tokens"]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        width, height = self.seen(info)
        if self._low(info) or (width, height) == (info.width, info.height):
            return []
        return [f"shrunk by the provider to {width} x {height}"]
