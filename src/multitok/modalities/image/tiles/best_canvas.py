"""Fitted into the canvas of tiles that keeps most of it, each tile a view: llama.cpp."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, inf
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.parameters import Positive, Tiles
from multitok.modalities.image.limits import float32
from multitok.modalities.image.rule import Pair, PictureRule, Seen, uncut
from multitok.modalities.image.tiles.anyres import Pinpoints
from multitok.modalities.image.tilings import column_major
from multitok.modalities.image.words import Pieces, product, wrapped


@lru_cache(maxsize=4096)
def best_canvas(width: int, height: int, canvases: Pinpoints) -> Pair:
    """The (width, height) that keeps most of the picture, then wastes least, then comes first.

    As `best_resolution` of LLaVA-NeXT, but scaled in float32, where a side may lose a pixel: 1 px
    decides between canvases that keep nearly the same.

    >>> best_canvas(640, 480, ((336, 672), (672, 336), (672, 672)))
    (672, 672)
    """
    area, best, kept, wasted = width * height, (0, 0), 0, inf
    for wide, tall in canvases:
        canvas = wide * tall
        if canvas < kept:
            continue
        by = float32(min(wide / width, tall / height))
        effective = min(_whole(width * by) * _whole(height * by), area)
        waste = canvas - effective
        if effective > kept or (effective == kept and waste < wasted):
            best, kept, wasted = (wide, tall), effective, waste
    return best


def _whole(side: float) -> int:
    """The whole pixels of its float32, which is asked for only where it may be another number."""
    whole = int(side)
    return int(float32(side)) if whole + 1 - side < 1e-7 * side else whole


@lru_cache(maxsize=64)
def _grids(size: int, most: int) -> Pinpoints:
    return tuple((columns * size, rows * size) for columns, rows in column_major(most))


@dataclass(frozen=True, kw_only=True)
class BestCanvasCounter(PictureRule):
    """`tokens` for each tile of size x size and for the overview.

    A picture with no side over `size` is one view. Any other is fitted into one of `canvases`,
    (width, height), or of all grids of 1..max_tiles tiles, and padded evenly: a grid of one tile
    has an overview too.
    Source: llama.cpp, tools/mtmd/mtmd-image.cpp (mtmd_image_preprocessor_llava_uhd).

    >>> BestCanvasCounter(size=448, tokens=256).count(ImageInfo(1920, 1080))
    3328
    """

    size: Positive
    tokens: Positive
    max_tiles: Tiles = 12
    canvases: Pinpoints = ()
    token: str = "<image>"
    start: tuple[str, ...] = ()
    end: tuple[str, ...] = ()

    name: ClassVar[str] = "best-canvas"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 448, "tokens": 256, "start": ("<img>",), "end": ("</img>",)},
        {"size": 42, "tokens": 9, "canvases": ((42, 84), (84, 42), (84, 84))},
    )

    def see(self, info: ImageInfo) -> Seen:
        size, width, height = self.size, info.width, info.height
        if width <= size and height <= size:
            return uncut(size)
        wide, tall = best_canvas(width, height, self.canvases or _grids(size, self.max_tiles))
        by = min(wide / width, tall / height)
        picture = min(ceil(width * by), wide), min(ceil(height * by), tall)
        corner = (wide - picture[0]) // 2, (tall - picture[1]) // 2
        tiles = tall // size, wide // size
        return Seen(picture, (wide, tall), corner, tiles=tiles, overview=(size, size))

    def pieces(self, seen: Seen) -> Pieces:
        return wrapped(self.start, ((self.token, self.tokens),) * seen.views, self.end)

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = seen.tiles
        cut = f"{columns} x {rows} tiles of {self.size} px and an overview"
        return [
            f"{info}: {cut if seen.cut else 'one view'}",
            product(seen.views, self.tokens),
        ]
