"""Shrink under a patch budget and a side limit, pad to whole blocks, never enlarge: Kimi."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, ClassVar, Literal

from multitok.core.info import ImageInfo
from multitok.core.integers import ceil_div
from multitok.core.parameters import Positive
from multitok.modalities.image.rule import PictureRule, Seen, cells
from multitok.modalities.image.words import Pieces, placed, refuse, wrapped


@dataclass(frozen=True, kw_only=True)
class ShrinkPadCounter(PictureRule):
    """Scale by at most 1 so that the patches fit the budget, then pad right and bottom with zeros.

    A token is merge x merge patches; padding can lift the count a little over the budget. A side
    of `max_side` patches is shrunk to it ("shrink"), or refused with what is longer ("refuse":
    Kimi-VL has no positions for it). Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_kimi_k25.py (class defaults of Kimi-K2.5); vllm,
    models/kimi_vl.py.

    >>> ShrinkPadCounter().count(ImageInfo(8000, 6000)), ShrinkPadCounter().count(ImageInfo(1, 1))
    (4144, 1)
    """

    patch: Positive = 14
    merge: Positive = 2
    max_patches: Positive = 16384
    max_side: Positive = 512
    long_side: Literal["shrink", "refuse"] = "shrink"
    token: str = "<|media_pad|>"
    start: tuple[str, ...] = ()
    end: tuple[str, ...] = ()

    name: ClassVar[str] = "shrink-pad"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"max_patches": 16, "max_side": 6},
        {"max_patches": 16, "long_side": "refuse"},
    )

    def see(self, info: ImageInfo) -> Seen:
        width, height = info.width, info.height
        longest, cell = self.max_side * self.patch, self.patch * self.merge
        patches = max(1, width // self.patch) * max(1, height // self.patch)
        by = min(1.0, sqrt(self.max_patches / patches))
        if self.long_side == "shrink":
            by = min(by, longest / height, longest / width)
        wide, tall = max(1, int(width * by)), max(1, int(height * by))
        if self.long_side == "shrink":
            wide, tall = min(wide, longest), min(tall, longest)
        seen = cells(ceil_div(tall, cell), ceil_div(wide, cell), cell, (wide, tall))
        if self.long_side == "refuse" and max(seen.canvas) >= longest:
            raise refuse(
                info, f"a side of {max(seen.canvas)} px is {self.max_side} patches or more"
            )
        return seen

    def pieces(self, seen: Seen) -> Pieces:
        rows, columns = seen.grid
        return wrapped(self.start, ((self.token, rows * columns),), self.end)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        """`resized` is the canvas, padding included, as the reference reports it."""
        rows, columns = (n * self.merge for n in seen.grid)
        return {
            "resized": seen.resized,
            "image_grid_thw": [[1, rows, columns]],
            "patches": rows * columns,
            "pixel_values_shape": [rows * columns, 3, self.patch, self.patch],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = seen.grid
        return [
            f"{info} within {self.max_patches:,} patches of {self.patch} px, at most"
            f" {self.max_side} a side: {placed(info, seen.picture, seen.canvas)}",
            f"{rows} x {columns} cells of {self.patch * self.merge} px = {rows * columns:,} tokens",
        ]
