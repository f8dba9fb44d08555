"""Shrink into a box, pad to whole patches, a newline after every row: Fuyu."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.parameters import Positive
from multitok.modalities.image.rule import PictureRule, Seen, covered
from multitok.modalities.image.words import Pieces, refuse, verb, wrapped


@dataclass(frozen=True, kw_only=True)
class BoundedRowsCounter(PictureRule):
    """A picture inside width x height keeps its size; a larger one is scaled into it, cut to int.

    One token a patch, one `row_end` a row. Never enlarges. Arithmetic is float64.
    Source: transformers 5.23.0, image_processing_fuyu.py, processing_fuyu.py.

    >>> BoundedRowsCounter().count(ImageInfo(1920, 1080))
    2341
    """

    patch: Positive = 30
    width: Positive = 1920
    height: Positive = 1080
    token: str = "|SPEAKER|"
    row_end: str = "|NEWLINE|"
    end: tuple[str, ...] = ("<s>",)

    name: ClassVar[str] = "bounded-rows"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"width": 40, "height": 60})

    def see(self, info: ImageInfo) -> Seen:
        width, height = info.width, info.height
        if width > self.width or height > self.height:
            by = min(self.height / height, self.width / width)
            width, height = int(width * by), int(height * by)
            if width < 1 or height < 1:
                raise refuse(info, f"scaled into {self.width}x{self.height}, a side is 0 px")
        return covered((width, height), self.patch)

    def pieces(self, seen: Seen) -> Pieces:
        rows, columns = seen.grid
        return wrapped((), ((self.token, columns), (self.row_end, 1)) * rows, self.end)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        size = seen.size
        return {"resized": size, "resized_before_padding": size, "grid": list(seen.grid)}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = seen.grid
        return [
            f"{info} inside {self.width} x {self.height}: {verb(info, *seen.picture)}",
            f"{rows} x {columns} patches of {self.patch} px = {rows * columns:,} tokens",
        ]
