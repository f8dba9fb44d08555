"""Shrink under a longest side, stretch to whole cells, a break after every row: Pixtral."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from multitok.core.info import ImageInfo
from multitok.core.integers import ceil_div
from multitok.core.parameters import Positive
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.rule import EncodedPicture, Seen, cells
from multitok.modalities.image.words import Pieces, vanishes, verb, wrapped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Image

Rounding = Literal["floor", "nearest"]


@dataclass(frozen=True, kw_only=True)
class RowBreakTokenizer(EncodedPicture):
    """Both sides at most `longest`, then stretched up to multiples of patch x merge.

    A token a cell, `row_end` after each row but the last, `end` after the last ("": none, as in
    LightOnOCR). Never enlarges by more than a cell. A shrunk side is cut to whole pixels, and
    refused at 0 (`rounding` "floor": transformers), or rounded half to even, at least 1 ("nearest":
    mistral_common): one size in thirty costs a row or a column less or more.
    `inputs["pixel_values"]` is float32 (1, 3, height, width). Decoding is exact. Not idempotent:
    where `longest` is no multiple of a cell, a side may be stretched past it. Arithmetic is float64
    as in the references.
    Source: transformers 5.23.0, image_processing_pixtral.py; mistral_common 1.13.1, image.py.

    >>> RowBreakTokenizer(longest=1024, patch=16).count(ImageInfo(1920, 1080))
    2340
    """

    longest: Positive
    patch: Positive
    merge: Positive = 1
    rounding: Rounding = "floor"
    token: str = "[IMG]"
    row_end: str = "[IMG_BREAK]"
    end: str = "[IMG_END]"
    mean: px.Triple = px.CLIP_MEAN
    std: px.Triple = px.CLIP_STD
    resample: px.Resample = "bicubic"

    name: ClassVar[str] = "row-break"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"longest": 1024, "patch": 16},
        {"longest": 56, "patch": 7, "merge": 2},
        {"longest": 56, "patch": 7, "merge": 2, "rounding": "nearest"},
        {"longest": 56, "patch": 7, "row_end": "", "end": ""},
    )

    def see(self, info: ImageInfo) -> Seen:
        width, height, cell = info.width, info.height, self.patch * self.merge
        by = max(height / self.longest, width / self.longest)
        if by > 1 and self.rounding == "nearest":
            width, height = max(round(width / by), 1), max(round(height / by), 1)
        elif by > 1:
            width, height = floor(width / by), floor(height / by)
            if width < 1 or height < 1:
                raise vanishes(info, self.longest)
        return cells(ceil_div(height, cell), ceil_div(width, cell), cell)

    def pieces(self, seen: Seen) -> Pieces:
        rows, columns = seen.grid
        if not self.row_end:
            return wrapped((), ((self.token, rows * columns),), (self.end,) if self.end else ())
        broken = ((self.token, columns), (self.row_end, 1)) * (rows - 1)
        return (*broken, (self.token, columns), (self.end, 1))

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        size = seen.resized
        return {
            "resized": size,
            "grid": list(seen.grid),
            "image_sizes": [size],
            "pixel_values_shape": [1, 3, *size],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = seen.grid
        return [
            f"{info} with no side over {self.longest} px: {verb(info, *seen.canvas)}",
            f"{rows} x {columns} cells of {self.patch * self.merge} px = {rows * columns:,} tokens",
        ]

    def places(self, seen: Seen) -> NDArray[np.int32]:
        return vw.places([(0, *seen.grid)])[:, 1:]

    def content(self, media: Image, inputs: Mapping[str, Any]) -> NDArray[np.float32] | None:
        return vw.by_patch(inputs["pixel_values"], self.patch) if self.merge == 1 else None

    def inputs(self, media: Image, seen: Seen) -> dict[str, NDArray[Any]]:
        import numpy as np

        return {
            "pixel_values": self.values(self.prepare(media).pixels[None]),
            "image_sizes": np.array([seen.resized], np.int64),
        }
