"""k-means: the nearest of some codes, and codes learned from movement, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from multitok.core import token_files
from multitok.core.errors import MediaError
from multitok.core.writing import writing
from multitok.modalities.actions.chunks import check_horizon, filled, stacked

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


def train_layers(
    trajectories: Sequence[Any],
    path: str | Path,
    *,
    layers: int,
    codes: int,
    horizon: int,
    seed: int,
    name: str,
) -> None:
    """Learn `layers` codebooks, each on what the ones before leave, and write them to an .npz."""
    import numpy as np

    check_horizon(horizon)
    if layers < 1 or codes < 2:
        raise MediaError(f"training needs at least 1 layer of 2 codes, got {layers} of {codes}")
    data = [values for values in stacked(trajectories, name) if len(values)]
    left = np.concatenate([filled(values, horizon) for values in data] or [np.empty((0, 1))])
    rng = np.random.default_rng(seed)
    made = []
    for layer in range(layers):
        distinct = len(np.unique(left, axis=0))
        if distinct < codes:
            raise MediaError(
                f"{name} layer {layer}: {distinct} different chunks cannot give {codes} codes:"
                " pass more movement, or fewer codes"
            )
        made.append(kmeans(left, codes, rng))
        left = left - made[-1][nearest(left, made[-1])]
    with writing(path) as file:
        token_files.write(file, {"codebooks": np.stack(made)})


def kmeans(
    vectors: NDArray[np.float64], codes: int, rng: np.random.Generator
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
    for _ in range(ROUNDS):
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
