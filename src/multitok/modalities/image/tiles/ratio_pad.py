"""Tiles as many as the sides need, or closest in aspect; padding masked out: Phi-4 multimodal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import ceil_div
from multitok.core.layout import Layout, tile_boxes
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.image.tilings import closest_ratio
from multitok.modalities.image.words import Pieces, padded, parts, positive, scaled, verb

if TYPE_CHECKING:
    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class RatioPadCounter(TokenCounter["Image", ImageInfo]):
    """Tokens for the cells of the tiles that hold picture, a newline a row, and an overview.

    The picture keeps its aspect inside the tiles and is padded right and bottom with white. A cell
    is 2 x 2 patches; whole patches of padding are masked. MediaError where a side gets under
    `least_side` pixels. Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_phi4_multimodal.py.

    >>> RatioPadCounter().count(ImageInfo(1920, 1080))
    3918
    """

    size: int = 448
    patch: int = 14
    max_tiles: int = 36
    overview_tokens: int = 256
    overview_rows: int = 16
    least_side: int = 10
    token: str = "<image>"

    name: ClassVar[str] = "ratio-pad"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"size": 28, "max_tiles": 4})

    def __post_init__(self) -> None:
        positive(self, "size", "patch", "max_tiles")
        if self.patch > self.size:
            raise MediaError(f"patch must be at most size={self.size}, got {self.patch!r}")

    def plan(self, info: ImageInfo) -> tuple[int, int, int, int]:
        """Rows and columns of tiles; width and height of the picture inside them."""
        width, height, size = info.width, info.height, self.size
        columns, rows = ceil_div(width, size), ceil_div(height, size)
        if columns * rows > self.max_tiles:
            columns, rows = closest_ratio(width, height, size, 1, self.max_tiles)
        wide, tall = size * columns, size * rows
        by_width, by_height = wide / width, tall / height
        if by_width < by_height:
            made = wide, int(height * by_width)
        else:
            made = int(width * by_height), tall
        if min(made) < self.least_side:
            raise MediaError(
                f"aspect ratio of {width}x{height} is too extreme: scaled to {made[0]}x{made[1]},"
                f" a side is under {self.least_side} px. Crop the picture or pad its short side",
                width=width,
                height=height,
            )
        return rows, columns, *made

    def cells(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of cells that hold picture."""
        rows, columns, width, height = self.plan(info)
        side = self.size // self.patch
        right = (columns * self.size - width) // self.patch
        below = (rows * self.size - height) // self.patch
        return (
            _halved(side, rows * side - below),
            _halved(side, columns * side - right),
        )

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.cells(x if type(x) is ImageInfo else info_of(x))
        return self.overview_tokens + 1 + rows * columns + rows + self.overview_rows

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order: one name for cells and newlines alike."""
        return ((self.token, self.count(x)),)

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        """`resized` is the canvas, `crops` its tiles and the overview."""
        rows, columns, _, _ = self.plan(info_of(x))
        return {
            "resized": [rows * self.size, columns * self.size],
            "tiles": [rows, columns],
            "crops": rows * columns + 1,
        }

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        rows, columns, width, height = self.plan(info_of(x))
        canvas = columns * self.size, rows * self.size
        return Layout(
            canvas,
            (0, 0, width, height),
            tiles=tile_boxes(*canvas, rows, columns),
            thumbnail=(self.size, self.size),
        )

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns, width, height = self.plan(info)
        high, wide = self.cells(info)
        fixed = self.overview_tokens + 1 + self.overview_rows
        return [
            f"{info}: {columns} x {rows} tiles of {self.size} px, {verb(info, width, height)} and"
            " padded",
            f"{high} x {wide} cells + {high} row ends + {fixed} for the overview ="
            f" {self.count(info)} tokens",
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        return [*scaled(info_of(x), *self.plan(info_of(x))[2:]), *padded(self.layout(x))]


def _halved(side: int, valid: int) -> int:
    """Every second patch of each tile, up to the last that holds picture."""
    whole, rest = divmod(valid, side)
    return whole * ceil_div(side, 2) + ceil_div(rest, 2)
