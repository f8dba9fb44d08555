"""One square, one count for every picture: CLIP, ViT, SigLIP, DINO, LLaVA-1.5, PaliGemma."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from multitok.info import ImageInfo, info_of
from multitok.layout import Layout
from multitok.modalities.image.sizes import (
    Pieces,
    one_of,
    parts,
    positive,
    scaled,
    specials,
    wrapped,
)
from multitok.tokenizer import TokenCounter

if TYPE_CHECKING:
    from multitok.media import Image

Fill = Literal["stretch", "crop", "pad"]
FILLS: tuple[Fill, ...] = ("stretch", "crop", "pad")


@dataclass(frozen=True, kw_only=True)
class FixedGridCounter(TokenCounter["Image", ImageInfo]):
    """Every picture becomes size x size pixels: (size / patch)^2 tokens and `extra` before them.

    stretch  both sides to `size`, the aspect is lost
    crop     the short side to `short` (`size` unless given), then the middle size x size
    pad      the long side to `size`, the rest is filled
    `tokens` is set where a pooler or a codebook gives another number than one a patch. `extra` are
    the encoder's own tokens (class, distillation, registers), counted as image tokens.
    Source: transformers 5.23.0, image_processing_clip.py and the fixed-size processors.

    >>> FixedGridCounter(size=224, patch=16, extra=1, fill="crop").count(ImageInfo(1920, 1080))
    197
    """

    size: int
    patch: int
    fill: Fill = "stretch"
    short: int | None = None
    tokens: int | None = None
    extra: int = 0
    token: str = "<image>"
    start: tuple[str, ...] = ()
    end: tuple[str, ...] = ()

    name: ClassVar[str] = "fixed-grid"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 224, "patch": 32, "extra": 1, "fill": "crop", "short": 256},
        {"size": 32, "patch": 8},
        {"size": 30, "patch": 14, "fill": "pad", "tokens": 4, "start": ("<s>",), "end": ("</s>",)},
    )

    def __post_init__(self) -> None:
        positive(self, "size", "patch")
        one_of(self.fill, "fill", FILLS)

    def placeholders(self) -> int:
        """Image tokens, the same for every picture."""
        if self.tokens is not None:
            return self.tokens + self.extra
        side = self.size // self.patch
        return side * side + self.extra

    def count(self, x: Image | ImageInfo, /) -> int:
        side = self.size // self.patch
        cells = side * side if self.tokens is None else self.tokens
        return cells + self.extra + len(self.start) + len(self.end)

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order."""
        return wrapped(self.start, ((self.token, self.placeholders()),), self.end)

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def resized(self, info: ImageInfo) -> tuple[int, int]:
        """Width and height before the crop or the padding."""
        width, height, size = info.width, info.height, self.size
        if self.fill == "stretch":
            return size, size
        short, long = min(width, height), max(width, height)
        if self.fill == "crop":
            target = self.short or size
            made = target, int(target * long / short)
        else:
            made = max(1, int(size * short / long)), size
        return made if width <= height else (made[1], made[0])

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        side = self.size // self.patch
        return {
            "resized": [self.size, self.size],
            "grid": [side, side],
            "patches": side * side,
            "pixel_values_shape": [1, 3, self.size, self.size],
        }

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        info: ImageInfo = info_of(x)
        size, side = self.size, self.size // self.patch
        width, height = self.resized(info)
        if self.fill == "pad":
            left, top = (size - width) // 2, (size - height) // 2
            return Layout((size, size), (left, top, left + width, top + height), side, side)
        crop = self.crop(info) if self.fill == "crop" else None
        return Layout((size, size), (0, 0, size, size), side, side, crop=crop)

    def crop(self, info: ImageInfo) -> tuple[int, int, int, int]:
        """The part of the source that is seen, in its own pixels."""
        width, height = self.resized(info)
        left, top = (width - self.size) // 2, (height - self.size) // 2
        by = info.width / width
        return (
            max(0, round(left * by)),
            max(0, round(top * by)),
            min(info.width, max(1, round((left + self.size) * by))),
            min(info.height, max(1, round((top + self.size) * by))),
        )

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        size, side = self.size, self.size // self.patch
        how = {
            "stretch": f"stretched to {size} x {size}",
            "crop": "resized to {} x {}, the middle {size} x {size} kept",
            "pad": "resized to {} x {}, padded to {size} x {size}",
        }[self.fill].format(*self.resized(info), size=size)
        cells = f"{side} x {side} patches of {self.patch} px"
        if self.tokens is not None:
            cells += f" pooled to {self.tokens}"
        more = f" + {self.extra}" if self.extra else ""
        return [
            f"{info} {how}",
            f"{cells}{more} = {self.placeholders()} tokens",
            *specials(self.expansion(info), self.token),
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        found = scaled(info, *self.resized(info))
        if self.fill == "crop":
            left, top, right, bottom = self.crop(info)
            lost = 1 - (right - left) * (bottom - top) / (info.width * info.height)
            if lost >= 0.005:
                found.append(f"center crop drops {100 * lost:.0f}% of the picture")
        return found
