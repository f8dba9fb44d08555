"""The falling price of tokens, drawn: panels for a PNG page, text for a terminal, a page of HTML.

Three lines are drawn: the cheapest of each day, each provider's best model, and the one that a list
of prices hides: what one fixed content costs at each date, through each model's own count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any

from multitok.core.errors import MultitokError
from multitok.counting.door import count_subject
from multitok.counting.subject import Subject
from multitok.drawing.charts.axes import Axis, Line, Panel, Points
from multitok.drawing.charts.svg import svg
from multitok.prices.history import (
    CHEAPEST,
    DISCLAIMER,
    RULE,
    DatedPrice,
    best_models,
    cheapest,
    fall,
    history,
)
from multitok.prices.rates import MTOK, money

if TYPE_CHECKING:
    from multitok.core.tokenizer import Count

NAMES: Mapping[str, str] = {
    "openai": "OpenAI", "anthropic": "Anthropic", "google": "Google", "mistral": "Mistral",
    "deepseek": "DeepSeek", "xai": "xAI", "amazon": "Amazon", "cohere": "Cohere", "meta": "Meta",
}  # fmt: skip
COLORS: Mapping[str, tuple[int, int, int]] = {
    "openai": (16, 122, 110), "anthropic": (201, 98, 52), "google": (54, 99, 214),
    "mistral": (196, 142, 16), "deepseek": (122, 82, 190), "xai": (90, 98, 112),
}  # fmt: skip
CHEAP = (190, 30, 70)
COUNTS = (
    "The fixed content is counted by each model's rule as it is published now, and priced at the"
    " input rate of the day."
)


@dataclass(frozen=True, slots=True)
class ContentCost:
    """What the fixed content cost on a day, through the model's own count."""

    price: DatedPrice
    count: Count
    dollars: Decimal


def content_costs(
    subject: Subject, rows: Sequence[DatedPrice]
) -> tuple[list[ContentCost], list[str]]:
    """The content's cost at each of the rows, and the models whose count nobody knows."""
    found, missing = [], []
    for row in rows:
        try:
            count = count_subject(subject, model=row.name)
        except MultitokError:
            missing.append(row.model)
            continue
        found.append(ContentCost(row, count, count.tokens * row.input / MTOK))
    return found, sorted(set(missing))


def _x(day: date) -> float:
    return float(day.toordinal())


def _years(rows: Sequence[DatedPrice]) -> Axis:
    first, last = rows[0].day, rows[-1].day
    ticks = [(_x(date(year, 1, 1)), str(year)) for year in range(first.year, last.year + 2)]
    return Axis(low=_x(first) - 40, high=_x(last) + 40, ticks=tuple(ticks))


def _held(points: Sequence[tuple[date, Decimal]], until: date) -> tuple[list[float], list[float]]:
    """A price holds until the next; the last one until the end of the chart."""
    xs = [_x(day) for day, _ in points]
    ys = [float(value) for _, value in points]
    if xs and xs[-1] < _x(until):
        xs.append(_x(until))
        ys.append(ys[-1])
    return xs, ys


def price_panel(rows: Sequence[DatedPrice], *, lines: bool = True) -> Panel:
    """Input dollars per million tokens: the cheapest of each day and each provider's best."""
    until = rows[-1].day
    marks: list[Any] = []
    for provider, changes in best_models(rows).items():
        points = [(row.day, row.input) for row in changes]
        name, color = NAMES.get(provider, provider), COLORS.get(provider)
        if lines:
            xs, ys = _held(points, until)
            marks.append(Line(x=xs, y=ys, label=name, color=color, style="steps", width=2.2))
        else:
            xs, ys = [_x(day) for day, _ in points], [float(value) for _, value in points]
            marks.append(Points(x=xs, y=ys, label=name, color=color))
    xs, ys = _held([(row.day, row.input) for row in cheapest(rows)], until)
    marks.append(Line(x=xs, y=ys, label="the cheapest", color=CHEAP, style="steps", width=3.4))
    y = Axis(label="dollars per million input tokens", log=True)
    return Panel(marks=marks, title="Price of a million input tokens", x=_years(rows), y=y)


def content_panel(
    costs: Sequence[ContentCost], rows: Sequence[DatedPrice], what: str, *, lines: bool = True
) -> Panel:
    """Dollars for the same content through each provider's best model of the day."""
    until = rows[-1].day
    marks: list[Any] = []
    for provider, of_provider in _by_provider(costs).items():
        points = [(cost.price.day, cost.dollars) for cost in of_provider]
        name, color = NAMES.get(provider, provider), COLORS.get(provider)
        if lines:
            xs, ys = _held(points, until)
            marks.append(Line(x=xs, y=ys, label=name, color=color, style="steps", width=2.2))
        xs, ys = [_x(day) for day, _ in points], [float(value) for _, value in points]
        marks.append(Points(x=xs, y=ys, label="" if lines else name, color=color, size=7.0))
    y = Axis(label=f"dollars for {what}", log=True)
    title = f"Cost of {what}, by each model's own count"
    return Panel(marks=marks, title=title, x=_years(rows), y=y)


def _by_provider(costs: Sequence[ContentCost]) -> dict[str, list[ContentCost]]:
    found: dict[str, list[ContentCost]] = {}
    for cost in costs:
        found.setdefault(cost.price.provider, []).append(cost)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def terminal(panel: Panel, *, width: int, height: int = 18) -> str:
    """The chart as Unicode text."""
    from multitok.drawing.charts.terminal import chart

    return chart(panel, width=width, height=height)


def png(panels: Sequence[Panel]) -> Any:
    """The page as a Pillow image."""
    from multitok.drawing.charts.png import page

    rows = history()
    return page(
        [[panel] for panel in panels],
        title="The falling price of tokens",
        subtitle=f"The cheapest of each day fell from {fall(cheapest(rows))}.",
        note=DISCLAIMER,
        size=(1400, 560 * len(panels) + 150),
    )


def text_summary(missing: Sequence[str] = ()) -> list[str]:
    """What the chart shows and what it does not, line by line."""
    lines = [f"The cheapest of each day: {fall(cheapest(history()))}."]
    lines += [CHEAPEST, RULE, COUNTS, DISCLAIMER]
    if missing:
        lines.append(f"No count is published or known for: {', '.join(missing)}.")
    return lines


# --- the page of HTML -----------------------------------------------------------------------------


def html(
    panels: Sequence[Panel], what: str, costs: Sequence[ContentCost], missing: Sequence[str]
) -> str:
    """One file: the charts as inline SVG, the rules in words, every row with its source."""
    rows = history()
    charts = "\n".join(
        f"<figure><figcaption>{escape(panel.title)}</figcaption>{svg(panel)}</figure>"
        for panel in panels
    )
    words = "\n".join(f"<p>{escape(line)}</p>" for line in text_summary(missing))
    by_row = {id(cost.price): cost for cost in costs}
    body = "\n".join(_table_row(row, by_row.get(id(row))) for row in reversed(rows))
    return _PAGE.format(
        lead=escape(f"Since {rows[0].day:%B %Y} the cheapest million input tokens went from"
                    f" {fall(cheapest(rows))}."),
        charts=charts, words=words, body=body, what=escape(what), style=_STYLE,
    )  # fmt: skip


def _table_row(row: DatedPrice, cost: ContentCost | None) -> str:
    cells = [
        row.day.isoformat(),
        NAMES.get(row.provider, row.provider),
        row.model + (" ★" if row.flagship else ""),
        f"{row.input:f}",
        f"{row.output:f}",
        f"{cost.count.tokens:,}" if cost else "",
        money(cost.dollars) if cost else "",
    ]
    source = f"{row.source} ({row.date_kind}, {row.confidence})"
    shown = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f'<tr>{shown}<td class="source">{escape(source)}</td></tr>'


_STYLE = """
:root { --paper: #fdfdfb; --ink: #1f2430; --faint: #667085; --grid: #e6e8ee; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #15171c; --ink: #e8eaf0; --faint: #98a1b3; --grid: #2a2e37; } }
body { background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif;
  max-width: 1080px; margin: 0 auto; padding: 40px 24px 80px; }
h1 { font-size: 34px; line-height: 1.2; margin: 0 0 8px; letter-spacing: -0.01em; }
.lead { font-size: 19px; color: var(--faint); margin: 0 0 32px; max-width: 46em; }
figure { margin: 0 0 40px; } figcaption { font-weight: 600; margin-bottom: 6px; }
svg { width: 100%; height: auto; display: block; overflow: visible; }
svg path { fill: none; stroke-linejoin: round; }
.grid { stroke: var(--grid); stroke-width: 1; }
.tick { fill: var(--faint); font-size: 13px; } .end { text-anchor: end; }
.mid { text-anchor: middle; } .name { font-size: 14px; font-weight: 600; }
.words p { color: var(--faint); max-width: 60em; margin: 0 0 10px; font-size: 15px; }
details { margin-top: 28px; } summary { cursor: pointer; font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; margin-top: 14px; width: 100%; }
th, td { text-align: left; padding: 5px 10px 5px 0; border-bottom: 1px solid var(--grid);
  white-space: nowrap; vertical-align: top; font-variant-numeric: tabular-nums; }
td.source { white-space: normal; color: var(--faint); min-width: 300px; }
"""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The falling price of tokens</title><style>{style}</style></head>
<body><h1>The falling price of tokens</h1>
<p class="lead">{lead}</p>
{charts}
<div class="words">{words}</div>
<details><summary>Every price, with its source</summary><div class="scroll"><table>
<thead><tr><th>from</th><th>provider</th><th>model (★ best of its maker)</th><th>input $/M</th>
<th>output $/M</th><th>tokens of {what}</th><th>its cost</th><th>source</th></tr></thead>
<tbody>{body}</tbody></table></div></details>
</body></html>
"""
