"""Panels drawn by matplotlib: a page of them as a Pillow image, or as SVG for a page of HTML.

A page is laid out in pixels from its top left corner, 72 to the inch, so that a point of the
library is a pixel. Plots that stand under each other begin and end at one x.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isfinite
from threading import RLock
from typing import TYPE_CHECKING, Any, Literal

from multitok.core.errors import MediaError
from multitok.core.extras import require
from multitok.drawing.charts.axes import Axis, Band, Level, Line, Panel, Points
from multitok.drawing.charts.clock import dates
from multitok.drawing.charts.colors import GROUNDS, Color, css, readable
from multitok.drawing.charts.labels import Box, Place, along, free, spread
from multitok.drawing.charts.pointing import Along, Spot, Tip, markup
from multitok.drawing.charts.sheet import Kind, Sheet
from multitok.drawing.charts.thinning import thinned

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

PAPER: Color = GROUNDS[0]
INK: Color = (29, 31, 38)
FAINT: Color = (93, 98, 112)
GRID: Color = (228, 226, 220)
FRAME: Color = (172, 177, 188)
STRIP = 0.24
"""The share of a plot's height that the strip under it takes."""
SHAPES = {"●": "o", "▲": "^", "■": "s", "◆": "D", "○": "o", "△": "^", "□": "s", "◇": "D"}
HOLLOW = "○△□◇"
STYLES: dict[str, Any] = {
    "line": {}, "steps": {"drawstyle": "steps-post"}, "dashed": {"dashes": (5, 3)}
}  # fmt: skip


def page(
    panels: Sequence[Sequence[Panel]],
    *,
    title: str = "",
    subtitle: str = "",
    note: str = "",
    size: tuple[int, int] = (1400, 800),
) -> PillowImage:
    """Rows of panels under a title; `note` is a line of small print at the foot.

    >>> from multitok.drawing.charts import Line, Panel, page
    >>> page([[Panel(marks=[Line(x=[0, 1], y=[2, 3])])]], size=(600, 400)).size
    (600, 400)
    """
    with _library():
        sheet, _ = _drawn(panels, title, subtitle, note, size)
        return sheet.picture()


def svg(
    panels: Sequence[Sequence[Panel]],
    *,
    size: tuple[int, int],
    name: str,
    subtitle: str = "",
    css: str = "",
) -> str:
    """Rows of panels as one <svg>, in the colors of a light and of a dark page, with what is said
    of its points and plots as titles.

    name   what the drawing is, for those who do not see it
    css    its class
    """
    with _library():
        sheet, spots = _drawn(panels, "", subtitle, "", size, spelled=False)
        return sheet.svg(name, css, markup(spots, sheet.spelled))


_drawing = RLock()
"""Held while a chart is drawn: matplotlib has one set of settings for all threads."""


@contextmanager
def _library() -> Iterator[None]:
    """matplotlib as it comes, whatever a matplotlibrc says, and text that is never a formula."""
    library: Any = require("matplotlib", extra="plots", purpose="drawing a chart")
    with _drawing, library.rc_context():
        library.rcdefaults()
        library.rcParams.update(
            {
                "font.family": ["DejaVu Sans"], "text.parse_math": False,
                "svg.fonttype": "none", "axes.axisbelow": True, "path.simplify_threshold": 0.2,
            }
        )  # fmt: skip
        yield


def _drawn(
    panels: Sequence[Sequence[Panel]],
    title: str,
    subtitle: str,
    note: str,
    size: tuple[int, int],
    spelled: bool = True,
) -> tuple[Sheet, list[Spot]]:
    if not panels or not all(panels):
        raise MediaError("a page needs at least one panel in every row")
    sheet = Sheet(size, spelled=spelled)
    edge = sheet.margin
    top = float(edge)
    heads: tuple[tuple[str, Kind, Color], ...] = (title, "head", INK), (subtitle, "title", FAINT)
    for words, kind, color in heads:
        for line in sheet.wrapped(words, kind, size[0] - 2 * edge):
            sheet.write(edge, top, line, kind, color)
            top += sheet.line(kind)
    top += 10 if title or subtitle else 0
    small = sheet.wrapped(note, "tick", size[0] - 2 * edge)
    bottom = size[1] - edge / 2 - len(small) * sheet.line("tick")
    for number, line in enumerate(small):
        sheet.write(edge, bottom + 6 + number * sheet.line("tick"), line, "tick", FAINT)
    spots: list[Spot] = []
    for panel, left, box in _laid(sheet, panels, top, bottom):
        _titles(sheet, panel, left, box)
        spots += _panel(sheet, panel, box)
    return sheet, spots


def _laid(
    sheet: Sheet, panels: Sequence[Sequence[Panel]], top: float, bottom: float
) -> list[tuple[Panel, float, Box]]:
    """Each panel with its left edge and the place of its plot: titles, ticks and names have their
    room beside it."""
    laid = []
    tall = (bottom - top) / len(panels)
    fitted = [[panel.colored().ranged() for panel in row] for row in panels]
    for r, row in enumerate(fitted):
        wide = (sheet.size[0] - 2 * sheet.margin) / len(row)
        for c, panel in enumerate(row):
            column = [other[c] for other in fitted if len(other) == len(row)]
            left = sheet.margin + c * wide + max(_ticks_room(sheet, p, tall) for p in column)
            names = max(_names_room(sheet, p) for p in column)
            right = sheet.margin + (c + 1) * wide - names - (14 if c + 1 < len(row) else 0)
            start = sheet.margin + c * wide
            over = len(_heading(sheet, panel, right - start)) * sheet.line("title")
            over += sheet.line("tick") * bool(panel.y.label) + 10
            under = sheet.line("tick") * (2 if panel.x.label else 1) + 14
            box = Box(left, top + r * tall + over, right, top + (r + 1) * tall - under)
            if box.right - box.left < 40 or box.bottom - box.top < 30:
                raise MediaError(f"{len(panels)} rows of panels do not fit: make the page larger")
            laid.append((panel, start, box))
    return laid


def _heading(sheet: Sheet, panel: Panel, wide: float) -> list[str]:
    return sheet.wrapped(panel.title, "title", wide)


def _ticks_room(sheet: Sheet, panel: Panel, tall: float) -> float:
    """Pixels left of a plot: the widest tick of its y axis, and of the strip's."""
    ticks = [text for _, text in panel.y.marked(_about(tall))]
    if panel.under is not None:
        ticks += [text for _, text in panel.under.colored().ranged().y.marked(2)]
    return max((sheet.width(text, "tick") for text in ticks), default=0) + 12


def _names_room(sheet: Sheet, panel: Panel) -> float:
    return max(
        (sheet.width(sheet.shortened(label, "name"), "name") + 24 for label in _labeled(panel)),
        default=0,
    )


def _labeled(panel: Panel) -> dict[str, Line | Points]:
    """The marks that are named at the right edge, a name once."""
    return {m.label: m for m in panel.marks if isinstance(m, Line | Points) and m.label}


def _about(tall: float) -> int:
    return max(3, min(8, round(tall / 55)))


def _titles(sheet: Sheet, panel: Panel, left: float, box: Box) -> None:
    """The title over a plot, and what its y axis is."""
    top = box.top - 10 - sheet.line("tick") * bool(panel.y.label)
    for line in reversed(_heading(sheet, panel, box.right - left)):
        top -= sheet.line("title")
        sheet.write(left, top, line, "title", INK)
    if panel.y.label:
        sheet.write(left, box.top - 8 - sheet.line("tick"), panel.y.label, "tick", FAINT)


def _panel(sheet: Sheet, panel: Panel, box: Box) -> list[Spot]:
    """One plot with its strip and its names; where one can point at it."""
    plot = box
    if panel.under is not None:
        cut = box.bottom - (box.bottom - box.top) * STRIP
        plot = box._replace(bottom=cut - 14)
        strip = panel.under.colored().ranged()
        _plot(sheet, strip, box._replace(top=cut), about=2)
    axes = _plot(sheet, panel, plot, _about(plot.bottom - plot.top), across=panel.under is None)
    if panel.x.label:
        below = box.bottom + sheet.line("tick") + 8
        sheet.write((box.left + box.right) / 2, below, panel.x.label, "tick", FAINT, "center")
    _texts(sheet, panel, plot, axes)
    _names(sheet, panel, plot, axes)
    tips = [
        Tip(*place, lines)
        for mark in panel.marks if isinstance(mark, Line | Points)
        for x, y, place, lines in zip(
            mark.x, mark.y, sheet.places(axes, mark), mark.tips, strict=False
        )
        if isfinite(panel.x.place(x)) and isfinite(panel.y.place(y))
    ]  # fmt: skip
    return [*([Along(box, panel.track)] if panel.track else []), *tips]


def _plot(sheet: Sheet, panel: Panel, box: Box, about: int, across: bool = True) -> Any:
    """Axes with their ticks and marks; without x ticks where a strip has them."""
    axes = sheet.axes(box)
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(css(FRAME))
    axes.set_xscale("log" if panel.x.log else "linear")
    axes.set_yscale("log" if panel.y.log else "linear")
    axes.set_xlim(panel.x.ends)
    axes.set_ylim(panel.y.ends)
    _ticks(sheet, axes, "x", _across(sheet, panel.x, box) if across else [])
    _ticks(sheet, axes, "y", panel.y.marked(about))
    axes.grid(axis="y", color=css(GRID), linewidth=1)
    for x, text in _across(sheet, panel.x, box) if across else []:
        middle, half = axes.transData.transform((x, panel.y.ends[0]))[0], sheet.width(text, "tick")
        half /= 2  # a tick at the end stays over its own plot
        middle = min(max(middle, box.left - 8 + half), box.right + 8 - half)
        sheet.write(middle, box.bottom + 7, text, "tick", FAINT, "center")
    for order, mark in enumerate(panel.marks, 2):
        _mark(sheet, axes, mark, order, box)
    return axes


def _ticks(
    sheet: Sheet, axes: Any, name: Literal["x", "y"], ticks: Sequence[tuple[float, str]]
) -> None:
    """Ticks where the panel wants them. Those of x are written apart, as they may move."""
    axis = axes.xaxis if name == "x" else axes.yaxis
    values = [value for value, _ in ticks]
    axis.set_ticks(values, [sheet.spelled(t) if name == "y" else "" for _, t in ticks])
    axis.set_ticks([], minor=True)
    axes.tick_params(
        axis=name, length=4 if name == "x" else 0, color=css(FRAME), labelcolor=css(FAINT),
        labelsize=sheet.sizes["tick"], pad=6,
    )  # fmt: skip


def _across(sheet: Sheet, axis: Axis, box: Box) -> list[tuple[float, str]]:
    """As many x ticks as stand beside each other."""
    wide = box.right - box.left
    for about in range(max(2, int(wide // 60)), 0, -1):
        ticks = dates(axis, about) if axis.dates else axis.marked(about)
        room = [sheet.width(text, "tick") + 14 for _, text in ticks]
        places = [axis.place(value) * wide for value, _ in ticks]
        if all(
            places[i + 1] - places[i] >= (room[i] + room[i + 1]) / 2 for i in range(len(room) - 1)
        ):
            break
    # two ticks that are moved in from the ends of a narrow plot may meet still
    return ticks if sum(room) <= wide + 16 else ticks[:1]


def _mark(
    sheet: Sheet, axes: Any, mark: Line | Points | Band | Level, order: int, box: Box
) -> None:
    if isinstance(mark, Band):
        axes.axvspan(mark.low, mark.high, color=css(mark.color), linewidth=0, zorder=0)
    elif isinstance(mark, Level):
        axes.axhline(mark.y, color=css(mark.color), linewidth=1, zorder=1)
    elif isinstance(mark, Points):
        axes.plot(
            mark.x, mark.y, linestyle="none", zorder=order + 0.5, clip_on=False,
            **_sign(mark.sign, mark.color or INK, mark.size),
        )  # fmt: skip
    else:
        x, y = thinned(mark.x, mark.y, int(box.right - box.left))
        color = mark.color or INK
        axes.plot(
            x, y, color=css(color), linewidth=mark.width, zorder=order,
            solid_joinstyle="round", solid_capstyle="round", **STYLES[mark.style],
        )  # fmt: skip
        _lonely(axes, mark, color, order)
        if mark.sign:
            said = len(mark.tips)
            style = _sign(mark.sign, color, sheet.dot)
            axes.plot(mark.x[:said], mark.y[:said], linestyle="none", zorder=order + 0.5, **style)


def _lonely(axes: Any, line: Line, color: Color, order: int) -> None:
    """A value between two that are missing is a dot."""
    there = [False, *map(isfinite, line.y), False]
    alone = [i for i in range(len(line.y)) if there[i : i + 3] == [False, True, False]]
    if alone:
        x, y = [line.x[i] for i in alone], [line.y[i] for i in alone]
        size = max(3.0, 2 * line.width)
        axes.plot(x, y, ".", color=css(color), markersize=size, zorder=order)


def _sign(sign: str, color: Color, size: float) -> dict[str, Any]:
    """A marker in its color, with a rim of paper; a hollow one filled with it."""
    hollow = sign in HOLLOW and sign != ""
    smaller = 0.82 if SHAPES.get(sign) == "D" else 0.9 if SHAPES.get(sign) == "s" else 1.0
    return {
        "marker": SHAPES.get(sign, "o"), "markersize": size * smaller,
        "markerfacecolor": css(PAPER if hollow else color),
        "markeredgecolor": css(color if hollow else PAPER),
        "markeredgewidth": 1.8 if hollow else 1.0,
    }  # fmt: skip


def _texts(sheet: Sheet, panel: Panel, box: Box, axes: Any) -> None:
    """Names of bands, of levels and of points, each where it lies on no other."""
    tall = sheet.line("tick")
    taken: list[Box] = []
    for band in (m for m in panel.marks if isinstance(m, Band) and m.text):
        low, high = (
            axes.transData.transform((x, panel.y.ends[0]))[0] for x in (band.low, band.high)
        )
        wide, middle = sheet.width(band.text, "tick"), (low + high) / 2
        spot = Box(middle - wide / 2, box.top + 2, middle + wide / 2, box.top + 2 + tall)
        if wide + 4 <= high - low and box.holds(spot):
            sheet.write(middle, spot.top, band.text, "tick", FAINT, "center")
            taken.append(spot)
    sets = [mark for mark in panel.marks if isinstance(mark, Points)]
    places = {id(mark): sheet.places(axes, mark) for mark in sets}
    if any(any(mark.names) for mark in sets):
        taken += [
            _around(place) for mark in sets for place in places[id(mark)] if isfinite(sum(place))
        ]
    for level in (m for m in panel.marks if isinstance(m, Level) and m.text):
        y = sheet.place(axes, panel.x.ends[0], level.y)[1]
        wide = sheet.width(level.text, "tick")
        for left in (box.right - wide - 4, box.left + 6, (box.left + box.right - wide) / 2):
            spot = Box(left, y - tall - 1, left + wide, y - 1)
            if box.holds(spot) and not any(map(spot.covers, taken)):
                sheet.write(left, spot.top, level.text, "tick", FAINT)
                taken.append(spot)
                break
    curves = [m for m in panel.marks if isinstance(m, Line) and len(m.x) <= 100]
    strokes = [square for line in curves for square in along(sheet.places(axes, line))]
    for mark in sets:
        for place, name in zip(places[id(mark)], mark.names, strict=False):
            if name and isfinite(sum(place)):
                _name(sheet, place, name, readable(mark.color or INK, PAPER), taken, strokes, box)


def _around(place: Place) -> Box:
    x, y = place
    return Box(x - 6, y - 6, x + 6, y + 6)


def _name(
    sheet: Sheet, place: Place, name: str, color: Color,
    taken: list[Box], strokes: Sequence[Box], box: Box,
) -> None:  # fmt: skip
    """A name near its dot, with a hairline to it from afar."""
    size = sheet.width(name, "name"), float(sheet.line("name"))
    spot = free(place, size, taken, strokes, box._replace(right=box.right + 8))
    if spot is None:
        return
    x, y = place
    near = min(max(x, spot.left), spot.right), min(max(y, spot.top), spot.bottom)
    if abs(near[0] - x) + abs(near[1] - y) > 24:
        sheet.hairline(place, near, color)
    sheet.write(spot.left, spot.top, name, "name", color)
    taken.append(spot)


def _names(sheet: Sheet, panel: Panel, box: Box, axes: Any) -> None:
    """The names of curves at the right edge, each with its sign, moved apart where curves end close
    together."""
    ends: list[tuple[float, Line | Points]] = []
    for mark in _labeled(panel).values():
        there = [y for _, y in sheet.places(axes, mark) if isfinite(y)]
        ends.append((there[-1] if there else box.bottom, mark))
    line = sheet.line("name")
    moved = spread([y for y, _ in ends], line, box.top, box.bottom)
    for y, (_, mark) in zip(moved, ends, strict=True):
        color = mark.color or INK
        if mark.sign or isinstance(mark, Points):
            sheet.sign(box.right + 12, y, _sign(mark.sign, color, sheet.dot))
        else:
            dashed = isinstance(mark, Line) and mark.style == "dashed"
            sheet.stroke(box.right + 6, box.right + 18, y, color, dashed=dashed)
        text = readable(color, PAPER)
        label = sheet.shortened(mark.label, "name")
        sheet.write(box.right + 23, y - line / 2, label, "name", text)
