"""A panel of lines and points as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import TYPE_CHECKING

from multitok.drawing.charts.axes import Line, Panel, Points

if TYPE_CHECKING:
    pass

_W, _H, _LEFT, _RIGHT, _TOP, _BOTTOM = 1000, 420, 70, 150, 16, 34


def svg(panel: Panel) -> str:
    """A panel as an SVG drawing: gridlines, step lines, names at their ends, values on hover."""
    panel = panel.fitted()
    wide, tall = _W - _LEFT - _RIGHT, _H - _TOP - _BOTTOM

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            round(_LEFT + panel.x.place(x) * wide, 1),
            round(_TOP + (1 - panel.y.place(y)) * tall, 1),
        )

    parts = [f'<svg viewBox="0 0 {_W} {_H}" role="img" aria-label="{escape(panel.title)}">']
    for value, text in panel.y.marked(7):
        y = at(panel.x.ends[0], value)[1]
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_W - _RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="tick end" x="{_LEFT - 10}" y="{y + 4}">${text}</text>')
    for value, text in panel.x.marked(12):
        x = at(value, panel.y.ends[0])[0]
        parts.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{_TOP}" y2="{_H - _BOTTOM}"/>')
        parts.append(f'<text class="tick mid" x="{x}" y="{_H - _BOTTOM + 20}">{text}</text>')
    ends: list[tuple[float, str, str]] = []
    for mark in panel.marks:
        if not isinstance(mark, Line | Points):
            continue
        color = _css(mark.color)
        places = [at(x, y) for x, y in zip(mark.x, mark.y, strict=True)]
        if isinstance(mark, Line) and places:
            parts.append(
                f'<path d="{_steps(places)}" stroke="{color}" stroke-width="{mark.width}"/>'
            )
            ends.append((places[-1][1], mark.label, color))
        parts += _dots(mark, places, color)
    parts += _end_names(ends)
    parts.append("</svg>")
    return "".join(parts)


def _dots(mark: Line | Points, places: Sequence[tuple[float, float]], color: str) -> list[str]:
    """A dot where a value changes, with its day and value on hover."""
    dots, last = [], float("nan")
    for (x, y), day, value in zip(places, mark.x, mark.y, strict=True):
        if value != last or isinstance(mark, Points):
            when = date.fromordinal(int(day)).isoformat()
            tip = escape(f"{mark.label + ', ' if mark.label else ''}{when}: ${value:.4g}")
            dots.append(
                f'<circle cx="{x}" cy="{y}" r="3.4" fill="{color}"><title>{tip}</title></circle>'
            )
        last = value
    return dots


def _steps(places: Sequence[tuple[float, float]]) -> str:
    path = [f"M{places[0][0]} {places[0][1]}"]
    for x, y in places[1:]:
        path.append(f"H{x}V{y}")
    return "".join(path)


def _end_names(ends: Sequence[tuple[float, str, str]]) -> list[str]:
    """The names at the right edge, moved apart where lines end close together."""
    shown, last = [], -100.0
    for y, name, color in sorted(ends):
        y = max(y, last + 17)
        last = y
        x = _W - _RIGHT + 10
        shown.append(
            f'<text class="name" x="{x}" y="{y + 4:.1f}" fill="{color}">{escape(name)}</text>'
        )
    return shown


def _css(color: tuple[int, int, int] | None) -> str:
    return "#{:02x}{:02x}{:02x}".format(*(color or (80, 80, 80)))
