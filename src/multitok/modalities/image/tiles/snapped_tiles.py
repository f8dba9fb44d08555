"""An overview and square windows whose side follows the aspect: Step-3.7."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from multitok.core.info import ImageInfo
from multitok.core.integers import ceil_div
from multitok.core.parameters import Positive
from multitok.modalities.image.rule import PictureRule, Seen, tiled, uncut
from multitok.modalities.image.words import Pieces, vanishes


@dataclass(frozen=True, kw_only=True)
class SnappedTilesCounter(PictureRule):
    """One overview of size x size and rows x columns windows, each resized to tile x tile.

    A picture with no side over `whole` is cut only where long / short is over 1.5, in windows of
    its short side; a larger one in windows of `tile` (of the short side where that is smaller and
    the aspect over 4). A side snaps up to the next whole window where the rest is over a fifth.
    Sides are limited to `longest`; one under 32 px with an aspect over 4 is padded to a square.
    Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_step3p7.py (class defaults); vllm,
    processors/step3_vl.py (whole 727, and the fifth told from a quotient: `snap` "ratio").

    >>> SnappedTilesCounter().count(ImageInfo(1920, 1080))
    836
    """

    size: Positive = 728
    tile: Positive = 504
    patch: Positive = 14
    stride: Positive = 4
    longest: Positive = 3024
    whole: Positive = 728
    snap: Literal["rest", "ratio"] = "rest"
    token: str = "<im_patch>"
    tile_start: str = "<patch_start>"
    tile_end: str = "<patch_end>"
    row_end: str = "<patch_newline>"
    start: str = "<im_start>"
    end: str = "<im_end>"

    name: ClassVar[str] = "snapped-tiles"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"size": 60, "tile": 40, "patch": 5, "longest": 120, "whole": 60},
    )

    def see(self, info: ImageInfo) -> Seen:
        rows, columns, _ = self._windows(info)
        if not rows:
            return uncut(self.size)
        return tiled(rows, columns, self.tile, overview=(self.size, self.size))

    def _windows(self, info: ImageInfo) -> tuple[int, int, int]:
        """Rows and columns of windows, and the side of one in the scaled picture; 0, 0, 0: none."""
        width, height = info.width, info.height
        if min(width, height) < 32 and max(width / height, height / width) > 4:
            width = height = max(width, height)
        if max(width, height) > self.longest:
            by = self.longest / max(height, width)
            width, height = int(width * by), int(height * by)
        short, long = min(height, width), max(height, width)
        if not short:
            raise vanishes(info, self.longest)
        if long <= self.whole:
            window = short if long / short > 1.5 else 0
        else:
            window = min(short, self.tile) if long / short > 4 else self.tile
        if not window:
            return 0, 0, 0
        along = _along if self.snap == "rest" else _along_by_ratio
        return along(height, window), along(width, window), window

    def _tokens(self, side: int) -> int:
        """Tokens of a view of side px."""
        return ceil_div(side // self.patch, self.stride) ** 2

    def pieces(self, seen: Seen) -> Pieces:
        rows, columns = seen.tiles
        window = ((self.tile_start, 1), (self.token, self._tokens(self.tile)), (self.tile_end, 1))
        tiles = ((*(window * columns), (self.row_end, 1)) * rows)[:-1]
        return (*tiles, (self.start, 1), (self.token, self._tokens(self.size)), (self.end, 1))

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        local = {"pixel_values_local_shape": [seen.cut, 3, self.tile, self.tile]}
        return {
            "resized": seen.resized,
            "tiles": list(seen.tiles),
            "num_local_patches": [seen.cut],
            "pixel_values_shape": [1, 3, self.size, self.size],
            **(local if seen.cut else {}),
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns, window = self._windows(info)
        views = f"an overview of {self.size} px"
        cut = f"{rows} x {columns} windows of {window} px"
        tile, overview = self._tokens(self.tile), self._tokens(self.size)
        return [
            f"{info}: {cut} and {views}" if rows else f"{info}: {views} only",
            f"{seen.cut:,} x {tile:,} + {overview:,} = {seen.cut * tile + overview:,} tokens",
        ]


def _along(side: int, window: int) -> int:
    """Whole windows along a side; a rest of more than a fifth makes one more."""
    if side < window:
        return 1
    return side // window + (side % window > 0.2 * window)


def _along_by_ratio(side: int, window: int) -> int:
    """The same from the quotient, where 3.2 - 3 is more than a fifth: 16 in windows of 5 is 4."""
    if side < window:
        return 1
    return side // window + (side / window - side // window > 0.2)
