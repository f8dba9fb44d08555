"""A codec of the user's own: an encoder, a decoder, and the codebooks between them.

An encoder gives ids, (1, layers, ...) whole numbers, or vectors, (1, width, ...) floats, which the
nearest codes of a codebook stand for, layer by layer. The decoder takes back what the encoder gave.
`...` are the places: frames of a sound, rows and columns of a picture.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.core.errors import DecodeError, MediaError, NotInvertibleError
from multitok.modalities.coding.codebooks import layers_of
from multitok.modalities.coding.lloyd import quantized
from multitok.modalities.coding.networks import run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WANTED = (
    "say what its ids are: codebook=FILE (layers, codes, width) for an encoder that makes vectors,"
    " or codes=N and layers=N for one that makes ids"
)


class Codec(NamedTuple):
    """The files and numbers that a tokenizer was given.

    codebook, key   as in `rvq`; None where the encoder makes ids itself
    layers, codes   ids of a place, and how many an id of a layer may be; None where a codebook
                    tells them
    """

    name: str
    encoder: str
    decoder: str | None
    codebook: str | None
    key: str | None
    layers: int | None
    codes: int | None

    def check(self) -> None:
        """MediaError where parameters lack or contradict each other."""
        given = (self.layers, self.codes)
        if self.codebook is None and (self.codes is None or self.key is not None):
            raise MediaError(f"{self.name}: {WANTED}")
        if self.codebook is not None and given != (None, None):
            raise MediaError(f"{self.name}: the codebook tells layers and codes: leave them out")

    def size(self) -> tuple[int, int]:
        """Layers, and codes of a layer."""
        if self.codebook is None:
            return self.layers or 1, self.codes or 0
        depth, codes, _ = layers_of(self.codebook, self.key).shape
        return depth, codes

    def encode(self, array: NDArray[np.float32], grid: tuple[int, ...]) -> NDArray[np.int64]:
        """The ids of a medium, place by place and layer by layer: an id says its layer."""
        import numpy as np

        depth, codes = self.size()
        made = run(self.encoder, array)
        books = None if self.codebook is None else layers_of(self.codebook, self.key)
        wanted = (1, depth if books is None else books.shape[2], *grid)
        if made.shape != wanted and not (depth == 1 and made.shape == (1, *grid)):
            raise MediaError(
                f"{self.encoder}: the encoder makes {_sides(made)}, {self.name} expects"
                f" {' x '.join(map(str, wanted))} as it is set"
            )
        if (made.dtype.kind in "iu") != (books is None):
            what = "ids: leave the codebook out" if books is not None else f"vectors: {WANTED}"
            raise MediaError(f"{self.encoder}: the encoder makes {what}")
        flat = made.reshape(wanted[1], prod(grid)).T
        if books is None:
            chosen = flat.astype(np.int64)
            if chosen.size and not 0 <= chosen.min() <= chosen.max() < codes:
                raise MediaError(
                    f"{self.encoder}: the encoder makes ids from {chosen.min()} to"
                    f" {chosen.max()}, codes={codes} allows 0 to {codes - 1}"
                )
        elif not np.isfinite(flat).all():
            raise MediaError(f"{self.encoder}: the encoder makes NaN or inf of this input")
        else:
            chosen, _ = quantized(flat.astype(np.float64), books)
        return (chosen + np.arange(depth) * codes).reshape(-1)

    def decode(self, ids: NDArray[np.int64] | None, grid: tuple[int, ...]) -> NDArray[np.float32]:
        """What the decoder makes of ids. DecodeError where they are not those of such a medium."""
        import numpy as np

        if self.decoder is None:
            raise NotInvertibleError(f"{self.name} without decoder=FILE.onnx cannot be turned back")
        if ids is None:
            raise DecodeError(f"{self.name} tokens are ids, got a sequence without them")
        depth, codes = self.size()
        if len(ids) != (many := depth * prod(grid)):
            raise DecodeError(
                f"{self.name}: an input of this size is {many:,} tokens, got {len(ids):,}: the"
                " sequence is cut, or of another size"
            )
        chosen = ids.reshape(-1, depth) - np.arange(depth) * codes
        wrong = (chosen < 0) | (chosen >= codes)
        if wrong.any():
            at = int(wrong.argmax())
            raise DecodeError(
                f"{self.name}: the token at position {at} belongs to layer {at % depth}, its id"
                f" {int(ids[at])} does not"
            )
        given: NDArray[Any] = chosen.T
        if self.codebook is not None:
            books = layers_of(self.codebook, self.key)
            sums = sum(books[layer][chosen[:, layer]] for layer in range(depth))
            given = np.asarray(sums, np.float32).T
        made = run(self.decoder, given.reshape(1, -1, *grid))
        if made.dtype.kind != "f" or not np.isfinite(made).all():
            raise DecodeError(f"{self.decoder}: the decoder makes no finite numbers of these ids")
        return made.astype(np.float32)

    def digest(self) -> str:
        """What tokens keep of the codebook, or of how the ids are numbered."""
        from multitok.modalities.coding.codebooks import digest

        if self.codebook is not None:
            return digest(layers_of(self.codebook, self.key))
        return "x".join(map(str, self.size()))


def _sides(array: NDArray[Any]) -> str:
    return " x ".join(map(str, array.shape))
