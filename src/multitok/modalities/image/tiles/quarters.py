"""Four quarters and the whole, a fixed number of tokens each: Idefics 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.layout import Box
from multitok.core.parameters import Positive
from multitok.modalities.image.rule import Pair, PictureRule, Seen
from multitok.modalities.image.words import Pieces, product, refuse, verb


@dataclass(frozen=True, kw_only=True)
class QuartersCounter(PictureRule):
    """`tokens` a view between `fake` names; with `split` five views, else one.

    Each view has its long side at most `longest` and both sides at least `shortest`, which may
    bend the aspect. A side of 1 px has no quarters. Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_idefics2.py, processing_idefics2.py.

    >>> QuartersCounter().count(ImageInfo(1920, 1080))
    66
    >>> QuartersCounter(split=True).count(ImageInfo(1920, 1080))
    326
    """

    longest: Positive = 980
    shortest: Positive = 378
    patch: Positive = 14
    tokens: Positive = 64
    split: bool = False
    token: str = "<image>"
    fake: str = "<fake_token_around_image>"

    name: ClassVar[str] = "quarters"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"split": True, "longest": 500})

    def see(self, info: ImageInfo) -> Seen:
        whole = self._scaled(info.width, info.height)
        return Seen(whole, whole, crops=_quarters(info) if self.split else ())

    def _scaled(self, width: int, height: int) -> Pair:
        """Width and height of one view."""
        aspect = width / height
        if width >= height and width > self.longest:
            width, height = self.longest, int(self.longest / aspect)
        elif height > width and height > self.longest:
            width, height = int(self.longest * aspect), self.longest
        return max(width, self.shortest), max(height, self.shortest)

    def pieces(self, seen: Seen) -> Pieces:
        return (*(((self.fake, 1), (self.token, self.tokens)) * seen.views), (self.fake, 1))

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        quarters = [self._scaled(right - left, low - top) for left, top, right, low in seen.crops]
        sizes = [*quarters, seen.whole]
        return {
            "resized": seen.size,
            "sub_images": seen.views,
            "resized_each": [[height, width] for width, height in sizes],
            "patches14_each": [[h // self.patch, w // self.patch] for w, h in sizes],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        views = "four quarters and the whole" if seen.crops else "one view"
        return [
            f"{info}: {views}, {verb(info, *seen.whole)}",
            product(seen.views, self.tokens),
        ]


def _quarters(info: ImageInfo) -> tuple[Box, ...]:
    """In pixels of the source."""
    width, height = info.width, info.height
    x, y = width // 2, height // 2
    if not x or not y:
        raise refuse(info, "a side of 1 px cannot be halved: turn splitting off")
    return (0, 0, x, y), (x, 0, width, y), (0, y, x, height), (x, y, width, height)
