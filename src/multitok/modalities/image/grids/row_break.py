"""Shrink under a longest side, stretch to whole cells, a break after every row: Pixtral."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import ceil_div
from multitok.core.layout import Layout, whole
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.words import (
    Pieces,
    one_of,
    parts,
    positive,
    refuse,
    scaled,
    specials,
    verb,
)

if TYPE_CHECKING:
    from multitok.core.media import Image
    from multitok.core.sequence import TokenSequence

Rounding = Literal["floor", "nearest"]


@dataclass(frozen=True, kw_only=True)
class RowBreakTokenizer(Tokenizer["Image", ImageInfo]):
    """Both sides at most `longest`, then stretched up to multiples of patch x merge.

    A token a cell, `row_end` after each row but the last, `end` after the last. Never enlarges by
    more than a cell. A shrunk side is cut to whole pixels, and refused at 0 (`rounding` "floor":
    transformers), or rounded half to even, at least 1 ("nearest": mistral_common): one size in
    thirty costs a row or a column less or more. `inputs["pixel_values"]` is float32 (1, 3, height,
    width). Decoding is exact. Not idempotent: where `longest` is no multiple of a cell, a side may
    be stretched past it. Arithmetic is float64 as in the references.
    Source: transformers 5.23.0, image_processing_pixtral.py; mistral_common 1.13.1, image.py.

    >>> RowBreakTokenizer(longest=1024, patch=16).count(ImageInfo(1920, 1080))
    2340
    """

    longest: int
    patch: int
    merge: int = 1
    rounding: Rounding = "floor"
    token: str = "[IMG]"
    row_end: str = "[IMG_BREAK]"
    end: str = "[IMG_END]"
    mean: px.Triple = px.CLIP_MEAN
    std: px.Triple = px.CLIP_STD
    resample: px.Resample = "bicubic"

    name: ClassVar[str] = "row-break"
    modality: ClassVar[str] = "image"
    idempotent: ClassVar[bool] = False
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"longest": 1024, "patch": 16},
        {"longest": 56, "patch": 7, "merge": 2},
        {"longest": 56, "patch": 7, "merge": 2, "rounding": "nearest"},
    )

    def __post_init__(self) -> None:
        positive(self, "longest", "patch", "merge")
        if self.rounding not in ("floor", "nearest"):
            raise MediaError(f"rounding must be 'floor' or 'nearest', got {self.rounding!r}")
        one_of(self.resample, "resample", px.RESAMPLES)

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of tokens."""
        width, height, cell = info.width, info.height, self.patch * self.merge
        by = max(height / self.longest, width / self.longest)
        if by > 1 and self.rounding == "nearest":
            width, height = max(round(width / by), 1), max(round(height / by), 1)
        elif by > 1:
            width, height = floor(width / by), floor(height / by)
            if width < 1 or height < 1:
                raise refuse(info, f"shrunk under {self.longest} px, a side is 0 px")
        return ceil_div(height, cell), ceil_div(width, cell)

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.grid(x if type(x) is ImageInfo else info_of(x))
        return rows * (columns + 1)

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order."""
        rows, columns = self.grid(info_of(x))
        broken = ((self.token, columns), (self.row_end, 1)) * (rows - 1)
        return (*broken, (self.token, columns), (self.end, 1))

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        rows, columns = self.grid(info_of(x))
        cell = self.patch * self.merge
        size = [rows * cell, columns * cell]
        return {
            "resized": size,
            "grid": [rows, columns],
            "image_sizes": [size],
            "pixel_values_shape": [1, 3, *size],
        }

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        rows, columns = self.grid(info_of(x))
        cell = self.patch * self.merge
        return whole(columns * cell, rows * cell, rows, columns)

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        cell = self.patch * self.merge
        return [
            f"{info} with no side over {self.longest} px:"
            f" {verb(info, columns * cell, rows * cell)}",
            f"{rows} x {columns} cells of {cell} px = {rows * columns} tokens",
            *specials(self.expansion(info), self.token),
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        rows, columns = self.grid(info_of(x))
        cell = self.patch * self.merge
        return scaled(info_of(x), columns * cell, rows * cell)

    def prepare(self, media: Image, /) -> Image:
        """The picture at the size its cells need."""
        from multitok.core.media import Image

        rows, columns = self.grid(media.info)
        cell = self.patch * self.merge
        return Image(px.resize(media.pixels, columns * cell, rows * cell, self.resample))

    def encode(self, media: Image, /) -> TokenSequence:
        import numpy as np

        pixels = self.prepare(media).pixels
        rows, columns = self.grid(media.info)
        content = None
        if self.merge == 1:
            flat = px.normalize(vw.patches(pixels, self.patch), self.mean, self.std, axis=2)
            content = flat.reshape(rows * columns, -1)
        return vw.sequence(
            self.config(),
            media.info,
            self.expansion(media),
            self.token,
            ("row", "column"),
            np.indices((rows, columns), dtype=np.int32).reshape(2, -1).T,
            {
                "pixel_values": vw.values(pixels[None], self.mean, self.std),
                "image_sizes": np.array([pixels.shape[:2]], np.int64),
            },
            {"grid": [rows, columns]},
            content,
        )

    def decode(self, tokens: TokenSequence, /) -> Image:
        """The prepared picture, exactly."""
        from multitok.core.media import Image

        return Image(vw.levels(tokens.inputs, "pixel_values", self.mean, self.std, self.name)[0])
