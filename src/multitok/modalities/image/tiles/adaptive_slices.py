"""An overview and slices, each resized to suit its own shape: MiniCPM-V."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, log, sqrt
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.layout import Layout, tile_boxes, whole
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.image.words import Pieces, parts, positive, refuse, scaled, specials

if TYPE_CHECKING:
    from multitok.core.media import Image


@lru_cache(maxsize=4096)
def slice_grid(width: int, height: int, side: int, most: int) -> tuple[int, int]:
    """Rows and columns of slices, closest in log aspect; 0, 0 when there are none.

    >>> slice_grid(1920, 1080, 448, 9)
    (2, 4)
    """
    wanted = min(ceil(width * height / (side * side)), most)
    if wanted <= 1:
        return 0, 0
    aspect, best, least = log(width / height), (1, 1), float("inf")
    for n in (wanted - 1, wanted, wanted + 1):
        if n == 1 or n > most:
            continue
        for rows in range(1, n + 1):
            if n % rows == 0:
                off = abs(aspect - log(n // rows / rows))
                if off < least or (off == least and rows > best[0]):
                    best, least = (rows, n // rows), off
    return best


def _whole(length: float, divisor: int) -> int:
    return max(round(length / divisor) * divisor, divisor)


@dataclass(frozen=True, kw_only=True)
class AdaptiveSlicesCounter(TokenCounter["Image", ImageInfo]):
    """patches / merge^2 tokens for the overview and for each slice; 2 names around each.

    Over side x side pixels the picture is cut into at most `max_slices`, in the grid closest in
    log aspect among the wanted number and its neighbors. The overview keeps its size below that.
    `merge` is 4 in the published 16x mode, 2 in 4x. Arithmetic is float64 as in the reference.
    `fixed` is the tokens of every view where a resampler makes them (MiniCPM-V 2.6: 64).
    `number_names` stand around the picture's number, whose digits are literal text.
    Source: transformers 5.23.0, image_processing_minicpmv4_6.py (class defaults of MiniCPM-V 4.6).

    >>> AdaptiveSlicesCounter().count(ImageInfo(1920, 1080))
    596
    """

    side: int = 448
    patch: int = 14
    merge: int = 4
    max_slices: int = 9
    fixed: int | None = None
    token: str = "<unk>"
    start: str = "<image>"
    end: str = "</image>"
    slice_start: str = "<slice>"
    slice_end: str = "</slice>"
    row_text: str = "\n"
    number_names: tuple[str, ...] = ()

    name: ClassVar[str] = "adaptive-slices"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {
            "side": 28,
            "patch": 7,
            "merge": 2,
            "fixed": 3,
            "number_names": ("<image_id>", "</image_id>"),
        },
    )

    def __post_init__(self) -> None:
        positive(self, "side", "patch", "merge", "max_slices")

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of slices; 0, 0 when the picture is not cut."""
        return slice_grid(info.width, info.height, self.side, self.max_slices)

    def _best(self, height: float, width: float, info: ImageInfo, force: bool) -> tuple[int, int]:
        """Height and width of one view: about side x side pixels in whole blocks."""
        if force or height * width > self.side * self.side:
            aspect = width / height
            height = int(self.side / sqrt(aspect))
            width = int(height * aspect)
            if height < 1:
                raise refuse(info, "its overview would be 0 px high")
        block = self.patch * self.merge
        return _whole(height, block), _whole(width, block)

    def views(self, info: ImageInfo) -> tuple[tuple[int, int], tuple[int, int] | None]:
        """(height, width) of the overview, and of a slice if there are any."""
        rows, columns = self.grid(info)
        overview = self._best(info.height, info.width, info, rows == 0)
        if not rows:
            return overview, None
        wide, tall = _whole(info.width, columns), _whole(info.height, rows)
        return overview, self._best(tall / rows, wide / columns, info, True)

    def _tokens(self, view: tuple[int, int]) -> int:
        if self.fixed is not None:
            return self.fixed
        return (view[0] // self.patch) * (view[1] // self.patch) // self.merge**2

    def count(self, x: Image | ImageInfo, /) -> int:
        info = x if type(x) is ImageInfo else info_of(x)
        rows, columns = self.grid(info)
        overview, piece = self.views(info)
        each = self._tokens(piece) + 2 if piece else 0
        return self._tokens(overview) + 2 + rows * columns * each + len(self.number_names)

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order."""
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        overview, piece = self.views(info)
        names = tuple((name, 1) for name in self.number_names)
        first = ((self.start, 1), (self.token, self._tokens(overview)), (self.end, 1))
        if piece is None:
            return (*names, *first)
        each = ((self.slice_start, 1), (self.token, self._tokens(piece)), (self.slice_end, 1))
        return (*names, *first, *(each * (rows * columns)))

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def literal_text(self, x: Image | ImageInfo, /) -> Mapping[str, int]:
        rows, _ = self.grid(info_of(x))
        breaks = {self.row_text: max(0, rows - 1)}
        return {**breaks, "0": 1} if self.number_names else breaks

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        """`target_sizes` are patches of every view: rows, columns."""
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        overview, piece = self.views(info)
        views = [overview, *([piece] * (rows * columns) if piece else [])]
        return {
            "resized": list(overview),
            "grid_rows_cols": [rows, columns],
            "tokens_per_slice": [self._tokens(view) for view in views],
            "target_sizes": [[h // self.patch, w // self.patch] for h, w in views],
        }

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        overview, piece = self.views(info)
        block = self.patch * self.merge
        size = overview[1], overview[0]
        if piece is None:
            return whole(*size, size[1] // block, size[0] // block)
        canvas = columns * piece[1], rows * piece[0]
        boxes = tile_boxes(*canvas, rows, columns)
        return Layout(canvas, (0, 0, *canvas), tiles=boxes, thumbnail=size)

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        overview, piece = self.views(info)
        total = parts(self.expansion(info), self.token)["image"]
        steps = [f"{info}: an overview of {overview[1]} x {overview[0]}"]
        terms = str(self._tokens(overview))
        if piece is not None:
            steps.append(f"{rows} x {columns} slices of {piece[1]} x {piece[0]}")
            terms += f" + {rows * columns} x {self._tokens(piece)}"
        return [*steps, f"{terms} = {total} tokens", *specials(self.expansion(info), self.token)]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        rows, columns = self.grid(info_of(x))
        overview, piece = self.views(info_of(x))
        if piece is None:
            return scaled(info_of(x), overview[1], overview[0])
        return scaled(info_of(x), columns * piece[1], rows * piece[0])
