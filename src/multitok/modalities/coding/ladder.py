"""The coarsest step that keeps a medium as near to itself as was asked for.

Each step that is tried is decoded and measured, so what is promised is what was seen. Halving the
step is half the error, nearly always: the search halves the ladder of steps, and ends on one that
holds, for it was tried.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log2
from typing import TypeVar

OffT = TypeVar("OffT")
OCTAVE = 64
"""Steps of the ladder from one to twice as much: less than 0.1 dB apart."""


def ladder(finest: float, coarsest: float) -> list[float]:
    """From the finest step to the coarsest, in four digits, so that a step is typed as it is."""
    rungs = round(log2(coarsest / finest) * OCTAVE)
    return [float(f"{finest * 2.0 ** (rung / OCTAVE):.4g}") for rung in range(rungs + 1)]


def climbed(
    rungs: list[float], tried: Callable[[float], OffT], met: Callable[[OffT], bool]
) -> tuple[float, OffT]:
    """The coarsest rung that was tried and meets the target, and how far it lies off; the finest
    where none does."""
    low, high, best = 0, len(rungs), tried(rungs[0])
    if not met(best):
        return rungs[0], best
    while high - low > 1:
        middle = (low + high) // 2
        if met(found := tried(rungs[middle])):
            low, best = middle, found
        else:
            high = middle
    return rungs[low], best
