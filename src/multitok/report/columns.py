"""Text made to fit a terminal: lines broken between words, cells folded within their column.

Escape sequences of color take no room. Nothing is cut off: what does not fit goes on below.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

NARROWEST = 12
"""Characters below which a column is not folded: a number or a kind stays whole."""

_COLOR = re.compile(r"\x1b\[[0-9;]*m")
_BREAK = re.compile(r"[ /\-_.,:](?=[^ ])")


def visible(text: str) -> int:
    """Characters of a line that take room."""
    return len(_COLOR.sub("", text))


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


def fold(cell: str, width: int) -> list[str]:
    """A cell in lines of at most `width`, broken after a blank or a mark, or where it must be.

    >>> fold("mistralai/Mistral-Small", 16)
    ['mistralai/', 'Mistral-Small']
    """
    lines = []
    while len(cell) > width:
        ends = [
            match.end() for match in _BREAK.finditer(cell, 0, width + 1) if match.end() <= width
        ]
        end = ends[-1] if ends and ends[-1] > width // 3 else width
        lines.append(cell[:end].rstrip(" "))
        cell = cell[end:]
    return [*lines, cell]


def narrowed(widths: Sequence[int], room: int, firm: Collection[int] = ()) -> list[int]:
    """Widths of columns that fit `room` together: the widest gives way, the `firm` ones do not.

    >>> narrowed([40, 6, 20], 56), narrowed([13, 90], 20, firm=(1,))
    ([30, 6, 20], [12, 90])
    """
    found = list(widths)
    while sum(found) > room:
        soft = [i for i, width in enumerate(found) if i not in firm and width > NARROWEST]
        if not soft:
            break
        found[max(soft, key=lambda i: found[i])] -= 1
    return found
