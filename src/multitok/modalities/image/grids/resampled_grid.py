"""As many whole patches as a budget holds, which a resampler makes one number of: Kosmos-2.5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, sqrt
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.parameters import Positive
from multitok.modalities.image.rule import PictureRule, Seen
from multitok.modalities.image.words import Pieces, verb, wrapped


@dataclass(frozen=True, kw_only=True)
class ResampledGridCounter(PictureRule):
    """`tokens` for every picture, of the patches that the encoder is shown.

    The picture is scaled, up or down, to the most patches under `max_patches` that keep its aspect;
    both sides are rounded down to patches, one at least. Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_kosmos2_5.py, processing_kosmos2_5.py.

    >>> rule = ResampledGridCounter()
    >>> rule.count(ImageInfo(1920, 1080)), rule.seen(ImageInfo(1920, 1080)).canvas
    (2050, (1360, 768))
    """

    patch: Positive = 16
    max_patches: Positive = 4096
    tokens: Positive = 2048
    token: str = "<s>"
    start: tuple[str, ...] = ("<image>",)
    end: tuple[str, ...] = ("</image>",)

    name: ClassVar[str] = "resampled-grid"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"max_patches": 9, "tokens": 4})

    def see(self, info: ImageInfo) -> Seen:
        width, height, patch, most = info.width, info.height, self.patch, self.max_patches
        by = sqrt(most * (patch / height) * (patch / width))
        rows = max(min(floor(by * height / patch), most), 1)
        columns = max(min(floor(by * width / patch), most), 1)
        canvas = columns * patch, rows * patch
        return Seen(canvas, canvas)  # no token has a place: each is drawn from all patches

    def pieces(self, seen: Seen) -> Pieces:
        return wrapped(self.start, ((self.token, self.tokens),), self.end)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        rows, columns = (side // self.patch for side in seen.resized)
        return {"resized": seen.resized, "rows": rows, "cols": columns}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = (side // self.patch for side in seen.resized)
        return [
            f"{info} within {self.max_patches:,} patches of {self.patch} px:"
            f" {verb(info, *seen.canvas)}",
            f"{rows} x {columns} patches resampled to {self.tokens:,} = {self.tokens:,} tokens",
        ]
