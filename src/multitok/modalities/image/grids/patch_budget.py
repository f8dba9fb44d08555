"""A patch grid scaled into a budget, both sides made multiples of the merge: Nemotron Omni."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.parameters import Positive
from multitok.modalities.image.rule import PictureRule, Seen, cells
from multitok.modalities.image.words import Pieces, refuse, verb, wrapped


@dataclass(frozen=True, kw_only=True)
class PatchBudgetCounter(PictureRule):
    """The picture's own grid, scaled into min_patches..max_patches, sides grown to whole blocks.

    A side grows to the next multiple of `merge` while the budget allows, else it shrinks. A token
    is merge x merge patches. `max_length`, the context of the language model, caps the budget.
    Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_nemotron_h_omni.py (class defaults).

    >>> PatchBudgetCounter().count(ImageInfo(1920, 1080))
    2042
    """

    patch: Positive = 16
    merge: Positive = 2
    min_patches: Positive = 1024
    max_patches: Positive = 13312
    max_length: Positive = 16384
    token: str = "<image>"
    start: tuple[str, ...] = ("<img>",)
    end: tuple[str, ...] = ("</img>",)

    name: ClassVar[str] = "patch-budget"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"min_patches": 4, "max_patches": 16})

    def see(self, info: ImageInfo) -> Seen:
        rows, columns = self.patches(info)
        merge = self.merge
        return cells(rows // merge, columns // merge, self.patch * merge)

    def patches(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of patches."""
        merge, least = self.merge, self.min_patches
        most = max((self.max_length - 4) * merge**2, least)
        most = max(min(most, self.max_patches), least)
        # round(x + 0.5) is x for an odd whole x and x + 1 for an even one: half to even
        rows = round(info.height / self.patch + 0.5)
        columns = round(info.width / self.patch + 0.5)
        by = min(sqrt(most / (rows * columns)), 1.0)
        rows, columns = floor(by * rows), floor(by * columns)
        if most > least and rows * columns < least:
            if rows * columns == 0:
                raise refuse(info, f"a side is scaled to 0 patches under {most}")
            by = sqrt(least / (rows * columns))
            rows, columns = ceil(by * rows), ceil(by * columns)
        rows = self._whole(rows, columns, most)
        return rows, self._whole(columns, rows, most)

    def _whole(self, side: int, other: int, most: int) -> int:
        rest = side % self.merge
        if not rest:
            return side
        grown = side + self.merge - rest
        return grown if grown * other <= most else max(self.merge, side - rest)

    def pieces(self, seen: Seen) -> Pieces:
        rows, columns = seen.grid
        return wrapped(self.start, ((self.token, rows * columns),), self.end)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        rows, columns = (n * self.merge for n in seen.grid)
        return {
            "resized": seen.resized,
            "image_grid_hw": [[rows, columns]],
            "pixel_values_shape": [rows * columns, 3 * self.patch**2],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = (n * self.merge for n in seen.grid)
        return [
            f"{info} within {self.min_patches:,} to {self.max_patches:,} patches of"
            f" {self.patch} px: {verb(info, *seen.canvas)}",
            f"{rows} x {columns} patches / {self.merge**2} ="
            f" {rows * columns // self.merge**2:,} tokens",
        ]
