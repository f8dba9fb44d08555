"""An overview and slices, each resized to suit its own shape: MiniCPM-V."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, log, sqrt
from typing import Any, ClassVar, Literal

from multitok.core.info import ImageInfo
from multitok.core.parameters import Natural, Positive
from multitok.modalities.image.rule import Pair, PictureRule, Seen, cells
from multitok.modalities.image.words import Pieces, refuse, wrapped


def slice_grid(width: int, height: int, side: int, most: int, by_side: bool = False) -> Pair:
    """Rows and columns of slices, closest in log aspect; 0, 0 when there are none: where the area
    is no more than side x side, or no side is longer.

    >>> slice_grid(1920, 1080, 448, 9), slice_grid(600, 100, 448, 9), slice_grid(
    ...     600, 100, 448, 9, by_side=True)
    ((2, 4), (0, 0), (1, 2))
    """
    wanted = min(ceil(width * height / (side * side)), most)
    if (max(width, height) <= side) if by_side else wanted <= 1:
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
class AdaptiveSlicesCounter(PictureRule):
    """patches / merge^2 tokens for the overview and for each slice; 2 names around each.

    Over side x side pixels the picture is cut into at most `max_slices`, in the grid closest in
    log aspect among the wanted number and its neighbors. The overview keeps its size below that.
    `merge` is 4 in the published 16x mode, 2 in 4x. Arithmetic is float64 as in the reference.
    `fixed` is the tokens of every view where a resampler makes them (MiniCPM-V 2.6: 64).
    `number_names` stand around the picture's number, whose digits are literal text; `slices_start`
    and `slices_end` around all slices of a picture that has some (MiniCPM-V 2 and 2.5). With
    `cut_by` "side" a picture is cut where a side is longer than `side` (llama.cpp).
    Source: transformers 5.23.0, image_processing_minicpmv4_6.py (class defaults of MiniCPM-V 4.6);
    OpenBMB/MiniCPM-V, finetune/dataset.py.

    >>> AdaptiveSlicesCounter().count(ImageInfo(1920, 1080))
    596
    """

    side: Positive = 448
    patch: Positive = 14
    merge: Positive = 4
    max_slices: Positive = 9
    fixed: Natural | None = None
    token: str = "<unk>"
    start: str = "<image>"
    end: str = "</image>"
    slice_start: str = "<slice>"
    slice_end: str = "</slice>"
    cut_by: Literal["area", "side"] = "area"
    slices_start: str = ""
    slices_end: str = ""
    row_text: str = "\n"
    number_names: tuple[str, ...] = ()

    name: ClassVar[str] = "adaptive-slices"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {
            "side": 28,
            "patch": 7,
            "merge": 2,
            "fixed": 3,
            "number_names": ("<image_id>", "</image_id>"),
        },
        {"side": 28, "patch": 7, "merge": 1, "slices_start": "<slices>", "slices_end": "</slices>"},
        {"side": 28, "patch": 7, "merge": 1, "fixed": 4, "cut_by": "side"},
    )

    def see(self, info: ImageInfo) -> Seen:
        by_side = self.cut_by == "side"
        rows, columns = slice_grid(info.width, info.height, self.side, self.max_slices, by_side)
        overview = self._best(info, info.width, info.height, not rows)
        if not rows:
            block = self.patch * self.merge
            return cells(overview[1] // block, overview[0] // block, block)
        wide, tall = _whole(info.width, columns), _whole(info.height, rows)
        width, height = self._best(info, wide / columns, tall / rows, True)
        canvas = columns * width, rows * height
        return Seen(canvas, canvas, tiles=(rows, columns), overview=overview)

    def _best(self, info: ImageInfo, width: float, height: float, force: bool) -> Pair:
        """Width and height of one view: about side x side pixels in whole blocks."""
        if force or height * width > self.side * self.side:
            aspect = width / height
            height = int(self.side / sqrt(aspect))
            width = int(height * aspect)
            if height < 1:
                raise refuse(info, "its overview would be 0 px high")
        block = self.patch * self.merge
        return _whole(width, block), _whole(height, block)

    def _tokens(self, view: Pair) -> int:
        if self.fixed is not None:
            return self.fixed
        return (view[0] // self.patch) * (view[1] // self.patch) // self.merge**2

    def pieces(self, seen: Seen) -> Pieces:
        overview = ((self.start, 1), (self.token, self._tokens(seen.whole)), (self.end, 1))
        tile = (self.token, self._tokens(seen.tile))
        slices: Pieces = ((self.slice_start, 1), tile, (self.slice_end, 1)) * seen.cut
        if seen.cut and self.slices_start:
            slices = ((self.slices_start, 1), *slices, (self.slices_end, 1))
        return wrapped(self.number_names, (*overview, *slices), ())

    def text(self, seen: Seen) -> dict[str, int]:
        breaks = {self.row_text: seen.tiling[0] - 1}
        return {**breaks, "0": 1} if self.number_names else breaks

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        """`target_sizes` are patches of every view: rows, columns."""
        views = [seen.whole, *[seen.tile] * seen.cut]
        width, height = seen.whole
        return {
            "resized": [height, width],
            "grid_rows_cols": list(seen.tiles),
            "tokens_per_slice": [self._tokens(view) for view in views],
            "target_sizes": [[h // self.patch, w // self.patch] for w, h in views],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        (width, height), tokens = seen.whole, self._tokens(seen.whole)
        overview = f"{info}: an overview of {width} x {height}"
        if not seen.cut:
            return [overview, f"{tokens:,} = {tokens:,} tokens"]
        (rows, columns), (wide, tall), each = seen.tiles, seen.tile, self._tokens(seen.tile)
        return [
            overview,
            f"{rows} x {columns} slices of {wide} x {tall}",
            f"{tokens:,} + {seen.cut:,} x {each:,} = {tokens + seen.cut * each:,} tokens",
        ]
