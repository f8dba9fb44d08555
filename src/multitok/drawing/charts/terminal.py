"""Plots in a terminal: braille dots, 2 x 4 to a character; one row per channel for a series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import isfinite, isnan
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from multitok.core.errors import MediaError
from multitok.drawing.charts.axes import MARKERS, Axis, Color, Line, Panel, Points, texts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BRAILLE = 0x2800
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot, by row and column: U+2800 patterns."""


class _Canvas:
    """Characters of 2 x 4 dots."""

    def __init__(self, columns: int, lines: int) -> None:
        self.columns, self.lines = columns, lines
        self._bits = [[0] * columns for _ in range(lines)]
        self._text: dict[tuple[int, int], str] = {}

    def dot(self, x: float, y: float) -> None:
        """A dot at x of 0..1 from the left and y of 0..1 from below; outside is left out."""
        column = round(x * (self.columns * 2 - 1))
        row = round((1 - y) * (self.lines * 4 - 1))
        if 0 <= column < self.columns * 2 and 0 <= row < self.lines * 4:
            self._bits[row // 4][column // 2] |= DOTS[row % 4][column % 2]

    def stroke(self, x0: float, y0: float, x1: float, y1: float) -> None:
        steps = int(max(abs(x1 - x0) * self.columns * 2, abs(y1 - y0) * self.lines * 4)) + 1
        for i in range(steps + 1):
            self.dot(x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps)

    def mark(self, x: float, y: float, sign: str) -> None:
        """A character of its own in place of dots."""
        column, line = round(x * (self.columns - 1)), round((1 - y) * (self.lines - 1))
        if 0 <= column < self.columns and 0 <= line < self.lines:
            self._text[line, column] = sign

    def text(self) -> list[str]:
        return [
            "".join(
                self._text.get((line, column)) or (chr(BRAILLE + bits) if bits else " ")
                for column, bits in enumerate(row)
            )
            for line, row in enumerate(self._bits)
        ]


def chart(
    panel: Panel, *, width: int = 78, height: int = 16, gutter: int = 0, color: bool = False
) -> str:
    """A panel as text: curves in braille, points by a marker each set, ticks at two edges.

    gutter   columns for the ticks at least (`gutter_of` another panel: their plots then align)
    color    markers in their own color, by ANSI escape sequences

    >>> print(chart(Panel(marks=[Line(x=[0, 1, 2], y=[0, 1, 0])], title="up"), width=24, height=4))
    up
    1 ┤        ⢀⡠⠦⢄⡀
      │     ⢀⠤⠒⠁   ⠈⠒⠤⡀
      │  ⢀⠴⠊⠁         ⠈⠑⠦⡀
    0 ┤⠔⠊⠁               ⠈⠑⠢
      └┬─────────┬─────────┬
       0         1         2
    """
    panel = panel.ranged()
    ticks = dict(_by_line(panel.y, height))
    gutter = max(gutter, *map(len, ticks.values()), 0)
    columns = width - gutter - 2
    if columns < 8 or height < 2:
        raise MediaError(
            f"a chart needs at least {gutter + 10} x 2 characters, got {width} x {height}"
        )
    canvas = _Canvas(columns, height)
    for mark in panel.marks:
        if isinstance(mark, Line):
            _stroke_line(canvas, mark, panel)
    for points, sign in _signs(panel, color=color):
        for x, y in zip(points.x, points.y, strict=True):
            across, up = panel.x.place(x), panel.y.place(y)
            if isfinite(across) and isfinite(up):
                canvas.mark(across, up, sign)
    lines = wrap(panel.title, width)
    for number, drawn in enumerate(canvas.text()):
        edge = "┤" if number in ticks else "│"
        lines.append(f"{ticks.get(number, ''):>{gutter}} {edge}{drawn}".rstrip())
    lines += _x_axis(panel.x, columns, gutter)
    lines += [f"{' ' * (gutter + 2)}{line}" for line in _legend(panel, columns, color=color)]
    return "\n".join(lines)


def gutter_of(panel: Panel, *, height: int = 16) -> int:
    """Columns that the ticks of a panel take left of its plot."""
    return max((len(text) for _, text in _by_line(panel.ranged().y, height)), default=0)


def _signs(panel: Panel, *, color: bool) -> list[tuple[Points, str]]:
    """Each set of points with its marker: its own, or the next."""
    sets = [mark for mark in panel.marks if isinstance(mark, Points)]
    signs = [points.sign or MARKERS[n % len(MARKERS)] for n, points in enumerate(sets)]
    return [
        (points, _painted(sign, points.color if color else None))
        for points, sign in zip(sets, signs, strict=True)
    ]


def _painted(sign: str, color: Color | None) -> str:
    """A sign in the nearest of the terminal's 6 x 6 x 6 colors."""
    if color is None:
        return sign
    red, green, blue = (round(part / 51) for part in color)
    return f"\x1b[38;5;{16 + 36 * red + 6 * green + blue}m{sign}\x1b[0m"


def _by_line(axis: Axis, lines: int) -> list[tuple[int, str]]:
    """The line of each tick."""
    found = []
    for value, text in axis.marked(max(2, min(6, lines // 2))):
        found.append((round((1 - axis.place(value)) * (lines - 1)), text))
    return found


def _stroke_line(canvas: _Canvas, line: Line, panel: Panel) -> None:
    places = [(panel.x.place(x), panel.y.place(y)) for x, y in zip(line.x, line.y, strict=True)]
    alone = True
    for (x0, y0), (x1, y1) in pairwise(places):
        whole = all(isfinite(v) for v in (x0, y0, x1, y1))
        if whole and line.style == "steps":
            canvas.stroke(x0, y0, x1, y0)
            canvas.stroke(x1, y0, x1, y1)
        elif whole:
            canvas.stroke(x0, y0, x1, y1)
        elif alone and isfinite(x0) and isfinite(y0):
            canvas.dot(x0, y0)
        alone = not whole
    if alone and places and all(isfinite(v) for v in places[-1]):
        canvas.dot(*places[-1])


def _x_axis(axis: Axis, columns: int, gutter: int) -> list[str]:
    rule, under = ["─"] * columns, [" "] * (columns + 12)
    taken = -1
    for value, text in axis.marked(max(2, columns // 12)):
        column = round(axis.place(value) * (columns - 1))
        rule[column] = "┬"
        start = max(0, column - len(text) // 2)
        if start > taken:
            under[start : start + len(text)] = text
            taken = start + len(text)
    pad = " " * (gutter + 1)
    lines = [f"{pad}└{''.join(rule)}", f"{pad} {''.join(under)}".rstrip()]
    if axis.label:
        lines.append(f"{pad} {axis.label:^{columns}}".rstrip())
    return lines


def _legend(panel: Panel, columns: int, *, color: bool) -> list[str]:
    """The name of each mark after its sign, as many to a line as fit."""
    items = [(sign, points.label) for points, sign in _signs(panel, color=color) if points.label]
    items += [("⠒", m.label) for m in panel.marks if isinstance(m, Line) and m.label]
    lines, room = [""] if items else [], columns
    for sign, label in items:
        taken = len(label) + 5
        if lines[-1] and room < taken:
            lines.append("")
            room = columns
        lines[-1] += f"{sign} {label}   "
        room -= taken
    return [line.rstrip() for line in lines]


def rows(
    values: Any, names: Sequence[str] = (), *, width: int = 78, lines: int = 3, most: int = 12
) -> str:
    """Each channel of (steps, channels) values as its own row of a few lines, on its own scale.

    A column of dots spans the values it stands for, so a spike among a million steps is seen; a
    missing stretch stays empty. Beyond `most` channels, the rest is named, not drawn.

    >>> print(rows([[0.0], [1.0], [2.0], [3.0]], ["level"], width=26, lines=2))
    level  3 ┤        ⣀⣀⡠⠤⠒⠒⠊⠉
           0 ┤⣀⡠⠤⠤⠒⠊⠉⠉
    """
    import numpy as np

    array = np.asarray(values, dtype=np.float64)
    array = array[:, None] if array.ndim == 1 else array
    named = [_short(n) for n in names] or [f"channel{i}" for i in range(array.shape[1])]
    shown = min(array.shape[1], most)
    gutter = max(len(name) for name in named[:shown])
    ends = [_ends(array[:, c]) for c in range(shown)]
    told = [_told(array[:, c], ends[c], lines) for c in range(shown)]
    scale = max(len(text) for row in told for text in row.values())
    out = []
    for c in range(shown):
        low, high = ends[c]
        drawn = _row(array[:, c], low, high, max(8, width - gutter - scale - 4), lines)
        for number, line in enumerate(drawn):
            at = told[c].get(number, "")
            edge = "┤" if at else "│"
            name = named[c] if number == 0 else ""
            out.append(f"{name:<{gutter}}  {at:>{scale}} {edge}{line}".rstrip())
    if array.shape[1] > shown:
        out.append(f"and {array.shape[1] - shown} more channels")
    return "\n".join(out)


def _short(name: str) -> str:
    return name if len(name) <= 18 else name[:17] + "…"


def _ends(column: NDArray[np.float64]) -> tuple[float, float]:
    import numpy as np

    finite = column[np.isfinite(column)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)


def _told(column: NDArray[np.float64], ends: tuple[float, float], lines: int) -> dict[int, str]:
    """The value at the first line and at the last; of a constant once, beside it."""
    low, high = ends
    if low == high:
        missing = not (column == low).any()
        return {lines // 2: "" if missing else texts([low])[0]}
    below, above = texts([low, high])
    return {0: above, lines - 1: below}


def _row(column: NDArray[np.float64], low: float, high: float, width: int, lines: int) -> list[str]:
    axis = Axis(low=low, high=high).ranged(())
    panel = Panel(marks=(), x=Axis(low=0, high=max(1, len(column) - 1)), y=axis)
    canvas = _Canvas(width, lines)
    dots = width * 2
    if len(column) <= dots:
        line = Line(x=range(len(column)), y=column.tolist())
        _stroke_line(canvas, line, replace(panel, marks=(line,)))
        return canvas.text()
    for i, (bottom, top) in enumerate(_extremes(column, dots)):
        if not isnan(bottom):
            x = i / (dots - 1)
            canvas.stroke(x, axis.place(bottom), x, axis.place(top))
    return canvas.text()


def _extremes(column: NDArray[np.float64], groups: int) -> list[tuple[float, float]]:
    """The lowest and highest value of each of so many equal runs, each run touching the next."""
    import numpy as np

    edges = np.linspace(0, len(column), groups + 1).astype(np.int64)
    lows = np.fmin.reduceat(column, edges[:-1])
    highs = np.fmax.reduceat(column, edges[:-1])
    lasts = column[edges[1:] - 1]
    lows[1:] = np.where(np.isnan(lows[1:]), np.nan, np.fmin(lows[1:], lasts[:-1]))
    highs[1:] = np.where(np.isnan(highs[1:]), np.nan, np.fmax(highs[1:], lasts[:-1]))
    return list(zip(lows.tolist(), highs.tolist(), strict=True))
