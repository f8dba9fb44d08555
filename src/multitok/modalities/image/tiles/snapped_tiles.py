"""An overview and square windows whose side follows the aspect: Step-3.7."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import ceil_div
from multitok.core.layout import Layout, tile_boxes
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.image.words import Pieces, parts, positive, refuse, scaled, specials

if TYPE_CHECKING:
    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class SnappedTilesCounter(TokenCounter["Image", ImageInfo]):
    """One overview of size x size and rows x columns windows, each resized to tile x tile.

    A picture inside the overview is cut only where long / short is over 1.5, in windows of its
    short side; a larger one in windows of `tile` (of the short side where that is smaller and the
    aspect over 4). A side snaps up to the next whole window where the rest is over a fifth. Sides
    are limited to `longest`; one under 32 px with an aspect over 4 is padded to a square first.
    Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_step3p7.py (class defaults).

    >>> SnappedTilesCounter().count(ImageInfo(1920, 1080))
    836
    """

    size: int = 728
    tile: int = 504
    patch: int = 14
    stride: int = 4
    longest: int = 3024
    token: str = "<im_patch>"
    tile_start: str = "<patch_start>"
    tile_end: str = "<patch_end>"
    row_end: str = "<patch_newline>"
    start: str = "<im_start>"
    end: str = "<im_end>"

    name: ClassVar[str] = "snapped-tiles"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"size": 60, "tile": 40, "patch": 5, "longest": 120},
    )

    def __post_init__(self) -> None:
        positive(self, "size", "tile", "patch", "stride", "longest")

    def plan(self, info: ImageInfo) -> tuple[int, int, int]:
        """Rows and columns of windows, and the side of one in the scaled picture; 0, 0, 0: none."""
        width, height = info.width, info.height
        if min(width, height) < 32 and max(width / height, height / width) > 4:
            width = height = max(width, height)
        if max(width, height) > self.longest:
            by = self.longest / max(height, width)
            width, height = int(width * by), int(height * by)
        short, long = min(height, width), max(height, width)
        if not short:
            raise refuse(info, f"shrunk under {self.longest} px, a side is 0 px")
        if long <= self.size:
            window = short if long / short > 1.5 else 0
        else:
            window = min(short, self.tile) if long / short > 4 else self.tile
        if not window:
            return 0, 0, 0
        return _windows(height, window), _windows(width, window), window

    def views(self) -> tuple[int, int]:
        """Tokens of the overview and of a window."""
        overview = ceil_div(self.size // self.patch, self.stride)
        tile = ceil_div(self.tile // self.patch, self.stride)
        return overview**2, tile**2

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns, _ = self.plan(x if type(x) is ImageInfo else info_of(x))
        overview, tile = self.views()
        return overview + 2 + rows * columns * (tile + 2) + max(0, rows - 1)

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order."""
        rows, columns, _ = self.plan(info_of(x))
        overview, tile = self.views()
        window = ((self.tile_start, 1), (self.token, tile), (self.tile_end, 1))
        tiled = ((*(window * columns), (self.row_end, 1)) * rows)[:-1]
        return (*tiled, (self.start, 1), (self.token, overview), (self.end, 1))

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        rows, columns, _ = self.plan(info_of(x))
        tiles = rows * columns
        local = [tiles, 3, self.tile, self.tile]
        return {
            "resized": (
                [rows * self.tile, columns * self.tile] if rows else [self.size, self.size]
            ),
            "tiles": [rows, columns],
            "num_local_patches": [tiles],
            "pixel_values_shape": [1, 3, self.size, self.size],
            **({"pixel_values_local_shape": local} if tiles else {}),
        }

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        rows, columns, _ = self.plan(info_of(x))
        if not rows:
            return Layout((self.size, self.size), (0, 0, self.size, self.size))
        canvas = columns * self.tile, rows * self.tile
        boxes = tile_boxes(*canvas, rows, columns)
        return Layout(canvas, (0, 0, *canvas), tiles=boxes, thumbnail=(self.size, self.size))

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns, window = self.plan(info)
        overview, tile = self.views()
        cut = (
            f"{rows} x {columns} windows of {window} px and an overview of {self.size} px"
            if rows
            else f"an overview of {self.size} px only"
        )
        total = rows * columns * tile + overview
        return [
            f"{info}: {cut}",
            f"{rows * columns} x {tile} + {overview} = {total} tokens",
            *specials(self.expansion(info), self.token),
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns, _ = self.plan(info)
        seen = (columns * self.tile, rows * self.tile) if rows else (self.size, self.size)
        return scaled(info, *seen)


def _windows(side: int, window: int) -> int:
    """Whole windows along a side; a rest of more than a fifth makes one more."""
    if side < window:
        return 1
    return side // window + (side % window > 0.2 * window)
