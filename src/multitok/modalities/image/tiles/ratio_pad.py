"""Tiles as many as the sides need, or closest in aspect; padding masked out: Phi-4 multimodal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo
from multitok.core.integers import ceil_div
from multitok.core.parameters import Natural, Positive, Tiles
from multitok.modalities.image.rule import PictureRule, Seen
from multitok.modalities.image.tilings import closest_ratio, within
from multitok.modalities.image.words import Pieces, placed


@dataclass(frozen=True, kw_only=True)
class RatioPadCounter(PictureRule):
    """Tokens for the cells of the tiles that hold picture, a newline a row, and an overview.

    The picture keeps its aspect inside the tiles and is padded right and bottom with white. A cell
    is 2 x 2 patches; whole patches of padding are masked. MediaError where a side gets under
    `least_side` pixels. Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_phi4_multimodal.py.

    >>> RatioPadCounter().count(ImageInfo(1920, 1080))
    3918
    """

    size: Positive = 448
    patch: Positive = 14
    max_tiles: Tiles = 36
    overview_tokens: Natural = 256
    overview_rows: Natural = 16
    least_side: int = 10
    token: str = "<image>"

    name: ClassVar[str] = "ratio-pad"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"size": 28, "max_tiles": 4})

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.patch > self.size:
            raise MediaError(f"patch must be at most size={self.size}, got {self.patch!r}")

    def see(self, info: ImageInfo) -> Seen:
        size = self.size
        columns, rows = ceil_div(info.width, size), ceil_div(info.height, size)
        if columns * rows > self.max_tiles:
            columns, rows = closest_ratio(info.width, info.height, size, 1, self.max_tiles)
        wide, tall = columns * size, rows * size
        width, height = within(info.width, info.height, wide, tall)
        if min(width, height) < self.least_side:
            raise MediaError(
                f"aspect ratio of {info.width}x{info.height} is too extreme: scaled to"
                f" {width}x{height}, a side is under {self.least_side} px. Crop the picture or pad"
                " its short side",
                width=info.width,
                height=info.height,
            )
        side = size // self.patch
        below, right = (tall - height) // self.patch, (wide - width) // self.patch
        kept = _halved(side, rows * side - below), _halved(side, columns * side - right)
        return Seen(
            (width, height), (wide, tall), tiles=(rows, columns), overview=(size, size), kept=kept
        )

    @property
    def fixed(self) -> int:
        """Tokens of every picture: the overview with its row ends, and the separator."""
        return self.overview_tokens + 1 + self.overview_rows

    def pieces(self, seen: Seen) -> Pieces:
        """One name for cells and newlines alike."""
        rows, columns = seen.kept
        return ((self.token, rows * columns + rows + self.fixed),)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        """`resized` is the canvas, `crops` its tiles and the overview."""
        return {"resized": seen.resized, "tiles": list(seen.tiles), "crops": seen.views}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        (down, across), (rows, columns) = seen.tiles, seen.kept
        return [
            f"{info}: {across} x {down} tiles of {self.size} px,"
            f" {placed(info, seen.picture, seen.canvas)}",
            f"{rows} x {columns} cells + {rows} row ends + {self.fixed} for the overview ="
            f" {rows * columns + rows + self.fixed:,} tokens",
        ]


def _halved(side: int, valid: int) -> int:
    """Every second patch of each tile, up to the last that holds picture."""
    whole, rest = divmod(valid, side)
    return whole * ceil_div(side, 2) + ceil_div(rest, 2)
