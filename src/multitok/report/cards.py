"""One model's card on the page: its number, what it sees, and the sum in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from multitok.drawing.figures import Picture
from multitok.report.drawn import image
from multitok.report.markup import broken, clean, kind, linked, notes, number, pairs, tokens
from multitok.report.text import dollars

Drawn = Sequence[Picture] | str
"""Pictures of what a model sees, or why there is none."""


def cards(
    names: Sequence[str], rows: Sequence[Mapping[str, Any]], seen: Sequence[Drawn], css: str = ""
) -> str:
    """A card for each model, to look through one by one or two beside each other."""
    drawn = [*seen, *[()] * (len(rows) - len(seen))]
    counts = [row["tokens"] for row in rows]
    panels = list(map(_card, names, rows, costs(rows), drawn))
    return switch(f"cards {css}".strip(), "model", names, counts, panels)


def switch(
    css: str, of: str, names: Sequence[str], counts: Sequence[int | None], panels: Sequence[str]
) -> str:
    """Panels of which the page's script shows one, or two with the ratio of their tokens; without
    the script all of them stand."""
    shown = "\n".join(
        f'<div class="panel" data-name="{clean(name)}" data-tokens="{count or ""}">{panel}</div>'
        for name, count, panel in zip(names, counts, panels, strict=True)
    )
    return f'<div class="switch {css}" data-of="{clean(of)}">\n{shown}\n</div>' if shown else ""


def costs(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What each row costs, in digits that align; empty where none is charged, and all of them where
    no price is known."""
    known = [row.get("cost_usd") for row in rows]
    if not any(known):
        return [""] * len(rows)
    words = dollars([None if cost is None else Decimal(cost) for cost in known])
    return [
        f'<data value="{clean(cost)}">{word}</data>' if cost is not None
        else "unknown" if row["tokens"] is not None and row["kind"] != "rejected" else ""
        for row, cost, word in zip(rows, known, words, strict=True)
    ]  # fmt: skip


def _card(name: str, row: Mapping[str, Any], cost: str, drawn: Drawn) -> str:
    """One model's sum in words, under what it sees."""
    if row["tokens"] is None:
        return (
            f'<h3>{broken(name)}</h3><p class="sum">{kind(row["kind"])}</p>'
            f"<p>{clean(row['why'])}</p>"
        )
    told = f" · {cost}" if row.get("cost_usd") is not None and cost else ""
    parts = [
        f"<h3>{broken(name)}</h3>",
        f'<p class="sum">{tokens(row["tokens"], "strong")}{told} {kind(row["kind"])}</p>',
        _seen(drawn),
        '<div class="told">',
        _parts(row["parts"]),
        _steps(row.get("explain", ())),
        _range(row.get("range")),
        notes(list(dict.fromkeys((*row["notes"], *row.get("silent", ()))))),
        _worked(row.get("geometry", {})),
        f'<p class="rule">rule {clean(row["tokenizer"])}: {linked(row["source"])}'
        + (f", checked {clean(row['checked'])}" if row["checked"] else "")
        + "</p></div>",
    ]
    return "\n".join(part for part in parts if part)


def _seen(drawn: Drawn) -> str:
    if isinstance(drawn, str):
        return f'<p class="why">{clean(drawn)}</p>' if drawn else ""
    figures = "\n".join(f"<figure>{image(picture)}</figure>" for picture in drawn)
    return f'<div class="seen">{figures}</div>' if figures else ""


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
        '<details class="worked"><summary>Details</summary><p>In the names of its reference; sizes'
        f" as height, width, grids as rows, columns.</p>{pairs(geometry.items(), 'geometry')}"
        "</details>"
    )


def _range(ends: Sequence[int] | None) -> str:
    if ends is None:
        return ""
    low, high = ends
    return f'<p class="range">between {number(low)} and {number(high)} (5th to 95th percentile)</p>'
