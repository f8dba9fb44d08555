"""The whole-patch grid closest in aspect under a token cap: Muse-Glimmer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.parameters import Positive
from multitok.modalities.image.rule import PictureRule, Seen, cells
from multitok.modalities.image.words import Pieces, verb, wrapped


@dataclass(frozen=True, kw_only=True)
class ClosestGridCounter(PictureRule):
    """Of the grids with each side rounded down or up, the one closest in height / width.

    A cell is patch x merge pixels and one token; a picture over the cap is scaled to it first, a
    smaller one keeps its size. Ties go to the first of Python's set of (rows, columns) pairs, as
    in the reference. Arithmetic is float64.
    Source: transformers 5.23.0, image_processing_muse_glimmer.py (class defaults).

    >>> ClosestGridCounter().count(ImageInfo(1920, 1080))
    2693
    """

    patch: Positive = 14
    merge: Positive = 2
    temporal: Positive = 2
    max_tokens: Positive = 4096
    token: str = "<|patch|>"
    start: tuple[str, ...] = ("<|image_start|>",)
    end: tuple[str, ...] = ("<|image_end|>",)

    name: ClassVar[str] = "closest-grid"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"max_tokens": 9, "start": ()})

    def see(self, info: ImageInfo) -> Seen:
        return cells(*self._grid(info), self.patch * self.merge)

    def _grid(self, info: ImageInfo) -> tuple[int, int]:
        cell = self.patch * self.merge
        high, wide = info.height / cell, info.width / cell
        if high * wide > self.max_tokens:
            ratio = wide / high
            high = (self.max_tokens / ratio) ** 0.5
            wide = high * ratio
        pairs = {(r, c) for r in (floor(high), ceil(high)) for c in (floor(wide), ceil(wide))}
        fitting = [(r, c) for r, c in pairs if r >= 1 and c >= 1 and r * c <= self.max_tokens]
        if not fitting:
            return max(1, round(high)), max(1, round(wide))
        aspect = info.height / info.width
        return min(fitting, key=lambda grid: abs(grid[0] / grid[1] - aspect))

    def pieces(self, seen: Seen) -> Pieces:
        rows, columns = seen.grid
        return wrapped(self.start, ((self.token, rows * columns),), self.end)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        rows, columns = (n * self.merge for n in seen.grid)
        return {
            "resized": seen.resized,
            "image_grid_thw": [[1, rows, columns]],
            "patches": rows * columns,
            "pixel_values_shape": [rows * columns, 3 * self.temporal * self.patch**2],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = seen.grid
        return [
            f"{info} within {self.max_tokens:,} cells of {self.patch * self.merge} px:"
            f" {verb(info, *seen.canvas)}",
            f"{rows} x {columns} cells = {rows * columns:,} tokens",
        ]
