"""Patches of a picture by the codes of a codebook of your own: k-means, and residual k-means."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import DecodeError, MediaError
from multitok.modalities.coding.codebooks import (
    Codes,
    check_codes,
    check_key,
    digest,
    layers_of,
)
from multitok.modalities.coding.lloyd import learned, quantized, write
from multitok.modalities.image import views as vw
from multitok.modalities.image.coded.patch_codes import PatchCodes, filled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEARNED, EACH, ROUNDS = 1 << 23, 4_096, 30
"""Numbers that a codebook is learned from, 64 MiB, patches that one picture gives, and rounds: what
comes after them is little."""


class PatchCodebook(PatchCodes):
    """Ids of the nearest codes, layer by layer, on what the layers before leave of a patch."""

    @abstractmethod
    def layers(self) -> NDArray[np.float64]:
        """The codes, (layers, codes, side x side x 3)."""

    def _checked(self, layers: NDArray[np.float64]) -> NDArray[np.float64]:
        """MediaError for codes that are no square patches."""
        width = layers.shape[2]
        if 3 * isqrt(width // 3) ** 2 != width or not width:
            raise MediaError(
                f"{self.name} codes have {width} numbers: a patch of k x k pixels has 3 x k x k"
            )
        return layers

    @property
    def side(self) -> int:
        return isqrt(self.layers().shape[2] // 3)

    @property
    def depth(self) -> int:
        return len(self.layers())

    @property
    def codes(self) -> int:
        """How many ids a token may be, in its layer."""
        return int(self.layers().shape[1])

    @property
    def ids_below(self) -> int:
        return self.depth * self.codes

    def digest(self) -> str:
        return digest(self.layers())

    def coded(self, patches: NDArray[np.float64]) -> NDArray[np.int64]:
        import numpy as np

        layers = self.layers()
        ids: NDArray[np.int64] = quantized(patches, layers)[0] + np.arange(len(layers)) * self.codes
        return ids

    def restored(self, ids: NDArray[np.int64]) -> NDArray[np.float64]:
        import numpy as np

        layers = self.layers()
        depth, size, width = layers.shape
        chosen = ids - np.arange(depth) * size
        wrong = (chosen < 0) | (chosen >= size)
        if wrong.any():
            layer = int(np.argwhere(wrong)[0][1])
            raise DecodeError(
                f"{self.name}: id {int(ids[wrong][0])} stands where layer {layer} does, which has"
                f" {layer * size} to {(layer + 1) * size - 1}"
            )
        found = np.zeros((len(ids), width))
        for layer in range(depth):
            found += layers[layer][chosen[:, layer]]
        return found


@dataclass(frozen=True, kw_only=True)
class PatchKmeansTokenizer(PatchCodebook):
    """One id a patch: the number of the nearest code.

    codebook  a file, or the codes themselves, each the 3 x k x k values from 0 to 1 of a patch of
              k x k pixels, in (row, column, channel) order. The file is the .npz that `train`
              wrote, or one of your own: an .npz or .safetensors with `codebook`, (codes, width)
    key       the name of the array, where a file holds others

    >>> import numpy as np
    >>> from multitok import Image
    >>> black_or_white = PatchKmeansTokenizer(codebook=((0.0,) * 12, (1.0,) * 12))
    >>> black_or_white.encode(Image(np.full((2, 3, 3), 200, np.uint8))).ids
    array([1, 1])
    """

    codebook: str | Codes
    key: str | None = None

    name: ClassVar[str] = "patch-kmeans"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"codebook": ((0.0,) * 3, (0.5,) * 3, (1.0,) * 3)},
        {"codebook": ((0.1,) * 48, (0.9,) * 48)},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_key(self.key, self.codebook)
        if not isinstance(self.codebook, str):
            check_codes([self.codebook])

    @classmethod
    def train(
        cls,
        pictures: Iterable[Any],
        path: str | Path,
        *,
        codes: int = 256,
        patch: int = 8,
        seed: int = 0,
    ) -> PatchKmeansTokenizer:
        """Learn `codes` codes from patches of your pictures, and write them to `path`, an .npz."""
        _train(pictures, path, layers=1, codes=codes, patch=patch, seed=seed, name=cls.name)
        return cls(codebook=str(path))

    def layers(self) -> NDArray[np.float64]:
        """The codes, (1, codes, side x side x 3)."""
        source = self.codebook if isinstance(self.codebook, str) else (self.codebook,)
        layers = layers_of(source, self.key)
        if len(layers) != 1:
            raise MediaError(
                f"{self.codebook!r} holds {len(layers)} layers: load it with patch-rvq"
            )
        return self._checked(layers)


@dataclass(frozen=True, kw_only=True)
class PatchRvqTokenizer(PatchCodebook):
    """An id a layer and patch: the nearest code, then the nearest to what is left, and so on.

    codebooks  a file, or the layers themselves, each as in `patch-kmeans`: in a file of your own
               they are `codebooks` (layers, codes, width)
    key        the name of that array; with a * for a number, an array a layer

    Layer l numbers its codes from l x codes, so an id says its layer.
    Source: residual vector quantization as in SoundStream, on the pixels of a patch: the network
    that a published model puts in front has weights.

    >>> import numpy as np
    >>> from multitok import Image
    >>> rvq = PatchRvqTokenizer(codebooks=(((0.0,) * 3, (0.8,) * 3), ((-0.2,) * 3, (0.2,) * 3)))
    >>> rvq.encode(Image(np.full((1, 1, 3), 255, np.uint8))).ids
    array([1, 3])
    """

    codebooks: str | tuple[Codes, ...]
    key: str | None = None

    name: ClassVar[str] = "patch-rvq"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"codebooks": (((0.25,) * 3, (0.75,) * 3), ((-0.1,) * 3, (0.1,) * 3))},
        {"codebooks": (((0.1,) * 12, (0.9,) * 12), ((0.0,) * 12, (0.05,) * 12))},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_key(self.key, self.codebooks)
        if not isinstance(self.codebooks, str):
            check_codes(self.codebooks)

    @classmethod
    def train(
        cls,
        pictures: Iterable[Any],
        path: str | Path,
        *,
        layers: int = 2,
        codes: int = 256,
        patch: int = 8,
        seed: int = 0,
    ) -> PatchRvqTokenizer:
        """Learn `layers` codebooks, each on what the ones before leave, and write an .npz."""
        _train(pictures, path, layers=layers, codes=codes, patch=patch, seed=seed, name=cls.name)
        return cls(codebooks=str(path))

    def layers(self) -> NDArray[np.float64]:
        """The codes, (layers, codes, side x side x 3)."""
        return self._checked(layers_of(self.codebooks, self.key))


def _train(
    pictures: Iterable[Any],
    path: str | Path,
    *,
    layers: int,
    codes: int,
    patch: int,
    seed: int,
    name: str,
) -> None:
    """Learn codebooks of patches, and write them."""
    words: Any = {"seed": seed, "name": name, "what": "patches", "more": "pictures"}
    words["rounds"] = ROUNDS
    write(path, learned(patches_of(pictures, patch, seed), layers=layers, codes=codes, **words))


def patches_of(pictures: Iterable[Any], patch: int, seed: int = 0) -> NDArray[np.float64]:
    """At most EACH patches of a picture, by chance, and LEARNED numbers of all: (n, 3 x patch x
    patch) from 0 to 1. Pictures (an Image, or its pixels) come one at a time."""
    import numpy as np

    from multitok.core.media import Image

    if patch < 1:
        raise MediaError(f"a patch has at least 1 pixel a side, got {patch!r}")
    rng, kept = np.random.default_rng(seed), max(1, LEARNED // (3 * patch * patch))

    def some(rows: NDArray[np.uint8], most: int) -> NDArray[np.uint8]:
        if len(rows) <= most:
            return rows
        return rows[np.sort(rng.choice(len(rows), most, replace=False))]

    found = np.empty((0, 3 * patch * patch), np.uint8)
    for one in pictures:
        media = one if isinstance(one, Image) else Image(one)
        flat = vw.patches(filled(media.pixels, patch), patch)
        found = np.concatenate([found, some(flat.reshape(len(flat), -1), EACH)])
        if len(found) > 2 * kept:
            found = some(found, kept)
    return some(found, kept) / 255
