"""Panels on a page: a Pillow image, shapes smoothed by drawing three times larger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite, nan
from typing import TYPE_CHECKING

from multitok.core.errors import MediaError
from multitok.drawing.charts.axes import Axis, Band, Color, Level, Line, Panel, Points
from multitok.drawing.paper import FAINT, INK, font

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage
    from PIL.ImageDraw import ImageDraw

SMOOTH = 3
PAPER: Color = (253, 253, 251)
GRID: Color = (232, 234, 238)
FRAME: Color = (172, 177, 188)
MARGIN = 36
HEAD, TITLE, TICK, NAME = 27, 18, 15, 15


@dataclass(frozen=True, slots=True)
class _Box:
    """Where a panel's plot lies on the page, in pixels, and its axes."""

    left: int
    top: int
    right: int
    bottom: int
    x: Axis
    y: Axis

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The pixel of a value; NaN for a value without a place."""
        across, up = self.x.place(x), self.y.place(y)
        return (
            self.left + across * (self.right - self.left),
            self.bottom - up * (self.bottom - self.top),
        )


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
    from PIL import Image as Pillow, ImageDraw as PillowDraw

    if not panels or not all(panels):
        raise MediaError("a page needs at least one panel in every row")
    width, height = size
    large = Pillow.new("RGB", (width * SMOOTH, height * SMOOTH), PAPER)
    shapes = PillowDraw.Draw(large)
    top = MARGIN + (HEAD + 12 if title else 0) + (TITLE + 14 if subtitle else 0)
    foot = MARGIN // 2 + (TICK + 10 if note else 0)
    laid = _lay(panels, width, top, height - foot)
    for panel, box in laid:
        _draw_marks(shapes, panel, box)
    small = large.reduce(SMOOTH)
    pen = PillowDraw.Draw(small)
    for panel, box in laid:
        _write(pen, panel, box)
    if title:
        pen.text((MARGIN, MARGIN - 8), title, font=font(HEAD), fill=INK)
    if subtitle:
        below = MARGIN + (HEAD + 4 if title else -8)
        pen.text((MARGIN, below), subtitle, font=font(TITLE), fill=FAINT)
    if note:
        pen.text((MARGIN, height - TICK - 20), note, font=font(TICK), fill=FAINT)
    return small


def _lay(
    panels: Sequence[Sequence[Panel]], width: int, top: int, bottom: int
) -> list[tuple[Panel, _Box]]:
    """Each panel with its plot's place: room is left for ticks, titles and a legend. Plots that
    stand under each other begin at one x."""
    laid = []
    tall = (bottom - top) / len(panels)
    fitted = [[panel.colored().ranged() for panel in row] for row in panels]
    rooms = [[_tick_room(panel, tall) for panel in row] for row in fitted]
    for r, row in enumerate(fitted):
        wide = (width - 2 * MARGIN) / len(row)
        for c, panel in enumerate(row):
            room = max(other[c] for other in rooms if len(other) == len(row))
            left = MARGIN + c * wide + room
            right = MARGIN + (c + 1) * wide - (28 if c + 1 < len(row) else 8)
            over = TITLE + 18 if panel.title or _labeled(panel) else 14
            under = TICK + 20 + (TICK + 8 if panel.x.label else 0)
            box = _Box(
                left=round(left),
                top=round(top + r * tall + over),
                right=round(right),
                bottom=round(top + (r + 1) * tall - under),
                x=panel.x,
                y=panel.y,
            )
            if box.right - box.left < 40 or box.bottom - box.top < 30:
                raise MediaError(f"{len(panels)} rows of panels do not fit: make the page larger")
            laid.append((panel, box))
    return laid


def _tick_room(panel: Panel, tall: float) -> float:
    """Pixels left of a plot: the widest tick of its y axis, and the axis' name."""
    ticks = panel.y.marked(_about_rows(tall))
    widest = max((font(TICK).getlength(text) for _, text in ticks), default=0)
    return widest + 14 + (TICK + 12 if panel.y.label else 0)


def _about_rows(pixels: float) -> int:
    return max(2, min(8, round(pixels / 62)))


def _labeled(panel: Panel) -> list[Line | Points]:
    return [m for m in panel.marks if isinstance(m, Line | Points) and m.label]


def _draw_marks(shapes: ImageDraw, panel: Panel, box: _Box) -> None:
    """Bands, then the grid, levels, curves and dots, all at SMOOTH times the size."""
    s = SMOOTH
    frame = (box.left * s, box.top * s, box.right * s, box.bottom * s)
    for mark in panel.marks:
        if isinstance(mark, Band):
            low = max(box.at(mark.low, box.y.ends[0])[0], box.left)
            high = min(box.at(mark.high, box.y.ends[0])[0], box.right)
            if high > low:
                shapes.rectangle((low * s, frame[1], high * s, frame[3]), fill=mark.color)
    for value, _ in box.y.marked(_about_rows(box.bottom - box.top)):
        y = box.at(box.x.ends[0], value)[1] * s
        shapes.line((frame[0], y, frame[2], y), fill=GRID, width=s)
    for mark in panel.marks:
        if isinstance(mark, Level):
            y = box.at(box.x.ends[0], mark.y)[1]
            if box.top <= y <= box.bottom:
                shapes.line((frame[0], y * s, frame[2], y * s), fill=mark.color, width=s)
    shapes.line((frame[0], frame[3], frame[2], frame[3]), fill=FRAME, width=s)
    for mark in panel.marks:
        if isinstance(mark, Line):
            _curve(shapes, mark, box)
    for mark in panel.marks:
        if isinstance(mark, Points):
            for x, y in zip(mark.x, mark.y, strict=True):
                _dot(shapes, box.at(x, y), mark.size / 2, mark.color or INK)


def _curve(shapes: ImageDraw, line: Line, box: _Box) -> None:
    """The curve in unbroken runs; a run of one value is a dot."""
    places = [box.at(x, y) for x, y in zip(line.x, line.y, strict=True)]
    color, width = line.color or INK, max(1, round(line.width * SMOOTH))
    for run in _runs(_thinned(places, box)):
        if line.style == "steps":
            corners = [((x1, y0), (x1, y1)) for (_, y0), (x1, y1) in pairwise(run)]
            run = [run[0], *(point for pair in corners for point in pair)]
        if len(run) == 1:
            _dot(shapes, run[0], max(2.0, line.width), color)
            continue
        pieces = _dashes(run) if line.style == "dashed" else [run]
        for piece in pieces:
            shapes.line(
                [(x * SMOOTH, y * SMOOTH) for x, y in piece], fill=color, width=width, joint="curve"
            )


def _thinned(places: list[tuple[float, float]], box: _Box) -> list[tuple[float, float]]:
    """At most four points a pixel column: its first, lowest, highest and last."""
    columns = box.right - box.left
    if len(places) <= 6 * columns:
        return places
    kept: list[tuple[float, float]] = []
    start = 0
    for i in range(1, len(places) + 1):
        if i < len(places) and int(places[i][0]) == int(places[start][0]):
            continue
        group = [p for p in places[start:i] if isfinite(p[1])]
        if group:
            low, high = min(group, key=lambda p: p[1]), max(group, key=lambda p: p[1])
            kept += [group[0], low, high, group[-1]]
        else:
            kept.append((places[start][0], nan))
        start = i
    return kept


def _runs(places: list[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in places:
        if isfinite(x) and isfinite(y):
            runs[-1].append((x, y))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _dashes(run: list[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """8 px drawn, 6 px left out, measured along the curve."""
    pieces: list[list[tuple[float, float]]] = [[run[0]]]
    drawn, left = True, 8.0
    for (x0, y0), (x1, y1) in pairwise(run):
        length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
        at = 0.0
        while length - at > left:
            at += left
            point = x0 + (x1 - x0) * at / length, y0 + (y1 - y0) * at / length
            if drawn:
                pieces[-1].append(point)
            else:
                pieces.append([point])
            drawn, left = not drawn, 6.0 if drawn else 8.0
        left -= length - at
        if drawn:
            pieces[-1].append((x1, y1))
    return [piece for piece in pieces if len(piece) > 1]


def _dot(shapes: ImageDraw, place: tuple[float, float], radius: float, color: Color) -> None:
    x, y = place
    if isfinite(x) and isfinite(y):
        for r, fill in ((radius + 1.5, PAPER), (radius, color)):
            shapes.ellipse(
                [(x - r) * SMOOTH, (y - r) * SMOOTH, (x + r) * SMOOTH, (y + r) * SMOOTH], fill=fill
            )


def _write(pen: ImageDraw, panel: Panel, box: _Box) -> None:
    """Ticks, titles, the legend and the names of points: text at its own size stays sharp."""
    small = font(TICK)
    for value, text in box.y.marked(_about_rows(box.bottom - box.top)):
        y = box.at(box.x.ends[0], value)[1]
        pen.text((box.left - 9, y), text, font=small, fill=FAINT, anchor="rm")
    taken = -1e9
    for value, text in box.x.marked(max(2, (box.right - box.left) // 110)):
        x = box.at(value, box.y.ends[0])[0]
        half = small.getlength(text) / 2
        pen.line((x, box.bottom, x, box.bottom + 4), fill=FRAME)
        middle = min(max(x, box.left - 8 + half), box.right + 8 - half)  # never into the next plot
        if middle - half > taken + 8:
            pen.text((middle, box.bottom + 9), text, font=small, fill=FAINT, anchor="mt")
            taken = middle + half
    if panel.x.label:
        middle = (box.left + box.right) / 2
        below = box.bottom + TICK + 16
        pen.text((middle, below), panel.x.label, font=small, fill=INK, anchor="mt")
    if panel.y.label:
        _upright(pen, panel.y.label, box)
    if panel.title:
        pen.text((box.left, box.top - 12), panel.title, font=font(TITLE), fill=INK, anchor="ls")
    _legend(pen, panel, box)
    for mark in panel.marks:
        if isinstance(mark, Band) and mark.text:
            x = box.at((mark.low + mark.high) / 2, box.y.ends[0])[0]
            pen.text((x, box.top + 3), mark.text, font=small, fill=FAINT, anchor="ma")
        elif isinstance(mark, Level) and mark.text:
            y = box.at(box.x.ends[0], mark.y)[1]
            if box.top <= y <= box.bottom:
                spot = (box.right - 4, y - 2)
                pen.text(spot, mark.text, FAINT, small, "rb", stroke_width=2, stroke_fill=PAPER)
    _names(pen, panel, box)


def _upright(pen: ImageDraw, text: str, box: _Box) -> None:
    """The title of the y axis, read from below, at the left edge of its panel."""
    from PIL import Image as Pillow, ImageDraw as PillowDraw

    small = font(TICK)
    strip = Pillow.new("L", (int(small.getlength(text)) + 2, TICK + 8), 0)
    PillowDraw.Draw(strip).text((1, 2), text, font=small, fill=255)
    turned = strip.transpose(Pillow.Transpose.ROTATE_90)
    room = max(
        (small.getlength(t) for _, t in box.y.marked(_about_rows(box.bottom - box.top))), default=0
    )
    x = round(box.left - room - 18 - turned.width)
    y = round((box.top + box.bottom) / 2 - turned.height / 2)
    pen.bitmap((max(x, 2), y), turned, fill=INK)


def _legend(pen: ImageDraw, panel: Panel, box: _Box) -> None:
    """Labels in a row at the right end of the title line."""
    small, x, y = font(TICK), float(box.right), box.top - 14
    for mark in reversed(_labeled(panel)):
        x -= small.getlength(mark.label)
        pen.text((x, y), mark.label, font=small, fill=INK, anchor="ls")
        color = mark.color or INK
        if isinstance(mark, Points):
            pen.ellipse((x - 17, y - 10, x - 8, y - 1), fill=color)
        elif mark.style == "dashed":
            pen.line((x - 28, y - 5, x - 20, y - 5), fill=color, width=3)
            pen.line((x - 15, y - 5, x - 7, y - 5), fill=color, width=3)
        else:
            pen.line((x - 28, y - 5, x - 7, y - 5), fill=color, width=3)
        x -= 46


def _names(pen: ImageDraw, panel: Panel, box: _Box) -> None:
    """Each name where it covers no dot and no other name; the first choice is to the right."""
    sets = [mark for mark in panel.marks if isinstance(mark, Points)]
    dots = [box.at(x, y) for mark in sets for x, y in zip(mark.x, mark.y, strict=True)]
    taken = [(x - 6, y - 6, x + 6, y + 6) for x, y in dots if isfinite(x) and isfinite(y)]
    taken += _strokes(panel, box) if any(any(mark.names) for mark in sets) else []
    for mark in sets:
        for x, y, name in zip(mark.x, mark.y, mark.names, strict=False):
            place = box.at(x, y)
            if name and isfinite(place[0]) and isfinite(place[1]):
                spot = _free(place, font(NAME).getlength(name), taken, box)
                pen.text(spot[:2], name, font=font(NAME), fill=INK)
                taken.append(spot)


def _strokes(panel: Panel, box: _Box) -> list[tuple[float, float, float, float]]:
    """Small squares along the curves: a name may cover one, but rather does not."""
    found = []
    for line in panel.marks:
        if not isinstance(line, Line) or len(line.x) > 100:
            continue
        for run in _runs([box.at(x, y) for x, y in zip(line.x, line.y, strict=True)]):
            for (x0, y0), (x1, y1) in pairwise(run):
                parts = max(1, round(max(abs(x1 - x0), abs(y1 - y0)) / 6))
                for i in range(parts):
                    x, y = x0 + (x1 - x0) * i / parts, y0 + (y1 - y0) * i / parts
                    found.append((x - 1, y - 1, x + 1, y + 1))
    return found


def _free(
    dot: tuple[float, float],
    wide: float,
    taken: list[tuple[float, float, float, float]],
    box: _Box,
) -> tuple[float, float, float, float]:
    """The corners of the first spot around the dot that nothing covers; else the least covered."""
    x, y = dot
    tall = NAME + 4
    best, least = (x + 9, y - tall / 2, x + 9 + wide, y + tall / 2), float("inf")
    for far in (0.0, 9.0, 18.0, 27.0):
        for left, top in (
            (x + 9, y - tall / 2 - far), (x + 9, y - tall / 2 + far),
            (x - 9 - wide, y - tall / 2 - far), (x - 9 - wide, y - tall / 2 + far),
            (x - wide / 2, y - tall - 7 - far), (x - wide / 2, y + 7 + far),
        ):  # fmt: skip
            spot = (left, top, left + wide, top + tall)
            covered = sum(_overlap(spot, other) for other in taken) + 1.5 * far
            covered += 1e4 * (left < box.left or left + wide > box.right + 8)
            covered += 1e4 * (top < box.top or top + tall > box.bottom)
            if covered < least:
                best, least = spot, covered
            if covered == 0:
                return spot
    return best


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
