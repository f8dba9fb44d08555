"""What a million tokens cost, and when: dated prices since 2021, each with its source.

The rows are facts about the price lists of others, kept as they were found: `date_kind` says
whether a date is a launch, the day a change took effect, or only the day a price was seen. A price
says what a provider charges. It is not what training or running the model costs the provider.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache

from multitok.catalog.snapshots import DAY

RULE = (
    "A provider's best model is the top of its main line, as marked in the data: not a separately"
    " priced 'pro' tier, not a model made only for reasoning."
)
CHEAPEST = (
    "The cheapest of each day is the lowest input price on any list by that day: a model stays"
    " until its price changes, since retirements are not recorded."
)
DISCLAIMER = (
    "Prices are what providers charge for tokens. They are not what training or running a model"
    " costs them, and they compare no quality."
)
_ASIDE = re.compile(r"\s*\(.*\)$")


@dataclass(frozen=True, slots=True)
class DatedPrice:
    """Dollars per million tokens of input and output, from a day on."""

    day: date
    provider: str
    model: str
    input: Decimal
    output: Decimal
    source: str
    date_kind: str
    confidence: str
    flagship: bool

    @property
    def name(self) -> str:
        """The model without the aside in brackets: what a catalogue may know it by."""
        return _ASIDE.sub("", self.model)


@cache
def history() -> tuple[DatedPrice, ...]:
    """All rows, oldest first."""
    path = os.path.join(os.path.dirname(__file__), "price_history.csv")
    with open(path, encoding="utf-8", newline="") as file:
        rows = [
            DatedPrice(
                day=date.fromisoformat(row["date"]),
                provider=row["provider"],
                model=row["model"],
                input=Decimal(row["input_usd_per_mtok"]),
                output=Decimal(row["output_usd_per_mtok"]),
                source=row["source"],
                date_kind=row["date_kind"],
                confidence=row["confidence"],
                flagship=row["flagship"] == "yes",
            )
            for row in csv.DictReader(file)
        ]
    return tuple(sorted(rows, key=lambda row: row.day))


def cheapest(rows: Iterable[DatedPrice]) -> list[DatedPrice]:
    """The lowest input price of the day, each time it changed, with the day. See CHEAPEST."""
    on_sale: dict[tuple[str, str], DatedPrice] = {}
    found: list[DatedPrice] = []
    by_day: dict[date, list[DatedPrice]] = {}
    for row in rows:
        by_day.setdefault(row.day, []).append(row)
    for day in sorted(by_day):
        for row in by_day[day]:
            on_sale[row.provider, row.name] = row
        lowest = min(on_sale.values(), key=lambda row: (row.input, row.output, row.day))
        if not found or lowest.input != found[-1].input:
            found.append(replace(lowest, day=day))
    return found


def best_models(rows: Iterable[DatedPrice]) -> dict[str, list[DatedPrice]]:
    """By provider, the price of its best model as it changed. See RULE."""
    found: dict[str, list[DatedPrice]] = {}
    for row in rows:
        if row.flagship:
            found.setdefault(row.provider, []).append(row)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def of_model(rows: Iterable[DatedPrice], model: str) -> list[DatedPrice]:
    """The dated rows of one model: its name without `provider/`, dates and asides."""
    asked = model.lower().rpartition("/")[2]
    found = []
    for row in rows:
        name = row.name.lower()
        if name == asked or re.sub(rf"-(?:{DAY})$", "", name) == asked:
            found.append(row)
    return found


def fall(rows: Sequence[DatedPrice]) -> str:
    """From the first price to the last, in words: `$60 to $0.05: 1,200 times less in 4.8 years`."""
    first, last = rows[0], rows[-1]
    years = (last.day - first.day).days / 365.25
    times = first.input / last.input
    change = f"{times:,.0f} times less" if times >= 2 else f"{float(times):.1f} times less"
    if times < 1:
        change = f"{float(1 / times):.1f} times more"
    return f"${first.input:f} to ${last.input:f} per million tokens: {change} in {years:.1f} years"


def rebound(best: Mapping[str, Sequence[DatedPrice]]) -> tuple[DatedPrice, DatedPrice] | None:
    """Of the providers whose best model costs more today than the cheapest one it had: where the
    rise is the largest, that cheapest row and today's."""
    pairs = [(min(rows, key=lambda row: row.input), rows[-1]) for rows in best.values() if rows]
    risen = [(low, last) for low, last in pairs if last.input > low.input]
    return max(risen, key=lambda pair: pair[1].input / pair[0].input, default=None)
