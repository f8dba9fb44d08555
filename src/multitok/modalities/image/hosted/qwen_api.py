"""Qwen-VL as APIs bill it: sides snapped to whole cells within a pixel budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo, info_of
from multitok.core.layout import Layout, whole
from multitok.core.tokenizer import TokenCounter

if TYPE_CHECKING:
    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class QwenApiCounter(TokenCounter["Image", ImageInfo]):
    """One token for each cell of size x size pixels, and `extra` around them.

    Sides are rounded to whole cells: half to even with `rounding` "nearest" (Alibaba), up with "up"
    (SiliconFlow). Over `max_pixels` the picture is shrunk to them, below `min_pixels` enlarged. The
    arithmetic is the published code's, floats included. MediaError for a picture so thin that a
    side comes out as 0 px.
    Source: help.aliyun.com/zh/model-studio/vision, docs.siliconflow.com/en/userguide (vision).

    >>> siliconflow = QwenApiCounter(
    ...     size=28, max_pixels=3584 * 3584, min_pixels=56 * 56, extra=0, rounding="up"
    ... )
    >>> siliconflow.count(ImageInfo(1024, 1024)), siliconflow.count(ImageInfo(3172, 4096))
    (1369, 16240)
    """

    size: int
    max_pixels: int
    min_pixels: int
    extra: int
    rounding: str

    name: ClassVar[str] = "qwen-api"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 32, "max_pixels": 2**24, "min_pixels": 4096, "extra": 2, "rounding": "nearest"},
        {"size": 8, "max_pixels": 2560, "min_pixels": 256, "extra": 0, "rounding": "up"},
    )

    def __post_init__(self) -> None:
        if self.size < 1 or self.min_pixels < 1:
            raise MediaError(
                f"size and min_pixels must be at least 1, got {self.size!r} and {self.min_pixels!r}"
            )
        if self.max_pixels < self.min_pixels:
            raise MediaError(
                f"max_pixels must be at least min_pixels={self.min_pixels}, got {self.max_pixels!r}"
            )
        if self.rounding not in ("nearest", "up"):
            raise MediaError(f"rounding must be 'nearest' or 'up', got {self.rounding!r}")

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of cells."""
        size = self.size
        to_cells = ceil if self.rounding == "up" else round
        columns, rows = to_cells(info.width / size), to_cells(info.height / size)
        pixels = rows * columns * size * size
        if pixels > self.max_pixels:
            shrink = sqrt(info.height * info.width / self.max_pixels)
            rows, columns = floor(info.height / shrink / size), floor(info.width / shrink / size)
        elif pixels < self.min_pixels:
            grow = sqrt(self.min_pixels / (info.height * info.width))
            rows, columns = ceil(info.height * grow / size), ceil(info.width * grow / size)
        if rows < 1 or columns < 1:
            raise MediaError(
                f"image {info} is too thin: the rule makes a side 0 px"
                f" to keep {self.max_pixels} px. Crop it, or pad its short side"
            )
        return rows, columns

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.grid(info_of(x))
        return rows * columns + self.extra

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        rows, columns = self.grid(info_of(x))
        return {"image": rows * columns, **({"extra": self.extra} if self.extra else {})}

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        rows, columns = self.grid(info_of(x))
        return {"resized": [rows * self.size, columns * self.size], "grid": [rows, columns]}

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        rows, columns = self.grid(info_of(x))
        return whole(columns * self.size, rows * self.size, rows, columns)

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        cells = rows * columns
        more = f" + {self.extra} = {cells + self.extra}" if self.extra else ""
        return [
            f"{info} resized to {columns * self.size} x {rows * self.size}",
            f"{columns} x {rows} cells of {self.size} px = {cells}{more} tokens",
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        width, height = columns * self.size, rows * self.size
        if width > info.width - self.size and height > info.height - self.size:
            return []  # snapped to the grid, no more
        return [f"shrunk by the provider to {width} x {height}"]
