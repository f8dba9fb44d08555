"""From genai-prices' own objects to plain price rows, for the snapshot and for live look-ups.

One conversion serves both, so a price of the snapshot and a price of the installed library are the
same price on the same day. A row is JSON-able:

    {"id", "names", "prefixes", "context", "checked", "prices": [[from, hours, rates], ...],
     "variants": {"batch": [[from, rates], ...], ...}}

`from` is an ISO date or None, `hours` the daily UTC window a rate holds in or None, and a rate is a
decimal as a string, or [base, [[over, rate], ...]] where longer prompts cost more. The keys of
`rates` are genai-prices' own: input_mtok, output_mtok, cache_read_mtok, input_audio_mtok, ...
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]

VARIANTS = {
    "processing=batch": "batch",
    "service_tier=flex": "flex",
    "service_tier=priority": "priority",
    "service_tier=fast": "fast",
    "speed=fast": "fast",
}
_CHECKED = re.compile(r"verified on (20\d\d-\d\d-\d\d)")


def rows_of(providers: Iterable[Any]) -> dict[str, list[Row]]:
    """Price rows by provider id, in the library's own order."""
    return {
        provider.id: [row for model in provider.models if (row := _row(model))["prices"]]
        for provider in providers
    }


def _row(model: Any) -> Row:
    names, prefixes = _names(model.match)
    row: Row = {"id": model.id, "prices": _dated(model.prices)}
    if extra := sorted(names - {model.id.lower()}):
        row["names"] = extra
    if prefixes:
        row["prefixes"] = sorted(prefixes)
    if model.context_window:
        row["context"] = model.context_window
    if checked := _CHECKED.findall(model.price_comments or ""):
        row["checked"] = max(checked)
    variants: dict[str, list[Any]] = {}
    for variant in model.price_variants or ():
        word = "+".join(f"{key}={value}" for key, value in variant.when.items())
        if word in VARIANTS:
            start, _ = _constraint(variant.constraint)
            variants.setdefault(VARIANTS[word], []).append([start, _rates(variant.prices)])
    if variants:
        row["variants"] = variants
    return row


def _dated(prices: Any) -> list[Any]:
    if not isinstance(prices, list):
        rates = _rates(prices)
        return [[None, None, rates]] if rates else []
    return [[*_constraint(entry.constraint), _rates(entry.prices)] for entry in prices]


def _constraint(constraint: Any) -> tuple[str | None, str | None]:
    """(start date, daily window): one of them, or neither."""
    if constraint is None:
        return None, None
    if hasattr(constraint, "start_date"):
        return constraint.start_date.isoformat(), None
    start, end = constraint.start_time, constraint.end_time
    return None, f"{start:%H:%M}-{end:%H:%M} UTC"


def _rates(prices: Any) -> dict[str, Any]:
    return {key: _rate(value) for key, value in vars(prices).items() if value is not None}


def _rate(value: Any) -> Any:
    if hasattr(value, "tiers"):
        return [str(value.base), [[tier.start, str(tier.price)] for tier in value.tiers]]
    return str(value)


def _names(match: Any) -> tuple[set[str], set[str]]:
    """Exact names and beginnings a model goes by; looser matches (contains, regex) are not taken,
    because a wrong match is a wrong bill."""
    names: set[str] = set()
    prefixes: set[str] = set()
    clauses = getattr(match, "or_", None) or getattr(match, "and_", None) or [match]
    both = hasattr(match, "and_")
    for clause in clauses:
        if hasattr(clause, "equals"):
            names.add(clause.equals.lower())
        elif hasattr(clause, "starts_with"):
            prefixes.add(clause.starts_with.lower().rstrip("-@"))
        elif hasattr(clause, "or_") or (hasattr(clause, "and_") and not both):
            more_names, more_prefixes = _names(clause)
            names |= more_names
            prefixes |= more_prefixes
    return names, prefixes
