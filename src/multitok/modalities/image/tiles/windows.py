"""Short side to the window, overlapping windows along the long one; or one padded square: EoMT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import ceil_div
from multitok.core.layout import Layout
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.image.words import padded, positive, refuse, scaled, verb

if TYPE_CHECKING:
    from multitok.core.media import Image

MOST_WINDOWS = 4096
"""Beyond this (an aspect over 4,096) the reference runs out of memory."""


@dataclass(frozen=True, kw_only=True)
class WindowsCounter(TokenCounter["Image", ImageInfo]):
    """Square windows of `size` pixels, (size / patch)^2 tokens each.

    With `split` the short side becomes `size` and as many windows as cover the long one overlap
    evenly, their starts cut to whole pixels; without it the picture is scaled inside size x size
    and padded right and bottom. Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_eomt.py.

    >>> WindowsCounter(size=512).count(ImageInfo(4000, 200))
    20480
    """

    size: int
    patch: int = 16
    split: bool = True

    name: ClassVar[str] = "windows"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 512},
        {"size": 640, "split": False},
    )

    def __post_init__(self) -> None:
        positive(self, "size", "patch")

    def resized(self, info: ImageInfo) -> tuple[int, int]:
        """Width and height after the resize, before windows or padding."""
        width, height, size = info.width, info.height, self.size
        short, long = min(width, height), max(width, height)
        if self.split:
            scaled_long = int(size * long / short)
            return (size, scaled_long) if width < height else (scaled_long, size)
        return _inside(info, size)

    def offsets(self, info: ImageInfo) -> list[tuple[int, int]]:
        """Start and end of each window along the long side."""
        if not self.split:
            return []
        long, n = max(self.resized(info)), self.windows(info)
        overlap = (n * self.size - long) / (n - 1) if n > 1 else 0
        starts = [int(i * (self.size - overlap)) for i in range(n)]
        return [(start, start + self.size) for start in starts]

    def windows(self, info: ImageInfo) -> int:
        """How many windows."""
        long = max(self.resized(info))
        n = ceil_div(long, self.size) if self.split else 1
        if n > MOST_WINDOWS:
            raise refuse(info, f"it would be cut into {n:,} windows of {self.size} px")
        return n

    def count(self, x: Image | ImageInfo, /) -> int:
        side = self.size // self.patch
        return self.windows(x if type(x) is ImageInfo else info_of(x)) * side * side

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        """`resized` and `grid` are one window's."""
        side = self.size // self.patch
        return {
            "resized": [self.size, self.size],
            "grid": [side, side],
            "sub_images": self.windows(info_of(x)),
            "patch_offsets": [[0, start, end] for start, end in self.offsets(info_of(x))],
        }

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        info: ImageInfo = info_of(x)
        width, height = self.resized(info)
        side = self.size // self.patch
        if not self.split:
            return Layout((self.size, self.size), (0, 0, width, height), side, side)
        spans = [(start, min(end, max(width, height))) for start, end in self.offsets(info)]
        tiles = tuple(
            (0, start, width, end) if height > width else (start, 0, end, height)
            for start, end in spans
        )
        return Layout((width, height), (0, 0, width, height), tiles=tiles)

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        n, side = self.windows(info), self.size // self.patch
        how = "overlapping windows" if self.split else "padded square"
        return [
            f"{info}: {verb(info, *self.resized(info))}",
            f"{n} {how} of {side} x {side} patches of {self.patch} px = {self.count(info)} tokens",
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        return [*scaled(info_of(x), *self.resized(info_of(x))), *padded(self.layout(x))]


def _inside(info: ImageInfo, size: int) -> tuple[int, int]:
    """The reference's shortest-edge and longest-edge resize with both edges equal to `size`."""
    width, height = info.width, info.height
    short, long = min(width, height), max(width, height)
    target: float = size
    if long / short * size > size:
        target = round(size * short / long)
    if (height <= width and height == target) or (width <= height and width == target):
        if long > size:  # the short side has its size already, and the reference lets it be
            raise refuse(info, f"its long side stays at {long} px, over the square of {size} px")
        return width, height
    exact = size * short / long if long / short * size > size else float(size)
    if width < height:
        made = int(target), int(exact * height / width)
    else:
        made = int(exact * width / height), int(target)
    if made[0] < 1 or made[1] < 1:
        raise refuse(info, f"scaled inside {size}x{size}, a side is 0 px")
    return made
