"""A page of a chart, measured in pixels from its top left corner, on a figure of matplotlib."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from multitok.core.quiet import quiet
from multitok.drawing.charts.axes import Line, Points
from multitok.drawing.charts.colors import GROUNDS, Color, css, mirrored, readable
from multitok.drawing.charts.labels import Box, Place

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

Kind = Literal["head", "title", "tick", "name"]
WIDE: dict[Kind, int] = {"head": 25, "title": 17, "tick": 14, "name": 14}
NARROW: dict[Kind, int] = {"head": 17, "title": 14, "tick": 12, "name": 12}
"""Pixels of letters; those of a page as wide as a phone are read at their own size."""
LINES = 4
"""Lines of a title, or a note, at most."""
_MEASURED = 400
"""Characters of a line that are measured: no page shows as many."""
INCH = 72
PAGES: dict[str, str] = {
    "#1d1f26": "var(--ink, light-dark(#1d1f26, #e9eaee))",
    "#5d6270": "var(--soft, light-dark(#5d6270, #9aa1b0))",
    "#e4e2dc": "var(--line, light-dark(#e4e2dc, #2d313b))",
}
"""Colors that the style sheet of a page has under a name; a notebook has no such sheet."""


class Sheet:
    """The figure and what is written on it.

    spelled   whether a character that the font lacks is written as its number: in a picture, where
              no other font stands in
    """

    def __init__(self, size: tuple[int, int], *, spelled: bool) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.size = size
        self.sizes = WIDE if size[0] >= 500 else NARROW
        self.dot = 8.0 if size[0] >= 500 else 6.0
        self.margin = 24 if size[0] >= 500 else 10
        self._pure = spelled
        self._figure: Any = Figure(
            figsize=(size[0] / INCH, size[1] / INCH), dpi=INCH, facecolor=css(GROUNDS[0])
        )
        self._canvas: Any = FigureCanvasAgg(self._figure)
        self._renderer = self._canvas.get_renderer()
        self._has: Callable[[int], int] = _font().get_char_index

    def line(self, kind: Kind) -> int:
        """Pixels from one line of text to the next."""
        return round(self.sizes[kind] * 1.4)

    def spelled(self, text: str) -> str:
        """The text as it can be drawn: what moves, hides or has no shape is spelled."""
        return "".join(c if self._drawable(c) else _number(c) for c in text)

    def _drawable(self, character: str) -> bool:
        if not character.isprintable():
            return False
        return not self._pure or bool(self._has(ord(character)))

    def width(self, text: str, kind: Kind) -> float:
        """Pixels that a text takes."""
        from matplotlib.font_manager import FontProperties

        font = FontProperties(size=self.sizes[kind])
        # what another font draws is counted as wide as an m
        text = "".join(c if self._has(ord(c)) else "m" for c in self.spelled(text))
        return float(self._renderer.get_text_width_height_descent(text, font, False)[0])

    def shortened(self, text: str, kind: Kind) -> str:
        """A name at the edge, cut where it would take more than a quarter of the page."""
        most = self.size[0] / 4
        if self._within(text, kind, most) >= len(text):
            return text
        return f"{text[: self._within(text, kind, most - self.width('…', kind))]}…"

    def wrapped(self, text: str, kind: Kind, wide: float) -> list[str]:
        """The text in lines of at most so many pixels; a word that is longer is cut, and so is what
        would take more than LINES, for a name from outside has any length."""
        lines: list[str] = []
        rest = text.strip()
        while rest and len(lines) < LINES:
            fits = self._within(rest, kind, wide)
            if fits < len(rest) and (gap := rest.rfind(" ", 0, fits + 1)) > 0:
                fits = gap
            lines.append(rest[:fits])
            rest = rest[fits:].strip()
        if rest:
            room = wide - self.width("…", kind)
            lines[-1] = f"{lines[-1][: self._within(lines[-1], kind, room)]}…"
        return lines

    def _within(self, text: str, kind: Kind, wide: float) -> int:
        """How many of its characters, of one at least, take no more than so many pixels."""
        most = min(len(text), _MEASURED)
        return max(
            1, bisect_right(range(1, most + 1), wide, key=lambda n: self.width(text[:n], kind))
        )

    def write(
        self, x: float, y: float, text: str, kind: Kind, color: Color, align: str = "left"
    ) -> None:
        """A line of text whose top is at y."""
        middle = y + self.line(kind) / 2
        self._figure.text(
            x / self.size[0], 1 - middle / self.size[1], self.spelled(text),
            fontsize=self.sizes[kind], color=css(color), ha=align, va="center_baseline",
        )  # fmt: skip

    def axes(self, box: Box) -> Any:
        """Axes whose plot fills the box."""
        wide, tall = self.size
        place = (
            box.left / wide, 1 - box.bottom / tall,
            (box.right - box.left) / wide, (box.bottom - box.top) / tall,
        )  # fmt: skip
        return self._figure.add_axes(place, facecolor="none")

    def place(self, axes: Any, x: float, y: float) -> Place:
        """The pixel of a value."""
        across, up = axes.transData.transform((x, y))
        return float(across), float(self.size[1] - up)

    def places(self, axes: Any, mark: Line | Points) -> list[Place]:
        """The pixels of the points of a mark; NaN where a value has none."""
        import numpy as np

        if not len(mark.x):
            return []
        with np.errstate(invalid="ignore", divide="ignore"):
            found = axes.transData.transform(np.column_stack([mark.x, mark.y]))
        return [(float(across), float(self.size[1] - up)) for across, up in found]

    def sign(self, x: float, y: float, style: dict[str, Any]) -> None:
        """A marker on the page itself."""
        self._add([x], [y], linestyle="none", **style)

    def stroke(self, x0: float, x1: float, y: float, color: Color, *, dashed: bool) -> None:
        """A short line beside a name."""
        style: dict[str, Any] = {"dashes": (2, 1.2)} if dashed else {}
        self._add([x0, x1], [y, y], color=css(color), linewidth=3, **style)

    def hairline(self, start: Place, end: Place, color: Color) -> None:
        """From a dot to a name that stands farther off."""
        self._add([start[0], end[0]], [start[1], end[1]], color=css(color), linewidth=0.7)

    def _add(self, x: Sequence[float], y: Sequence[float], **style: Any) -> None:
        from matplotlib.lines import Line2D
        from matplotlib.transforms import IdentityTransform

        up = [self.size[1] - value for value in y]
        self._figure.add_artist(Line2D(x, up, transform=IdentityTransform(), **style))

    def texts(self) -> list[tuple[str, Box]]:
        """Each text that is drawn with the box of its letters."""
        from matplotlib.text import Text

        found = []
        for text in self._figure.findobj(Text):
            if text.get_text() and text.get_visible():
                box = text.get_window_extent(self._renderer)
                tall = self.size[1]
                found.append((text.get_text(), Box(box.x0, tall - box.y1, box.x1, tall - box.y0)))
        return found

    def picture(self) -> PillowImage:
        from PIL import Image as Pillow

        self._canvas.draw()
        return Pillow.frombytes("RGBA", self.size, bytes(self._canvas.buffer_rgba())).convert("RGB")

    def svg(self, name: str, css_class: str, over: str) -> str:
        """One <svg> without what a page has already: its fonts, and its colors light and dark; with
        markup over it."""
        from io import StringIO

        import matplotlib as library

        library.rcParams["svg.hashsalt"] = f"{name} {css_class}"
        self._figure.set_facecolor("none")
        text = StringIO()
        with quiet():  # of letters that the browser has a font for
            self._figure.savefig(text, format="svg", metadata=dict.fromkeys(_METADATA))
        drawn = text.getvalue().partition("<svg")[2].partition(">")[2].rpartition("</svg>")[0]
        drawn = re.sub(
            r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", drawn, flags=re.S
        )
        used = set(re.findall(r'#([\w.-]+)["\)]', drawn))
        drawn = re.sub(r' id="([^"]*)"', lambda m: m[0] if m[1] in used else "", drawn)
        drawn = re.sub(r"#[0-9a-f]{6}(?=[;\"])", _both, drawn)
        drawn = drawn.replace("'DejaVu Sans'", "system-ui, sans-serif").replace("xlink:", "")
        drawn = re.sub(r"\s*\n\s*", "\n", drawn)
        wide, tall = self.size
        return (
            f'<svg class="{css_class}" viewBox="0 0 {wide} {tall}" role="img"'
            f' aria-label="{escape(self.spelled(name))}">{drawn}{over}</svg>'
        )


_METADATA = ("Date", "Creator", "Format", "Type")


def _both(found: re.Match[str]) -> str:
    """A color for a light page and for a dark one."""
    written = found[0]
    if written in PAGES:
        return PAGES[written]
    color = int(written[1:3], 16), int(written[3:5], 16), int(written[5:], 16)
    light, dark = GROUNDS
    if color == light:
        return "var(--paper, light-dark(#fbfaf7, #14161b))"
    pale = min(color) > 150
    other = mirrored(color) if pale else readable(color, dark)
    return f"light-dark({written}, {css(other)})"


def _font() -> Any:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return get_font(findfont(FontProperties(family=["DejaVu Sans"])))


def _number(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
