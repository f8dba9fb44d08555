"""One square, one count for every picture: CLIP, ViT, SigLIP, DINO, LLaVA-1.5, PaliGemma."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo
from multitok.core.parameters import AtLeast, AtMost, Natural, Positive
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.rule import EncodedPicture, Pair, Seen
from multitok.modalities.image.tilings import square
from multitok.modalities.image.words import Pieces, framed, wrapped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Image

Fill = Literal["stretch", "crop", "pad"]


@dataclass(frozen=True, kw_only=True)
class FixedGridTokenizer(EncodedPicture):
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

    size: Positive
    patch: Positive
    fill: Fill = "stretch"
    short: int | None = None
    tokens: Natural | None = None
    extra: Annotated[int, AtLeast(0), AtMost(1_000)] = 0
    token: str = "<image>"
    start: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    mean: px.Triple = px.HALF
    std: px.Triple = px.HALF
    resample: px.Resample = "bicubic"
    background: int = 127
    least: int = 14

    name: ClassVar[str] = "fixed-grid"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 224, "patch": 32, "extra": 1, "fill": "crop", "short": 256},
        {"size": 32, "patch": 8},
        {"size": 30, "patch": 14, "fill": "pad", "tokens": 4, "start": ("<s>",), "end": ("</s>",)},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.short is not None and self.short < self.size:
            raise MediaError(f"short must be at least size={self.size}, got {self.short!r}")

    def placeholders(self) -> int:
        """Image tokens, the same for every picture."""
        if self.tokens is not None:
            return self.tokens + self.extra
        side = self.size // self.patch
        return side * side + self.extra

    def see(self, info: ImageInfo) -> Seen:
        size, side = self.size, self.size // self.patch
        width, height = self.scaled(info)
        corner = (size - width) // 2, (size - height) // 2
        if self.fill != "pad":  # the middle is kept: what is odd is lost at the right and below
            corner = -((width - size) // 2), -((height - size) // 2)
        return Seen((width, height), (size, size), corner, (side, side))

    def scaled(self, info: ImageInfo) -> Pair:
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

    def pieces(self, seen: Seen) -> Pieces:
        return wrapped(self.start, ((self.token, self.placeholders()),), self.end)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        side = self.size // self.patch
        return {
            "resized": seen.resized,
            "grid": list(seen.grid),
            "patches": side * side,
            "pixel_values_shape": [1, 3, self.size, self.size],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        side, (width, height) = self.size // self.patch, seen.picture
        how = "stretched" if self.fill == "stretch" else "resized"
        cells = f"{side} x {side} patches of {self.patch} px"
        if self.tokens is not None:
            cells += f" pooled to {self.tokens}"
        more = f" + {self.extra}" if self.extra else ""
        return [
            f"{info} {how} to {width} x {height}{framed(seen.picture, seen.canvas)}",
            f"{cells}{more} = {self.placeholders():,} tokens",
        ]

    def cut(self) -> Pair:
        """Rows and columns of the tokens that have a place: patches, or what they are pooled to."""
        side = self.size // self.patch
        return (side, side) if self.tokens is None else square(self.tokens)

    def places(self, seen: Seen) -> NDArray[np.int32]:
        import numpy as np

        without = np.full((self.extra, 2), -1, dtype=np.int32)
        return np.concatenate([without, vw.places([(0, *self.cut())])[:, 1:]])

    def inputs(self, media: Image, seen: Seen) -> dict[str, NDArray[Any]]:
        return {"pixel_values": self.values(self.prepare(media).pixels[None])}

    def content(self, media: Image, inputs: Mapping[str, Any]) -> NDArray[np.float32] | None:
        return vw.by_patch(inputs["pixel_values"], self.patch) if self.tokens is None else None

    def state(self, seen: Seen) -> dict[str, Any]:
        return {"grid": list(self.cut())}
