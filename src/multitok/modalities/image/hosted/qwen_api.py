"""Qwen-VL as APIs bill it: sides snapped to whole cells within a pixel budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import Any, ClassVar, Literal

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo
from multitok.core.parameters import Natural, Positive
from multitok.modalities.image.rule import PictureCounter, Seen, cells


@dataclass(frozen=True, kw_only=True)
class QwenApiCounter(PictureCounter):
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

    size: Positive
    max_pixels: int
    min_pixels: Positive
    extra: Natural
    rounding: Literal["nearest", "up"]

    name: ClassVar[str] = "qwen-api"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 32, "max_pixels": 2**24, "min_pixels": 4096, "extra": 2, "rounding": "nearest"},
        {"size": 8, "max_pixels": 2560, "min_pixels": 256, "extra": 0, "rounding": "up"},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.max_pixels < self.min_pixels:
            raise MediaError(
                f"max_pixels must be at least min_pixels={self.min_pixels}, got {self.max_pixels!r}"
            )

    def see(self, info: ImageInfo) -> Seen:
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
        return cells(rows, columns, size)

    def charges(self, info: ImageInfo, seen: Seen) -> dict[str, int]:
        rows, columns = seen.grid
        return {"image": rows * columns, **({"extra": self.extra} if self.extra else {})}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        (width, height), (rows, columns) = seen.picture, seen.grid
        n = rows * columns
        more = f" + {self.extra} = {n + self.extra:,}" if self.extra else ""
        return [
            f"{info} resized to {width} x {height}",
            f"{columns} x {rows} cells of {self.size} px = {n:,}{more} tokens",
        ]
