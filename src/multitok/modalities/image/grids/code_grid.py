"""How many codes a learned tokenizer makes of a picture of any size, which no weights decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo
from multitok.core.integers import ceil_div
from multitok.core.parameters import Positive
from multitok.modalities.image.rule import PictureRule, Seen
from multitok.modalities.image.words import Pieces


@dataclass(frozen=True, kw_only=True)
class CodeGridCounter(PictureRule):
    """A code of a codebook for each patch x patch pixels of the picture, as large as it is.

    `align`, a multiple of `patch`, is what both sides are filled up to, as much before as behind.
    Source: NVIDIA/Cosmos-Tokenizer at 3584ae7, cosmos_tokenizer/utils.py, pad_image_batch.

    >>> CodeGridCounter(patch=8, align=16).count(ImageInfo(100, 20))
    56
    """

    patch: Positive
    align: Positive
    token: str = "<code>"

    name: ClassVar[str] = "code-grid"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"patch": 8, "align": 16},
        {"patch": 16, "align": 16},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.align % self.patch:
            raise MediaError(f"align must be a multiple of patch={self.patch}, got {self.align!r}")

    def see(self, info: ImageInfo) -> Seen:
        wide, tall = (ceil_div(side, self.align) * self.align for side in (info.width, info.height))
        corner = (wide - info.width) // 2, (tall - info.height) // 2
        grid = tall // self.patch, wide // self.patch
        return Seen((info.width, info.height), (wide, tall), corner, grid)

    def pieces(self, seen: Seen) -> Pieces:
        rows, columns = seen.grid
        return ((self.token, rows * columns),)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        return {"resized": seen.resized, "grid": list(seen.grid)}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        (rows, columns), (wide, tall) = seen.grid, seen.canvas
        return [
            f"{info} filled up to {wide} x {tall}",
            f"{rows} x {columns} codes of {self.patch} px = {rows * columns:,} tokens",
        ]
