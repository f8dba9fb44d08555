"""OpenAI's patch rule: gpt-4.1-mini, gpt-5-mini, o4-mini, gpt-5.2 and everything newer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isqrt
from typing import Any, ClassVar

from multitok.core.errors import MediaError, RejectedError
from multitok.core.info import ImageInfo
from multitok.core.integers import ceil_div, scale_to
from multitok.core.parameters import Positive, Rate
from multitok.modalities.image.rule import Pair, PictureCounter, Seen, covered
from multitok.modalities.image.words import shrunk

MICRO = 1_000_000
"""Multipliers are decimals, so they are taken in millionths: 1,024 x 1.2 is exactly 1,228.8."""


@dataclass(frozen=True, kw_only=True)
class OpenAIPatchCounter(PictureCounter):
    """Patches of size x size pixels times a multiplier, after a shrink to limits.

    First the longest side is brought to `max_dim` (never enlarged). Over `budget` patches the
    picture is shrunk until it fits the budget and one side is a whole number of patches; without a
    budget, more than `reject` patches are refused, as the API does. The published formula has a
    square root and two floors; here it is solved in whole numbers, so no size falls one patch short
    by a float. MediaError for a refused picture and for one too thin for the budget.
    Source: developers.openai.com/api/docs/guides/images-vision, "patch-based image tokenization".

    >>> gpt_5_4 = OpenAIPatchCounter(size=32, budget=2500, multiplier=1.2, max_dim=2048)
    >>> gpt_5_4.count(ImageInfo(1024, 1024)), gpt_5_4.count(ImageInfo(2048, 2048))
    (1229, 3000)
    """

    size: Positive
    multiplier: Rate
    max_dim: Positive
    budget: Positive | None = None
    reject: Positive | None = None

    name: ClassVar[str] = "openai-patch"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 32, "multiplier": 1.2, "max_dim": 2048, "budget": 2500},
        {"size": 8, "multiplier": 1.62, "max_dim": 100, "budget": 30},
        {"size": 8, "multiplier": 1.0, "max_dim": 65535, "reject": 100},
    )

    def see(self, info: ImageInfo) -> Seen:
        width, height, size = info.width, info.height, self.size
        longest = max(width, height)
        if longest > self.max_dim:
            width = scale_to(width, self.max_dim, longest)
            height = scale_to(height, self.max_dim, longest)
        patches = ceil_div(width, size) * ceil_div(height, size)
        if self.budget is not None and patches > self.budget:
            width, height = self._within(self.budget, width, height)
            if width < 1 or height < 1:
                raise MediaError(
                    f"image {info} is too thin: the rule shrinks a side to 0 px"
                    f" to keep {self.budget} patches"
                )
        elif self.reject is not None and patches > self.reject:
            raise RejectedError(
                f"image {info} is {patches} patches of {size} px; the API rejects more than"
                f" {self.reject}. Shrink it, or ask for detail=high"
            )
        return covered((width, height), size)

    def _within(self, budget: int, width: int, height: int) -> Pair:
        """The size at the scale that spends the budget, one side in whole patches.

        The published sqrt(size^2 * budget / (w * h)) gives w * s / size = sqrt(budget * w / h).
        """
        size = self.size
        columns, rows = isqrt(budget * width // height), isqrt(budget * height // width)
        # The side that loses more to its floor is set to whole patches, the other follows.
        if columns * height <= rows * width:
            return columns * size, columns * size * height // width
        return rows * size * width // height, rows * size

    def charges(self, info: ImageInfo, seen: Seen) -> dict[str, int]:
        rows, columns = seen.grid
        return {"image": ceil_div(rows * columns * round(self.multiplier * MICRO), MICRO)}

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        rows, columns = seen.grid
        return {**super().reference(info, seen), "patches": rows * columns}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = seen.grid
        patches, tokens = rows * columns, self.charges(info, seen)["image"]
        budget = f" and {self.budget:,} patches" if self.budget is not None else ""
        return [
            *shrunk(info, f"{self.max_dim} x {self.max_dim}{budget}", *seen.picture),
            f"{columns} x {rows} patches of {self.size} px = {patches:,}",
            f"{patches:,} x {self.multiplier:g}, rounded up = {tokens:,} tokens",
        ]
