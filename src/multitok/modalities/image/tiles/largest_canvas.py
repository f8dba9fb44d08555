"""The tile canvas that shows the picture largest, else the closest in aspect: Perception-LM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import floor
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.parameters import Positive, Tiles
from multitok.modalities.image.rule import PictureRule, Seen, tiled
from multitok.modalities.image.tilings import Grid, by_factors
from multitok.modalities.image.words import Pieces, product


@lru_cache(maxsize=64)
def _longest_of_ratio(most: int, side: int) -> tuple[tuple[float, Grid], ...]:
    """Each ratio once, with its grid of the longest first or second side."""
    groups: dict[float, Grid] = {}
    for grid in by_factors(most):
        ratio = grid[0] / grid[1]
        if ratio not in groups or grid[side] > groups[ratio][side]:
            groups[ratio] = grid
    return tuple(groups.items())


@dataclass(frozen=True, kw_only=True)
class LargestCanvasCounter(PictureRule):
    """`tokens` a tile and an overview; small pictures get the most tiles: 1 x 1 px costs 9,472.

    Where canvases cover the picture, the one in which its short side is longest (the last of equal
    ones); else the ratio closest from below (from above in portrait), with the longest grid. The
    picture is stretched to it. Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_perception_lm.py.

    >>> LargestCanvasCounter().count(ImageInfo(1920, 1080))
    8448
    """

    size: Positive = 448
    tokens: Positive = 256
    max_tiles: Tiles = 36
    overview: bool = True
    token: str = "<|image|>"

    name: ClassVar[str] = "largest-canvas"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"size": 28, "tokens": 4, "max_tiles": 6, "overview": False},
    )

    def see(self, info: ImageInfo) -> Seen:
        size, (columns, rows) = self.size, self._grid(info)
        return tiled(rows, columns, size, overview=(size, size) if self.overview else None)

    def _grid(self, info: ImageInfo) -> Grid:
        width, height, size = info.width, info.height, self.size
        best, shortest = None, -1.0
        for columns, rows in by_factors(self.max_tiles):
            if columns * size >= width and rows * size >= height:
                short = _short_side(width, height, columns * size, rows * size)
                if best is None or short >= shortest:
                    best, shortest = (columns, rows), short
        return best if best is not None else self._closest(info)

    def _closest(self, info: ImageInfo) -> Grid:
        aspect = info.width / info.height
        if aspect >= 1:
            near = [pair for pair in _longest_of_ratio(self.max_tiles, 0) if pair[0] <= aspect]
            return min(near, key=lambda pair: abs(pair[0] - aspect))[1]
        near = [pair for pair in _longest_of_ratio(self.max_tiles, 1) if pair[0] > aspect]
        return min(near, key=lambda pair: abs(1 / pair[0] - 1 / aspect))[1]

    def pieces(self, seen: Seen) -> Pieces:
        return ((self.token, seen.views * self.tokens),)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        return {
            "resized": seen.resized,
            "tiles": list(seen.tiles),
            "pixel_values_shape": [1, seen.views, 3, self.size, self.size],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = seen.tiles
        overview = " and an overview" if self.overview else ""
        return [
            f"{info} stretched to {columns} x {rows} tiles of {self.size} px{overview}",
            product(seen.views, self.tokens),
        ]


def _short_side(width: int, height: int, wide: int, tall: int) -> float:
    """The side that the reference compares: the width in portrait, else the height."""
    aspect = width / height
    by = min(wide / width, tall / height)
    if aspect > 1.0:
        return floor(by * width / aspect)
    return floor(by * height * aspect) if aspect < 1.0 else by * height
