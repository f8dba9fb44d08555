"""One square, one count for every picture: CLIP, ViT, SigLIP, DINO, LLaVA-1.5, PaliGemma."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo, info_of
from multitok.core.layout import Layout
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.tilings import square
from multitok.modalities.image.words import (
    Pieces,
    one_of,
    padded,
    parts,
    positive,
    scaled,
    specials,
    wrapped,
)

if TYPE_CHECKING:
    from multitok.core.media import Image
    from multitok.core.sequence import TokenSequence

Fill = Literal["stretch", "crop", "pad"]
FILLS: tuple[Fill, ...] = ("stretch", "crop", "pad")


@dataclass(frozen=True, kw_only=True)
class FixedGridTokenizer(Tokenizer["Image", ImageInfo]):
    """Every picture becomes size x size pixels: (size / patch)^2 tokens and `extra` before them.

    stretch  both sides to `short` (`size` unless given), the aspect is lost
    crop     the short side to `short`
    pad      the long side to `size`, the rest is filled with the gray level `background`
    and of a larger picture the middle size x size is kept. `inputs["pixel_values"]` is float32
    (1, 3, size, size); `values` a row of (row, column, channel) per token, zeros for `extra`, where
    one patch is one token. Decoding is exact. Not idempotent: with `short` over `size` each pass
    crops again. DINOv3 resizes in float: its bytes are rounded here, within half a gray level.
    `tokens` is set where a pooler or a codebook gives another number than one a patch. `extra` are
    the encoder's own tokens (class, distillation, registers), counted as image tokens.
    Source: transformers 5.23.0, image_processing_clip.py and the fixed-size processors.

    >>> FixedGridTokenizer(size=224, patch=16, extra=1, fill="crop").count(ImageInfo(1920, 1080))
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
    mean: px.Triple = px.HALF
    std: px.Triple = px.HALF
    resample: px.Resample = "bicubic"
    background: int = 127
    least: int = 14

    name: ClassVar[str] = "fixed-grid"
    modality: ClassVar[str] = "image"
    idempotent: ClassVar[bool] = False
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 224, "patch": 32, "extra": 1, "fill": "crop", "short": 256},
        {"size": 32, "patch": 8},
        {"size": 30, "patch": 14, "fill": "pad", "tokens": 4, "start": ("<s>",), "end": ("</s>",)},
    )

    def __post_init__(self) -> None:
        positive(self, "size", "patch")
        one_of(self.fill, "fill", FILLS)
        one_of(self.resample, "resample", px.RESAMPLES)
        if self.short is not None and self.short < self.size:
            raise MediaError(f"short must be at least size={self.size}, got {self.short!r}")

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
        target = self.short or size
        if self.fill == "stretch":
            return target, target
        if self.fill == "crop":
            made = target, int(target * max(width, height) / min(width, height))
            return made if width <= height else (made[1], made[0])
        by = size / max(width, height)
        return max(round(width * by), self.least), max(round(height * by), self.least)

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
        crop = self.crop(info) if (width, height) != (size, size) else None
        return Layout((size, size), (0, 0, size, size), side, side, crop=crop)

    def crop(self, info: ImageInfo) -> tuple[int, int, int, int]:
        """The part of the source that is seen, in its own pixels."""
        width, height = self.resized(info)
        left, top = (width - self.size) // 2, (height - self.size) // 2
        across, down = info.width / width, info.height / height
        return (
            max(0, round(left * across)),
            max(0, round(top * down)),
            min(info.width, max(1, round((left + self.size) * across))),
            min(info.height, max(1, round((top + self.size) * down))),
        )

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        size, side = self.size, self.size // self.patch
        how = {
            "stretch": "stretched to {} x {}",
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
        found = [*scaled(info, *self.resized(info)), *padded(self.layout(info))]
        if self.fill != "pad":
            left, top, right, bottom = self.crop(info)
            lost = 1 - (right - left) * (bottom - top) / (info.width * info.height)
            if lost >= 0.005:
                found.append(f"center crop drops {100 * lost:.0f}% of the picture")
        return found

    def prepare(self, media: Image, /) -> Image:
        """The square the encoder is fed."""
        import numpy as np

        from multitok.core.media import Image

        size = self.size
        width, height = self.resized(media.info)
        pixels = px.resize(media.pixels, width, height, self.resample)
        if self.fill == "pad":
            left, top = (size - width) // 2, (size - height) // 2
            return Image(vw.pad(pixels, size, size, left, top, self.background))
        left, top = (width - size) // 2, (height - size) // 2
        return Image(np.ascontiguousarray(pixels[top : top + size, left : left + size]))

    def encode(self, media: Image, /) -> TokenSequence:
        import numpy as np

        pixels = self.prepare(media).pixels
        side = self.size // self.patch
        one_each = self.tokens is None
        n = side * side if one_each else self.placeholders() - self.extra
        where = np.full((self.extra + n, 2), -1, dtype=np.int32)
        rows, columns = (side, side) if one_each else square(n)
        where[self.extra :] = np.indices((rows, columns)).reshape(2, -1).T
        content = None
        if one_each:
            flat = px.normalize(vw.patches(pixels, self.patch), self.mean, self.std, axis=2)
            content = flat.reshape(n, -1)
        return vw.sequence(
            self.config(),
            media.info,
            self.expansion(media),
            self.token,
            ("row", "column"),
            where,
            {"pixel_values": vw.values(pixels[None], self.mean, self.std)},
            {"grid": [rows, columns]},
            content,
        )

    def decode(self, tokens: TokenSequence, /) -> Image:
        """The prepared picture, exactly."""
        from multitok.core.media import Image

        return Image(vw.levels(tokens.inputs, "pixel_values", self.mean, self.std, self.name)[0])
