"""Prices as text, JSON and CSV: the history of all models, and one model's rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from multitok.prices.dated import CHEAPEST, DISCLAIMER, RULE, DatedPrice, cheapest
from multitok.prices.rates import money
from multitok.report.columns import table, wrapped
from multitok.report.documents import document
from multitok.report.price_panels import content_panel, price_panel, price_words
from multitok.report.safe import shown
from multitok.report.text import rates

if TYPE_CHECKING:
    from multitok.counting.content_costs import ContentCost
    from multitok.prices.rates import Price, Rate

WIDEST = 120
"""Columns of the chart, on a terminal of any width."""
USUAL = 100
"""Columns of the chart in a pipe."""
HEIGHTS = (18, 12)
"""Lines of the chart of prices, and of the one of the fixed content."""


def prices_to_dict(
    rows: Sequence[DatedPrice], costs: Sequence[ContentCost], missing: Sequence[str], what: str
) -> dict[str, Any]:
    """Every dated price, the cheapest of each day, and what the fixed content cost."""
    return document(
        {
            "disclaimer": DISCLAIMER,
            "rules": {"best": RULE, "cheapest": CHEAPEST},
            "prices": [dated_to_dict(row) for row in rows],
            "cheapest": [dated_to_dict(row) for row in cheapest(rows)],
            "content": what,
            "content_costs": [
                {
                    "date": cost.price.day.isoformat(),
                    "provider": cost.price.provider,
                    "model": cost.price.model,
                    "tokens": cost.count.tokens,
                    "kind": cost.count.kind,
                    "usd": f"{cost.dollars:f}",
                }
                for cost in costs
            ],
            "not_counted": list(missing),
        }
    )


def dated_to_dict(row: DatedPrice) -> dict[str, Any]:
    """One dated price with its source; money is decimal text."""
    return {
        "date": row.day.isoformat(),
        "provider": row.provider,
        "model": row.model,
        "input_usd_per_mtok": f"{row.input:f}",
        "output_usd_per_mtok": f"{row.output:f}",
        "flagship": row.flagship,
        "date_kind": row.date_kind,
        "confidence": row.confidence,
        "source": row.source,
    }


def prices_to_csv(rows: Sequence[DatedPrice]) -> str:
    """The rows as they ship, a line each under the names of the columns."""
    import csv
    import io

    lines = [dated_to_dict(row) for row in rows]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(lines[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def render_prices(
    rows: Sequence[DatedPrice],
    costs: Sequence[ContentCost],
    missing: Sequence[str],
    what: str,
    *,
    color: bool,
    width: int | None = None,
) -> str:
    """Two charts whose years stand under each other, and what they show in words."""
    from multitok.drawing.charts.terminal import chart, gutter_of

    panels = [price_panel(rows, lines=False)]
    panels += [content_panel(costs, rows, what, lines=False)] if costs else []
    sized = list(zip(panels, HEIGHTS, strict=False))
    gutter = max(gutter_of(panel, height=height) for panel, height in sized)
    across = min(width or USUAL, WIDEST)
    charts = [
        chart(panel, width=across, height=height, gutter=gutter, color=color)
        for panel, height in sized
    ]
    words = "\n".join(wrapped(shown(line), width) for line in price_words(missing))
    return "\n\n".join([*charts, words])


def model_prices_to_dict(
    model: str, now: Price | None, changes: Sequence[Price], dated: Sequence[DatedPrice]
) -> dict[str, Any]:
    """A model's price now, the changes that the list knows, and its dated rows."""
    return document(
        {
            "model": model,
            "price": _price_to_dict(now) if now is not None else None,
            "changes": [_price_to_dict(change) for change in changes],
            "history": [dated_to_dict(row) for row in dated],
        }
    )


def _price_to_dict(price: Price) -> dict[str, Any]:
    return {
        "effective": price.effective.isoformat() if price.effective else None,
        "rates": _rates_to_dict(price.rates),
        "modes": {mode: _rates_to_dict(own) for mode, own in price.modes.items()},
        "notes": _price_notes(price),
        "source": price.source,
        "taken": price.taken.isoformat(),
        "checked": price.checked.isoformat() if price.checked else None,
    }


def _rates_to_dict(rates: Mapping[str, Rate]) -> dict[str, Any]:
    return {
        name: {"base": f"{rate.base:f}", "tiers": [[s, f"{d:f}"] for s, d in rate.tiers]}
        for name, rate in rates.items()
    }


def _price_notes(price: Price) -> list[str]:
    """What the rates alone do not tell."""
    notes = list(price.notes)
    if price.writes_from is not None:
        notes.append(
            f"from {price.writes_from:,} input tokens on the cache is written unasked, at the rate"
            " of a cache write"
        )
    if price.apart:
        named = ", ".join(sorted(map(_word, price.apart)))
        notes.append(f"charged apart, at rates that the list does not have: {named}")
    return notes


def render_model_prices(
    now: Price | None,
    changes: Sequence[Price],
    dated: Sequence[DatedPrice],
    *,
    color: bool,
    width: int | None = None,
) -> str:
    """The rates of today, how they changed, and what price lists said at each date."""
    parts = []
    if now is not None:
        parts.append(_rates(now, color=color, width=width))
    if len(changes) > 1:
        days = [one.effective.isoformat() if one.effective else "before" for one in changes]
        parts.append(_pairs(["from"], [[day] for day in days], changes, color=color, width=width))
    if dated:
        rows = [[row.day.isoformat(), row.model, row.date_kind] for row in dated]
        head = f"dated rates of {shown(dated[0].provider)}, for a million tokens:"
        body = _pairs(["from", "model", "date is"], rows, dated, color=color, width=width)
        parts.append(f"{head}\n{body}")
    return "\n\n".join(parts)


def _pairs(
    headers: list[str],
    rows: Sequence[list[str]],
    priced: Sequence[Price | DatedPrice],
    *,
    color: bool,
    width: int | None,
) -> str:
    """Rows with what a million tokens of input and of output cost, after their second cell."""
    inputs = rates([one.input for one in priced])
    outputs = rates([one.output for one in priced])
    at = min(2, len(headers))
    body = [
        [*row[:at], before, after, *row[at:]]
        for row, before, after in zip(rows, inputs, outputs, strict=True)
    ]
    heads = [*headers[:at], "input", "output", *headers[at:]]
    return table(heads, body, right=(at, at + 1), color=color, width=width)


def _rates(price: Price, *, color: bool, width: int | None) -> str:
    rows = _rate_rows("", price.rates)
    for mode, own in price.modes.items():
        rows += _rate_rows(f"{mode}, ", own)
    amounts = rates([rate.base for _, rate in rows])
    lines = [
        [name, amount, "; ".join(f"{money(d)} over {start:,} tokens" for start, d in rate.tiers)]
        for (name, rate), amount in zip(rows, amounts, strict=True)
    ]
    checked = f", checked {price.checked}" if price.checked else ""
    notes = [f"source: {price.source}, taken {price.taken}{checked}"]
    notes += [f"note: {note}" for note in _price_notes(price)]
    return "\n".join(
        [
            shown(f"{price.model} at {price.provider}, for a million tokens:"),
            table(["rate", "price", ""], lines, right=(1,), color=color, width=width),
            *(wrapped(shown(note), width) for note in notes),
        ]
    )


def _rate_rows(before: str, priced: Mapping[str, Rate]) -> list[tuple[str, Rate]]:
    return [(before + _word(name), rate) for name, rate in priced.items()]


UNITS = {
    "_mtok": "", "_kcount": ", 1,000 times", "_hours": ", an hour",
    "_kpages": ", 1,000 pages", "_mchars": ", a million characters",
}  # fmt: skip
"""What a rate is for, by how its name ends; said where it is not a million tokens."""


def _word(name: str) -> str:
    """`cache read`, `input audio, an hour`."""
    ending = next((ending for ending in UNITS if name.endswith(ending)), "")
    return name.removesuffix(ending).replace("_", " ") + UNITS.get(ending, "")
