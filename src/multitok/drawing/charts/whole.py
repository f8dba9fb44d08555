"""A whole chart as it is described: it becomes a picture, or a part of a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from multitok.drawing.charts.axes import Panel, Track
from multitok.drawing.charts.plot import page, svg
from multitok.drawing.charts.pointing import tracks_of

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage


class Chart(NamedTuple):
    """Rows of panels and what stands over them."""

    panels: Sequence[Sequence[Panel]]
    title: str
    subtitle: str
    size: tuple[int, int]

    def picture(self) -> PillowImage:
        return page(self.panels, title=self.title, subtitle=self.subtitle, size=self.size)

    def tracks(self) -> list[Track]:
        """What stands along its plots, by the numbers that both drawings have them under."""
        return tracks_of(self.panels)

    def drawings(self) -> tuple[str, str]:
        """As SVG without the title: for a wide page, and with all panels below each other for one
        as wide as a phone."""
        column = [[panel] for row in self.panels for panel in row]
        tall = max(round(1040 * self.size[1] / self.size[0]), 260 * len(self.panels))
        narrow = 100 + (340 if len(column) == 1 else 250) * len(column)
        shapes = (self.panels, (1040, tall), "wide"), (column, (360, narrow), "narrow")
        wide, phone = (
            svg(panels, size=size, name=self.title, subtitle=self.subtitle, css=css)
            for panels, size, css in shapes
        )
        return wide, phone
