"""Half the picture's sides, in whole cells, between a short and a long side: GLM-Image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, sqrt
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.parameters import Positive
from multitok.modalities.image.limits import refuse_thin
from multitok.modalities.image.rule import PictureRule, Seen, cells
from multitok.modalities.image.words import Pieces, refuse, verb


@dataclass(frozen=True, kw_only=True)
class HalvedFitCounter(PictureRule):
    """Scaled until the short side is the root of `min_pixels` and the long one within that of
    `max_pixels`, then halved and rounded to cells of patch x merge pixels.

    Each cell is a token. A side under one cell is refused, and an aspect over `aspect_limit`.
    Arithmetic is float64, and halves are of whole pixels, as in the reference.
    Source: transformers 5.23.0, image_processing_glm_image.py (class defaults).

    >>> HalvedFitCounter().count(ImageInfo(1920, 1080))
    180
    """

    patch: Positive = 14
    merge: Positive = 2
    min_pixels: Positive = 3136
    max_pixels: Positive = 1003520
    aspect_limit: Positive = 4
    token: str = "<|image|>"

    name: ClassVar[str] = "halved-fit"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"patch": 7, "min_pixels": 1})

    def see(self, info: ImageInfo) -> Seen:
        cell, width, height = self.patch * self.merge, info.width, info.height
        if min(width, height) < cell:
            raise refuse(info, f"a side is under {cell} px")
        refuse_thin(width, height, self.aspect_limit)
        shortest, longest = round(sqrt(self.min_pixels)), round(sqrt(self.max_pixels))
        by = 1.0
        if min(width, height) < shortest:
            by = shortest / min(width, height)
        if max(width, height) * by > longest:
            by = longest / max(width, height)
        tall, wide = (max(cell, round(side // 2 * by / cell) * cell) for side in (height, width))
        if max(tall, wide) > longest:
            by = max(tall, wide) / longest
            tall, wide = (max(cell, floor(side / by / cell) * cell) for side in (tall, wide))
        return cells(tall // cell, wide // cell, cell)

    def pieces(self, seen: Seen) -> Pieces:
        rows, columns = seen.grid
        return ((self.token, rows * columns),)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        rows, columns = (n * self.merge for n in seen.grid)
        return {"resized": seen.resized, "image_grid_thw": [[1, rows, columns]]}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = seen.grid
        return [
            f"{info} between {self.min_pixels:,} and {self.max_pixels:,} px, halved:"
            f" {verb(info, *seen.canvas)}",
            f"{rows} x {columns} cells of {self.patch * self.merge} px = {rows * columns:,} tokens",
        ]
