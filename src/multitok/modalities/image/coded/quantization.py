"""Coefficients to whole numbers and back, and what that may cost.

A coefficient is divided by the step and rounded, with a dead zone around 0; the mean brightness and
color of a block are rounded to the nearest. Color has a coarser step, as the eye does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitok.modalities.coding.rounding import TIE, whole
from multitok.modalities.image.coded import blocks
from multitok.modalities.image.coded.blocks import GREEN_CB, GREEN_CR, TO_BLUE, TO_RED, Shape

if TYPE_CHECKING:
    from multitok.modalities.image.coded.blocks import Levels, Planes

FINEST, COARSEST = 1 / 32, 1024.0
"""Steps: with the finest and all color a picture comes back byte for byte, with the coarsest in a
few colors."""
COLOR = 1.25
"""The step of color, in steps of brightness."""


def steps_of(step: float) -> tuple[float, float, float]:
    """The steps of the three blocks of a square."""
    return step, step * COLOR, step * COLOR


def quantized(shape: Shape, exact: Planes, step: float) -> Levels:
    """Coefficients as whole numbers."""
    import numpy as np

    made = []
    for plane, side, one in zip(exact, shape.sides, steps_of(step), strict=True):
        scaled = plane / one
        means = np.floor(scaled[::side, ::side] + (0.5 + TIE))
        levels = whole(scaled)
        levels[::side, ::side] = means
        made.append(levels)
    y, cb, cr = made
    return y, cb, cr


def restored(levels: Levels, step: float) -> Planes:
    """The coefficients of whole numbers."""
    import numpy as np

    pairs = zip(levels, steps_of(step), strict=True)
    y, cb, cr = (np.multiply(plane, one, dtype=np.float64) for plane, one in pairs)
    return y, cb, cr


def differences(shape: Shape, levels: Levels) -> Levels:
    """Each mean less that of the block to its left, or above in the first column."""
    made = []
    for plane, side in zip(levels, shape.sides, strict=True):
        means, less = plane[::side, ::side], plane.copy()
        less[::side, side::side] -= means[:, :-1]
        less[side::side, 0] -= means[:-1, 0]
        made.append(less)
    y, cb, cr = made
    return y, cb, cr


def summed(shape: Shape, less: Levels) -> Levels:
    """The inverse of `differences`, in place."""
    import numpy as np

    for plane, side in zip(less, shape.sides, strict=True):
        means = plane[::side, ::side]
        np.cumsum(means[:, 0], out=means[:, 0])
        np.cumsum(means, axis=1, out=means)
    return less


def largest_sum(side: int, step: float) -> float:
    """The sum of the magnitudes of a block's numbers at most.

    A pixel is off gray by 128 at most, so the block's coefficients have the length 128 x side in
    all, and their sum is side times that; the mean, a difference of two, counts twice."""
    return blocks.GRAY * side * (side + 1) / step


def residual(shape: Shape, exact: Planes, levels: Levels, step: float) -> float:
    """Gray levels that rounding moves a color of a pixel by at most: by Parseval, a pixel of a
    block is off by no more than the length of all that its coefficients are off."""
    import numpy as np

    lengths = []
    for plane, near, side in zip(exact, restored(levels, step), shape.sides, strict=True):
        near -= plane
        near *= near
        height, width = plane.shape
        rows = near.reshape(height // side, side, width).sum(axis=1)
        lengths.append(float(np.sqrt(rows.reshape(-1, side).sum(axis=1).max())))
    return _in_colors(*lengths) + 0.5 + 10 * TIE


def lost_color(whole: Planes, halves: Planes) -> float:
    """Gray levels that halving the chroma moves a color of a pixel by at most."""
    import numpy as np

    pairs = list(zip(whole, halves, strict=True))[1:]
    return _in_colors(0.0, *(float(np.abs(a - blocks.doubled(b)).max()) for a, b in pairs))


def _in_colors(y: float, cb: float, cr: float) -> float:
    """The most that red, green or blue is off where the planes are off by so much."""
    return y + max(TO_RED * cr, TO_BLUE * cb, GREEN_CB * cb + GREEN_CR * cr)
