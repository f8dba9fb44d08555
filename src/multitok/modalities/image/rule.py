"""What rules share that cut a picture into one grid of cells: a rule says only how large it is."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from multitok.core.info import ImageInfo, info_of
from multitok.core.layout import Layout
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.image.words import Pieces, padded, parts, scaled, wrapped

if TYPE_CHECKING:
    from multitok.core.media import Image


class CellGrid(TokenCounter["Image", ImageInfo]):
    """A token a cell, between the tokens that start and end a picture."""

    token: str
    start: tuple[str, ...]
    end: tuple[str, ...]

    @property
    @abstractmethod
    def cell(self) -> int:
        """Pixels of the side of a cell."""

    @abstractmethod
    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of tokens."""

    def canvas(self, info: ImageInfo) -> tuple[int, int]:
        """Width and height of all cells together, in pixels."""
        rows, columns = self.grid(info)
        return columns * self.cell, rows * self.cell

    def content(self, info: ImageInfo) -> tuple[int, int]:
        """Width and height of the picture on its canvas; the rest is padding."""
        return self.canvas(info)

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.grid(x if type(x) is ImageInfo else info_of(x))
        return rows * columns + len(self.start) + len(self.end)

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order."""
        rows, columns = self.grid(info_of(x))
        return wrapped(self.start, ((self.token, rows * columns),), self.end)

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        info: ImageInfo = info_of(x)
        return Layout(self.canvas(info), (0, 0, *self.content(info)), *self.grid(info))

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        return [*scaled(info_of(x), *self.content(info_of(x))), *padded(self.layout(x))]
