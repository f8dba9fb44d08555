"""A neural codec of pictures of the user's own: an encoder and a decoder as ONNX."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from multitok.core.counts import Kind
from multitok.core.errors import DecodeError, MediaError
from multitok.core.info import ImageInfo
from multitok.core.parameters import AtLeast, AtMost, Codes, Positive
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.coding.neural import Codec
from multitok.modalities.image.rule import PictureRule, Seen, cells
from multitok.modalities.image.words import Pieces

if TYPE_CHECKING:
    from multitok.core.media import Image
    from multitok.core.sequence import TokenSequence

Side = Annotated[int, AtLeast(1), AtMost(8192)]


@dataclass(frozen=True, kw_only=True)
class OnnxImageCodecTokenizer(PictureRule, Tokenizer["Image", ImageInfo]):
    """A place every `patch` pixels along and across, and in each an id of every codebook.

    encoder    a network that takes float32 (1, 3, height, width) and gives ids, (1, layers, rows,
               columns) whole numbers, or vectors, (1, width, rows, columns)
    decoder    one that takes what the encoder gives and makes float32 (1, 3, height, width) of it;
               None where nothing is turned back
    patch      pixels of a place: 16 in VQGAN
    width, height   what every picture is resized to (bicubic), multiples of `patch`
    black      what black is to the networks, where white is 1: -1 or 0
    codebook, key, layers, codes   as in `onnx-codec`

    A count follows from the parameters and runs no network. Needs the extra `onnx`; there is no
    bound of the error.
    """

    encoder: str
    decoder: str | None = None
    patch: Side = 16
    width: Side = 256
    height: Side = 256
    black: Literal[-1, 0] = -1
    codebook: str | None = None
    key: str | None = None
    layers: Positive | None = None
    codes: Codes | None = None  # of a layer; `ids_below` counts all

    lenient: ClassVar[tuple[str, ...]] = ("encoder", "decoder", "codebook", "key")
    kind: ClassVar[Kind] = "exact"
    name: ClassVar[str] = "onnx-image-codec"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.width % self.patch or self.height % self.patch:
            raise MediaError(
                f"width and height must be multiples of patch={self.patch}, got {self.width} x"
                f" {self.height}"
            )
        self.codec().check()

    def codec(self) -> Codec:
        """The files and numbers."""
        return Codec(
            self.name, self.encoder, self.decoder, self.codebook, self.key, self.layers, self.codes
        )

    @property
    def ids_below(self) -> int:
        depth, codes = self.codec().size()
        return depth * codes

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of places."""
        return self.height // self.patch, self.width // self.patch

    def see(self, info: ImageInfo) -> Seen:
        return cells(*self.grid, self.patch)

    def pieces(self, seen: Seen) -> Pieces:
        rows, columns = seen.grid
        return ((self.token, rows * columns * self.codec().size()[0]),)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        return {"grid": list(seen.grid), "codebooks": self.codec().size()[0]}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        (rows, columns), depth = seen.grid, self.codec().size()[0]
        return [
            f"{info.width} x {info.height} px resized to {self.width} x {self.height}",
            f"{rows} x {columns} places of {self.patch} px x {depth} ids ="
            f" {rows * columns * depth:,}",
        ]

    def prepare(self, media: Image, /) -> Image:
        """Resized to what the encoder is fed."""
        import numpy as np
        from PIL import Image as Pillow

        from multitok.core.media import Image

        if media.pixels.shape[:2] == (self.height, self.width):
            return media
        whole = Pillow.fromarray(media.pixels)
        resized = whole.resize((self.width, self.height), Pillow.Resampling.BICUBIC)
        return Image(np.asarray(resized))

    def encode(self, media: Image, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        codec = self.codec()
        levels = self.prepare(media).pixels.transpose(2, 0, 1)[None]
        scaled = levels * np.float32((1 - self.black) / 255) + np.float32(self.black)
        ids = codec.encode(scaled, self.grid)
        places = np.indices((*self.grid, codec.size()[0]), dtype=np.int32).reshape(3, -1).T
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(len(ids), np.bool_),
            ids=ids,
            axes=("row", "column", "layer"),
            positions=places.copy(),
            state={"vocabulary": codec.digest()},
        )

    def decode(self, tokens: TokenSequence, /) -> Image:
        """What the decoder makes of the ids. DecodeError where it makes another size."""
        import numpy as np

        from multitok.core.media import Image

        codec = self.codec()
        if tokens.state.get("vocabulary", codec.digest()) != codec.digest():
            raise DecodeError(f"{self.name} tokens were made with another codebook")
        made = codec.decode(tokens.ids, self.grid)
        if made.shape != (1, 3, self.height, self.width):
            sides = " x ".join(map(str, made.shape))
            raise DecodeError(
                f"{self.decoder}: the decoder makes {sides}, a picture is 1 x 3 x {self.height} x"
                f" {self.width}"
            )
        levels = (made[0] - self.black) / (1 - self.black) * 255
        return Image(np.rint(levels.clip(0, 255)).astype(np.uint8).transpose(1, 2, 0))

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """Of a picture: no color is off by more than all there is."""
        return 255.0
