"""Four quarters and the whole, a fixed number of tokens each: Idefics 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.layout import Layout
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.image.words import Pieces, parts, positive, refuse, scaled, specials, verb

if TYPE_CHECKING:
    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class QuartersCounter(TokenCounter["Image", ImageInfo]):
    """`tokens` a view between `fake` names; with `split` five views, else one.

    Each view has its long side at most `longest` and both sides at least `shortest`, which may
    bend the aspect. A side of 1 px has no quarters. Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_idefics2.py, processing_idefics2.py.

    >>> QuartersCounter().count(ImageInfo(1920, 1080))
    66
    >>> QuartersCounter(split=True).count(ImageInfo(1920, 1080))
    326
    """

    longest: int = 980
    shortest: int = 378
    patch: int = 14
    tokens: int = 64
    split: bool = False
    token: str = "<image>"
    fake: str = "<fake_token_around_image>"

    name: ClassVar[str] = "quarters"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"split": True, "longest": 500})

    def __post_init__(self) -> None:
        positive(self, "longest", "shortest", "patch", "tokens")

    def resized(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of one view."""
        aspect = width / height
        if width >= height and width > self.longest:
            width, height = self.longest, int(self.longest / aspect)
        elif height > width and height > self.longest:
            width, height = int(self.longest * aspect), self.longest
        return max(width, self.shortest), max(height, self.shortest)

    def _views(self, info: ImageInfo) -> int:
        if not self.split:
            return 1
        if info.width < 2 or info.height < 2:
            raise refuse(info, "a side of 1 px cannot be halved: turn splitting off")
        return 5

    def count(self, x: Image | ImageInfo, /) -> int:
        views = self._views(x if type(x) is ImageInfo else info_of(x))
        return views * (self.tokens + 1) + 1

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order."""
        view = ((self.fake, 1), (self.token, self.tokens))
        return (*(view * self._views(info_of(x))), (self.fake, 1))

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def _sources(self, info: ImageInfo) -> list[tuple[int, int, int, int]]:
        """The quarters, in pixels of the source."""
        x, y = info.width // 2, info.height // 2
        return [
            (0, 0, x, y),
            (x, 0, info.width, y),
            (0, y, x, info.height),
            (x, y, info.width, info.height),
        ]

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        info: ImageInfo = info_of(x)
        views = self._views(info)
        boxes = [*(self._sources(info) if views == 5 else []), (0, 0, info.width, info.height)]
        sizes = [self.resized(right - left, low - top) for left, top, right, low in boxes]
        return {
            "resized": [sizes[-1][1], sizes[-1][0]],
            "sub_images": views,
            "resized_each": [[height, width] for width, height in sizes],
            "patches14_each": [[h // self.patch, w // self.patch] for w, h in sizes],
        }

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        info: ImageInfo = info_of(x)
        size = self.resized(info.width, info.height)
        if self._views(info) == 1:
            return Layout(size, (0, 0, *size))
        canvas = info.width, info.height
        return Layout(canvas, (0, 0, *canvas), tiles=tuple(self._sources(info)), thumbnail=size)

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        views = self._views(info)
        cut = "four quarters and the whole" if views == 5 else "one view"
        return [
            f"{info}: {cut}, {verb(info, *self.resized(info.width, info.height))}",
            f"{views} x {self.tokens} = {views * self.tokens} tokens",
            *specials(self.expansion(info), self.token),
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        return scaled(info, *self.resized(info.width, info.height))
