"""DeepSeek V4.1's picture: 42 px cells, a break after every row, two tokens around."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, sqrt
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import ceil_div, round_up, scale_to
from multitok.core.layout import Layout, whole
from multitok.core.tokenizer import TokenCounter

if TYPE_CHECKING:
    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class DeepSeekRowsCounter(TokenCounter["Image", ImageInfo]):
    """rows x (columns + 1) + 2 tokens, where a cell is patch x ratio pixels.

    With `low_side` the longest side is shrunk to it first (detail=low); a picture of less than
    `min_pixels` is enlarged to them, sides truncated; sides are rounded up to whole patches. Over
    `max_tokens` the picture is shrunk to the largest grid of its aspect that fits, at least one
    row and one column. The arithmetic is the reference's, floats included.
    Source: vllm, models/deepseek_v41/common/mm_preprocess.py at 707bb96; constants as served.

    >>> v41 = DeepSeekRowsCounter(patch=14, ratio=3, max_tokens=1024, min_pixels=295936)
    >>> v41.count(ImageInfo(1024, 1024)), v41.count(ImageInfo(1920, 1080))
    (652, 968)
    """

    patch: int
    ratio: int
    max_tokens: int
    min_pixels: int
    low_side: int | None = None

    name: ClassVar[str] = "deepseek-rows"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"patch": 14, "ratio": 3, "max_tokens": 1024, "min_pixels": 295936},
        {"patch": 4, "ratio": 2, "max_tokens": 60, "min_pixels": 64, "low_side": 100},
    )

    def __post_init__(self) -> None:
        if self.patch < 1 or self.ratio < 1 or self.max_tokens < 4:
            raise MediaError(
                "patch and ratio must be at least 1 and max_tokens at least 4,"
                f" got {self.patch!r}, {self.ratio!r}, {self.max_tokens!r}"
            )

    def seen(self, info: ImageInfo) -> tuple[int, int]:
        """Width and height in whole patches."""
        width, height = info.width, info.height
        if self.low_side is not None and max(width, height) > self.low_side:
            longest = max(width, height)
            width = scale_to(width, self.low_side, longest)
            height = scale_to(height, self.low_side, longest)
        if width * height < self.min_pixels:
            grow = sqrt(self.min_pixels / (width * height))
            width, height = int(width * grow), int(height * grow)
        fitted = round_up(width, self.patch), round_up(height, self.patch)
        rows, columns = self._cells(*fitted)
        if rows * (columns + 1) + 2 > self.max_tokens:
            fitted = self._shrunk(width, height)
        return fitted

    def _shrunk(self, width: int, height: int) -> tuple[int, int]:
        """The largest whole cells along one side that keep rows x (columns + 1) in the budget."""
        cell = self.patch * self.ratio
        room = self.max_tokens - 2
        aspect = height / width
        columns = sqrt(room / aspect + 0.25) - 0.5
        rows = columns * aspect
        if columns < 1:
            return cell, room // 2 * cell
        if rows < 1:
            return (room - 1) * cell, cell
        scale = min(floor(columns) * cell / width, floor(rows) * cell / height)
        return (
            floor(width * scale / self.patch) * self.patch,
            floor(height * scale / self.patch) * self.patch,
        )

    def _cells(self, width: int, height: int) -> tuple[int, int]:
        cell = self.patch * self.ratio
        return ceil_div(height, cell), ceil_div(width, cell)

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of cells."""
        return self._cells(*self.seen(info))

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.grid(info_of(x))
        return rows * (columns + 1) + 2

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        rows, columns = self.grid(info_of(x))
        return {"image": rows * columns, "row break": rows, "start and end": 2}

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        info: ImageInfo = info_of(x)
        width, height = self.seen(info)
        return {"resized": [height, width], "grid": list(self.grid(info))}

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        info: ImageInfo = info_of(x)
        width, height = self.seen(info)
        rows, columns = self.grid(info)
        cell = self.patch * self.ratio
        if (width, height) == (columns * cell, rows * cell):
            return whole(width, height, rows, columns)
        return Layout((columns * cell, rows * cell), (0, 0, width, height), rows, columns)

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        width, height = self.seen(info)
        rows, columns = self.grid(info)
        return [
            f"{info} resized to {width} x {height}",
            f"{columns} x {rows} cells of {self.patch * self.ratio} px",
            f"{rows} rows x ({columns} + 1 break) + 2 = {self.count(info)} tokens",
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        width, height = self.seen(info)
        if width < info.width and height < info.height:
            return [f"shrunk by the provider to {width} x {height}"]
        if info.width * info.height < self.min_pixels:
            return [f"enlarged by the provider to {width} x {height}"]
        return []
