"""What the ways to write each patch of a picture as ids share: the grid, the edge, the way back."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import DecodeError
from multitok.core.info import ImageInfo
from multitok.core.parameters import refuse_vast
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.image import views as vw
from multitok.modalities.image.rule import PictureRule, Seen, covered
from multitok.modalities.image.words import Pieces

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Image
    from multitok.core.sequence import TokenSequence

BLOCK = 4096
"""Patches that are coded at once."""


class PatchCodes(PictureRule, Tokenizer["Image", ImageInfo]):
    """As many ids for each patch of `side` pixels; the last patches are filled by repeating the
    edge, which decoding cuts off again. A patch is a row of (row, column, channel) values from 0 to
    1, as `patch` has them."""

    what: ClassVar[str] = "codebook"
    """What tokens keep the digest of, in words."""

    @property
    @abstractmethod
    def side(self) -> int:
        """Pixels of the side of a patch."""

    @property
    @abstractmethod
    def depth(self) -> int:
        """Ids of a patch."""

    @property
    @abstractmethod
    def ids_below(self) -> int:
        """What every id lies below."""

    @abstractmethod
    def digest(self) -> str:
        """What ids mean: that of a codebook; "" where the parameters tell."""

    @abstractmethod
    def coded(self, patches: NDArray[np.float64]) -> NDArray[np.int64]:
        """The ids of patches (n, width), in (n, depth)."""

    @abstractmethod
    def restored(self, ids: NDArray[np.int64]) -> NDArray[np.float64]:
        """The inverse of `coded`, as near as it comes. DecodeError for ids that are none."""

    def see(self, info: ImageInfo) -> Seen:
        return covered((info.width, info.height), self.side)

    def pieces(self, seen: Seen) -> Pieces:
        rows, columns = seen.grid
        return ((self.token, rows * columns * self.depth),)

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        (rows, columns), each = seen.grid, self.depth
        times = f" x {each} ids" if each > 1 else ""
        n = rows * columns * each
        return [f"{rows} x {columns} patches of {self.side} px{times} = {n:,} tokens"]

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        return {"resized": seen.resized, "grid": list(seen.grid)}

    def encode(self, media: Image, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        seen = self.seen(media)
        grid = (*seen.grid, self.depth)
        n = grid[0] * grid[1]
        refuse_vast(self.name, media.pixels.shape[1::-1], seen.canvas, n * self.depth)
        flat = vw.patches(filled(media.pixels, self.side), self.side).reshape(n, -1)
        ids, worst = np.empty((n, self.depth), np.int64), 0
        for start in range(0, n, BLOCK):
            block = flat[start : start + BLOCK]
            ids[start : start + BLOCK] = made = self.coded(block / 255)
            off = np.abs(gray(self.restored(made)).astype(np.int16) - block)
            worst = max(worst, int(off.max(initial=0)))
        sides = 3 if self.depth > 1 else 2  # one id a patch needs no number of its layer
        places = np.indices(grid, dtype=np.int32).reshape(3, -1)[:sides].T
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(ids.size, np.bool_),
            ids=ids.reshape(-1),
            axes=("row", "column", "layer")[:sides],
            positions=places.copy(),
            state={"grid": list(grid[:sides]), "residual": worst, **self._kept()},
        )

    def decode(self, tokens: TokenSequence, /) -> Image:
        """The picture at its own size. DecodeError for ids that are none of this tokenizer."""
        import numpy as np

        from multitok.core.media import Image

        info = tokens.info_as(ImageInfo)
        kept = self._kept().get("codebook")
        if tokens.state.get("codebook", kept) != kept:
            raise DecodeError(
                f"{self.name} tokens were made with another {self.what}"
                f" ({tokens.state['codebook']}, not {kept})"
            )
        seen = self.seen(info)
        rows, columns = seen.grid
        if tokens.ids is None or len(tokens.ids) != self.count(info):
            held = "no ids" if tokens.ids is None else f"{len(tokens.ids):,}"
            raise DecodeError(f"{self.name}: {info} has {self.count(info):,} ids, got {held}")
        wrong = (tokens.ids < 0) | (tokens.ids >= self.ids_below)
        if wrong.any():
            at = int(wrong.argmax())
            raise DecodeError(
                f"{self.name} ids are 0 to {self.ids_below - 1}, got {int(tokens.ids[at])} at"
                f" position {at}"
            )
        refuse_vast(self.name, (info.width, info.height), seen.canvas, len(tokens.ids))
        ids = tokens.ids.reshape(-1, self.depth)
        flat = np.concatenate(
            [gray(self.restored(ids[at : at + BLOCK])) for at in range(0, len(ids), BLOCK)]
        )
        whole = vw.join(flat.reshape(-1, self.side, self.side, 3), rows, columns)
        return Image(np.ascontiguousarray(whole[: info.height, : info.width]))

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """Gray levels that a color is off by at most, as measured when it was encoded; of ids alone
        nothing is known: 255."""
        return min(255.0, float(tokens.state.get("residual", 255.0)))

    def _kept(self) -> dict[str, str]:
        told = self.digest()
        return {"codebook": told} if told else {}


def filled(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """A picture of whole patches: the last row and column repeated."""
    import numpy as np

    below, right = -pixels.shape[0] % side, -pixels.shape[1] % side
    return np.pad(pixels, ((0, below), (0, right), (0, 0)), mode="edge")


def gray(patches: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Values from 0 to 1 as bytes; what lies beyond is cut off."""
    import numpy as np

    levels: NDArray[np.uint8] = np.rint(np.clip(patches, 0, 1) * 255).astype(np.uint8)
    return levels
