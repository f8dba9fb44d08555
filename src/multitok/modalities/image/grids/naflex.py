"""The largest scale whose patches fit a budget, found by bisection: SigLIP 2 NaFlex."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import DecodeError
from multitok.core.info import ImageInfo, info_of
from multitok.core.layout import Layout, whole
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.words import one_of, positive, scaled, verb

if TYPE_CHECKING:
    from multitok.core.media import Image
    from multitok.core.sequence import TokenSequence

LEAST_GAP = 1e-5
"""The reference bisects the scale between a tenth of this and 100 until the gap is smaller."""


@lru_cache(maxsize=4096)
def budget_grid(width: int, height: int, patch: int, most: int) -> tuple[int, int]:
    """Rows and columns of patches at the largest scale with at most `most` of them.

    The scale is at most 100, so a 1 x 1 picture becomes 7 x 7 patches of 16 px, not the budget.
    Arithmetic is float64, bisection step by step as in the reference.

    >>> budget_grid(640, 480, 16, 256)
    (14, 18)
    """
    low, high = LEAST_GAP / 10, 100.0
    while high - low >= LEAST_GAP:
        scale = (low + high) / 2
        rows, columns = ceil(height * scale / patch), ceil(width * scale / patch)
        if max(rows, 1) * max(columns, 1) <= most:
            low = scale
        else:
            high = scale
    return max(ceil(height * low / patch), 1), max(ceil(width * low / patch), 1)


@dataclass(frozen=True, kw_only=True)
class NaFlexTokenizer(Tokenizer["Image", ImageInfo]):
    """Keep the aspect, each side rounded up to whole patches, at most `max_patches` of them.

    Small pictures are enlarged. `values` has a row of (row, column, channel) per patch; the
    encoder's `inputs["pixel_values"]` are these padded to the budget, and a mask tells which are
    real: only those are counted. Decoding is exact. Not idempotent: a prepared picture may have
    room for a larger scale of other proportions.
    Source: transformers 5.23.0, image_processing_siglip2.py.

    >>> NaFlexTokenizer().count(ImageInfo(1920, 1080))
    252
    """

    patch: int = 16
    max_patches: int = 256
    mean: px.Triple = px.HALF
    std: px.Triple = px.HALF
    resample: px.Resample = "bilinear"

    name: ClassVar[str] = "naflex"
    modality: ClassVar[str] = "image"
    idempotent: ClassVar[bool] = False
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"patch": 8, "max_patches": 30})

    def __post_init__(self) -> None:
        positive(self, "patch", "max_patches")
        one_of(self.resample, "resample", px.RESAMPLES)

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of patches."""
        return budget_grid(info.width, info.height, self.patch, self.max_patches)

    def count(self, x: Image | ImageInfo, /) -> int:
        info = x if type(x) is ImageInfo else info_of(x)
        rows, columns = budget_grid(info.width, info.height, self.patch, self.max_patches)
        return rows * columns

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        rows, columns = self.grid(info_of(x))
        return {
            "resized": [rows * self.patch, columns * self.patch],
            "grid": [rows, columns],
            "padded_to": self.max_patches,
            "mask_sum": rows * columns,
        }

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        rows, columns = self.grid(info_of(x))
        return whole(columns * self.patch, rows * self.patch, rows, columns)

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        size = columns * self.patch, rows * self.patch
        return [
            f"{info} scaled to at most {self.max_patches:,} patches of {self.patch} px:"
            f" {verb(info, *size)}",
            f"{rows} x {columns} patches = {rows * columns} tokens",
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        rows, columns = self.grid(info_of(x))
        return scaled(info_of(x), columns * self.patch, rows * self.patch)

    def prepare(self, media: Image, /) -> Image:
        """The picture at the size its patches need."""
        from multitok.core.media import Image

        rows, columns = self.grid(media.info)
        size = columns * self.patch, rows * self.patch
        return Image(px.resize(media.pixels, *size, self.resample))

    def encode(self, media: Image, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        rows, columns = self.grid(media.info)
        n = rows * columns
        bytes_ = vw.patches(self.prepare(media).pixels, self.patch)
        values = px.normalize(bytes_, self.mean, self.std, axis=2).reshape(n, -1)
        padded = np.zeros((1, self.max_patches, values.shape[1]), np.float32)
        padded[0, :n] = values
        mask = np.zeros((1, self.max_patches), np.int32)
        mask[0, :n] = 1
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(n, dtype=np.bool_),
            values=values,
            inputs={
                "pixel_values": padded,
                "pixel_attention_mask": mask,
                "spatial_shapes": np.array([[rows, columns]], np.int64),
            },
            axes=("row", "column"),
            positions=np.indices((rows, columns), dtype=np.int32).reshape(2, -1).T.copy(),
            state={"grid": [rows, columns]},
        )

    def decode(self, tokens: TokenSequence, /) -> Image:
        """The prepared picture, exactly."""
        from multitok.core.media import Image

        if tokens.values is None:
            raise DecodeError("naflex tokens hold values, got a sequence without them")
        rows, columns = tokens.state["grid"]
        side = self.patch
        flat = tokens.values.reshape(-1, side * side, 3)
        tiles = px.gray_levels(flat, self.mean, self.std, axis=2).reshape(-1, side, side, 3)
        return Image(vw.join(tiles, rows, columns))
