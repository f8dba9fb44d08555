"""The cost of any mix of tokens is what genai-prices makes of the same usage, to the last digit."""

import json
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest

from multitok.prices import cost_of, listing as price_list, price_for

genai = pytest.importorskip("genai_prices")

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
"""In the dear hours of those who charge by the hour."""
LISTED = json.loads((Path(price_list.__file__).parent / "prices.json").read_text("utf-8"))
SAME = LISTED["source"].startswith(f"genai-prices {version('genai-prices')},")
"""Whether the snapshot is of the installed version; else its own list is asked for."""


def lengths(tiers):
    """A short prompt, and one at and over the start of each tier of long ones."""
    return (1_000, *(start + more for start in sorted(tiers) for more in (0, 1)))


CONTEXTS = {
    "standard": ({},), "batch": ({"processing": "batch"},),
    "flex": ({"service_tier": "flex"},), "priority": ({"service_tier": "priority"},),
    "fast": ({"service_tier": "fast"}, {"speed": "fast"}),
}  # fmt: skip


def mixes(n):
    """By name: the words of `cost_of`, and the same for genai-prices; n tokens in all."""
    a, b, c = n // 10, n // 5, n // 4
    return {
        "input": ({"tokens": n}, {"input_tokens": n}),
        "output": (
            {"tokens": n, "output": 777},
            {"input_tokens": n, "output_tokens": 777},
        ),
        "cached": (
            {"tokens": n, "cached": a},
            {"input_tokens": n, "cache_read_tokens": a},
        ),
        "written": (
            {"tokens": n, "written": b},
            {"input_tokens": n, "cache_write_tokens": b},
        ),
        "written by lifetime": (
            {"tokens": n, "written": {"5m": a, "1h": b}},
            {"input_tokens": n, "cache_write_tokens": a + b, "cache_write_5m_tokens": a,
             "cache_write_1h_tokens": b},
        ),
        "cached and written": (
            {"tokens": n, "cached": c, "written": {"1h": b}, "output": 9},
            {"input_tokens": n, "cache_read_tokens": c, "cache_write_tokens": b,
             "cache_write_1h_tokens": b, "output_tokens": 9},
        ),
        "reasoning": (
            {"tokens": n, "output": {"text": 100, "reasoning": 300}},
            {"input_tokens": n, "output_tokens": 400, "output_reasoning_tokens": 300},
        ),
        **{
            f"{name} in and out": (
                {"tokens": {"text": n - b, name: b}, "output": {"text": 100, name: 50}},
                {"input_tokens": n, f"input_{name}_tokens": b, "output_tokens": 150,
                 f"output_{name}_tokens": 50},
            )
            for name in ("audio", "image", "video")
        },
        **{
            f"cached {name}": (
                {"tokens": {"text": n - b, name: b}, "cached": {"text": c, name: a}},
                {"input_tokens": n, f"input_{name}_tokens": b, "cache_read_tokens": c + a,
                 f"cache_{name}_read_tokens": a},
            )
            for name in ("audio", "image")
        },
    }  # fmt: skip


def sellers_models():
    from genai_prices.data import providers

    return [(provider, model) for provider in providers for model in provider.models]


def compared():
    """(what, cost, dollars of genai-prices) of each model under its own id at each seller, in each
    mode that the list has, for each mix of tokens."""
    for provider, model in sellers_models():
        price = price_for(model.id, provider=provider.id, on=AT.date(), live=not SAME)
        if price is None or (price.model, price.provider) != (model.id, provider.id):
            continue
        tiers = {start for rate in price.rates.values() for start, _ in rate.tiers}
        for mode in ("standard", *price.modes):
            contexts = [one for one in CONTEXTS[mode] if listed(model, one)]
            for n in lengths(tiers):
                for name, (ours, theirs) in mixes(n).items():
                    cost = cost_of(price, mode=mode, **ours)
                    for context in contexts:
                        found = model.calc_price(
                            genai.Usage(**theirs), provider,
                            genai_request_timestamp=AT, price_context=context,
                        )  # fmt: skip
                        yield f"{provider.id} {model.id} {mode} {name} {n}", cost, found.total_price


def test_a_cost_is_that_of_genai_prices_in_every_dimension_of_every_model():
    """The models that only have other units (hours, pages) have no cost in tokens, and what is
    charged apart without a rate in the list has none either: both are held elsewhere."""
    known = [(what, cost, dollars) for what, cost, dollars in compared() if cost.known]
    assert [what for what, cost, dollars in known if not cost.low == cost.high == dollars] == []
    assert len(known) > 30_000


@pytest.mark.parametrize(
    ("fees", "theirs", "model"),
    [
        ({"web_searches": 3}, {"web_searches": 3}, "claude-opus-5"),
        ({"storage_searches": 2}, {"storage_searches": 2}, "gpt-5.4"),
        ({"input_audio_seconds": 90}, {"input_audio_seconds": 90, "audio_seconds": 90},
         "voxtral-small-24b-2507"),
        ({"input_document_pages": 7}, {"input_document_pages": 7}, "mistral-ocr-4-0"),
        ({"input_characters": 2500}, {"input_characters": 2500}, "tts-1"),
        ({}, {"input_tokens": 0}, "sonar-pro"),
    ],
)  # fmt: skip
def test_what_is_charged_beside_tokens_costs_what_genai_prices_makes_of_it(fees, theirs, model):
    price = price_for(model, on=AT.date(), live=not SAME)
    provider, row = next(
        (seller, one)
        for seller, one in sellers_models()
        if (seller.id, one.id) == (price.provider, price.model)
    )
    found = row.calc_price(genai.Usage(**theirs), provider, genai_request_timestamp=AT)
    assert cost_of(price, 0, fees=fees).high == found.total_price > 0


def listed(model, context):
    """Whether the list has rates for it: genai-prices takes the standard ones where it has none."""
    if not context:
        return True
    return any(variant.when == context for variant in model.price_variants or ())
