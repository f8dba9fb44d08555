"""A panel of lines and points as SVG, for a page: its colors and letters are in the style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from multitok.drawing.charts.axes import Line, Panel, Points
from multitok.drawing.charts.colors import GROUNDS, Color, css as _css, readable
from multitok.report.markup import clean

PLAIN: Color = (80, 80, 80)


class Frame(NamedTuple):
    """The size of a drawing, the room around its plot, and about how many ticks it has.

    line   from one name at the right edge to the next
    """

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    ticks: tuple[int, int]
    line: int


WIDE = Frame(1000, 420, left=74, right=128, top=16, bottom=34, ticks=(12, 7), line=18)
NARROW = Frame(360, 320, left=58, right=98, top=12, bottom=30, ticks=(4, 6), line=16)
"""As many units as a phone has pixels: letters are read at their own size."""


def svg(panel: Panel) -> str:
    """A panel drawn for a wide page and for a phone; the style sheet shows one of them."""
    panel = panel.ranged()
    return _drawn(panel, WIDE, "wide") + _drawn(panel, NARROW, "narrow")


def _drawn(panel: Panel, frame: Frame, css: str) -> str:
    """Gridlines, step lines, names at their ends, and what each dot says on hover."""
    across, up = frame.ticks
    right, floor = frame.width - frame.right, frame.height - frame.bottom
    parts = [
        f'<svg class="{css}" viewBox="0 0 {frame.width} {frame.height}" role="img"'
        f' aria-label="{clean(panel.title)}">'
    ]
    for value, text in panel.y.marked(up):
        y = _place(panel, frame, panel.x.ends[0], value)[1]
        parts.append(f'<line class="rule" x1="{frame.left}" x2="{right}" y1="{y}" y2="{y}"/>')
        parts.append(_text("tick end", frame.left - 8, y + 4, text))
    for value, text in panel.x.marked(across):
        x = _place(panel, frame, value, panel.y.ends[0])[0]
        parts.append(f'<line class="rule" x1="{x}" x2="{x}" y1="{frame.top}" y2="{floor}"/>')
        parts.append(_text("tick mid", x, floor + 20, text))
    ends: list[tuple[float, str, str]] = []
    for mark in panel.marks:
        if not isinstance(mark, Line | Points):
            continue
        ink = _ink(mark.color or PLAIN)
        places = [_place(panel, frame, x, y) for x, y in zip(mark.x, mark.y, strict=True)]
        if isinstance(mark, Line) and places:
            path = _steps(places)
            parts.append(f'<path class="ink" {ink} d="{path}" stroke-width="{mark.width}"/>')
            ends.append((places[-1][1], mark.label, ink))
        parts += _dots(mark, places, ink)
    return "".join([*parts, *_names(ends, right + 8, floor, frame.line), "</svg>"])


def _place(panel: Panel, frame: Frame, x: float, y: float) -> tuple[float, float]:
    wide = frame.width - frame.left - frame.right
    tall = frame.height - frame.top - frame.bottom
    return (
        round(frame.left + panel.x.place(x) * wide, 1),
        round(frame.top + (1 - panel.y.place(y)) * tall, 1),
    )


def _dots(mark: Line | Points, places: Sequence[tuple[float, float]], ink: str) -> list[str]:
    """A dot for each tip."""
    return [
        f'<circle class="ink" {ink} cx="{x}" cy="{y}" r="3.4"><title>{clean(tip)}</title></circle>'
        for (x, y), tip in zip(places, mark.tips, strict=False)
    ]


def _steps(places: Sequence[tuple[float, float]]) -> str:
    path = [f"M{places[0][0]} {places[0][1]}"]
    for x, y in places[1:]:
        path.append(f"H{x}V{y}")
    return "".join(path)


def _names(ends: Sequence[tuple[float, str, str]], x: int, floor: int, line: int) -> list[str]:
    """The names at the right edge, moved apart where lines end close together."""
    ends = sorted(ends)
    heights: list[float] = []
    for y, _, _ in ends:
        heights.append(max(y, heights[-1] + line) if heights else y)
    low = float(floor)
    for i in reversed(range(len(heights))):  # and back up from the floor
        heights[i] = min(heights[i], low)
        low = heights[i] - line
    return [
        _text("name ink", x, round(y + 4, 1), name, ink)
        for y, (_, name, ink) in zip(heights, ends, strict=True)
    ]


def _text(css: str, x: float, y: float, text: str, ink: str = "") -> str:
    return f'<text class="{css}" {ink + " " if ink else ""}x="{x}" y="{y}">{clean(text)}</text>'


def _ink(color: Color) -> str:
    """The color as it can be read on either ground; the style sheet takes one of the two."""
    light, dark = (readable(color, ground) for ground in GROUNDS)
    return f'style="--light:{_css(light)};--dark:{_css(dark)}"'
