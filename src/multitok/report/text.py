"""What all results in text share: the table, numbers, colors, the words for a shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from multitok.report.columns import fold, narrowed

if TYPE_CHECKING:
    pass

SCHEMA = 1


_CODES = {"bold": "1", "dim": "2", "green": "32", "yellow": "33", "cyan": "36", "red": "31"}


KIND_COLOR = {
    "exact": "green",
    "documented": "cyan",
    "upper-bound": "yellow",
    "estimate": "yellow",
    "unknown": "red",
}


MEANING = {
    "exact": "equals what the model or the published tokenizer makes",
    "documented": "the provider's published rule, which it may change",
    "upper-bound": "at most this many",
    "estimate": "a stated method with a stated error",
    "unknown": "no published rule",
}


def style(text: str, *names: str, color: bool) -> str:
    """`text` in ANSI color, or as it is."""
    if not color or not text:
        return text
    return f"\x1b[{';'.join(_CODES[name] for name in names)}m{text}\x1b[0m"


def number(value: int, people: bool) -> str:
    """1,234 for people, 1234 for pipes."""
    return f"{value:,}" if people else str(value)


def table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[int] = (),
    color: bool = False,
    colors: Mapping[tuple[int, int], str] | None = None,
    width: int | None = None,
) -> str:
    """Columns two spaces apart; the columns numbered in `right` are aligned right.

    `colors` maps (row, column) to a color name. A table wider than `width` folds its widest cells.
    """
    widths = [max(len(row[i]) for row in (headers, *rows)) for i in range(len(headers))]
    if width is not None:
        widths = narrowed(widths, width - 2 * (len(widths) - 1), firm=right)

    def line(cells: Sequence[str], paint: Any) -> str:
        shown = []
        for i, cell in enumerate(cells):
            padded = cell.rjust(widths[i]) if i in right else cell.ljust(widths[i])
            shown.append(paint(i, padded))
        return "  ".join(shown).rstrip()

    def painted(cell: str, name: str | None) -> str:
        return style(cell, name, color=color) if name else cell

    lines = [line(headers, lambda i, cell: style(cell, "dim", color=color))]
    for n, row in enumerate(rows):
        paints = {i: (colors or {}).get((n, i)) for i in range(len(row))}
        folded = (fold(cell, widths[i]) for i, cell in enumerate(row))
        for cells in zip_longest(*folded, fillvalue=""):
            lines.append(line(cells, lambda i, cell, p=paints: painted(cell, p[i])))
    return "\n".join(lines)


def percent(share: float | None) -> str:
    """The part of a context window: 1.2 %, <0.1 %, or nothing."""
    if share is None:
        return ""
    return "<0.1 %" if 0 < share < 0.001 else f"{share:.1%}".replace("%", " %")


def legend(kinds: Sequence[str], *, color: bool) -> str:
    """What the kinds on this page mean, a line each."""
    shown = [kind for kind in KIND_COLOR if kind in kinds]
    room = max(map(len, shown), default=0) + 2
    lines = (f"{style(k.ljust(room), KIND_COLOR[k], color=color)}{MEANING[k]}" for k in shown)
    return "\n".join(lines)
