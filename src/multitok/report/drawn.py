"""What is drawn of an input, as markup: its pictures, and the tokens of a text."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from multitok.counting.inspection import Tokenized
from multitok.drawing.figures import Picture
from multitok.report.markup import clean, number, spaced, tokens


def chart(picture: Picture) -> str:
    return f'<figure class="chart">{image(picture)}</figure>'


def image(picture: Picture) -> str:
    url = f"data:image/{picture.form};base64,{b64encode(picture.data).decode('ascii')}"
    width, height = picture.size
    return (
        f'<img src="{url}" width="{width}" height="{height}"'
        f' alt="{clean(picture.caption)}"><figcaption>{clean(picture.caption)}</figcaption>'
    )


def text_figure(text: Tokenized) -> str:
    """The tokens of a text, colored by turns, each with its ids on hover."""
    pieces = "".join(map(_piece, text.pieces))
    more = f'<p class="more">... and {number(text.left)} more</p>' if text.left else ""
    return (
        f"<figure><figcaption>{tokens(text.tokens)} as <b>{clean(text.name)}</b> reads"
        f" it. Point at a token for its id.</figcaption>"
        f'<div class="pieces" dir="auto">{pieces}</div>{more}</figure>'
    )


def _piece(piece: Any) -> str:
    ids = " ".join(map(str, piece.ids))
    text = spaced(piece.text) if piece.text else f"<u>[{ids}]</u>"
    return f'<span data-id="{ids or "no token"}">{text}</span>'
