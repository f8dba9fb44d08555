"""The falling price of tokens as one page of HTML: charts, rules in words, every row. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from multitok.catalog.providers import provider as provider_of
from multitok.drawing.charts.plot import svg
from multitok.prices.dated import DatedPrice, best_models, cheapest, fall, rebound
from multitok.prices.rates import money
from multitok.report.markup import clean, linked, number, table
from multitok.report.price_panels import content_panel, headline, price_panel, price_words
from multitok.report.shell import page
from multitok.report.text import dollars, rates

if TYPE_CHECKING:
    from multitok.counting.content_costs import ContentCost

TITLE = "The falling price of tokens"
DRAWINGS = (("wide", 1040, 440), ("narrow", 360, 360))
"""A drawing for a wide page and one for a phone, whose letters are read at their own size: pixels
across, and down for each panel. The style sheet shows one of them."""


def html(
    rows: Sequence[DatedPrice], costs: Sequence[ContentCost], missing: Sequence[str], what: str
) -> str:
    """One file: the charts as inline SVG, the rules in words, every row with its source."""
    panels = [price_panel(rows)] + ([content_panel(costs, rows, what)] if costs else [])
    column = [[panel] for panel in panels]
    charts = "".join(
        svg(column, size=(width, height * len(panels)), name=headline(rows), css=css)
        for css, width, height in DRAWINGS
    )
    words = "\n".join(f"<p>{clean(line)}</p>" for line in price_words(missing))
    every = _every(rows, costs, what)
    return page(
        title=TITLE,
        brand="what models charge for it",
        head=f'<h1>{clean(headline(rows))}</h1><p class="lead">{clean(_lead(rows))}</p>',
        scripts=("tip.js", "chart.js"),
        main=f"<section><figure>{charts}</figure>\n"
        f'<div class="words">{words}</div>\n'
        f"<details><summary>Every price, with its source</summary>{every}</details></section>",
    )


def _lead(rows: Sequence[DatedPrice]) -> str:
    """How far the cheapest fell and since when it stands, and where best models got dearer."""
    lowest = cheapest(rows)
    since = _month(lowest[-1])
    words = f"The cheapest input went from {fall(lowest)}, and has stood there since {since}."
    risen = rebound(best_models(rows))
    if risen is None:
        return words
    low, last = risen
    return (
        f"{words} Best models did not all follow: {provider_of(last.provider).name}'s was at"
        f" {money(low.input)} in {_month(low)}, and has been at {money(last.input)} since"
        f" {_month(last)}."
    )


def _month(row: DatedPrice) -> str:
    return f"{row.day:%B %Y}"


def _every(rows: Sequence[DatedPrice], costs: Sequence[ContentCost], what: str) -> str:
    """The newest first; ★ marks the best of its maker."""
    newest = list(reversed(rows))
    by_row = {id(cost.price): cost for cost in costs}
    content = [by_row.get(id(row)) for row in newest]
    spent = iter(dollars([cost.dollars for cost in content if cost is not None]))
    columns = {
        "model (★ best of its maker)": [
            clean(row.model) + (" ★" if row.flagship else "") for row in newest
        ],
        "provider": [clean(provider_of(row.provider).name) for row in newest],
        "from": [row.day.isoformat() for row in newest],
        "input, a million": _money([row.input for row in newest]),
        "output, a million": _money([row.output for row in newest]),
        f"tokens of {what}": [number(cost.count.tokens) if cost else "" for cost in content],
        "its cost": [
            f'<data value="{cost.dollars:f}">{next(spent)}</data>' if cost else ""
            for cost in content
        ],
        "source": [linked(f"{row.source} ({row.date_kind}, {row.confidence})") for row in newest],
    }
    return table("grid prices", columns, numbers=list(columns)[3:7])


def _money(amounts: Sequence[Decimal]) -> list[str]:
    """A column of dollars with the exact amounts beside them."""
    words = rates(amounts)
    return [
        f'<data value="{amount:f}">{word}</data>'
        for amount, word in zip(amounts, words, strict=True)
    ]
