"""What is drawn of an input, as markup: its pictures, and the tokens of a text."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import unescape
from itertools import groupby, pairwise, takewhile
from typing import TYPE_CHECKING

from multitok.report.markup import clean, number, spaced, tokens

if TYPE_CHECKING:
    from multitok.counting.inspection import Tokenized
    from multitok.drawing.charts.axes import Track
    from multitok.drawing.figures import Picture
    from multitok.drawing.patches import Patches
    from multitok.modalities.text.pieces import Piece

EDGES = 10_000
"""Parts of a plot's width in which edges are told: finer than a pixel of any screen."""


def chart(picture: Picture) -> str:
    """A picture of the whole input; an SVG is a part of the page, in its colors."""
    if picture.form == "svg":
        drawings = (picture.data + picture.narrow).decode() + "".join(map(_along, picture.tracks))
        caption = f"<figcaption>{clean(picture.caption)}</figcaption>"
        return f'<figure class="chart">{drawings}{caption}</figure>'
    return f'<figure class="chart">{image(picture)}</figure>'


def image(picture: Picture) -> str:
    """A picture with its caption, inside of the page."""
    url = f"data:image/{picture.form};base64,{b64encode(picture.data).decode('ascii')}"
    width, height = picture.size
    caption = clean(picture.caption)
    told = _told(picture.patches) if picture.patches else ""
    return (
        f'<div class="picture"{told}><img src="{url}" width="{width}" height="{height}"'
        f' alt="{caption}"></div><figcaption>{caption}</figcaption>'
    )


def _told(where: Patches) -> str:
    """Where its tokens lie, in the few numbers from which the script tells of any of them: for each
    grid its box, rows and columns, and where it is known the first token and the tokens a row;
    its words, a line each, and the edges of its columns."""
    grids = []
    for grid in where.grids:
        known = () if grid.first is None else (grid.first, grid.stride)
        grids.append(_spaced((*grid.box, grid.rows, grid.columns, *known)))
    told = {
        "grids": ",".join(grids), "canvas": _spaced(where.canvas),
        "picture": _spaced(where.picture or ()), "source": _spaced(where.source or ()),
        "tokens": str(where.tokens or ""), "ids": _spaced(where.ids),
        "words": "\n".join(map(clean, where.words)),
        "edges": ",".join(stepped(grid.edges) for grid in where.grids) if where.rate else "",
        "each": str(where.each) if where.each > 1 else "", "rate": str(where.rate or ""),
    }  # fmt: skip
    return "".join(f' data-{name}="{value}"' for name, value in told.items() if value)


def stepped(numbers: Sequence[int]) -> str:
    """Numbers as the first and the steps from each to the next, those that come again told once.

    >>> stepped([0, 10, 20, 30, 35])
    '0 10*3 5'
    """
    steps = groupby(after - before for before, after in pairwise(numbers))
    runs = ((step, len(list(same))) for step, same in steps)
    return " ".join(map(str, numbers[:1])) + "".join(
        f" {step}" if times == 1 else f" {step}*{times}" for step, times in runs
    )


def _spaced(numbers: Iterable[int]) -> str:
    return " ".join(map(str, numbers))


def _along(track: Track) -> str:
    """What stands along a plot, for the script: once for all drawings that have this track."""
    edges = _spaced(round(EDGES * place) for place in track.edges)
    lines = "\n".join(
        "\t".join(map(clean, packed(texts))) for texts in zip(*track.stops, strict=True)
    )
    return f'<i hidden class="stops" data-edges="{edges}" data-lines="{lines}"></i>'


def packed(texts: Sequence[str]) -> list[str]:
    """Texts, none of them empty, in few letters: how all begin and how all end, then what stands
    between, and nothing where that is as in the text before.

    >>> packed(["token 1 of 9", "token 1 of 9", "token 2 of 9"])
    ['token ', ' of 9', '1', '', '2']
    """
    head = _beginning(texts)[: min(map(len, texts)) - 1]
    rest = [text[len(head) :] for text in texts]
    tail = _beginning([text[:0:-1] for text in rest])[::-1]
    cells = [text.removesuffix(tail) for text in rest]
    same = zip(["", *cells], cells, strict=False)
    return [head, tail, *("" if before == cell else cell for before, cell in same)]


def _beginning(texts: Sequence[str]) -> str:
    """The letters with which all begin."""
    first, last = min(texts), max(texts)
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(letter for letter, _ in same)


def text_figure(text: Tokenized) -> str:
    """The tokens of a text, colored by turns, each with its ids."""
    pieces = "".join(map(_piece, text.pieces))
    more = f'<p class="more">... and {number(text.left)} more</p>' if text.left else ""
    name = clean(text.name)
    return (
        f"<figure><figcaption>{tokens(text.tokens)} as <b>{name}</b> reads"
        f" it. Point at a token for its id.</figcaption>"
        f'<div class="pieces" dir="auto" role="group" tabindex="0" aria-label="tokens of {name}">'
        f"{pieces}</div>{more}</figure>"
    )


def _piece(piece: Piece) -> str:
    """A token. Its bytes are those of its text, and are told apart where that is spelled."""
    ids = " ".join(map(str, piece.ids))
    text = spaced(piece.text) if piece.text else f"<u>[{ids}]</u>"
    raw = piece.text.encode("utf-8", "surrogatepass").hex()
    told = f' data-bytes="{raw}"' if unescape(_plain(text)) != piece.text else ""
    return f'<span data-id="{ids or "no token"}"{told}>{text}</span>'


def _plain(text: str) -> str:
    """The text between the tags that `spaced` makes, as a browser reads it."""
    return re.sub("<u>[^<]*</u>", "", text)
