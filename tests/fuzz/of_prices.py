"""Prices: what a token costs, of lists and of amounts that nobody expects."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from material import VALUES
from mutators import json_like
from targets import target

from multitok.prices import cost_of, price_for
from multitok.prices.rates import cost_ahead
from multitok.requests.costs import token_range

ASKED = [
    {"model": "gpt-4o", "tokens": 1000, "output": [1, 9], "mode": "batch", "cached": 10},
    {"model": "claude-opus-5", "tokens": {"text": 9000, "image": 5}, "written": {"1h": 8000}},
    {"model": "gemini-2.5-pro", "tokens": {"text": 300000, "audio": 7}, "cached": {"text": 5}},
    {"model": "gpt-5.4", "tokens": 5, "output": {"reasoning": 3}, "fees": {"web_searches": 3}},
    {"model": "deepseek-chat", "tokens": 5, "on": "2025-03-01", "requests": 3, "range": "1-5"},
]  # fmt: skip


@target(seeds=lambda: [json.dumps(one).encode() for one in ASKED], mutate=json_like(VALUES, ASKED))
def prices(data: bytes) -> None:
    """What amounts cost, before and after a call."""
    try:
        asked: dict[str, Any] = json.loads(data)
        day = date.fromisoformat(asked.pop("on", "2026-11-28"))
        model = str(asked.pop("model"))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return
    price = price_for(model, on=day)
    token_range(str(asked.pop("range", "5")))
    tokens = asked.pop("tokens", 5)
    words = {key: value for key, value in asked.items() if key in WORDS}
    if isinstance(words.get("output"), list):
        words["output"] = tuple(words["output"])
    cost = cost_of(price, tokens, **words)
    assert cost.low is None or cost.low <= cost.high, cost
    str(cost)
    if isinstance(tokens, dict):
        words.pop("written", None)
        str(cost_ahead(price, tokens, **words))


WORDS = ("cached", "written", "output", "fees", "mode", "requests")
