"""torchvision's antialiased resize, without torch: of bytes to the bit, and of floats.

The published video processors resize bytes (`resize`): along the rows, then along the columns; each
pass is a weighted sum in whole numbers, the weights rounded to 16 bits, the sum rounded to a byte.
Pillow's weights are finer and its order of passes is the cheaper one, so its bytes differ.
qwen_vl_utils goes through torchvision's older door, which resizes floats and rounds at the end
(`resize_as_floats`).

Sums of whole numbers below 2**24 are exact in float32 and those below 2**53 in float64, whatever
the order of the additions: so a matrix library may do them.
Source: PyTorch 2.14, aten/src/ATen/native/cpu/UpSampleKernel.cpp; torchvision 0.29.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import pi, sin
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.modalities.image import pixels as px

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHT_BITS, MOST_BITS = 15, 22
"""A weight is a signed 16-bit number; so many fraction bits at most."""
FLOAT32_BITS = 15
"""Fraction bits up to which 255 times the weights, their negative lobes included, is below 2**24:
the absolute weights of a Lanczos window sum to less than 2."""

BAND = 1 << 24
"""Bytes of the floats that are summed at a time."""


def _cubic(x: float) -> float:
    x = abs(x)
    if x < 1:
        return (1.5 * x - 2.5) * x * x + 1
    return ((x - 5) * x + 8) * x * -0.5 + 2 if x < 2 else 0.0


def _triangle(x: float) -> float:
    return max(0.0, 1 - abs(x))


def _sinc(x: float) -> float:
    return sin(x * pi) / (x * pi) if x else 1.0


def _lanczos(x: float) -> float:
    return _sinc(x) * _sinc(x / 3) if -3 <= x < 3 else 0.0


KERNELS: dict[str, tuple[Callable[[float], float], int]] = {
    "bilinear": (_triangle, 1),
    "bicubic": (_cubic, 2),
    "lanczos": (_lanczos, 3),
}
"""Each with the distance from its center at which it ends."""


class _Windows(NamedTuple):
    """For each pixel made, the first it is made of and the weights from there on."""

    firsts: list[int]
    rows: list[NDArray[np.floating]]


@lru_cache(maxsize=64)
def _windows(size: int, to_size: int, resample: str) -> _Windows:
    """The weights of one pass; each window's sum to 1."""
    import numpy as np

    kernel, reach = KERNELS[resample]
    scale = size / to_size
    stretch = max(scale, 1.0)  # shrinking widens the window: that is the antialiasing
    firsts, rows = [], []
    for i in range(to_size):
        center = scale * (i + 0.5)
        first = max(int(center - reach * stretch + 0.5), 0)
        end = min(int(center + reach * stretch + 0.5), size)
        window = [kernel((j - center + 0.5) / stretch) for j in range(first, end)]
        total = sum(window)
        firsts.append(first)
        rows.append(np.array([weight / total for weight in window]))
    return _Windows(firsts, rows)


@lru_cache(maxsize=64)
def _whole(size: int, to_size: int, resample: str) -> tuple[_Windows, int]:
    """The weights as whole numbers of 16 bits, and how many of the bits are fraction."""
    import numpy as np

    firsts, rows = _windows(size, to_size, resample)
    largest = max(row.max() for row in rows)
    bits = 0
    while bits < MOST_BITS and int(0.5 + largest * (1 << bits + 1)) < 1 << WEIGHT_BITS:
        bits += 1
    kind = np.float32 if bits <= FLOAT32_BITS else np.float64
    rounded = [np.trunc(row * (1 << bits) + np.copysign(0.5, row)).astype(kind) for row in rows]
    return _Windows(firsts, rounded), bits


def resize(
    pixels: NDArray[np.uint8], width: int, height: int, resample: px.Resample
) -> NDArray[np.uint8]:
    """(height, width, 3) uint8 at another size; unchanged when it has that size already."""
    import cv2

    tall, wide = pixels.shape[:2]
    px.refuse_huge(pixels, width, height, width * max(height, tall))
    if wide != width:
        pixels = cv2.transpose(_pass_of_bytes(cv2.transpose(pixels), width, resample))
    return _pass_of_bytes(pixels, height, resample) if tall != height else pixels


def resize_as_floats(
    pixels: NDArray[np.uint8], width: int, height: int, resample: px.Resample
) -> NDArray[np.uint8]:
    """The same with float32 sums, rounded once at the end: equal to torchvision's but for a sum
    that lies between two bytes, which may go the other way."""
    import cv2
    import numpy as np

    tall, wide = pixels.shape[:2]
    px.refuse_huge(pixels, width, height, width * max(height, tall))
    lines = pixels.astype(np.float32)
    if wide != width:
        turned = cv2.transpose(lines).reshape(wide, -1)
        turned = _sums(turned, _as_float32(wide, width, resample))
        lines = cv2.transpose(turned.reshape(width, tall, 3))
    if tall != height:
        flat = lines.reshape(tall, -1)
        lines = _sums(flat, _as_float32(tall, height, resample)).reshape(height, width, 3)
    made: NDArray[np.float32] = np.rint(lines).clip(0, 255)
    return made.astype(np.uint8)


def _as_float32(size: int, to_size: int, resample: str) -> _Windows:
    import numpy as np

    firsts, rows = _windows(size, to_size, resample)
    return _Windows(firsts, [row.astype(np.float32) for row in rows])


def _pass_of_bytes(pixels: NDArray[np.uint8], size: int, resample: str) -> NDArray[np.uint8]:
    """One pass: (n, ..., 3) at another n, a band of the other axes at a time."""
    import numpy as np

    n = pixels.shape[0]
    windows, bits = _whole(n, size, resample)
    kind, flat = windows.rows[0].dtype, pixels.reshape(n, -1)
    made = np.empty((size, flat.shape[1]), np.uint8)
    step = max(BAND // (n * kind.itemsize), 1)
    for left in range(0, flat.shape[1], step):
        sums = _sums(flat[:, left : left + step].astype(kind), windows)
        sums *= 2.0**-bits  # exact: only the exponent changes
        sums += 0.5
        np.floor(sums, out=sums)
        made[:, left : left + step] = np.clip(sums, 0, 255, out=sums)
    return made.reshape(size, *pixels.shape[1:])


def _sums(lines: NDArray[Any], windows: _Windows) -> NDArray[Any]:
    """Weighted sums of the lines in each window."""
    import numpy as np

    sums = np.empty((len(windows.rows), lines.shape[1]), lines.dtype)
    for out, first, weights in zip(sums, windows.firsts, windows.rows, strict=True):
        np.dot(weights, lines[first : first + len(weights)], out=out)
    return sums
