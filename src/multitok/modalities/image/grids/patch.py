"""Square patches, one token each: the plainest image tokenizer, and the pattern for the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import ceil_div, round_up
from multitok.core.layout import Layout
from multitok.core.tokenizer import Tokenizer

if TYPE_CHECKING:
    from multitok.core.media import Image
    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class PatchTokenizer(Tokenizer["Image", ImageInfo]):
    """Cut the picture into size x size patches; each is one token of its values in 0..1.

    `resize` (width, height) stretches the picture first (Pillow's bicubic); without it the picture
    is only padded at the right and the bottom, by repeating the edge, to whole patches. A partial
    patch counts as one. Values are float32 in (row, column, channel) order inside a patch.
    Decoding is exact: the 256 gray levels survive the division by 255.
    Source: An Image is Worth 16x16 Words (Dosovitskiy et al. 2020), without the projection.

    >>> PatchTokenizer(size=16).count(ImageInfo(width=17, height=31))
    4
    """

    size: int = 16
    resize: tuple[int, int] | None = None

    name: ClassVar[str] = "patch"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"size": 7},
        {"size": 8, "resize": (20, 12)},
    )

    def __post_init__(self) -> None:
        if self.size < 1:
            raise MediaError(f"patch size must be at least 1, got {self.size!r}")
        if self.resize is not None:
            width, height = self.resize
            ImageInfo(width=width, height=height)

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of patches; a partial patch at the edge counts as one."""
        width, height = self.resize or (info.width, info.height)
        return ceil_div(height, self.size), ceil_div(width, self.size)

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.grid(info_of(x))
        return rows * columns

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        rows, columns = self.grid(info_of(x))
        return {"resized": [rows * self.size, columns * self.size], "grid": [rows, columns]}

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        width, height = self.resize or (info.width, info.height)
        canvas = columns * self.size, rows * self.size
        return Layout(canvas, (0, 0, width, height), rows, columns)

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        steps = [f"{rows} x {columns} patches of {self.size} px = {rows * columns} tokens"]
        if self.resize:
            steps.insert(0, f"{info} stretched to {self.resize[0]} x {self.resize[1]}")
        return steps

    def prepare(self, media: Image, /) -> Image:
        """The picture at the size the patches need."""
        import numpy as np

        from multitok.core.media import Image

        pixels = media.pixels
        if self.resize is not None and self.resize != (pixels.shape[1], pixels.shape[0]):
            padded = round_up(self.resize[0], self.size), round_up(self.resize[1], self.size)
            if padded != (pixels.shape[1], pixels.shape[0]):  # already prepared otherwise
                from PIL import Image as Pillow

                picture = Pillow.fromarray(pixels).resize(self.resize, Pillow.Resampling.BICUBIC)
                pixels = np.asarray(picture)
        height, width, _ = pixels.shape
        below, right = round_up(height, self.size) - height, round_up(width, self.size) - width
        if below or right:
            pixels = np.pad(pixels, ((0, below), (0, right), (0, 0)), mode="edge")
        return Image(pixels)

    def encode(self, media: Image, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        size = self.size
        pixels = self.prepare(media).pixels
        rows, columns = pixels.shape[0] // size, pixels.shape[1] // size
        # (rows, size, columns, size, 3) -> one row of pixels per patch, in reading order
        blocks = pixels.reshape(rows, size, columns, size, 3).transpose(0, 2, 1, 3, 4)
        values = blocks.reshape(rows * columns, -1).astype(np.float32)
        values /= np.float32(255)
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(rows * columns, dtype=np.bool_),
            values=values,
            axes=("row", "column"),
            positions=np.indices((rows, columns), dtype=np.int32).reshape(2, -1).T.copy(),
            state={"grid": [rows, columns]},
        )

    def decode(self, tokens: TokenSequence, /) -> Image:
        """The prepared picture, exactly."""
        import numpy as np

        from multitok.core.media import Image

        if tokens.values is None:
            raise MediaError("patch tokens hold values, got a sequence without them")
        rows, columns = tokens.state["grid"]
        pixels = np.rint(tokens.values * 255).astype(np.uint8)
        blocks = pixels.reshape(rows, columns, self.size, self.size, 3).transpose(0, 2, 1, 3, 4)
        return Image(blocks.reshape(rows * self.size, columns * self.size, 3))
