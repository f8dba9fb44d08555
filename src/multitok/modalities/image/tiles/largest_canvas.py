"""The tile canvas that shows the picture largest, else the closest in aspect: Perception-LM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import floor
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.layout import Layout, tile_boxes
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.image.tilings import Grid, by_factors
from multitok.modalities.image.words import Pieces, parts, positive, scaled

if TYPE_CHECKING:
    from multitok.core.media import Image


@cache
def _longest_of_ratio(most: int, side: int) -> tuple[tuple[float, Grid], ...]:
    """Each ratio once, with its grid of the longest first or second side."""
    groups: dict[float, Grid] = {}
    for grid in by_factors(most):
        ratio = grid[0] / grid[1]
        if ratio not in groups or grid[side] > groups[ratio][side]:
            groups[ratio] = grid
    return tuple(groups.items())


@dataclass(frozen=True, kw_only=True)
class LargestCanvasCounter(TokenCounter["Image", ImageInfo]):
    """`tokens` a tile and an overview; small pictures get the most tiles: 1 x 1 px costs 9,472.

    Where canvases cover the picture, the one in which its short side is longest (the last of equal
    ones); else the ratio closest from below (from above in portrait), with the longest grid. The
    picture is stretched to it. Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_perception_lm.py.

    >>> LargestCanvasCounter().count(ImageInfo(1920, 1080))
    8448
    """

    size: int = 448
    tokens: int = 256
    max_tiles: int = 36
    overview: bool = True
    token: str = "<|image|>"

    name: ClassVar[str] = "largest-canvas"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"size": 28, "tokens": 4, "max_tiles": 6, "overview": False},
    )

    def __post_init__(self) -> None:
        positive(self, "size", "tokens", "max_tiles")

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of tiles."""
        width, height, size = info.width, info.height, self.size
        if self.max_tiles == 1:
            return 1, 1
        best, shortest = None, -1.0
        for columns, rows in by_factors(self.max_tiles):
            if columns * size >= width and rows * size >= height:
                short = _short_side(width, height, columns * size, rows * size)
                if best is None or short >= shortest:
                    best, shortest = (rows, columns), short
        return best if best is not None else self._closest(info)

    def _closest(self, info: ImageInfo) -> tuple[int, int]:
        aspect = info.width / info.height
        if aspect >= 1:
            near = [pair for pair in _longest_of_ratio(self.max_tiles, 0) if pair[0] <= aspect]
            _, (columns, rows) = min(near, key=lambda pair: abs(pair[0] - aspect))
            return rows, columns
        near = [pair for pair in _longest_of_ratio(self.max_tiles, 1) if pair[0] > aspect]
        _, (columns, rows) = min(near, key=lambda pair: abs(1 / pair[0] - 1 / aspect))
        return rows, columns

    def views(self, info: ImageInfo) -> int:
        """Tiles, and the overview."""
        rows, columns = self.grid(info)
        return rows * columns + (1 if self.overview else 0)

    def count(self, x: Image | ImageInfo, /) -> int:
        return self.views(x if type(x) is ImageInfo else info_of(x)) * self.tokens

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order."""
        return ((self.token, self.count(x)),)

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        rows, columns = self.grid(info_of(x))
        return {
            "resized": [rows * self.size, columns * self.size],
            "tiles": [rows, columns],
            "pixel_values_shape": [1, self.views(info_of(x)), 3, self.size, self.size],
        }

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        rows, columns = self.grid(info_of(x))
        canvas = columns * self.size, rows * self.size
        boxes = tile_boxes(*canvas, rows, columns)
        overview = (self.size, self.size) if self.overview else None
        return Layout(canvas, (0, 0, *canvas), tiles=boxes, thumbnail=overview)

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        overview = " and an overview" if self.overview else ""
        return [
            f"{info} stretched to {columns} x {rows} tiles of {self.size} px{overview}",
            f"{self.views(info)} x {self.tokens} = {self.count(info)} tokens",
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        rows, columns = self.grid(info_of(x))
        return scaled(info_of(x), columns * self.size, rows * self.size)


def _short_side(width: int, height: int, wide: int, tall: int) -> float:
    """The side that the reference compares: the width in portrait, else the height."""
    aspect = width / height
    by = min(wide / width, tall / height)
    if aspect > 1.0:
        return floor(by * width / aspect)
    return floor(by * height * aspect) if aspect < 1.0 else by * height
