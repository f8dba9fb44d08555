"""The largest scale whose patches fit a budget, found by bisection: SigLIP 2 NaFlex."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.parameters import Padded, Positive
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.rule import EncodedPicture, Seen, cells
from multitok.modalities.image.words import Pieces, verb

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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
class NaFlexTokenizer(EncodedPicture):
    """Keep the aspect, each side rounded up to whole patches, at most `max_patches` of them.

    Small pictures are enlarged. `values` has a row of (row, column, channel) per patch; the
    encoder's `inputs["pixel_values"]` are these padded to the budget, and a mask tells which are
    real: only those are counted. Decoding is exact. Not idempotent: a prepared picture may have
    room for a larger scale of other proportions.
    Source: transformers 5.23.0, image_processing_siglip2.py.

    >>> NaFlexTokenizer().count(ImageInfo(1920, 1080))
    252
    """

    patch: Positive = 16
    max_patches: Padded = 256
    mean: px.Triple = px.HALF
    std: px.Triple = px.HALF
    resample: px.Resample = "bilinear"

    name: ClassVar[str] = "naflex"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"patch": 8, "max_patches": 30})

    def see(self, info: ImageInfo) -> Seen:
        rows, columns = budget_grid(info.width, info.height, self.patch, self.max_patches)
        return cells(rows, columns, self.patch)

    def pieces(self, seen: Seen) -> Pieces:
        rows, columns = seen.grid
        return ((self.token, rows * columns),)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        rows, columns = seen.grid
        return {
            "resized": seen.resized,
            "grid": [rows, columns],
            "padded_to": self.max_patches,
            "mask_sum": rows * columns,
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = seen.grid
        return [
            f"{info} scaled to at most {self.max_patches:,} patches of {self.patch} px:"
            f" {verb(info, *seen.picture)}",
            f"{rows} x {columns} patches = {rows * columns:,} tokens",
        ]

    def places(self, seen: Seen) -> NDArray[np.int32]:
        return vw.places([(0, *seen.grid)])[:, 1:]

    def inputs(self, media: Image, seen: Seen) -> dict[str, NDArray[Any]]:
        import numpy as np

        n = seen.grid[0] * seen.grid[1]
        bytes_ = vw.patches(self.prepare(media).pixels, self.patch)
        padded = np.zeros((1, self.max_patches, self.patch**2 * 3), np.float32)
        padded[0, :n] = px.normalize(bytes_, self.mean, self.std, axis=2).reshape(n, -1)
        mask = np.zeros((1, self.max_patches), np.int32)
        mask[0, :n] = 1
        return {
            "pixel_values": padded,
            "pixel_attention_mask": mask,
            "spatial_shapes": np.array([seen.grid], np.int64),
        }

    def content(self, media: Image, inputs: Mapping[str, Any]) -> NDArray[np.float32] | None:
        real: NDArray[np.float32] = inputs["pixel_values"][inputs["pixel_attention_mask"] == 1]
        return real

    def state(self, seen: Seen) -> dict[str, Any]:
        return {"grid": list(seen.grid)}

    def decode(self, tokens: TokenSequence, /) -> Image:
        """The prepared picture, exactly."""
        from multitok.core.media import Image

        rows, columns = tokens.state["grid"]
        side = self.patch
        flat = vw.held(tokens, self.name).reshape(-1, side * side, 3)
        tiles = px.gray_levels(flat, self.mean, self.std, axis=2).reshape(-1, side, side, 3)
        return Image(vw.join(tiles, rows, columns))
