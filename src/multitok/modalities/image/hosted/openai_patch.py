"""OpenAI's patch rule: gpt-4.1-mini, gpt-5-mini, o4-mini, gpt-5.2 and everything newer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import ceil_div, scale_to
from multitok.core.layout import Layout
from multitok.core.tokenizer import TokenCounter

if TYPE_CHECKING:
    from multitok.core.media import Image

MICRO = 1_000_000
"""Multipliers are decimals, so they are taken in millionths: 1,024 x 1.2 is exactly 1,228.8."""


@dataclass(frozen=True, kw_only=True)
class OpenAIPatchCounter(TokenCounter["Image", ImageInfo]):
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

    size: int
    multiplier: float
    max_dim: int
    budget: int | None = None
    reject: int | None = None

    name: ClassVar[str] = "openai-patch"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 32, "multiplier": 1.2, "max_dim": 2048, "budget": 2500},
        {"size": 8, "multiplier": 1.62, "max_dim": 100, "budget": 30},
        {"size": 8, "multiplier": 1.0, "max_dim": 65535, "reject": 100},
    )

    def __post_init__(self) -> None:
        for name in ("size", "max_dim", "budget", "reject"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise MediaError(f"{name} must be at least 1, got {value!r}")
        if self.multiplier <= 0:
            raise MediaError(f"multiplier must be above 0, got {self.multiplier!r}")

    def seen(self, info: ImageInfo) -> tuple[int, int]:
        """Width and height of the picture that is cut into patches."""
        width, height, size = info.width, info.height, self.size
        longest = max(width, height)
        if longest > self.max_dim:
            width = scale_to(width, self.max_dim, longest)
            height = scale_to(height, self.max_dim, longest)
        patches = ceil_div(width, size) * ceil_div(height, size)
        if self.budget is not None and patches > self.budget:
            # Whole patches along each side at the scale that spends the budget: the published
            # sqrt(size^2 * budget / (w * h)) gives w * s / size = sqrt(budget * w / h).
            columns = isqrt(self.budget * width // height)
            rows = isqrt(self.budget * height // width)
            # The side that loses more to its floor is set to whole patches, the other follows.
            if columns * height <= rows * width:
                width, height = columns * size, columns * size * height // width
            else:
                width, height = rows * size * width // height, rows * size
            if width < 1 or height < 1:
                raise MediaError(
                    f"image {info} is too thin: the rule shrinks a side to 0 px"
                    f" to keep {self.budget} patches"
                )
        elif self.reject is not None and patches > self.reject:
            raise MediaError(
                f"image {info} is {patches} patches of {size} px; the API rejects more than"
                f" {self.reject}. Shrink it, or ask for detail=high"
            )
        return width, height

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of patches."""
        width, height = self.seen(info)
        return ceil_div(height, self.size), ceil_div(width, self.size)

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.grid(info_of(x))
        return ceil_div(rows * columns * round(self.multiplier * MICRO), MICRO)

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        info: ImageInfo = info_of(x)
        width, height = self.seen(info)
        rows, columns = self.grid(info)
        return {"resized": [height, width], "grid": [rows, columns], "patches": rows * columns}

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        info: ImageInfo = info_of(x)
        width, height = self.seen(info)
        rows, columns = self.grid(info)
        canvas = columns * self.size, rows * self.size
        return Layout(canvas, (0, 0, width, height), rows, columns)

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        width, height = self.seen(info)
        rows, columns = self.grid(info)
        steps = []
        if (width, height) != (info.width, info.height):
            budget = f" and {self.budget} patches" if self.budget is not None else ""
            limits = f"{self.max_dim} x {self.max_dim}{budget}"
            steps.append(f"{info} shrunk to fit {limits}: {width} x {height}")
        patches = rows * columns
        steps.append(f"{columns} x {rows} patches of {self.size} px = {patches}")
        steps.append(f"{patches} x {self.multiplier:g}, rounded up = {self.count(info)} tokens")
        return steps

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        width, height = self.seen(info)
        if (width, height) == (info.width, info.height):
            return []
        return [f"shrunk by the provider to {width} x {height}"]
