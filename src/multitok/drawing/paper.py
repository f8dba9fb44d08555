"""What drawn pages share: paper and ink, the font that Pillow ships, lines of text, a grid."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

PAGE = (250, 250, 248)
INK = (28, 30, 36)
FAINT = (110, 114, 124)
CELL = (255, 255, 255, 120)
CELL_SHADOW = (0, 0, 0, 70)
FINEST = 4
"""Pixels of the smallest cell that is drawn: what is finer nobody sees."""


@lru_cache(maxsize=32)
def font(size: int) -> FreeTypeFont:
    """The font that Pillow ships, at a size in pixels."""
    from PIL import ImageFont

    found: Any = ImageFont.load_default(size=size)
    return found  # type: ignore[no-any-return]


def lines_of(text: str, size: int, width: float) -> list[str]:
    """The text in lines of at most `width` pixels. A word that is longer goes on in the next, from
    behind a mark that joins its parts if there is one."""
    lines = [""]

    def short(line: str) -> bool:
        return font(size).getlength(line) <= width

    for word in text.split():
        joined = f"{lines[-1]} {word}".lstrip()
        if short(joined):
            lines[-1] = joined
            continue
        rest = word
        while not short(rest) and len(rest) > 1:
            fitting = next(n for n in range(len(rest) - 1, 0, -1) if n == 1 or short(rest[:n]))
            cut = 1 + max(rest.rfind(mark, 0, fitting) for mark in "/-_") or fitting
            lines.append(rest[:cut])
            rest = rest[cut:]
        lines.append(rest)
    return [line for line in lines if line] or [""]


def draw_grid(pen: ImageDraw, rows: int, columns: int, size: tuple[int, int]) -> None:
    """Hairlines between cells: white on a dark edge, to be seen on any picture."""
    width, height = size
    if not rows or not columns or min(width / columns, height / rows) < FINEST:
        return
    for column in range(1, columns):
        x = round(column * width / columns)
        pen.line([(x + 1, 0), (x + 1, height)], fill=CELL_SHADOW)
        pen.line([(x, 0), (x, height)], fill=CELL)
    for row in range(1, rows):
        y = round(row * height / rows)
        pen.line([(0, y + 1), (width, y + 1)], fill=CELL_SHADOW)
        pen.line([(0, y), (width, y)], fill=CELL)
