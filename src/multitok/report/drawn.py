"""What is drawn of an input, as markup: its pictures, and the tokens of a text."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from html import unescape
from typing import TYPE_CHECKING

from multitok.report.markup import clean, number, spaced, tokens

if TYPE_CHECKING:
    from multitok.counting.inspection import Tokenized
    from multitok.drawing.figures import Picture
    from multitok.drawing.patches import Patches
    from multitok.modalities.text.pieces import Piece


def chart(picture: Picture) -> str:
    """A picture of the whole input; an SVG is a part of the page, in its colors."""
    if picture.form == "svg":
        caption = f"<figcaption>{clean(picture.caption)}</figcaption>"
        return f'<figure class="chart">{(picture.data + picture.narrow).decode()}{caption}</figure>'
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
    grid its box, rows and columns, and where it is known the first token and the tokens a row."""
    grids = []
    for grid in where.grids:
        known = () if grid.first is None else (grid.first, grid.stride)
        grids.append(_spaced((*grid.box, grid.rows, grid.columns, *known)))
    told = {
        "grids": ",".join(grids), "canvas": _spaced(where.canvas),
        "picture": _spaced(where.picture), "source": _spaced(where.source),
        "tokens": str(where.tokens or ""), "ids": _spaced(where.ids),
    }  # fmt: skip
    return "".join(f' data-{name}="{value}"' for name, value in told.items() if value)


def _spaced(numbers: Iterable[int]) -> str:
    return " ".join(map(str, numbers))


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
