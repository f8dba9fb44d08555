"""Cells of a picture at its own size, the last ones padded: Inkling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.integers import ceil_div
from multitok.core.parameters import Positive
from multitok.modalities.image.rule import PictureRule, Seen, cells
from multitok.modalities.image.words import Pieces, placed, wrapped


@dataclass(frozen=True, kw_only=True)
class NativeCellsCounter(PictureRule):
    """A token for each cell x cell pixels, padded right and below; never resized, nor limited.

    With `spare` each row has a cell more than is full, as the first Inkling's code has it: where
    the width is whole cells, that one is padding alone.
    Source: transformers 5.23.0, image_processing_inkling2.py, image_processing_inkling.py.

    >>> NativeCellsCounter().count(ImageInfo(1920, 1080))
    1296
    >>> NativeCellsCounter(spare=True).count(ImageInfo(1920, 1080))
    1323
    """

    cell: Positive = 40
    spare: bool = False
    token: str = "<|unused_200054|>"
    start: tuple[str, ...] = ()
    end: tuple[str, ...] = ()

    name: ClassVar[str] = "native-cells"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"cell": 16, "spare": True})

    def see(self, info: ImageInfo) -> Seen:
        width, height, cell = info.width, info.height, self.cell
        columns = width // cell + 1 if self.spare else ceil_div(width, cell)
        return cells(ceil_div(height, cell), columns, cell, (width, height))

    def pieces(self, seen: Seen) -> Pieces:
        rows, columns = seen.grid
        return wrapped(self.start, ((self.token, rows * columns),), self.end)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        """`resized` is the canvas, padding included."""
        rows, columns = seen.grid
        return {"resized": seen.resized, "image_grid_thw": [[1, rows, columns]]}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = seen.grid
        return [
            f"{info} {placed(info, seen.picture, seen.canvas)}",
            f"{rows} x {columns} cells of {self.cell} px = {rows * columns:,} tokens",
        ]
