"""Short side to the window, overlapping windows along the long one; or one padded square: EoMT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.integers import ceil_div
from multitok.core.layout import Box
from multitok.core.parameters import Positive
from multitok.modalities.image.rule import Pair, PictureRule, Seen
from multitok.modalities.image.words import Pieces, placed, refuse

MOST_WINDOWS = 4096
"""Beyond this (an aspect over 4,096) the reference runs out of memory."""


@dataclass(frozen=True, kw_only=True)
class WindowsCounter(PictureRule):
    """Square windows of `size` pixels, (size / patch)^2 tokens each.

    With `split` the short side becomes `size` and as many windows as cover the long one overlap
    evenly, their starts cut to whole pixels; without it the picture is scaled inside size x size
    and padded right and bottom. Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_eomt.py.

    >>> WindowsCounter(size=512).count(ImageInfo(4000, 200))
    20480
    """

    size: Positive
    patch: Positive = 16
    split: bool = True

    name: ClassVar[str] = "windows"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 512},
        {"size": 640, "split": False},
    )

    @property
    def side(self) -> int:
        """Patches of the side of a window."""
        return self.size // self.patch

    def see(self, info: ImageInfo) -> Seen:
        width, height, size = info.width, info.height, self.size
        if not self.split:
            return Seen(_inside(info, size), (size, size), grid=(self.side, self.side))
        long = int(size * max(width, height) / min(width, height))
        n = ceil_div(long, size)
        if n > MOST_WINDOWS:
            raise refuse(info, f"it would be cut into {n:,} windows of {size} px")
        if width < height:
            return Seen((size, long), (size, long), tiles=(n, 1))
        return Seen((long, size), (long, size), tiles=(1, n))

    def pieces(self, seen: Seen) -> Pieces:
        return ((self.token, seen.views * self.side**2),)

    def _spans(self, seen: Seen) -> list[Pair]:
        """Start and end of each window along the long side."""
        n, size = seen.cut, self.size
        overlap = (n * size - max(seen.canvas)) / (n - 1) if n > 1 else 0
        starts = [int(i * (size - overlap)) for i in range(n)]
        return [(start, start + size) for start in starts]

    def boxes(self, seen: Seen) -> tuple[Box, ...]:
        width, height = seen.canvas
        if height > width:
            return tuple((0, top, width, end) for top, end in self._spans(seen))
        return tuple((left, 0, end, height) for left, end in self._spans(seen))

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        """`resized` and `grid` are one window's."""
        return {
            "resized": [self.size, self.size],
            "grid": [self.side, self.side],
            "sub_images": seen.views,
            "patch_offsets": [[0, start, end] for start, end in self._spans(seen)],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        n, side = seen.views, self.side
        how = "overlapping windows" if self.split else "square"
        return [
            f"{info}: {placed(info, seen.picture, seen.canvas)}",
            f"{n:,} {how} of {side} x {side} patches of {self.patch} px = {n * side**2:,} tokens",
        ]


def _inside(info: ImageInfo, size: int) -> Pair:
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
