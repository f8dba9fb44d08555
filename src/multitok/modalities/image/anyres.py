"""The best of listed resolutions, padding removed again, and an overview: LLaVA-NeXT, OneVision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, sqrt
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.errors import MediaError
from multitok.info import ImageInfo, info_of
from multitok.layout import Layout, tile_boxes
from multitok.modalities.image.sizes import Pieces, parts, positive, refuse, scaled, verb
from multitok.tokenizer import TokenCounter

if TYPE_CHECKING:
    from multitok.media import Image

Pinpoints = tuple[tuple[int, int], ...]


@lru_cache(maxsize=4096)
def best_resolution(width: int, height: int, pinpoints: Pinpoints) -> tuple[int, int]:
    """The (height, width) that keeps most of the picture, then wastes least, then comes first.

    >>> best_resolution(640, 480, ((336, 672), (672, 336), (672, 672)))
    (672, 672)
    """
    best, kept, wasted = (0, 0), 0, float("inf")
    area = width * height
    for tall, wide in pinpoints:
        by = min(wide / width, tall / height)
        effective = min(int(width * by) * int(height * by), area)
        waste = tall * wide - effective
        if effective > kept or (effective == kept and waste < wasted):
            best, kept, wasted = (tall, wide), effective, waste
    return best


@dataclass(frozen=True, kw_only=True)
class AnyResCounter(TokenCounter["Image", ImageInfo]):
    """Cells of the picture without its padding, a newline for each row of them, and an overview.

    `pinpoints` are (height, width) in the order of the config, each a multiple of `size`; a tile
    has side x side cells. Padding is taken off in pairs of rows, so an odd one keeps a row. With
    `max_tiles` (OneVision's anyres_max) a grid of more than 1.1 times that many tiles is shrunk.
    `base_extra` are tokens beside the overview's cells (a class token that is kept).
    Arithmetic is float64 as in the reference; no resolution fits a picture with a side of 0 px.
    Source: transformers 5.23.0, processing_llava_next.py, processing_llava_onevision.py.

    >>> AnyResCounter(size=336, side=24, pinpoints=((336, 672), (672, 336), (672, 672),
    ...     (1008, 336), (336, 1008))).count(ImageInfo(1920, 1080))
    1948
    """

    size: int
    side: int
    pinpoints: Pinpoints
    max_tiles: int | None = None
    base_extra: int = 0
    token: str = "<image>"

    name: ClassVar[str] = "anyres"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 336, "side": 24, "pinpoints": ((336, 672), (672, 336), (672, 672))},
        {"size": 42, "side": 3, "pinpoints": ((42, 42), (42, 84), (84, 84)), "max_tiles": 2},
    )

    def __post_init__(self) -> None:
        positive(self, "size", "side")
        if not self.pinpoints:
            raise MediaError("pinpoints must list at least one (height, width), got none")
        for tall, wide in self.pinpoints:
            if tall < self.size or wide < self.size or tall % self.size or wide % self.size:
                raise MediaError(
                    f"pinpoints must be multiples of size={self.size}, got ({tall}, {wide})"
                )

    def tiles(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of tiles."""
        tall, wide = best_resolution(info.width, info.height, self.pinpoints)
        if not tall:
            raise refuse(info, "scaled into every resolution, a side is 0 px")
        return tall // self.size, wide // self.size

    def cells(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of cells after the padding is taken off."""
        tiles = self.tiles(info)
        rows, columns = tiles[0] * self.side, tiles[1] * self.side
        width, height = info.width, info.height
        if width / height > columns / rows:
            rows -= (rows - int(round(height * (columns / width), 7))) // 2 * 2
        else:
            columns -= (columns - int(round(width * (rows / height), 7))) // 2 * 2
        if self.max_tiles is not None:
            over = sqrt(rows * columns / (self.max_tiles * self.side**2))
            if over > 1.1:
                return int(rows // over), int(columns // over)
        return rows, columns

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.cells(x if type(x) is ImageInfo else info_of(x))
        return rows * columns + rows + self.side * self.side + self.base_extra

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order: one name for cells and newlines alike."""
        return ((self.token, self.count(x)),)

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def resized(self, info: ImageInfo) -> tuple[int, int]:
        """Width and height of the picture inside its resolution, before padding."""
        rows, columns = self.tiles(info)
        wide, tall = columns * self.size, rows * self.size
        by_width, by_height = wide / info.width, tall / info.height
        if by_width < by_height:
            return wide, min(ceil(info.height * by_width), tall)
        return min(ceil(info.width * by_height), wide), tall

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        info: ImageInfo = info_of(x)
        rows, columns = self.tiles(info)
        width, height = self.resized(info)
        return {
            "resized": [height, width],
            "tiles": [rows, columns],
            "grid": list(self.cells(info)),
            "image_sizes": [[info.height, info.width]],
            "pixel_values_shape": [1, rows * columns + 1, 3, self.size, self.size],
        }

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        info: ImageInfo = info_of(x)
        rows, columns = self.tiles(info)
        canvas = columns * self.size, rows * self.size
        width, height = self.resized(info)
        left, top = (canvas[0] - width) // 2, (canvas[1] - height) // 2
        return Layout(
            canvas,
            (left, top, left + width, top + height),
            tiles=tile_boxes(*canvas, rows, columns),
            thumbnail=(self.size, self.size),
        )

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        tiles, (rows, columns) = self.tiles(info), self.cells(info)
        base = self.side**2 + self.base_extra
        return [
            f"{info} into {tiles[1] * self.size} x {tiles[0] * self.size}:"
            f" {verb(info, *self.resized(info))}, {tiles[0]} x {tiles[1]} tiles",
            f"{rows} x {columns} cells without the padding + {rows} row ends + {base} for the"
            f" overview = {self.count(info)} tokens",
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        return scaled(info_of(x), *self.resized(info_of(x)))
