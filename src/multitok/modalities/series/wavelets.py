"""Discrete wavelet transforms in numpy: Haar, db2 and bior2.2, as PyWavelets computes them."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Literal

from multitok.core.integers import ceil_div

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Wavelet = Literal["haar", "db2", "bior2.2"]
Edge = Literal["periodization", "symmetric"]

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
    low, high = _analysis(wavelet)
    details: list[NDArray[np.float64]] = []
    rest = values
    for _ in range(level):
        details.append(_filtered(rest, high, edge))
        rest = _filtered(rest, low, edge)
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


def _filtered(x: NDArray[np.float64], taps: list[float], edge: str) -> NDArray[np.float64]:
    """Every second value of x convolved with the taps, the edges extended."""
    import numpy as np

    width = len(taps)
    if edge == "periodization":
        if len(x) % 2:
            x = np.concatenate([x, x[-1:]])
        n = len(x)
        where = np.arange(0, n, 2) + width // 2
        return _tapped(x, [(where - k) % n for k in range(width)], taps)
    n = len(x)
    where = np.arange(1, n + width - 1, 2)
    return _tapped(x, [_mirrored(where - k, n) for k in range(width)], taps)


def _tapped(
    x: NDArray[np.float64], places: list[NDArray[np.int64]], taps: list[float]
) -> NDArray[np.float64]:
    out = x[places[0]] * taps[0]
    for place, tap in zip(places[1:], taps[1:], strict=True):
        out += x[place] * tap
    return out


def _mirrored(index: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Places beyond the ends, reflected with the end value repeated: 1 0 | 0 1 2 | 2 1."""
    import numpy as np

    folded = index % (2 * n)
    return np.where(folded < n, folded, 2 * n - 1 - folded)


def _joined(
    low: NDArray[np.float64], high: NDArray[np.float64], wavelet: str, edge: str
) -> NDArray[np.float64]:
    """Two bands upsampled, filtered and added."""
    import numpy as np

    taps = _synthesis(wavelet)
    width, n = len(taps[0]), len(low)
    out = np.zeros((2 * n + width - 2, low.shape[1]))
    for band, filt in zip((low, high), taps, strict=True):
        for k, tap in enumerate(filt):
            out[k : k + 2 * n : 2] += tap * band
    if edge == "symmetric":
        return out[width - 2 : 2 * n]
    around = np.zeros((2 * n, low.shape[1]))
    start = width // 2 - 1
    np.add.at(around, (np.arange(len(out)) - start) % (2 * n), out)
    return around
