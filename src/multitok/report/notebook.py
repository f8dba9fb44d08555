"""Results in a notebook: a sentence and a table, a list of tokens, a drawing. Nothing runs, nothing
is loaded, and what comes from outside is escaped as on the pages; the style is the notebook's own.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from multitok.core.errors import MultitokError
from multitok.core.info import plural
from multitok.core.media import Text
from multitok.core.sequence import TokenSequence
from multitok.counting.comparison import Row, Rows
from multitok.counting.counts import Count, Total
from multitok.counting.encoding import decode
from multitok.counting.inspection import Inspection
from multitok.drawing.figures import Figures, Picture, figures_of
from multitok.modalities.text.pieces import Piece, pieces
from multitok.report import markup
from multitok.report.markup import broken, clean, linked, notes, number, spaced
from multitok.report.requests import about, dearest
from multitok.report.text import dollars, percent
from multitok.requests.whole import RequestCount

SHOWN = 200
"""Tokens that are shown one by one."""
ROWS = 20
"""Rows of a table of tokens, or of counts."""
SHADES = ("#8ecae640", "#ffb70340")
"""Behind the tokens of a text by turns: half clear, so that they do on light and on dark."""

NO_FORMULA = "tex2jax_ignore mathjax_ignore"
"""A notebook sets what stands between two dollars as a formula, unless it is told not to."""


def html_of(result: Any) -> str:
    """The form of any result that has one."""
    drawn = next(draw for kind, draw in DRAWN.items() if isinstance(result, kind))
    return f'<div class="{NO_FORMULA}">{drawn(result)}</div>'


def html_of_count(count: Count) -> str:
    """The number, how it is known, its parts and notes."""
    of = f" by <b>{broken(count.model or count.tokenizer)}</b> of {clean(count.info.words())}"
    checked = f", checked {count.checked.isoformat()}" if count.checked else ""
    source = f"<p><small>{linked(count.source)}{checked}</small></p>"
    return "".join((_lead(count, of), _parts(count.parts), _reasons(count), source))


def html_of_total(total: Total) -> str:
    """The sum, and each count that is in it."""
    listed, rest = total.counts[:ROWS], len(total.counts) - ROWS
    columns = {
        "of": [broken(count.model or count.tokenizer) for count in listed],
        "input": [clean(count.info.words()) for count in listed],
        "tokens": [number(count.tokens) for count in listed],
        "kind": [markup.kind("rejected" if count.rejected else count.kind) for count in listed],
    }
    more = f"<p>and {rest:,} more</p>" if rest > 0 else ""
    of = f" of {plural(len(total.counts), 'count')}"
    table = markup.table("counts", columns, ("tokens",), inline=True)
    return "".join((_lead(total, of), table, more, _reasons(total)))


def html_of_rows(rows: Sequence[Row]) -> str:
    """A comparison: a row a model, and why where there is no number."""
    costs = dollars([row.cost for row in rows])
    columns = {
        "model": [broken(row.model) for row in rows],
        "tokens": [number(row.count.tokens) if row.count else "?" for row in rows],
        "kind": [markup.kind(row.kind) for row in rows],
        "of context": [clean(percent(row.share)) for row in rows],
        "sees": [f"{row.sees[0]} x {row.sees[1]}" if row.sees else "" for row in rows],
        "cost": [
            clean(cost) if row.count and not row.rejected else ""
            for row, cost in zip(rows, costs, strict=True)
        ],
    }
    told = [f"{row.model}: {why}" for row in rows for why in (row.why, *row.silent) if why]
    return markup.table(
        "models", columns, ("tokens", "of context", "sees", "cost"), inline=True
    ) + notes(told)


def html_of_request(count: RequestCount) -> str:
    """A whole request: its sum, and its dearest parts."""
    listed, rest = dearest(count.parts)
    columns = {
        "part": [broken(part.path) for part in listed],
        "what": [clean(about(part)) for part in listed],
        "tokens": ["?" if part.tokens is None else number(part.tokens) for part in listed],
        "kind": [markup.kind(part.kind) for part in listed],
    }
    least = "" if count.complete else "at least "
    lead = (
        f"<p><b>{least}{number(count.tokens)} tokens</b> {markup.kind(count.kind)} as"
        f" <b>{broken(count.model)}</b> reads the request</p>"
    )
    more = f"<p>and {plural(len(rest), 'cheaper part')}</p>" if rest else ""
    table = markup.table("parts", columns, ("tokens",), inline=True)
    return "".join((lead, table, more, notes([*count.left_out, *count.notes])))


def html_of_tokens(tokens: TokenSequence) -> str:
    """The tokens: a text by its pieces, anything else by its ids and places."""
    maker = clean(tokens.tokenizer.get("tokenizer"))
    what = f"{clean(tokens.info.words())} by <b>{maker}</b>"
    lead = f"<p><b>{number(len(tokens))} tokens</b> of {what}</p>"
    read = _read(tokens)
    return lead + (_pieces(read, len(tokens)) if read else _listed(tokens))


def html_of_inspection(found: Inspection) -> str:
    """What models make of an input, and the first drawing of it: an overlay, a text's tokens."""
    figures = figures_of(found)
    drawn = [*_pictures(figures)][:1]
    texts = [_pieces(text.pieces, text.tokens) for text in figures.texts[:1]]
    return "".join((html_of_rows(found.rows), *map(_image, drawn), *texts))


DRAWN: dict[type, Callable[[Any], str]] = {
    Count: html_of_count,
    Total: html_of_total,
    Row: lambda row: html_of_rows([row]),
    Rows: html_of_rows,
    RequestCount: html_of_request,
    TokenSequence: html_of_tokens,
    Inspection: html_of_inspection,
}


def _lead(counted: Count | Total, of: str) -> str:
    ends = counted.range
    between = f" ({number(ends[0])} to {number(ends[1])})" if ends is not None else ""
    kind = markup.kind("rejected" if counted.rejected else counted.kind)
    return f"<p><b>{number(counted.tokens)} tokens</b>{between} {kind}{of}</p>"


def _parts(parts: Any) -> str:
    """The parts, where there is more than one."""
    if len(parts) < 2:
        return ""
    columns = {"part": [*map(clean, parts)], "tokens": [*map(number, parts.values())]}
    return markup.table("parts", columns, ("tokens",), inline=True)


def _reasons(counted: Count | Total) -> str:
    rejected = [f"rejected: {why}" for why in counted.rejected]
    return notes([*rejected, *(note for note in counted.notes if note not in counted.rejected)])


def _read(tokens: TokenSequence) -> list[Piece]:
    """The pieces of a text; none where its tokenizer is not at hand, or tells no spans."""
    if tokens.info.modality != "text":
        return []
    try:
        text = decode(tokens)
        return pieces(text, tokens) if isinstance(text, Text) else []
    except MultitokError:
        return []


def _pieces(read: Sequence[Piece], tokens: int) -> str:
    """Tokens of a text on shades by turns, their ids on hover."""
    spans = "".join(
        f'<span title="{" ".join(map(str, piece.ids))}" style="background:{SHADES[i % 2]}">'
        f"{spaced(piece.text) if piece.text else ' '.join(map(str, piece.ids))}</span>"
        for i, piece in enumerate(read[:SHOWN])
    )
    left = tokens - sum(len(piece.ids) for piece in read[:SHOWN])
    more = f"<p>and {number(left)} more</p>" if left > 0 else ""
    return f'<pre style="white-space:pre-wrap">{spans}</pre>{more}'


def _listed(tokens: TokenSequence) -> str:
    """The first tokens, a row each: their ids, and where they lie."""
    most = min(len(tokens), ROWS)
    columns = {"token": [number(i) for i in range(most)]}
    if tokens.ids is not None:
        columns["id"] = [f"{i}" for i in tokens.ids[:most].tolist()]
    for at, axis in enumerate(tokens.axes if tokens.positions is not None else ()):
        places = tokens.positions[:most, at].tolist()  # type: ignore[index]
        columns[axis] = ["" if place < 0 else str(place) for place in places]
    more = f"<p>and {number(len(tokens) - most)} more</p>" if len(tokens) > most else ""
    return markup.table("tokens", columns, ("id", *tokens.axes), inline=True) + more


def _pictures(figures: Figures) -> Iterator[Picture]:
    for seen in figures.seen:
        if not isinstance(seen, str):
            yield from seen
    yield from figures.charts


def _image(picture: Picture) -> str:
    url = f"data:image/{picture.form};base64,{b64encode(picture.data).decode('ascii')}"
    caption = clean(picture.caption)
    if picture.form == "svg":
        ground = "color-scheme: light dark; background: light-dark(#fbfaf7, #14161b)"
        drawn = f'<div style="{ground}">{picture.data.decode()}</div>'
        return f"<figure>{drawn}<figcaption>{caption}</figcaption></figure>"
    return f'<figure><img src="{url}" alt="{caption}"><figcaption>{caption}</figcaption></figure>'
