"""Anthropic's visual tokens: shrink to the tier's limits, then 28 x 28 pixels are one token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, ClassVar, Literal

from multitok.core.errors import MediaError, RejectedError
from multitok.core.info import ImageInfo
from multitok.core.parameters import Positive
from multitok.modalities.image.rule import Pair, PictureCounter, Seen, covered
from multitok.modalities.image.words import shrunk


@dataclass(frozen=True, kw_only=True)
class AnthropicResizeCounter(PictureCounter):
    """The largest size of the same aspect that fits the tier, in patches of size x size.

    A picture fits when both sides, padded to whole patches, are at most `max_edge` pixels and the
    patches at most `max_tokens`. One that does not is shrunk to the largest whole long edge that
    fits, found by halving; the short edge is rounded half to even, at least 1. Landscape and
    portrait are mirror images. `oversized` "error" rejects what it would otherwise shrink.
    Source: platform.claude.com/docs/en/build-with-claude/vision-coordinates, reference code.

    >>> standard = AnthropicResizeCounter(size=28, max_edge=1568, max_tokens=1568)
    >>> standard.seen(ImageInfo(1075, 1520)).picture, standard.count(ImageInfo(1075, 1520))
    ((924, 1307), 1551)
    """

    size: Positive
    max_edge: int
    max_tokens: Positive
    oversized: Literal["resize", "error"] = "resize"

    name: ClassVar[str] = "anthropic-resize"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 28, "max_edge": 1568, "max_tokens": 1568},
        {"size": 4, "max_edge": 40, "max_tokens": 60},
        {"size": 28, "max_edge": 1568, "max_tokens": 1568, "oversized": "error"},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.max_edge < self.size:
            raise MediaError(f"max_edge must be at least one patch, got {self.max_edge!r}")

    def see(self, info: ImageInfo) -> Seen:
        width, height = info.width, info.height
        if not self._within(width, height):
            if self.oversized == "error":
                raise RejectedError(
                    f"image {info} would be shrunk, and oversized_image='error' rejects it."
                    f" Shrink it to fit {self.max_edge} px a side and {self.max_tokens} tokens"
                )
            if height > width:
                height, width = self._largest(height, width)
            else:
                width, height = self._largest(width, height)
        return covered((width, height), self.size)

    def _within(self, width: int, height: int) -> bool:
        columns, rows = -(-width // self.size), -(-height // self.size)
        edge = self.max_edge // self.size
        return columns <= edge and rows <= edge and columns * rows <= self.max_tokens

    def _largest(self, long: int, short: int) -> Pair:
        """The largest long edge that fits, and its short edge."""
        # The published code divides floats and rounds half to even, and so does this: a picture a
        # hair from a patch border then falls on the same side as the provider's.
        aspect = long / short
        size, limit = self.size, self.max_tokens
        # Which sizes fit is monotone, so the search may start near its end: the area alone bounds
        # the long edge, and padding to whole patches rarely takes two patches off it.
        by_area = int(sqrt(limit * aspect) * size + aspect / 2) + 2
        too_long = min(long, self.max_edge // size * size + 1, by_area)
        fits = max(too_long - 2 * size, 1)
        if not self._within(fits, max(round(fits / aspect), 1)):
            too_long, fits = fits, 1
        while fits + 1 < too_long:
            middle = (fits + too_long) // 2
            if -(-middle // size) * -(-max(round(middle / aspect), 1) // size) <= limit:
                fits = middle
            else:
                too_long = middle
        return fits, max(round(fits / aspect), 1)

    def charges(self, info: ImageInfo, seen: Seen) -> dict[str, int]:
        rows, columns = seen.grid
        return {"image": rows * columns}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = seen.grid
        limits = f"{self.max_edge} px a side and {self.max_tokens:,} tokens"
        return [
            *shrunk(info, limits, *seen.picture),
            f"{columns} x {rows} patches of {self.size} px = {rows * columns:,} tokens",
        ]
