"""The orthonormal DCT-II over time, in float64 (float32 rounds a few coefficients a million).

A coefficient that lies half way between two integers is rounded by the last bit of its float. There
the published tokenizers follow scipy's Fourier transform, so such chunks are transformed again by
the same steps: pocketfft's, whose real transform is in numpy.
"""

from __future__ import annotations

from functools import lru_cache
from math import cos, pi, sin, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LONGEST_MATRIX = 128
"""Up to this many steps a stored matrix is faster than a Fourier transform."""
HALF_WAY = 1e-7
"""A coefficient this near to the middle of two integers is a tie that rounding noise decides."""


def rounded(chunks: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """Coefficients of chunks (n, steps, dims) times scale, rounded half to even."""
    import numpy as np

    scaled = dct(chunks) * scale
    whole = np.rint(scaled)
    if chunks.shape[-2] > LONGEST_MATRIX:
        return whole
    tied = np.abs(scaled - whole) > 0.5 - HALF_WAY
    if np.count_nonzero(tied):
        rows = tied.any(axis=(-2, -1))
        whole[rows] = np.rint(_by_fourier(chunks[rows]) * scale)
    return whole


def dct(chunks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coefficients of chunks (..., steps, dims), frequency where the time was."""
    import numpy as np

    steps = chunks.shape[-2]
    if steps > LONGEST_MATRIX:
        return _by_fourier(chunks)
    direct: NDArray[np.float64] = np.matmul(matrix(steps), chunks)
    return direct


def inverse(coefficients: NDArray[np.float64]) -> NDArray[np.float64]:
    """The chunks (..., steps, dims) of their coefficients."""
    import numpy as np

    steps = coefficients.shape[-2]
    if steps <= LONGEST_MATRIX:
        direct: NDArray[np.float64] = np.matmul(matrix(steps).T, coefficients)
        return direct
    c = coefficients * sqrt(steps / 2)
    c[..., :1, :] *= sqrt(2)
    flipped = np.zeros_like(c)
    flipped[..., 1:, :] = c[..., :0:-1, :]
    turn = np.exp(0.5j * np.pi * np.arange(steps) / steps)[:, None]
    folded = np.fft.ifft((c - 1j * flipped) * turn, axis=-2).real
    chunks = np.empty_like(folded)
    half = (steps + 1) // 2
    chunks[..., ::2, :] = folded[..., :half, :]
    chunks[..., 1::2, :] = folded[..., half:, :][..., ::-1, :]
    return chunks


@lru_cache(maxsize=64)
def matrix(steps: int) -> NDArray[np.float64]:
    """Row k is the cosine of frequency k: C = matrix @ x, x = matrix.T @ C."""
    import numpy as np

    k, t = np.arange(steps)[:, None], np.arange(steps)[None, :]
    # the angle modulo a whole turn in integers keeps the cosine exact to the last bit or two
    turned = np.cos(np.pi * ((2 * t + 1) * k % (4 * steps)) / (2 * steps))
    rows: NDArray[np.float64] = np.sqrt(2 / steps) * turned
    rows[0] = 1 / np.sqrt(steps)
    rows.flags.writeable = False
    return rows


def _by_fourier(chunks: NDArray[np.float64]) -> NDArray[np.float64]:
    """pocketfft's DCT-II: sums and differences of neighbors, a real transform, a turn of each."""
    import numpy as np

    c = np.moveaxis(chunks, -2, -1).copy()
    n = c.shape[-1]
    even = n % 2 == 0
    c[..., 0] *= 2
    if even:
        c[..., -1] *= 2
    right, left = c[..., 2:n:2].copy(), c[..., 1 : n - 1 : 2].copy()
    c[..., 2:n:2], c[..., 1 : n - 1 : 2] = right - left, left + right
    spectrum = np.zeros((*c.shape[:-1], n // 2 + 1), np.complex128)
    pairs = (n - 1) // 2
    spectrum.real[..., 0] = c[..., 0]
    spectrum.real[..., 1 : pairs + 1] = c[..., 1 : 2 * pairs : 2]
    spectrum.imag[..., 1 : pairs + 1] = c[..., 2 : 2 * pairs + 1 : 2]
    if even:
        spectrum.real[..., n // 2] = c[..., -1]
    y = np.fft.irfft(spectrum, n=n, norm="forward") * float(1 / np.sqrt(np.longdouble(2 * n)))
    turn = _turns(n)
    k = np.arange(1, (n + 1) // 2)
    low, high = y[..., k], y[..., n - k]
    first = turn[k - 1] * high + turn[n - k - 1] * low
    second = turn[k - 1] * low - turn[n - k - 1] * high
    y[..., k], y[..., n - k] = 0.5 * (first + second), 0.5 * (first - second)
    if even:
        y[..., n // 2] *= turn[n // 2 - 1]
    y[..., 0] *= sqrt(2) * 0.5
    return np.moveaxis(y, -1, -2)


@lru_cache(maxsize=64)
def _turns(steps: int) -> NDArray[np.float64]:
    """cos(pi i / 2 steps) for i = 1..steps, as products of a coarse and a fine angle.

    pocketfft keeps two short tables and multiplies; its last bits are those of the product.
    """
    import numpy as np

    around = 4 * steps
    shift = 1
    while 4**shift < (around + 2) // 2:
        shift += 1
    step = 1 << shift
    made = []
    for i in range(1, steps + 1):
        fine, coarse = _angle(i % step, around), _angle(i // step * step, around)
        made.append(fine[0] * coarse[0] - fine[1] * coarse[1])
    return np.array(made)


def _angle(i: int, around: int) -> tuple[float, float]:
    """cos and sin of 2 pi i / around for the first quarter turn, each from its small angle."""
    eighths, unit = 8 * i, 0.25 * pi / around
    if eighths >= 2 * around:  # a quarter turn, reached only by the last i
        rest = eighths - 2 * around
        return -sin(rest * unit), cos(rest * unit)
    if eighths < around:
        return cos(eighths * unit), sin(eighths * unit)
    rest = 2 * around - eighths
    return sin(rest * unit), cos(rest * unit)
