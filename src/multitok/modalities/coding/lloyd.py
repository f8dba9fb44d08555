"""k-means: the nearest of some codes, and codes learned from vectors, layer by layer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from multitok.core import token_files
from multitok.core.errors import MediaError
from multitok.core.writing import writing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROUNDS = 100
"""Lloyd rounds; they stop earlier when no vector changes its code."""


def nearest(vectors: NDArray[np.float64], codes: NDArray[np.float64]) -> NDArray[np.int64]:
    """The number of the code nearest to each vector; the lower number wins a tie."""
    import numpy as np

    made = np.empty(len(vectors), np.int64)
    squares = (codes**2).sum(axis=1)
    for start in range(0, len(vectors), 4096):  # a block of distances at a time
        block = vectors[start : start + 4096]
        made[start : start + 4096] = (squares - 2 * block @ codes.T).argmin(axis=1)
    return made


def quantized(
    vectors: NDArray[np.float64], layers: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The code of each layer for each vector, (n, layers), and what they leave of it: each layer
    codes what those before it left. `layers` is (layers, codes, width)."""
    import numpy as np

    left, chosen = vectors, np.empty((len(vectors), len(layers)), np.int64)
    for layer, codes in enumerate(layers):
        chosen[:, layer] = nearest(left, codes)
        left = left - codes[chosen[:, layer]]
    return chosen, left


def learned(
    vectors: NDArray[np.float64],
    *,
    layers: int,
    codes: int,
    seed: int,
    name: str,
    what: str,
    more: str,
    rounds: int = ROUNDS,
) -> NDArray[np.float64]:
    """`layers` codebooks, each on what the ones before leave, (layers, codes, width).

    what, more   the words for vectors, and for what they come from: "chunks", "movement"
    """
    import numpy as np

    if layers < 1 or codes < 2:
        raise MediaError(f"training needs at least 1 layer of 2 codes, got {layers} of {codes}")
    left, made = vectors, []
    rng = np.random.default_rng(seed)
    for layer in range(layers):
        distinct = len(np.unique(left, axis=0))
        if distinct < codes:
            raise MediaError(
                f"{name} layer {layer}: {distinct} different {what} cannot give {codes} codes:"
                f" pass more {more}, or fewer codes"
            )
        made.append(kmeans(left, codes, rng, rounds))
        left = left - made[-1][nearest(left, made[-1])]
    return np.stack(made)


def write(path: str | Path, layers: NDArray[np.float64]) -> None:
    """An .npz that `layers_of` reads."""
    with writing(path) as file:
        token_files.write(file, {"codebooks": layers})


def kmeans(
    vectors: NDArray[np.float64], codes: int, rng: np.random.Generator, rounds: int = ROUNDS
) -> NDArray[np.float64]:
    """Lloyd's rounds from k-means++ seeds; a code that loses all its vectors takes the farthest."""
    import numpy as np

    centers = np.empty((codes, vectors.shape[1]))
    centers[0] = vectors[rng.integers(len(vectors))]
    far = ((vectors - centers[0]) ** 2).sum(axis=1)
    for code in range(1, codes):
        centers[code] = vectors[rng.choice(len(vectors), p=far / far.sum())]
        far = np.minimum(far, ((vectors - centers[code]) ** 2).sum(axis=1))
    before: NDArray[np.int64] | None = None
    for _ in range(rounds):
        chosen = nearest(vectors, centers)
        if before is not None and (chosen == before).all():
            break
        before = chosen
        sizes = np.bincount(chosen, minlength=codes)
        sums = np.zeros_like(centers)
        np.add.at(sums, chosen, vectors)
        centers = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], centers)
        empty = np.flatnonzero(sizes == 0)
        if len(empty):
            off = ((vectors - centers[chosen]) ** 2).sum(axis=1)
            centers[empty] = vectors[np.argsort(-off, kind="stable")[: len(empty)]]
    return centers
