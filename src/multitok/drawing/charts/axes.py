"""What a plot holds, and where its ticks fall. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, isfinite, log10
from typing import Literal

from multitok.core.errors import MediaError
from multitok.drawing.charts.colors import COLORS, Color as Color

MARKERS = "●▲■◆○△□◇"
"""Signs of points: told apart where there is no color, and by those who see none."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A curve through (x, y); NaN breaks it. `steps` holds each value until the next x.

    tips   the lines that are said of each point where one can point at it (SVG); points beyond are
           silent
    sign   the mark of each point that has a tip: see Points
    """

    x: Sequence[float]
    y: Sequence[float]
    label: str = ""
    color: Color | None = None
    tips: Sequence[tuple[str, ...]] = ()
    sign: str = ""
    width: float = 2.0
    style: Literal["line", "steps", "dashed"] = "line"


@dataclass(frozen=True, kw_only=True)
class Points:
    """Dots at (x, y), each with a name beside it where `names` has one.

    sign   their mark, as the character that a terminal shows, one of MARKERS; without one a dot, in
           a terminal the next of them
    tips   the lines that are said of each dot where one can point at it (SVG)
    """

    x: Sequence[float]
    y: Sequence[float]
    names: Sequence[str] = ()
    label: str = ""
    color: Color | None = None
    tips: Sequence[tuple[str, ...]] = ()
    sign: str = ""
    size: float = 9.0


@dataclass(frozen=True, kw_only=True)
class Band:
    """The whole height between two x, shaded; `text` stands at its top."""

    low: float
    high: float
    color: Color = (226, 232, 242)
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Level:
    """A hairline across at y."""

    y: float
    color: Color = (196, 202, 214)
    text: str = ""


Mark = Line | Points | Band | Level


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One axis: its title, scale, ends (found from the marks when None) and ticks.

    `ticks` gives (value, text) pairs of your own, such as years; without it they are round numbers
    with `unit` before them. `dates` says that values are seconds since 1970 in UTC.
    """

    label: str = ""
    unit: str = ""
    log: bool = False
    low: float | None = None
    high: float | None = None
    ticks: tuple[tuple[float, str], ...] = ()
    dates: bool = False

    def ranged(self, values: Iterable[float]) -> Axis:
        """The same axis with both ends: a little beyond the data, never of zero length."""
        seen = [v for v in values if isfinite(v) and (v > 0 or not self.log)]
        low = self.low if self.low is not None else min(seen, default=1.0 if self.log else 0.0)
        high = self.high if self.high is not None else max(seen, default=1.0)
        if self.log and (low <= 0 or high <= 0):
            raise MediaError(f"a log axis needs ends above 0, got {low!r} and {high!r}")
        if high <= low:
            low, high = (low / 2, high * 2) if self.log else (low - 0.5, high + 0.5)
        return replace(self, low=low, high=high)

    def padded(self, share: float) -> Axis:
        """Room beyond the data on the ends that were not given."""
        low, high = self.ends
        if self.log:
            factor = (high / low) ** share
            return replace(self, low=low / factor, high=high * factor)
        room = (high - low) * share
        return replace(self, low=low - room, high=high + room)

    @property
    def ends(self) -> tuple[float, float]:
        if self.low is None or self.high is None:
            raise MediaError("an axis needs both ends before it is drawn: call ranged(values)")
        return self.low, self.high

    def place(self, value: float) -> float:
        """Where a value lies, 0 at the low end and 1 at the high one; NaN where it has no place."""
        low, high = self.ends
        if not isfinite(value) or (self.log and value <= 0):
            return float("nan")
        if self.log:
            return (log10(value) - log10(low)) / (log10(high) - log10(low))
        return (value - low) / (high - low)

    def marked(self, about: int) -> list[tuple[float, str]]:
        """About so many ticks inside the ends, with their texts."""
        low, high = self.ends
        if self.ticks:
            inside = [(v, t) for v, t in self.ticks if low <= v <= high]
            skip = max(1, ceil(len(inside) / max(1, about)))
            return inside[::skip]
        values = _log_ticks(low, high, about) if self.log else _round_ticks(low, high, about)
        if len(values) < 2:
            values = _round_ticks(low, high, about)
        return [(v, self.unit + text) for v, text in zip(values, texts(values), strict=True)]


@dataclass(frozen=True, kw_only=True, eq=False)
class Track:
    """What stands along the x of a plot, stop beside stop, for those who point at it (SVG).

    edges   where each stop begins and where the last one ends, as `Axis.place` tells places
    stops   the lines that are said of each, as many of all
    whole   what all of it is, in a line: the title, where no script runs
    """

    edges: Sequence[float]
    stops: Sequence[tuple[str, ...]]
    whole: str = ""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One plot: marks drawn in order on two axes; `under` is a strip below it on the same x, and
    `track` what one can point at, which several plots may share."""

    marks: Sequence[Mark]
    title: str = ""
    x: Axis = Axis()
    y: Axis = Axis()
    under: Panel | None = None
    track: Track | None = None

    def colored(self) -> Panel:
        """Each line and set of points without a color gets the next of COLORS."""
        free, marks = 0, []
        for mark in self.marks:
            if isinstance(mark, Line | Points) and mark.color is None:
                mark = replace(mark, color=COLORS[free % len(COLORS)])
                free += 1
            marks.append(mark)
        return replace(self, marks=marks)

    def ranged(self) -> Panel:
        """Both axes with ends that hold every mark."""
        xs = [v for m in self.marks if isinstance(m, Line | Points) for v in m.x]
        ys = [v for m in self.marks if isinstance(m, Line | Points) for v in m.y]
        points = any(isinstance(mark, Points) for mark in self.marks)
        x, y = self.x.ranged(xs), self.y.ranged(ys)
        if points and self.x.low is None and self.x.high is None:
            x = x.padded(0.06)
        if self.y.low is None and self.y.high is None:
            y = y.padded(0.08)
        return replace(self, x=x, y=y)


def _round_ticks(low: float, high: float, about: int) -> list[float]:
    """Multiples of 1, 2, 2.5 or 5 times a power of ten."""
    rough = (high - low) / max(1, about)
    power = 10.0 ** floor(log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [
        round(i * step, 12) if abs(i * step) < 1e12 else i * step for i in range(first, last + 1)
    ]


def _log_ticks(low: float, high: float, about: int) -> list[float]:
    """Powers of ten, thinned or with 2 and 5 between, for about so many."""
    first, last = floor(log10(low)), ceil(log10(high))
    decades = log10(high) - log10(low)
    inside: list[float] = []
    for between in ((1, 2, 3, 5), (1, 2, 5), (1, 3), (1,)):
        inside = [
            m * 10.0**p for p in range(first, last + 1) for m in between
            if low * 0.999 <= m * 10.0**p <= high * 1.001
        ]  # fmt: skip
        if len(inside) <= about * 1.3:
            return inside
    skip = ceil(decades / max(1, about))
    return [10.0**p for p in range(first, last + 1, skip) if low * 0.999 <= 10.0**p <= high * 1.001]


def texts(values: Sequence[float]) -> list[str]:
    """Numbers as an axis writes them, short and alike: 0.5, 20, 1,500, 2M, 1e-07.

    As many digits as it takes to tell different numbers apart.

    >>> texts([0.0, 0.25, 0.5]), texts([1e6, 2.5e6]), texts([1500.0])
    (['0', '0.25', '0.5'], ['1M', '2.5M'], ['1,500'])
    """
    for digits in range(4, 16):
        found = [_text(value, digits) for value in values]
        if len(set(found)) == len(set(values)):
            break
    return found


def _text(value: float, digits: int) -> str:
    size = abs(value)
    if size == 0:
        return "0"
    if size >= 1e15 or size < 1e-4:
        return f"{value:.{digits - 1}g}"
    for unit, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if size >= unit * 0.9999:
            return f"{value / (1e3 if letter == 'k' else unit):,.{digits}g}{letter}"
    if size >= 1000 and digits == 4:
        return f"{value:,.0f}"
    return f"{value:,.{digits}g}"
