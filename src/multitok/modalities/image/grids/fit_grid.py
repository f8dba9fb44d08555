"""Between two pixel limits, then count the grid, with tokens that end a row: counted only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from multitok.core.info import ImageInfo, info_of
from multitok.core.parameters import Natural, Positive
from multitok.modalities.image.limits import LIMITS, Small
from multitok.modalities.image.rule import Pair, PictureRule, Seen, cells
from multitok.modalities.image.words import Pieces, refuse, verb, wrapped

if TYPE_CHECKING:
    from multitok.core.media import Image

Shape = Literal["flat", "patches", "picture"]


@dataclass(frozen=True, kw_only=True)
class FitGridCounter(PictureRule):
    """The sizes of `fit-merge`; a token per cell, `row_extra` a row and `extra` a picture more.

    Serves PaddleOCR-VL, HunYuan-VL (a newline per row and 2 more, all placeholders), Cosmos3-Edge
    and Emu3 (codes of a learned codebook, an end of line per row, "rows*columns" as plain text).
    `shape` says how the reference hands over its pixels, `least_height` what it needs at least.
    Source: transformers 5.23.0, image_processing_paddleocr_vl.py, processing_emu3.py and others.

    >>> FitGridCounter(patch=8, merge=1, min_pixels=512**2, max_pixels=1024**2, row_extra=1).count(
    ...     ImageInfo(1920, 1080))
    16416
    """

    patch: Positive = 14
    merge: Positive = 2
    min_pixels: Positive
    max_pixels: Positive
    small: Small = "fit"
    row_extra: Natural = 0
    extra: Natural = 0
    aspect_limit: Positive = 200
    least_height: Positive = 1
    token: str = "<image>"
    start: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    literal: str = ""
    shape: Shape = "flat"

    name: ClassVar[str] = "fit-grid"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"min_pixels": 512**2, "max_pixels": 2048**2, "row_extra": 1, "extra": 2},
        {
            "patch": 8,
            "merge": 1,
            "min_pixels": 512**2,
            "max_pixels": 1024**2,
            "row_extra": 1,
            "least_height": 2,
            "start": ("<boi>",),
            "literal": "{rows}*{columns}",
            "shape": "picture",
        },
    )

    def grid(self, info: ImageInfo) -> Pair:
        """Rows and columns of tokens."""
        if info.height < self.least_height:
            raise refuse(info, f"a picture must be at least {self.least_height} px high")
        cell = self.patch * self.merge
        width, height = LIMITS[self.small](
            info.width,
            info.height,
            cell,
            self.min_pixels,
            self.max_pixels,
            1,
            self.aspect_limit,
        )
        return height // cell, width // cell

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.grid(x if type(x) is ImageInfo else info_of(x))
        wrap = len(self.start) + len(self.end)
        return rows * (columns + self.row_extra) + self.extra + wrap

    def see(self, info: ImageInfo) -> Seen:
        return cells(*self.grid(info), self.patch * self.merge)

    def pieces(self, seen: Seen) -> Pieces:
        rows, columns = seen.grid
        n = rows * (columns + self.row_extra) + self.extra
        return wrapped(self.start, ((self.token, n),), self.end)

    def text(self, seen: Seen) -> dict[str, int]:
        if not self.literal:
            return {}
        rows, columns = seen.grid
        return {self.literal.format(rows=rows, columns=columns): 1}

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        patch, size = self.patch, seen.resized
        rows, columns = (side // patch for side in size)
        shapes = {
            "flat": [rows * columns, 3 * patch * patch],
            "patches": [rows * columns, 3, patch, patch],
            "picture": [1, 3, *size],
        }
        found = {"resized": size, "pixel_values_shape": shapes[self.shape]}
        if self.shape == "picture":
            return {**found, "image_sizes": [size]}
        return {**found, "image_grid_thw": [[1, rows, columns]], "patches": rows * columns}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = seen.grid
        n = rows * (columns + self.row_extra) + self.extra
        each = f"({columns} + {self.row_extra} a row)" if self.row_extra else str(columns)
        more = f" + {self.extra}" if self.extra else ""
        return [
            f"{info} within {self.min_pixels:,} to {self.max_pixels:,} px:"
            f" {verb(info, *seen.picture)}",
            f"{rows} x {each} cells of {self.patch * self.merge} px{more} = {n:,} tokens",
        ]
