"""The report as one page of HTML: the JSON report's numbers, drawn for people.

Pure. One file that loads nothing: its style is inline, its pictures are data URLs, and its content
security policy forbids the rest, scripts included. Whatever comes from a file or a catalogue is
escaped in `markup.clean`, and only http(s) addresses become links.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from string import Template
from typing import Any, NamedTuple

from multitok import __version__
from multitok.core.info import info_from_dict
from multitok.report.markup import (
    SIGN,
    broken,
    clean,
    kind,
    linked,
    notes,
    number,
    pairs,
    site,
    spelled,
)
from multitok.report.text import MEANING, percent

_IN_THE_LEAD = {
    "image": ("width", "height"),
    "text": ("bytes",),
    "series": ("steps", "channels"),
    "actions": ("steps", "dims"),
    "pdf": ("pages",),
}


_MEASURES = {"tokens": "tokens", "a step": "", "bits": "bits", "RMSE": "rmse", "worst": "worst",
             "stated bound": "bound"}  # fmt: skip


class Picture(NamedTuple):
    """A drawing: its bytes in `form` (webp, png), its size in pixels, and what it shows."""

    data: bytes
    form: str
    size: tuple[int, int]
    caption: str


class Cut(NamedTuple):
    """A text as one model reads it: pieces with `text` and `ids`, and how many were left out."""

    model: str
    tokens: int
    pieces: Sequence[Any]
    left: int = 0


@dataclass(frozen=True, kw_only=True)
class Section:
    """One input: its document in the JSON report, and what was drawn of it.

    names    what each row is called: its model, or the tokenizer as it was asked for
    seen     for the first rows, the overlays, or in words why there is none
    charts   pictures of the whole input
    """

    document: Mapping[str, Any]
    names: Sequence[str]
    seen: Sequence[Sequence[Picture] | str] = ()
    charts: Sequence[Picture] = ()
    cuts: Sequence[Cut] = ()


__all__ = ["Cut", "Picture", "SIGN", "Section", "clean", "html"]


def html(sections: Sequence[Section]) -> str:
    """The whole page.

    >>> html([])[:15], "<script" in html([])
    ('<!doctype html>', False)
    """
    names = [_name(section.document) for section in sections]
    many = f"{len(sections)} inputs"
    kinds = {row["kind"] for section in sections for row in section.document["rows"]}
    return _PAGE.substitute(
        title=clean(names[0] if len(names) == 1 else many),
        style=_style(),
        head="" if len(sections) == 1 else _contents(sections, many),
        sections="\n".join(_section(section, n) for n, section in enumerate(sections, 1)),
        legend=_legend(kinds),
        version=clean(__version__),
    )


def _name(document: Mapping[str, Any]) -> str:
    if "input" in document:
        return str(document["input"])
    return _words(document) or "a shape"


def _words(document: Mapping[str, Any]) -> str:
    return info_from_dict(dict(document["info"])).words() if "info" in document else ""


# --- one input ------------------------------------------------------------------------------------


def _section(section: Section, place: int) -> str:
    document = section.document
    rows = document["rows"]
    parts = [
        f'<section id="input-{place}">',
        f"<h2><bdi>{clean(_name(document))}</bdi></h2>",
        _lead(document),
        notes(document.get("notes", ())),
        _models(rows, section.names) if rows else "",
        *(_chart(picture) for picture in section.charts),
        *(_cut(cut) for cut in section.cuts),
        _distortion(document.get("distortion", ())),
        f'<div class="cards">{_cards(section)}</div>' if rows else "",
        "</section>",
    ]
    return "\n".join(part for part in parts if part)


def _lead(document: Mapping[str, Any]) -> str:
    """What the file is: a line for the eye, then what its header says."""
    words = [clean(document["format"])] if "format" in document else []
    words += [spelled(_words(document).replace(" x ", " × "))] if "input" in document else []
    info = document.get("info", {})
    said = ("modality", *_IN_THE_LEAD.get(info.get("modality", ""), ()))
    facts = {key: value for key, value in info.items() if key not in said and value is not None}
    facts |= document.get("facts", {})
    lead = f'<p class="lead">{" · ".join(words)}</p>' if words else ""
    return lead + pairs(facts.items(), "facts")


def _models(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str:
    """The table of models; on a phone each row becomes a card."""
    most = max((row["tokens"] or 0 for row in rows), default=0) or 1
    priced = any(row.get("cost_usd") for row in rows)
    seen = any(row.get("sees") for row in rows)
    heads = ["model", "tokens", "kind", "of context", *["sees"] * seen, *["input cost"] * priced]
    head = "".join(f'<th scope="col">{name}</th>' for name in [*heads, "source", "checked"])
    body = "".join(
        f'<tr><th scope="row">{broken(name)}</th>{_cells(row, most, seen, priced)}</tr>\n'
        for name, row in zip(names, rows, strict=True)
    )
    return f'<table class="models"><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>'


def _cells(row: Mapping[str, Any], most: int, seen: bool, priced: bool) -> str:
    tokens = row["tokens"]
    length = 92 * (tokens or 0) / most
    share = row.get("context_share")
    cells = [
        ("tokens", "<span>?</span>" if tokens is None else
                   f'<i class="bar" style="width:{length:.1f}%"></i><span>{number(tokens)}</span>'),
        ("kind", kind(row["kind"])),
        ("of context", "" if share is None else number(share, percent(share))),
        *[("sees", _sees(row))] * seen,
        *[("input cost", _cost(row))] * priced,
        ("source", site(row.get("source", ""))),
        ("checked", clean(row.get("checked") or "")),
    ]  # fmt: skip
    return "".join(
        f'<td class="{label.replace(" ", "-")}" data-label="{label}">{cell}</td>'
        for label, cell in cells
    )


def _sees(row: Mapping[str, Any]) -> str:
    return " × ".join(number(side, str(side)) for side in row.get("sees") or ())


def _cost(row: Mapping[str, Any]) -> str:
    if row.get("cost_usd") is None:
        return "" if row["tokens"] is None else "unknown"
    from decimal import Decimal

    from multitok.prices.rates import money

    cost = row["cost_usd"]
    return f'<data value="{clean(cost)}">{clean(money(Decimal(cost)))}</data>'


def _chart(picture: Picture) -> str:
    return f'<figure class="chart">{_image(picture)}</figure>'


def _image(picture: Picture) -> str:
    url = f"data:image/{picture.form};base64,{b64encode(picture.data).decode('ascii')}"
    width, height = picture.size
    return (
        f'<img src="{url}" width="{width}" height="{height}"'
        f' alt="{clean(picture.caption)}"><figcaption>{clean(picture.caption)}</figcaption>'
    )


def _cut(cut: Cut) -> str:
    """The tokens of a text, colored by turns, each with its ids on hover."""
    shown = "".join(map(_piece, cut.pieces))
    more = f'<p class="more">... and {number(cut.left)} more</p>' if cut.left else ""
    return (
        f"<figure><figcaption>{_tokens(cut.tokens)} as <b>{clean(cut.model)}</b> reads"
        f" it. Point at a token for its id.</figcaption>"
        f'<div class="pieces" dir="auto">{shown}</div>{more}</figure>'
    )


def _piece(piece: Any) -> str:
    ids = " ".join(map(str, piece.ids))
    text = clean(piece.text).replace("\n", "<u>⏎</u>\n") if piece.text else f"<u>[{ids}]</u>"
    return f'<span data-id="{ids or "no token"}">{text}</span>'


def _distortion(rows: Sequence[Mapping[str, Any]]) -> str:
    """What each way to tokenize a series or a motion costs, and how far off it comes back."""
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{name}</th>' for name in ("tokenizer", *_MEASURES))
    body = "".join(
        f'<tr><th scope="row">{clean(row["label"])}</th>'
        + "".join(f'<td data-label="{name}">{_measure(row, name)}</td>' for name in _MEASURES)
        + "</tr>\n"
        for row in rows
    )
    steps, seconds = rows[0]["steps"], rows[0]["seconds"]
    length = f"{number(steps)} steps" + (f", {number(seconds)} seconds" if seconds else "")
    return (
        "<figure><figcaption><b>Tokens and error.</b> What each way to tokenize these"
        f" {length} costs, and how far off it comes back.</figcaption>"
        f'<table class="grid"><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>'
        "</figure>"
    )


def _measure(row: Mapping[str, Any], name: str) -> str:
    if name == "a step":
        return f"{row['tokens'] / max(row['steps'], 1):.3g}"
    value = row[_MEASURES[name]]
    if value is None:
        return ""
    return number(value, f"{value:,.0f}" if name in ("tokens", "bits") else f"{value:.4g}")


# --- one model ------------------------------------------------------------------------------------


def _cards(section: Section) -> str:
    rows = section.document["rows"]
    drawn = [*section.seen, *[()] * (len(rows) - len(section.seen))]
    return "\n".join(map(_card, section.names, rows, drawn))


def _card(name: str, row: Mapping[str, Any], drawn: Sequence[Picture] | str) -> str:
    """One model's sum in words, under what it sees."""
    if row["tokens"] is None:
        return (
            f'<article><h3>{broken(name)}</h3><p class="sum">{kind("unknown")}</p>'
            f"<p>{clean(row['why'])}</p></article>"
        )
    parts = [
        f"<article><h3>{broken(name)}</h3>",
        f'<p class="sum">{_tokens(row["tokens"], "strong")} {kind(row["kind"])}</p>',
        _seen(drawn),
        _parts(row["parts"]),
        _steps(row.get("explain", ())),
        _range(row.get("range")),
        notes(row["notes"]),
        _worked(row.get("geometry", {})),
        f'<p class="rule">rule {clean(row["tokenizer"])}: {linked(row["source"])}'
        + (f", checked {clean(row['checked'])}" if row["checked"] else "")
        + "</p></article>",
    ]
    return "\n".join(part for part in parts if part)


def _seen(drawn: Sequence[Picture] | str) -> str:
    if isinstance(drawn, str):
        return f'<p class="why">{clean(drawn)}</p>' if drawn else ""
    return "\n".join(f"<figure>{_image(picture)}</figure>" for picture in drawn)


def _tokens(count: int, tag: str = "span") -> str:
    return f"<{tag}>{number(count)}</{tag}> token{'s' if count != 1 else ''}"


def _parts(parts: Mapping[str, int]) -> str:
    """What adds up to the count, as a bar and in numbers; one part needs neither."""
    if len(parts) < 2:
        return ""
    bar = "".join(f'<i style="flex-grow:{n}"></i>' for n in parts.values() if n)
    sums = " + ".join(f"{number(n)} {clean(name)}" for name, n in parts.items())
    return f'<div class="parts"><div class="stack" aria-hidden="true">{bar}</div>{sums}</div>'


def _steps(steps: Sequence[str]) -> str:
    items = "".join(f"<li>{clean(step)}</li>" for step in steps)
    return f'<ol class="steps">{items}</ol>' if items else ""


def _worked(geometry: Mapping[str, Any]) -> str:
    """What the rule worked out on the way, folded away."""
    if not geometry:
        return ""
    return (
        '<details class="worked"><summary>sizes as height, width; grids as rows, columns'
        f"</summary>{pairs(geometry.items(), 'geometry')}</details>"
    )


def _range(ends: Sequence[int] | None) -> str:
    if ends is None:
        return ""
    low, high = ends
    return f'<p class="range">between {number(low)} and {number(high)} (5th to 95th percentile)</p>'


# --- the page -------------------------------------------------------------------------------------


def _contents(sections: Sequence[Section], many: str) -> str:
    """Of many inputs: each with its largest and smallest count, to jump to."""
    items = []
    for place, section in enumerate(sections, 1):
        counts = [row["tokens"] for row in section.document["rows"] if row["tokens"] is not None]
        ends = sorted({min(counts), max(counts)}) if counts else []
        shown = f"<small>{' to '.join(map(number, ends))} tokens</small>" if ends else ""
        name = f"<bdi>{clean(_name(section.document))}</bdi>"
        items.append(f'<li><a href="#input-{place}">{name}</a> {shown}</li>')
    return f"<h1>{clean(many)}</h1><nav><ol>{''.join(items)}</ol></nav>"


def _legend(kinds: set[str]) -> str:
    lines = "".join(
        f"<div><dt>{kind(name)}</dt><dd>{clean(meaning)}</dd></div>"
        for name, meaning in MEANING.items()
        if name in kinds
    )
    return f'<dl class="legend">{lines}</dl>' if lines else ""


@cache
def _style() -> str:
    path = os.path.join(os.path.dirname(__file__), "page.css")
    with open(path, encoding="utf-8") as file:
        return file.read()


_PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$title: tokens</title>
<style>
$style</style></head>
<body>
<header><p class="brand">multitok<span> what models make of it</span></p>$head</header>
<main>
$sections
</main>
<footer>$legend<p>Counted offline by multitok $version.</p></footer>
</body></html>
""")
