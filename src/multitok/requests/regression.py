"""What was billed for so many estimated tokens: a robust line, kept only where it helps.

What a provider writes around a request is so many tokens more (the offset), what a vocabulary makes
of other words is so many times as many (the slope). The line is Theil's and Sen's, the median of
the slopes between all pairs of bills: where a quarter of them is far off, it stays. It is believed
when it lowers the error of bills that it was not drawn through, each left out in turn.

The numbers here were chosen on the recorded bills (tests/data), halved in 20 ways: with fewer
bills, or without a majority of them nearer, a calibration made more of the other halves worse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil
from statistics import median
from typing import NamedTuple

FEWEST = 16
"""Bills that a line is drawn through."""
SIZES = 4
"""Different sizes that show a slope; with fewer all of the difference is offset."""
SLOPES = (0.5, 2.0)
OFFSET = 2000
"""A line outside of these is no calibration: the bills are of something else."""
CLOSE = 0.01
"""Counts that are so near to their bills are left as they are."""
BETTER = 0.9
"""The error with a line, as a share of that without, that is an improvement."""
DRAWN = 100
"""Bills that are looked at: of more, as many of all sizes."""
HELD = 0.95
"""The share of bills that lies below the upper end of the range, and above the lower one."""
WIDEST = (0.5, 2.0)
"""The range of any estimate: a bill beyond it is of something else, too."""


class Point(NamedTuple):
    """Tokens that were estimated, what was billed for them, and the whole bill."""

    estimated: int
    billed: int
    bill: int

    def off(self, counted: float) -> float:
        """The error of the whole count, as a share of its bill."""
        return abs(counted - self.billed) / self.bill


class Line(NamedTuple):
    """Billed = offset + slope x estimated."""

    offset: float
    slope: float

    def at(self, estimated: int) -> float:
        return max(0.0, self.offset + self.slope * estimated)


@dataclass(frozen=True, slots=True)
class Trend:
    """A line that helps.

    low, high  factors around what it gives, that held HELD of the bills left out each way
    before     the median error of the counts without it, as a share of the bill
    after      the same with it, each bill left out of the line that it is held against
    """

    line: Line
    low: float
    high: float
    requests: int
    before: float
    after: float


def trend(points: Sequence[Point]) -> Trend | str:
    """A line through the bills, or why there is none.

    >>> trend([Point(n, n + 7, n + 7) for n in range(10, 60, 10)])
    '5 requests, at least 16 are needed'
    >>> trend([Point(n, n + 7, n + 7) for n in range(10, 170, 10)]).line
    Line(offset=7.0, slope=1.0)
    """
    if len(points) < FEWEST:
        many = "request" if len(points) == 1 else "requests"
        return f"{len(points)} {many}, at least {FEWEST} are needed"
    drawn = _thinned(points)
    line = theil_sen(drawn)
    if not SLOPES[0] <= line.slope <= SLOPES[1]:
        return f"a slope of {line.slope:.3g} is not believed, {SLOPES[0]:g} to {SLOPES[1]:g} is"
    if abs(line.offset) > OFFSET:
        return f"an offset of {line.offset:,.0f} tokens is not believed, up to {OFFSET:,} is"
    without = [one.off(one.estimated) for one in drawn]
    before = median(without)
    if before <= CLOSE:
        return f"the counts are {100 * before:.1f} % off as they are"
    others = [theil_sen([*drawn[:i], *drawn[i + 1 :]]) for i in range(len(drawn))]
    counted = [other.at(one.estimated) for other, one in zip(others, drawn, strict=True)]
    left_out = [one.off(at) for at, one in zip(counted, drawn, strict=True)]
    after = median(left_out)
    nearer = sum(b < a for a, b in zip(without, left_out, strict=True))
    farther = sum(b > a for a, b in zip(without, left_out, strict=True))
    if after >= BETTER * before or nearer - farther < (nearer + farther) ** 0.5:
        return f"no better: {100 * before:.1f} % off without it, {100 * after:.1f} % with it"
    low, high = _range([one.billed / at for one, at in zip(drawn, counted, strict=True) if at])
    return Trend(line, low, high, len(points), before, after)


def _range(ratios: Sequence[float]) -> tuple[float, float]:
    """Factors that HELD of the ratios are within on each side; 1 is always between them."""
    ordered = sorted(min(max(ratio, WIDEST[0]), WIDEST[1]) for ratio in [*ratios, 1.0])
    end = ceil(HELD * len(ordered)) - 1
    return min(1.0, ordered[-1 - end]), max(1.0, ordered[end])


def theil_sen(points: Sequence[Point]) -> Line:
    """The median of the slopes between all pairs, and the median offset that it leaves.

    The last bill is ten times what it should be, and changes nothing:

    >>> theil_sen([Point(n, 2 * n + 1, 1) for n in (1, 2, 3, 4, 5, 6)] + [Point(7, 150, 1)])
    Line(offset=1.0, slope=2.0)
    """
    slope = 1.0
    if len({one.estimated for one in points}) >= SIZES:
        slope = median(
            (b.billed - a.billed) / (b.estimated - a.estimated)
            for a, b in combinations(points, 2)
            if a.estimated != b.estimated
        )
    offset = median(one.billed - slope * one.estimated for one in points)
    return Line(round(offset, 2), round(slope, 4))


def _thinned(points: Sequence[Point]) -> list[Point]:
    """At most DRAWN, evenly over the sizes: the pairs of all are too many, and tell no more."""
    ordered = sorted(points)
    if len(ordered) <= DRAWN:
        return ordered
    last = len(ordered) - 1
    return [ordered[round(i * last / (DRAWN - 1))] for i in range(DRAWN)]
