"""Discrete wavelet transforms in numpy: Haar, db2 and bior2.2, as PyWavelets computes them.

A filter takes every second value, so both phases of a series (even and odd steps) are weighted by
shifted slices of themselves; some thousands of values at a time, which stay in the cache.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Literal

from multitok.core.integers import ceil_div

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Wavelet = Literal["haar", "db2", "bior2.2"]
Edge = Literal["periodization", "symmetric"]
AT_ONCE = 8192
"""Values of a band that are worked out together."""

_R2, _R3 = sqrt(2.0), sqrt(3.0)
_DB2 = tuple(v / (4 * _R2) for v in (1 - _R3, 3 - _R3, 3 + _R3, 1 + _R3))
_LOW: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "haar": ((1 / _R2, 1 / _R2), (1 / _R2, 1 / _R2)),
    "db2": (_DB2, _DB2[::-1]),
    "bior2.2": (
        tuple(_R2 * v for v in (0.0, -0.125, 0.25, 0.75, 0.25, -0.125)),
        tuple(_R2 * v for v in (0.0, 0.25, 0.5, 0.25, 0.0, 0.0)),
    ),
}
"""The low-pass filters of analysis and of synthesis; the high-pass ones mirror them."""


def band_lengths(steps: int, wavelet: str, edge: str, level: int) -> list[int]:
    """Coefficients of each band, coarse to fine: the approximation, then the details."""
    width = len(_LOW[wavelet][0])
    lengths, n = [], steps
    for _ in range(level):
        n = ceil_div(n, 2) if edge == "periodization" else (n + width - 1) // 2
        lengths.append(n)
    return [n, *reversed(lengths)]


def wavedec(
    values: NDArray[np.float64], wavelet: str, edge: str, level: int
) -> list[NDArray[np.float64]]:
    """The bands of each column of (steps, channels), coarse to fine."""
    details: list[NDArray[np.float64]] = []
    rest = values
    for _ in range(level):
        rest, detail = _parted(rest, wavelet, edge)
        details.append(detail)
    return [rest, *reversed(details)]


def waverec(
    bands: list[NDArray[np.float64]], steps: int, wavelet: str, edge: str
) -> NDArray[np.float64]:
    """The (steps, channels) whose bands these are."""
    level = len(bands) - 1
    sizes = [steps]
    for n in reversed(band_lengths(steps, wavelet, edge, level)[1:]):
        sizes.append(n)
    rest = bands[0]
    for detail, size in zip(bands[1:], reversed(sizes[:-1]), strict=True):
        rest = _joined(rest[: len(detail)], detail, wavelet, edge)[:size]
    return rest


def _analysis(wavelet: str) -> tuple[list[float], list[float]]:
    """Low and high pass of analysis; the high one alternates the signs of synthesis."""
    low, back = _LOW[wavelet]
    return list(low), [-v if k % 2 == 0 else v for k, v in enumerate(back)]


def _synthesis(wavelet: str) -> tuple[list[float], list[float]]:
    low, back = _LOW[wavelet]
    return list(back), [v if k % 2 == 0 else -v for k, v in enumerate(low)]


def _parted(
    x: NDArray[np.float64], wavelet: str, edge: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The low and the high band: every second value of x convolved with the taps of each."""
    import numpy as np

    taps = _analysis(wavelet)
    width = len(taps[0])
    if edge == "periodization":
        if len(x) % 2:
            x = np.concatenate([x, x[-1:]])
        before = after = width // 2 - 1
    else:
        before, after = width - 2, width - 1
    rows = (len(x) + before + after - width) // 2 + 1
    x = _extended(x, before, after, edge)
    even, odd = x[::2], x[1::2]
    bands = np.empty((2, rows, x.shape[1]))
    for start, end in _blocks(rows, x.shape[1]):
        reach = end + width // 2
        phases = even[start:reach].copy(), odd[start:reach].copy()
        for band, row in zip(bands, taps, strict=True):
            places = [(width - 1 - k, tap) for k, tap in enumerate(row)]  # a convolution reads back
            band[start:end] = _weighted(
                [(phases[at % 2][at // 2 : at // 2 + end - start], tap) for at, tap in places]
            )
    return bands[0], bands[1]


def _joined(
    low: NDArray[np.float64], high: NDArray[np.float64], wavelet: str, edge: str
) -> NDArray[np.float64]:
    """Two bands upsampled, filtered and added: the steps from the first that no edge distorts, or
    that the edges wrap around to."""
    import numpy as np

    taps = _synthesis(wavelet)
    n, half = len(low), len(taps[0]) // 2
    symmetric = edge == "symmetric"
    first = 2 * half - 2 if symmetric else half - 1
    count = 2 * n - (first if symmetric else 0)
    start, end = first // 2, (first + count - 1) // 2 + 1  # pairs of steps
    pairs = np.empty((end - start, 2, low.shape[1]))
    bands = [_extended(band, half - 1 - start, end - n, edge) for band in (low, high)]
    for begin, stop in _blocks(end - start, low.shape[1]):
        for phase in range(2):
            pairs[begin:stop, phase] = _weighted(
                [
                    (band[begin + half - 1 - q : stop + half - 1 - q], row[2 * q + phase])
                    for band, row in zip(bands, taps, strict=True)
                    for q in range(half)
                ]
            )
    return pairs.reshape(-1, low.shape[1])[first % 2 :][:count]


def _weighted(parts: list[tuple[NDArray[np.float64], float]]) -> NDArray[np.float64]:
    """The sum of arrays, each times its tap."""
    (first, weight), *rest = (part for part in parts if part[1])
    total: NDArray[np.float64] = first * weight
    for values, tap in rest:
        total += values * tap
    return total


def _extended(x: NDArray[np.float64], before: int, after: int, edge: str) -> NDArray[np.float64]:
    """x with so many values more at its ends: wrapped around, or mirrored."""
    import numpy as np

    if not before and not after:
        return x
    n = len(x)
    beyond = np.concatenate([np.arange(-before, 0), np.arange(n, n + after)])
    ends = x[beyond % n if edge == "periodization" else _mirrored(beyond, n)]
    return np.concatenate([ends[:before], x, ends[before:]])


def _mirrored(index: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Places beyond the ends, reflected with the end value repeated: 1 0 | 0 1 2 | 2 1."""
    import numpy as np

    folded = index % (2 * n)
    return np.where(folded < n, folded, 2 * n - 1 - folded)


def _blocks(rows: int, channels: int) -> list[tuple[int, int]]:
    """Where blocks of rows begin and end."""
    size = max(1, AT_ONCE // max(channels, 1))
    return [(start, min(start + size, rows)) for start in range(0, rows, size)]
