"""The orthonormal DCT-II over time, in float64 (float32 rounds a few coefficients a million)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LONGEST_MATRIX = 128
"""Up to this many steps a stored matrix is faster than a Fourier transform."""


@lru_cache(maxsize=64)
def matrix(steps: int) -> NDArray[np.float64]:
    """Row k is the cosine of frequency k: C = matrix @ x, x = matrix.T @ C."""
    import numpy as np

    k, t = np.arange(steps)[:, None], np.arange(steps)[None, :]
    # the angle modulo a whole turn in integers keeps the cosine exact to the last bit or two
    rows: NDArray[np.float64] = np.sqrt(2 / steps) * np.cos(
        np.pi * ((2 * t + 1) * k % (4 * steps)) / (2 * steps)
    )
    rows[0] = 1 / np.sqrt(steps)
    rows.flags.writeable = False
    return rows


def dct(chunks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coefficients of chunks (..., steps, dims), frequency where the time was."""
    import numpy as np

    steps = chunks.shape[-2]
    if steps <= LONGEST_MATRIX:
        direct: NDArray[np.float64] = np.matmul(matrix(steps), chunks)
        return direct
    folded = np.concatenate([chunks[..., ::2, :], chunks[..., 1::2, :][..., ::-1, :]], axis=-2)
    turned = np.fft.fft(folded, axis=-2) * _twiddle(steps)[:, None]
    made: NDArray[np.float64] = turned.real * _norm(steps)[:, None]
    return made


def inverse(coefficients: NDArray[np.float64]) -> NDArray[np.float64]:
    """The chunks (..., steps, dims) of their coefficients."""
    import numpy as np

    steps = coefficients.shape[-2]
    if steps <= LONGEST_MATRIX:
        direct: NDArray[np.float64] = np.matmul(matrix(steps).T, coefficients)
        return direct
    c = coefficients / _norm(steps)[:, None]
    flipped = np.zeros_like(c)
    flipped[..., 1:, :] = c[..., :0:-1, :]
    folded = np.fft.ifft((c - 1j * flipped) / _twiddle(steps)[:, None], axis=-2).real
    chunks = np.empty_like(folded)
    half = (steps + 1) // 2
    chunks[..., ::2, :] = folded[..., :half, :]
    chunks[..., 1::2, :] = folded[..., half:, :][..., ::-1, :]
    return chunks


def _twiddle(steps: int) -> NDArray[np.complex128]:
    import numpy as np

    turn: NDArray[np.complex128] = np.exp(-0.5j * np.pi * np.arange(steps) / steps)
    return turn


def _norm(steps: int) -> NDArray[np.float64]:
    import numpy as np

    norm = np.full(steps, np.sqrt(2 / steps))
    norm[0] = np.sqrt(1 / steps)
    return norm
