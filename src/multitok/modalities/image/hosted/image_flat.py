"""A price per picture, whatever its size: detail low, media levels, documented maxima."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo
from multitok.core.tokenizer import TokenCounter

if TYPE_CHECKING:
    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class FlatImageCounter(TokenCounter["Image", ImageInfo]):
    """The same number of tokens for every picture.

    `part` is the provider's word for it in the breakdown ("base", "level", ...).
    Source: the catalogue row that gives the number.

    >>> FlatImageCounter(tokens=85, part="base").breakdown(ImageInfo(4096, 8192))
    {'base': 85}
    """

    tokens: int
    part: str = "image"

    name: ClassVar[str] = "image-flat"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"tokens": 85, "part": "base"},
        {"tokens": 1120},
    )

    def __post_init__(self) -> None:
        if self.tokens < 0:
            raise MediaError(f"tokens must be at least 0, got {self.tokens!r}")

    def count(self, x: Image | ImageInfo, /) -> int:
        return self.tokens

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return {self.part: self.tokens}

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        return [f"{self.tokens} tokens, whatever the size"]
