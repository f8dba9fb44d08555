"""Where one can point at a drawing: points with their tips, and plots along which something stands.

Each is an invisible shape over the SVG with a title, which a browser shows where no script runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import NamedTuple

from multitok.drawing.charts.axes import Panel, Track
from multitok.drawing.charts.labels import Box


class Tip(NamedTuple):
    """What is said of a place on a page."""

    x: float
    y: float
    lines: tuple[str, ...]


class Along(NamedTuple):
    """A plot with what stands along it."""

    box: Box
    track: Track


Spot = Tip | Along


def markup(spots: Iterable[Spot], spelled: Callable[[str], str]) -> str:
    """Plots first, so that points lie over them; a track is told by its number in `tracks_of`."""
    plots, dots, tracks = [], [], dict[int, int]()
    for spot in spots:
        if isinstance(spot, Along):
            number = tracks.setdefault(id(spot.track), len(tracks))
            plots.append(_plot(spot, number, spelled))
        else:
            title = _title(spot.lines, spelled)
            place = f'cx="{spot.x:.1f}" cy="{spot.y:.1f}"'
            dots.append(f'<circle class="point" {place} r="9">{title}</circle>')
    return "".join([*plots, *dots])


def _plot(spot: Along, number: int, spelled: Callable[[str], str]) -> str:
    left, top, right, bottom = spot.box
    place = f'x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}"'
    title = _title((spot.track.whole,), spelled)
    return f'<rect class="track" data-track="{number}" {place}>{title}</rect>'


def _title(lines: Iterable[str], spelled: Callable[[str], str]) -> str:
    return f"<title>{escape(chr(10).join(map(spelled, lines)))}</title>"


def tracks_of(panels: Sequence[Sequence[Panel]]) -> list[Track]:
    """Each track once, in the order of the panels."""
    found = {id(panel.track): panel.track for row in panels for panel in row if panel.track}
    return list(found.values())
