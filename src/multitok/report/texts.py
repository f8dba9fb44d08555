"""What became of a text: cut, split, encoded, or shown by its tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from multitok.report.documents import document
from multitok.report.safe import shown

if TYPE_CHECKING:
    from multitok.budgets.texts import Cut
    from multitok.counting.inspection import Tokenized


def cut_to_dict(cut: Cut) -> dict[str, Any]:
    """A text cut to so many tokens, with what was cut."""
    return document(
        {
            "text": cut.text,
            "tokens": cut.tokens,
            "total": cut.total,
            "truncated": cut.truncated,
            "keep": cut.keep,
        }
    )


def split_to_dict(pieces: Sequence[str]) -> dict[str, Any]:
    """A text in pieces of so many tokens."""
    return document({"pieces": list(pieces)})


def ids_to_dict(ids: Sequence[int]) -> dict[str, Any]:
    """The ids of what was encoded."""
    return document({"tokens": len(ids), "ids": list(ids)})


def render_tokenized(text: Tokenized, *, color: bool) -> str:
    """A text cut where its tokens meet: colored by turns, or between bars where color is off."""
    cells = [spaced(piece.text) for piece in text.pieces]
    more = f"\n... and {text.left:,} more" if text.left else ""
    if not color:
        return "|".join(cells) + more
    shades = (24, 53, 22, 58)
    painted = (f"\x1b[48;5;{shades[i % 4]}m{cell}\x1b[0m" for i, cell in enumerate(cells))
    return "".join(painted) + more


def spaced(piece: str) -> str:
    """A token's text: line ends and tabs as signs, lines kept, all else spelled as by `shown`.

    >>> spaced("a\\tb\\n")
    'a⇥b⏎\\n'
    """
    return "⏎\n".join(shown(line.replace("\t", "⇥")) for line in piece.split("\n"))
