"""The report as one page of HTML: the JSON report's numbers, drawn for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from multitok.core.info import info_from_dict, plural
from multitok.counting.inspection import Tokenized
from multitok.drawing.figures import Figures
from multitok.report.cards import cards, costs, switch
from multitok.report.drawn import chart, text_figure
from multitok.report.markup import (
    broken,
    clean,
    kind,
    notes,
    number,
    pairs,
    path,
    site,
    spelled,
    table,
)
from multitok.report.shell import INSPECTION, page
from multitok.report.text import MEANING, percent

_IN_THE_LEAD = {
    "image": ("width", "height"),
    "video": ("width", "height", "frames"),
    "text": ("bytes",),
    "series": ("steps", "channels"),
    "actions": ("steps", "dims", "episodes"),
    "pdf": ("pages",),
}


_MEASURES = {"tokens": "tokens", "a step": "", "bits": "bits", "RMSE": "rmse", "worst": "worst",
             "stated bound": "bound", "NRMSE": "", "clipped": "clipped"}  # fmt: skip


NOTHING = Figures()
GLANCE = 3
"""Inputs whose list stands at the head of the page; that of more stays at its side."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One input: its document in the JSON report, and what was drawn of it.

    names   what each row is called: its model, or the tokenizer as it was asked for
    """

    document: Mapping[str, Any]
    names: Sequence[str]
    figures: Figures = NOTHING


def html(sections: Sequence[Section]) -> str:
    """The whole page.

    >>> html([])[:15]
    '<!doctype html>'
    """
    names = [_name(section.document) for section in sections]
    many = plural(len(sections), "input")
    kinds = {row["kind"] for section in sections for row in section.document["rows"]}
    return page(
        title=f"{names[0] if len(names) == 1 else many}: tokens",
        brand="what models make of it",
        head=_contents(sections, many),
        main="\n".join(_section(section, n) for n, section in enumerate(sections, 1)),
        foot=_legend(kinds),
        scripts=INSPECTION,
    )


def _name(document: Mapping[str, Any]) -> str:
    if "input" in document:
        return str(document["input"])
    return _words(document) or "a shape"


def _words(document: Mapping[str, Any]) -> str:
    return info_from_dict(dict(document["info"])).words() if "info" in document else ""


# --- one input ------------------------------------------------------------------------------------


def _section(section: Section, place: int) -> str:
    document, drawn = section.document, section.figures
    rows = document["rows"]
    said = [*document.get("notes", ()), *([f"not drawn: {drawn.why}"] if drawn.why else ())]
    parts = [
        f'<section id="input-{place}">',
        f"<h2>{path(_name(document))}</h2>",
        _lead(document),
        notes(said),
        _models(rows, section.names) if rows else "",
        *map(chart, drawn.charts),
        _texts(drawn.texts),
        _distortion(document.get("distortion", ())),
        _picture_distortion(document.get("picture_distortion", ())),
        _sound_distortion(document.get("sound_distortion", ())),
        cards(section.names, rows, drawn.seen, "wide" if _is_video(document) else ""),
        "</section>",
    ]
    return "\n".join(part for part in parts if part)


def _is_video(document: Mapping[str, Any]) -> bool:
    """Whether a card shows a sheet of frames, which takes the width of the page."""
    return bool(document.get("info", {}).get("modality") == "video")


def _lead(document: Mapping[str, Any]) -> str:
    """What the file is: a line for the eye, then what its header says."""
    words = [clean(document["format"])] if "format" in document else []
    words += [spelled(_words(document).replace(" x ", " × "))] if "input" in document else []
    info = document.get("info", {})
    said = ("modality", *_IN_THE_LEAD.get(info.get("modality", ""), ()))
    facts = {key: value for key, value in info.items() if key not in said and value is not None}
    given = document.get("facts", {}).items()
    facts |= {key: value for key, value in given if value not in (None, "", [], ())}
    lead = f'<p class="lead">{" · ".join(words)}</p>' if words else ""
    return lead + pairs(facts.items(), "facts")


def _models(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str:
    """The table of models; on a phone each row becomes a card."""
    most = max((row["tokens"] or 0 for row in rows), default=0) or 1
    columns = {
        "model": list(map(broken, names)),
        "tokens": [_bar(row["tokens"], most) for row in rows],
        "kind": [kind(row["kind"]) for row in rows],
        "of context": [_share(row.get("context_share")) for row in rows],
        "sees": [" × ".join(number(n, str(n)) for n in row.get("sees") or ()) for row in rows],
        "input cost": costs(rows),
        "source": [_source(row) for row in rows],
    }
    for name in ("sees", "input cost"):
        if not any(columns[name]):
            del columns[name]
    return table("models", columns, numbers=("tokens", "of context", "sees", "input cost"))


def _source(row: Mapping[str, Any]) -> str:
    """Where the rule stands, and the day it was looked at."""
    checked = f" <small>checked {clean(row['checked'])}</small>" if row.get("checked") else ""
    return site(row.get("source", "")) + checked


def _bar(tokens: int | None, most: int) -> str:
    """The number over a bar as long as its share of the largest."""
    if tokens is None:
        return "<span>?</span>"
    bar = f'<i class="bar" style="width:{100 * tokens / most:.1f}%"></i>'
    return f"{bar}<span>{number(tokens)}</span>"


def _share(share: float | None) -> str:
    return "" if share is None else number(share, percent(share))


def _texts(texts: Sequence[Tokenized]) -> str:
    """The tokens of a text by each vocabulary."""
    names, counts = [text.name for text in texts], [text.tokens for text in texts]
    return switch("texts", "vocabulary", names, counts, list(map(text_figure, texts)))


def _distortion(rows: Sequence[Mapping[str, Any]]) -> str:
    """What each way to tokenize a series or a motion costs, and how far off it comes back."""
    if not rows:
        return ""
    columns = {"tokenizer": [clean(row["label"]) for row in rows]}
    columns |= {name: [_measure(row, name) for row in rows] for name in _MEASURES}
    steps, seconds = rows[0]["steps"], rows[0]["seconds"]
    channels = rows[0].get("channels", 1)
    length = f"{number(steps)} steps" + (f", {number(seconds)} seconds" if seconds else "")
    length += f", of {number(channels)} channels," if channels > 1 else ""
    return (
        "<figure><figcaption><b>Tokens and error.</b> What each way to tokenize these"
        f" {length} costs, and how far off it comes back; NRMSE is the error of"
        " a channel over its own standard deviation, the worst first.</figcaption>"
        f"{table('grid', columns, numbers=_MEASURES.keys() - {'NRMSE'})}</figure>"
    )


def _picture_distortion(rows: Sequence[Mapping[str, Any]]) -> str:
    """What each way to write a picture as tokens costs, and how far off it comes back."""
    if not rows:
        return ""
    pixels = rows[0]["pixels"]
    columns = {
        "written as": [clean(row["label"]) for row in rows],
        "tokens": [number(row["tokens"], f"{row['tokens']:,}") for row in rows],
        "a megapixel": [_rounded(row["tokens"] * 1e6 / row["pixels"]) for row in rows],
        "bits a pixel": [_bits(row["bits"], row["pixels"]) for row in rows],
        "PSNR": [_decibels(row["psnr"]) for row in rows],
        "worst": [number(row["worst"]) for row in rows],
        "stated bound": [_bound(row["bound"]) for row in rows],
    }
    return (
        "<figure><figcaption><b>Tokens and error.</b> What each way to write"
        f" {number(pixels, f'{pixels:,}')} pixels of this picture as tokens costs, and how far off"
        " it comes back, in gray levels of the worst color; of a JPEG a token is a byte."
        f"</figcaption>{table('grid', columns, numbers=columns.keys() - {'written as'})}</figure>"
    )


def _sound_distortion(rows: Sequence[Mapping[str, Any]]) -> str:
    """What each way to write a sound as tokens costs, and how far off it comes back."""
    if not rows:
        return ""
    seconds = rows[0]["seconds"]
    columns = {
        "written as": [clean(row["label"]) for row in rows],
        "tokens": [number(row["tokens"], f"{row['tokens']:,}") for row in rows],
        "a second": [_rounded(row["tokens"] / row["seconds"]) for row in rows],
        "kbit/s": [_kilobits(row["bits"], row["seconds"]) for row in rows],
        "SNR": [_decibels(row["snr"]) for row in rows],
        "worst": [number(row["worst"], f"{row['worst']:.4g}") for row in rows],
        "stated bound": [_bound(row["bound"]) for row in rows],
    }
    return (
        "<figure><figcaption><b>Tokens and error.</b> What each way to write"
        f" {number(seconds, f'{seconds:.1f}')} seconds of this sound as tokens costs, and how far"
        " off it comes back: the noise in dB below the sound, and the worst sample, of 1."
        f"</figcaption>{table('grid', columns, numbers=columns.keys() - {'written as'})}</figure>"
    )


def _rounded(value: float) -> str:
    return number(value, f"{value:,.0f}")


def _bits(bits: float | None, pixels: int) -> str:
    return "" if bits is None else number(bits / pixels, f"{bits / pixels:.3f}")


def _kilobits(bits: float | None, seconds: float) -> str:
    return "" if bits is None else number(bits / 1000 / seconds, f"{bits / 1000 / seconds:.1f}")


def _bound(bound: float | None) -> str:
    return "" if bound is None else number(bound, f"{bound:.4g}")


def _decibels(psnr: float | None) -> str:
    return "lossless" if psnr is None else number(psnr, f"{psnr:.2f} dB")


def _by_channel(errors: Mapping[str, float]) -> str:
    """The worst channel, and behind a fold the others."""
    ordered = sorted(errors.items(), key=lambda item: -item[1])
    worst, *rest = [f"{number(n, f'{n:.3g}')} {clean(channel)}" for channel, n in ordered] or [""]
    if not rest:
        return worst
    more = f"<details><summary>and {len(rest)} more</summary>{', '.join(rest)}</details>"
    return worst + more


def _measure(row: Mapping[str, Any], name: str) -> str:
    if name == "a step":
        return f"{row['tokens'] / max(row['steps'], 1):.3g}"
    if name == "NRMSE":
        return _by_channel(row.get("nrmse", {}))
    if name == "clipped":
        return number(share := row.get("clipped", 0.0), percent(share))
    value = row[_MEASURES[name]]
    if value is None:
        return ""
    return number(value, f"{value:,.0f}" if name in ("tokens", "bits") else f"{value:.4g}")


# --- the page -------------------------------------------------------------------------------------


def _contents(sections: Sequence[Section], many: str) -> str:
    """Of many inputs: each with its largest and smallest count, to jump to; a list at the side
    where there are more than fit into a glance."""
    if len(sections) == 1:
        return f'<h1 class="unseen">{many}</h1>'
    items = []
    for place, section in enumerate(sections, 1):
        counts = [row["tokens"] for row in section.document["rows"] if row["tokens"] is not None]
        ends = sorted({min(counts), max(counts)}) if counts else []
        shown = f"<small>{' to '.join(map(number, ends))} tokens</small>" if ends else ""
        name = path(_name(section.document))
        items.append(f'<li><a href="#input-{place}">{name}</a> {shown}</li>')
    listed = f"<ol>{''.join(items)}</ol>"
    if len(sections) > GLANCE:
        listed = f"<details open><summary>Inputs</summary>{listed}</details>"
    side = ' class="side"' if len(sections) > GLANCE else ""
    return f'<h1>{many}</h1><nav{side} aria-label="inputs">{listed}</nav>'


def _legend(kinds: set[str]) -> str:
    lines = "".join(
        f"<div><dt>{kind(name)}</dt><dd>{clean(meaning)}</dd></div>"
        for name, meaning in MEANING.items()
        if name in kinds
    )
    return f'<dl class="legend">{lines}</dl>' if lines else ""
