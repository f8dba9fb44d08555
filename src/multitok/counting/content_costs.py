"""What one fixed content cost at each date: a model's own count, at the price of the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from multitok.core.errors import MultitokError
from multitok.counting.door import count_subject
from multitok.counting.subject import Subject
from multitok.prices.dated import DatedPrice
from multitok.prices.units import MTOK

if TYPE_CHECKING:
    from multitok.counting.counts import Count

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
