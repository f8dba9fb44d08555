"""A price per picture, whatever its size: detail low, media levels, documented maxima."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.parameters import Natural
from multitok.modalities.image.rule import UNSEEN, PictureCounter, Seen


@dataclass(frozen=True, kw_only=True)
class FlatImageCounter(PictureCounter):
    """The same number of tokens for every picture.

    `part` is the provider's word for it in the breakdown ("base", "level", ...).
    Source: the catalogue row that gives the number.

    >>> FlatImageCounter(tokens=85, part="base").breakdown(ImageInfo(4096, 8192))
    {'base': 85}
    """

    tokens: Natural
    part: str = "image"

    name: ClassVar[str] = "image-flat"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"tokens": 85, "part": "base"},
        {"tokens": 1120},
    )

    def see(self, info: ImageInfo) -> Seen:
        return UNSEEN

    def charges(self, info: ImageInfo, seen: Seen) -> dict[str, int]:
        return {self.part: self.tokens}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        return [f"{self.tokens:,} tokens, whatever the size"]
