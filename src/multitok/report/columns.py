"""Text made to fit a terminal: tables, and lines broken between words.

Escape sequences of color take no room, signs of the East take two columns. Nothing is cut off: what
does not fit goes on below.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise, zip_longest

from multitok.report.safe import shown
from multitok.report.text import style

NARROWEST = 12
"""Columns to which a cell of words gives way before words that could break do."""
LEAST = 4
"""Columns below which no cell is folded, whatever the terminal."""

_COLOR = re.compile(r"\x1b\[[0-9;]*m")
_BREAK = re.compile(r"[ /_](?=[^ ])|[-.,:](?=[^ \d])|(?<!\d)[-.,:](?=\d)")
"""A cell breaks after a blank or a mark, but within no number, date or version."""


def visible(text: str) -> int:
    """Columns that a line takes on a terminal.

    >>> visible("abc"), visible("日本"), visible("e\\u0301")
    (3, 4, 1)
    """
    bare = _COLOR.sub("", text)
    return len(bare) if bare.isascii() else sum(map(_width, bare))


def _width(sign: str) -> int:
    from unicodedata import category, east_asian_width

    if category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(sign) in "WF" else 1


def wrapped(text: str, width: int | None, *, hang: int = 0) -> str:
    """Each line that is longer than `width` broken between words; None leaves all as it is.

    What goes on below hangs two beyond the line's own indent, and at `hang` at least.

    >>> print(wrapped("  note: one two three", 14))
      note: one
        two three
    """
    if width is None:
        return text
    lines = []
    for line in text.split("\n"):
        lines += [line] if visible(line) <= width else _broken(line, width, hang)
    return "\n".join(lines)


def _broken(line: str, width: int, hang: int) -> list[str]:
    bare = _COLOR.sub("", line)
    indent = len(bare) - len(bare.lstrip(" "))
    below = " " * min(max(indent + 2, hang), width // 2)
    lines, here = [], ""
    for word in re.findall(r" *[^ ]+", line):
        if here.strip(" ") and visible(here + word) > width:
            lines.append(here)
            here = below + word.lstrip(" ")
        else:
            here += word
    return [*lines, here]


def table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Collection[int] = (),
    color: bool = False,
    colors: Mapping[tuple[int, int], str] | None = None,
    width: int | None = None,
) -> str:
    """Columns two spaces apart; the columns numbered in `right` are aligned right.

    `colors` maps (row, column) to a color name. A table wider than `width` folds: its words, then
    its headers, and its numbers never.
    """
    cells = [[shown(cell) for cell in row] for row in (headers, *rows)]
    widths = _widths(cells, right, width)
    lines = []
    for n, row in enumerate(cells, -1):
        folded = (fold(cell, widths[i]) for i, cell in enumerate(row))
        for line in zip_longest(*folded, fillvalue=""):
            painted = []
            for i, cell in enumerate(line):
                room = " " * (widths[i] - visible(cell))
                name = "dim" if n < 0 else (colors or {}).get((n, i))
                word = style(cell, name, color=color) if name else cell
                painted.append(room + word if i in right else word + room)
            lines.append("  ".join(painted).rstrip())
    return "\n".join(lines)


def _widths(
    cells: Sequence[Sequence[str]], right: Collection[int], width: int | None
) -> Sequence[int]:
    """The room of each column: as much as it asks for, or as little as `width` leaves it."""
    columns = list(zip(*cells, strict=True))
    natural = [max(map(visible, column)) for column in columns]
    if width is None:
        return natural
    room = width - 2 * (len(columns) - 1)
    pieces = [max(_longest(cell) for cell in column) for column in columns]
    numbers = [
        max([_longest(column[0]), *map(visible, column[1:])]) if i in right else 0
        for i, column in enumerate(columns)
    ]
    folding = [
        [number or max(NARROWEST, piece) for number, piece in zip(numbers, pieces, strict=True)],
        [number or piece for number, piece in zip(numbers, pieces, strict=True)],
        [number or LEAST for number in numbers],
    ]
    widths: Sequence[int] = natural
    for least in folding:
        widths = narrowed(widths, room, least)
    return widths


def narrowed(widths: Sequence[int], room: int, least: Sequence[int]) -> list[int]:
    """Widths of columns that fit `room` together: the widest gives way, none below its `least`.

    >>> narrowed([40, 6, 20], 56, [12, 6, 12]), narrowed([13, 90], 20, [12, 90])
    ([30, 6, 20], [12, 90])
    """
    found = list(widths)
    while sum(found) > room:
        soft = [i for i, width in enumerate(found) if width > least[i]]
        if not soft:
            break
        found[max(soft, key=lambda i: found[i])] -= 1
    return found


def _longest(cell: str) -> int:
    """Columns of the longest piece that does not break."""
    ends = [0, *(match.end() for match in _BREAK.finditer(cell)), len(cell)]
    return max(visible(cell[a:b].rstrip(" ")) for a, b in pairwise(ends))


def fold(cell: str, width: int) -> list[str]:
    """A cell in lines of at most `width`, broken after a blank or a mark, or where it must be.

    >>> fold("mistralai/Mistral-Small", 16)
    ['mistralai/', 'Mistral-Small']
    """
    lines = []
    while visible(cell) > width:
        most = _reach(cell, width)
        ends = [match.end() for match in _BREAK.finditer(cell)] + [len(cell)]
        end = max((end for end in ends if end <= most), default=0)
        piece = cell[end : min(after for after in ends if after > end)]
        if end <= most // 3 and visible(piece) > width:
            end = most  # a piece that no line holds is broken, here or below
        lines.append(cell[:end].rstrip(" "))
        cell = cell[end:]
    return [*lines, cell]


def _reach(cell: str, width: int) -> int:
    """How many characters fit into so many columns: one at least."""
    if cell.isascii():
        return width
    at, room = 0, width
    while at < len(cell) and _width(cell[at]) <= room:
        room -= _width(cell[at])
        at += 1
    return max(1, at)
