"""Square patches, one token each: the plainest image tokenizer, and the pattern for the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.parameters import Positive, refuse_vast
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.image import views as vw
from multitok.modalities.image.rule import PictureRule, Seen, covered
from multitok.modalities.image.words import Pieces

if TYPE_CHECKING:
    from multitok.core.media import Image
    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class PatchTokenizer(PictureRule, Tokenizer["Image", ImageInfo]):
    """Cut the picture into size x size patches; each is one token of its values in 0..1.

    `resize` (width, height) stretches the picture first (Pillow's bicubic); without it the picture
    is only padded at the right and the bottom, by repeating the edge, to whole patches. A partial
    patch counts as one. Values are float32 in (row, column, channel) order inside a patch.
    Decoding is exact: the 256 gray levels survive the division by 255.
    Source: An Image is Worth 16x16 Words (Dosovitskiy et al. 2020), without the projection.

    >>> PatchTokenizer(size=16).count(ImageInfo(width=17, height=31))
    4
    """

    size: Positive = 16
    resize: tuple[int, int] | None = None

    name: ClassVar[str] = "patch"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"size": 7},
        {"size": 8, "resize": (20, 12)},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.resize is not None:
            width, height = self.resize
            ImageInfo(width=width, height=height)

    def see(self, info: ImageInfo) -> Seen:
        return covered(self.resize or (info.width, info.height), self.size)

    def pieces(self, seen: Seen) -> Pieces:
        rows, columns = seen.grid
        return ((self.token, rows * columns),)

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = seen.grid
        steps = [f"{rows} x {columns} patches of {self.size} px = {rows * columns:,} tokens"]
        if self.resize:
            steps.insert(0, f"{info} stretched to {self.resize[0]} x {self.resize[1]}")
        return steps

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        return {"resized": seen.resized, "grid": list(seen.grid)}

    def prepare(self, media: Image, /) -> Image:
        """The picture at the size the patches need."""
        import numpy as np

        from multitok.core.media import Image

        pixels = media.pixels
        seen = self.seen(media)
        if (pixels.shape[1], pixels.shape[0]) not in (seen.picture, seen.canvas):  # not prepared
            from PIL import Image as Pillow

            picture = Pillow.fromarray(pixels).resize(seen.picture, Pillow.Resampling.BICUBIC)
            pixels = np.asarray(picture)
        below, right = seen.canvas[1] - pixels.shape[0], seen.canvas[0] - pixels.shape[1]
        if below or right:
            pixels = np.pad(pixels, ((0, below), (0, right), (0, 0)), mode="edge")
        return Image(pixels)

    def encode(self, media: Image, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        seen = self.seen(media)
        rows, columns = seen.grid
        n = rows * columns
        refuse_vast(self.name, media.pixels.shape[1::-1], seen.canvas, n)
        values = vw.patches(self.prepare(media).pixels, self.size).reshape(n, -1)
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(n, dtype=np.bool_),
            values=values.astype(np.float32) / np.float32(255),
            axes=("row", "column"),
            positions=vw.places([(0, rows, columns)])[:, 1:],
            state={"grid": [rows, columns]},
        )

    def decode(self, tokens: TokenSequence, /) -> Image:
        """The prepared picture, exactly."""
        import numpy as np

        from multitok.core.media import Image

        pixels = np.rint(vw.held(tokens, self.name) * 255).astype(np.uint8)
        tiles = pixels.reshape(-1, self.size, self.size, 3)
        return Image(vw.join(tiles, *tokens.state["grid"]))
