"""Coefficients to whole numbers and back, and what that may cost.

A coefficient is divided by the step and rounded, with a dead zone around 0; the mean brightness and
color of a block are rounded to the nearest. Color has a coarser step, as the eye does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from multitok.modalities.coding.rounding import TIE, whole
from multitok.modalities.image.coded import blocks
from multitok.modalities.image.coded.blocks import GREEN_CB, GREEN_CR, TO_BLUE, TO_RED, Shape, Strip

if TYPE_CHECKING:
    from multitok.modalities.image.coded.blocks import Levels, Plane, Planes

    Means = tuple[int, int, int]

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


def differences(shape: Shape, levels: Levels, above: Means = (0, 0, 0)) -> Levels:
    """Each mean less that of the block to its left, or above in the first column; `above` are the
    three first means of the blocks above."""
    made = []
    for plane, side, first in zip(levels, shape.sides, above, strict=True):
        means, less = plane[::side, ::side], plane.copy()
        less[::side, side::side] -= means[:, :-1]
        less[side::side, 0] -= means[:-1, 0]
        less[0, 0] -= first
        made.append(less)
    y, cb, cr = made
    return y, cb, cr


def last_means(shape: Shape, levels: Levels) -> Means:
    """The three first means of the last row of blocks."""
    y, cb, cr = (int(plane[-side, 0]) for plane, side in zip(levels, shape.sides, strict=True))
    return y, cb, cr


def summed(shape: Shape, less: Levels, above: Means = (0, 0, 0)) -> Levels:
    """The inverse of `differences`, in place."""
    import numpy as np

    for plane, side, first in zip(less, shape.sides, above, strict=True):
        means = plane[::side, ::side]
        means[:1, :1] += first
        np.cumsum(means[:, 0], out=means[:, 0])
        np.cumsum(means, axis=1, out=means)
    return less


def largest_sum(side: int, step: float) -> float:
    """The sum of the magnitudes of a block's numbers at most.

    A pixel is off gray by 128 at most, so the block's coefficients have the length 128 x side in
    all, and their sum is side times that; the mean, a difference of two, counts twice."""
    return blocks.GRAY * side * (side + 1) / step


class _Colors(NamedTuple):
    """Cb and Cr of a strip, as they were and as they are halved."""

    whole: tuple[Plane, Plane]
    halves: tuple[Plane, Plane]


class Bound:
    """Gray levels that a color of a pixel is off by at most, of a picture that comes in strips.

    By Parseval, a pixel of a block is off by no more than the length of all that its coefficients
    are off by. What halving the chroma loses is measured, each strip when the next one has come:
    the edge of one is doubled with what is beyond it."""

    def __init__(self, step: float) -> None:
        self._step = step
        self._lengths = [0.0, 0.0, 0.0]
        self._lost = [0.0, 0.0]
        self._held: list[_Colors] = []

    def add(self, strip: Strip, levels: Levels) -> None:
        """The next strip, and its coefficients as whole numbers."""
        found = _lengths(strip, levels, self._step)
        self._lengths = [*map(max, self._lengths, found)]
        if strip.shape.half:
            self._held.append(_Colors(strip.whole[1:], strip.layers[1:]))
            if len(self._held) > 1:
                self._measure(len(self._held) - 2)
            del self._held[:-2]

    def worst(self) -> float:
        """Of all strips."""
        if self._held:
            self._measure(len(self._held) - 1)
        return _in_colors(*self._lengths) + 0.5 + 10 * TIE + _in_colors(0.0, *self._lost)

    def _measure(self, at: int) -> None:
        """What one of those held lost: the row above it and the one below count too."""
        halves = [None, *(one.halves for one in self._held), None]
        above, below = halves[at], halves[at + 2]
        was, half = self._held[at]
        for color, plane in enumerate(was):
            gap = blocks.doubled_among(half[color], above and above[color], below and below[color])
            gap -= plane
            worst = max(float(gap.max()), -float(gap.min()))
            self._lost[color] = max(self._lost[color], worst)


def _lengths(strip: Strip, levels: Levels, step: float) -> list[float]:
    """What rounding moves a pixel of each plane by at most."""
    import numpy as np

    made = []
    for plane, near, side in zip(
        strip.exact, restored(levels, step), strip.shape.sides, strict=True
    ):
        near -= plane
        near *= near
        height, width = plane.shape
        rows = near.reshape(height // side, side, width).sum(axis=1)
        made.append(float(np.sqrt(rows.reshape(-1, side).sum(axis=1).max())))
    return made


def _in_colors(y: float, cb: float, cr: float) -> float:
    """The most that red, green or blue is off where the planes are off by so much."""
    return y + max(TO_RED * cr, TO_BLUE * cb, GREEN_CB * cb + GREEN_CR * cr)
