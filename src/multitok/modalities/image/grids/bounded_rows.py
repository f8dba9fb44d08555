"""Shrink into a box, pad to whole patches, a newline after every row: Fuyu."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import ceil_div
from multitok.core.layout import Layout
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.image.words import (
    Pieces,
    padded,
    parts,
    positive,
    refuse,
    scaled,
    specials,
    verb,
    wrapped,
)

if TYPE_CHECKING:
    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class BoundedRowsCounter(TokenCounter["Image", ImageInfo]):
    """A picture inside width x height keeps its size; a larger one is scaled into it, cut to int.

    One token a patch, one `row_end` a row. Never enlarges. Arithmetic is float64.
    Source: transformers 5.23.0, image_processing_fuyu.py, processing_fuyu.py.

    >>> BoundedRowsCounter().count(ImageInfo(1920, 1080))
    2341
    """

    patch: int = 30
    width: int = 1920
    height: int = 1080
    token: str = "|SPEAKER|"
    row_end: str = "|NEWLINE|"
    end: tuple[str, ...] = ("<s>",)

    name: ClassVar[str] = "bounded-rows"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"width": 40, "height": 60})

    def __post_init__(self) -> None:
        positive(self, "patch", "width", "height")

    def size(self, info: ImageInfo) -> tuple[int, int]:
        """Width and height before padding."""
        width, height = info.width, info.height
        if width <= self.width and height <= self.height:
            return width, height
        by = min(self.height / height, self.width / width)
        made = int(width * by), int(height * by)
        if made[0] < 1 or made[1] < 1:
            raise refuse(info, f"scaled into {self.width}x{self.height}, a side is 0 px")
        return made

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of patches."""
        width, height = self.size(info)
        rows, columns = ceil_div(height, self.patch), ceil_div(width, self.patch)
        most = ceil_div(self.height, self.patch), ceil_div(self.width, self.patch)
        return min(rows, most[0]), min(columns, most[1])

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.grid(x if type(x) is ImageInfo else info_of(x))
        return rows * (columns + 1) + len(self.end)

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order."""
        rows, columns = self.grid(info_of(x))
        return wrapped((), ((self.token, columns), (self.row_end, 1)) * rows, self.end)

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        width, height = self.size(info_of(x))
        return {
            "resized": [height, width],
            "resized_before_padding": [height, width],
            "grid": list(self.grid(info_of(x))),
        }

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        rows, columns = self.grid(info_of(x))
        canvas = columns * self.patch, rows * self.patch
        return Layout(canvas, (0, 0, *self.size(info_of(x))), rows, columns)

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        return [
            f"{info} inside {self.width} x {self.height}: {verb(info, *self.size(info))}",
            f"{rows} x {columns} patches of {self.patch} px = {rows * columns} tokens",
            *specials(self.expansion(info), self.token),
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        return [*scaled(info_of(x), *self.size(info_of(x))), *padded(self.layout(x))]
