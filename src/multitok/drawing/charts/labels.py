"""Where the names of a chart stand, so that none lies on another. Pixels; standard library only."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle in pixels, from the top left corner of the page."""

    left: float
    top: float
    right: float
    bottom: float

    def covers(self, other: Box) -> float:
        """The area that both have."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        tall = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, wide) * max(0.0, tall)

    def holds(self, other: Box) -> bool:
        return (
            self.left <= other.left and other.right <= self.right
            and self.top <= other.top and other.bottom <= self.bottom
        )  # fmt: skip


Place = tuple[float, float]
FAR = (0.0, 10.0, 20.0, 32.0, 48.0, 70.0, 100.0, 140.0, 200.0)
"""Pixels that a name moves up or down from its dot to find room."""


def free(
    dot: Place, size: Place, taken: Sequence[Box], strokes: Sequence[Box], inside: Box
) -> Box | None:
    """A spot for a name of this size beside its dot, the nearest that covers no dot and no name and
    least of the curves; None where there is no room."""
    (x, y), (wide, tall) = dot, size
    best, least = None, float("inf")
    for far in FAR:
        for left, top in (
            (x + 9, y - tall / 2 - far), (x + 9, y - tall / 2 + far),
            (x - 9 - wide, y - tall / 2 - far), (x - 9 - wide, y - tall / 2 + far),
            (x - wide / 2, y - tall - 7 - far), (x - wide / 2, y + 7 + far),
        ):  # fmt: skip
            spot = Box(left, top, left + wide, top + tall)
            if not inside.holds(spot) or any(map(spot.covers, taken)):
                continue
            cost = 5 * sum(map(spot.covers, strokes)) + 1.5 * far
            if cost < least:
                best, least = spot, cost
    return best


def along(places: Sequence[Place]) -> list[Box]:
    """Small squares along a curve, for `free`; a missing value breaks it."""
    found = []
    for (x0, y0), (x1, y1) in pairwise(places):
        if not all(map(isfinite, (x0, y0, x1, y1))):
            continue
        parts = max(1, round(max(abs(x1 - x0), abs(y1 - y0)) / 6))
        for i in range(parts):
            x, y = x0 + (x1 - x0) * i / parts, y0 + (y1 - y0) * i / parts
            found.append(Box(x - 1, y - 1, x + 1, y + 1))
    return found


def spread(heights: Sequence[float], line: float, low: float, high: float) -> list[float]:
    """The heights moved apart by a line at least, in their order, between low and high if they all
    fit there.

    >>> spread([10, 12, 90], 20, 0, 100)
    [10, 30, 90]
    """
    order = sorted(range(len(heights)), key=heights.__getitem__)
    line = min(line, (high - low) / max(1, len(heights) - 1))
    moved = list(heights)
    least = low
    for i in order:
        moved[i] = max(moved[i], least)
        least = moved[i] + line
    most = high
    for i in reversed(order):
        moved[i] = min(moved[i], most)
        most = moved[i] - line
    return moved
