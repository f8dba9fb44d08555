"""What the rows of a scan add up to: read part by part, so that a million items need no memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from multitok.core.errors import UnknownNameError
from multitok.core.parameters import listed

BY = ("source", "group", "modality", "model", "kind")
"""What rows may be added up by."""
_SUMS = ("tokens", "most", "text_tokens", "media_tokens")
Tables = Callable[[Sequence[str]], Iterator[Any]]
"""The parts of a scan, with some of their columns."""


class Total(NamedTuple):
    """The rows that are alike: `by` what, how many, and what they add up to."""

    by: dict[str, str | None]
    rows: int
    errors: int
    tokens: int
    most: int
    text_tokens: int
    media_tokens: int


def totals_of(tables: Tables, by: Sequence[str]) -> list[Total]:
    """The rows added up, the largest first."""
    for name in by:
        if name not in BY:
            raise UnknownNameError.of("group", name, BY, f"There are: {listed(BY)}")
    found: dict[tuple[str | None, ...], list[int]] = {}
    aggregations = [([], "count_all"), ("error", "count"), *((name, "sum") for name in _SUMS)]
    for table in tables([*by, "error", *_SUMS]):
        sums = table.group_by(list(by), use_threads=False).aggregate(aggregations)
        numbers = ["count_all", "error_count", *(f"{name}_sum" for name in _SUMS)]
        for row in sums.to_pylist():
            held = found.setdefault(tuple(row[name] for name in by), [0] * len(numbers))
            for place, name in enumerate(numbers):
                held[place] += row[name] or 0
    made = [Total(dict(zip(by, key, strict=True)), *numbers) for key, numbers in found.items()]
    return sorted(made, key=lambda total: (-total.tokens, str(total.by)))
