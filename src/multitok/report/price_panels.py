"""The falling price of tokens as panels: one for what is charged, one for a fixed content.

Three lines are drawn: the cheapest of each day, each provider's best model, and the one that a list
of prices hides: what one fixed content costs at each date, through each model's own count.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from multitok.catalog.providers import provider as provider_of
from multitok.counting.content_costs import COUNTS
from multitok.drawing.charts.axes import Axis, Color, Line, Panel, Points
from multitok.prices.dated import (
    CHEAPEST,
    DISCLAIMER,
    RULE,
    DatedPrice,
    best_models,
    cheapest,
    fall,
    history,
    rebound,
)
from multitok.prices.rates import money
from multitok.report.safe import shown

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

    from multitok.counting.content_costs import ContentCost


CHEAP: Color = (190, 30, 70)


def price_panel(rows: Sequence[DatedPrice], *, lines: bool = True) -> Panel:
    """Input dollars per million tokens: the cheapest of each day and each provider's best."""
    until = rows[-1].day
    marks: list[Any] = []
    for provider, changes in best_models(rows).items():
        points = [(row.day, row.input) for row in changes]
        tips = [_price_tip(row) for row in changes]
        marks += [_line(provider, points, tips, until) if lines else _dots(provider, points, tips)]
    lowest = cheapest(rows)
    xs, ys = _held([(row.day, row.input) for row in lowest], until)
    marks.append(
        Line(
            x=xs, y=ys, label="the cheapest", color=CHEAP, style="steps", width=3.4,
            tips=[("the cheapest", *_price_tip(row)) for row in lowest],
        )
    )  # fmt: skip
    y = Axis(label="dollars per million input tokens", unit="$", log=True)
    return Panel(marks=marks, title="Price of a million input tokens", x=_years(rows), y=y)


def content_panel(
    costs: Sequence[ContentCost], rows: Sequence[DatedPrice], what: str, *, lines: bool = True
) -> Panel:
    """Dollars for the same content through each provider's best model of the day."""
    until = rows[-1].day
    marks: list[Any] = []
    for provider, of_provider in _by_provider(costs).items():
        points = [(cost.price.day, cost.dollars) for cost in of_provider]
        tips = [_cost_tip(cost) for cost in of_provider]
        marks += [_line(provider, points, tips, until) if lines else _dots(provider, points, tips)]
    y = Axis(label=f"dollars for {shown(what)}", unit="$", log=True)
    title = f"Cost of {shown(what)}, by each model's own count"
    return Panel(marks=marks, title=title, x=_years(rows), y=y)


def _by_provider(costs: Sequence[ContentCost]) -> dict[str, list[ContentCost]]:
    found: dict[str, list[ContentCost]] = {}
    for cost in costs:
        found.setdefault(cost.price.provider, []).append(cost)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def _price_tip(row: DatedPrice) -> tuple[str, ...]:
    return f"{row.model}, from {row.day}", f"{money(row.input)} for a million input tokens"


def _cost_tip(cost: ContentCost) -> tuple[str, ...]:
    words = f"{money(cost.dollars)} for {cost.count.tokens:,} tokens"
    return f"{cost.price.model}, from {cost.price.day}", words


Dated = Sequence[tuple[date, Decimal]]
Tips = Sequence[tuple[str, ...]]


def _line(provider: str, points: Dated, tips: Tips, until: date) -> Line:
    maker, (xs, ys) = provider_of(provider), _held(points, until)
    return Line(
        x=xs, y=ys, label=shown(maker.name), color=maker.color, sign=maker.sign, style="steps",
        width=2.2, tips=tips,
    )  # fmt: skip


def _dots(provider: str, points: Dated, tips: Tips) -> Points:
    maker = provider_of(provider)
    xs, ys = [_x(day) for day, _ in points], [float(value) for _, value in points]
    return Points(
        x=xs, y=ys, label=shown(maker.name), color=maker.color, sign=maker.sign, tips=tips
    )


def _held(points: Dated, until: date) -> tuple[list[float], list[float]]:
    """A price holds until the next; the last one until the end of the chart."""
    xs = [_x(day) for day, _ in points]
    ys = [float(value) for _, value in points]
    if xs and xs[-1] < _x(until):
        xs.append(_x(until))
        ys.append(ys[-1])
    return xs, ys


def _x(day: date) -> float:
    return float(day.toordinal())


def _years(rows: Sequence[DatedPrice]) -> Axis:
    first, last = rows[0].day, rows[-1].day
    ticks = [(_x(date(year, 1, 1)), str(year)) for year in range(first.year, last.year + 2)]
    return Axis(low=_x(first) - 40, high=_x(last) + 40, ticks=tuple(ticks))


def headline(rows: Sequence[DatedPrice]) -> str:
    """What has happened since the last fall, in one line."""
    last = cheapest(rows)[-1]
    words = f"The cheapest token is flat since {last.day:%B %Y}"
    return f"{words}, the best models dearer" if rebound(best_models(rows)) else words


def prices_to_picture(
    rows: Sequence[DatedPrice], costs: Sequence[ContentCost], what: str
) -> PillowImage:
    """The panels under each other, as a Pillow image."""
    from multitok.drawing.charts.plot import page

    panels = [price_panel(rows)] + ([content_panel(costs, rows, what)] if costs else [])
    return page(
        [[panel] for panel in panels],
        title=headline(rows),
        subtitle=f"The cheapest of each day fell from {fall(cheapest(rows))}.",
        note=DISCLAIMER,
        size=(1400, 560 * len(panels) + 150),
    )


def price_words(missing: Sequence[str] = ()) -> list[str]:
    """What the chart shows and what it does not, line by line."""
    lines = [f"The cheapest of each day: {fall(cheapest(history()))}."]
    lines += [CHEAPEST, RULE, COUNTS, DISCLAIMER]
    if missing:
        lines.append(f"No count is published or known for: {', '.join(missing)}.")
    return lines
