"""Prices are dated facts, costs are Decimal sums, and what is not known is said to be unknown."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path

import pytest

from multitok.catalog.providers import sellers
from multitok.core.errors import MediaError, SourceError, UnknownNameError
from multitok.prices import listing as price_list
from multitok.prices.rates import (
    Price,
    Rate,
    cost_ahead,
    cost_of,
    dated_prices,
    money,
    price_for,
)
from multitok.report.prices import model_prices_to_dict, render_model_prices

DAY = date(2026, 11, 23)
SHIPPED = Path(price_list.__file__).parent / "prices.json"


def test_a_million_tokens_cost_the_sticker_price():
    cost = cost_of(price_for("gpt-4o", on=DAY), 1_000_000)
    assert (cost.low, cost.high, str(cost)) == (Decimal("2.5"), Decimal("2.5"), "$2.50")


def test_a_price_carries_its_source_and_its_dates():
    price = price_for("gpt-4o", on=DAY)
    assert price.provider == "openai"
    assert price.source.startswith("genai-prices 0.")
    assert price.taken == date.fromisoformat(json.loads(SHIPPED.read_text("utf-8"))["taken"])
    assert price.checked == date(2026, 10, 14)


def test_a_price_change_holds_from_its_day():
    """o3 fell from $10 to $2 on 2025-06-10."""
    assert price_for("o3", on=date(2025, 6, 9)).input == 10
    assert price_for("o3", on=date(2025, 6, 10)).input == 2
    assert [(p.effective, p.input) for p in dated_prices("o3")] == [
        (None, Decimal(10)),
        (date(2025, 6, 10), Decimal(2)),
    ]


@pytest.mark.parametrize("name", ["gpt-9", "gpt-4o-mini-foo", "azure/gpt-9", "x", "a/b/c", ""])
def test_an_unknown_price_is_none_and_its_cost_says_unknown(name):
    price = price_for(name, on=DAY)
    cost = cost_of(price, 1000)
    assert price is None
    assert cost.high is None
    assert str(cost) == "unknown"
    assert cost.why == "no price is known for this model"


def test_a_resold_model_is_asked_for_by_its_seller():
    assert price_for("openrouter/openai/gpt-4o", on=DAY).provider == "openrouter"
    assert price_for("openai/gpt-4o", provider="openrouter", on=DAY).provider == "openrouter"


@pytest.mark.parametrize(
    ("name", "dollars"),
    [
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "3.3"),
        ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", "3"),
        ("bedrock/eu.anthropic.claude-opus-4-7", "5.5"),
        ("us.amazon.nova-2-lite-v1:0", "0.33"),
        ("us.amazon.nova-pro-v1:0", "0.8"),
        ("arn:aws:bedrock:us-east-1:012345678901:inference-profile/us.anthropic."
         "claude-3-7-sonnet-20250219-v1:0", "3"),
    ],
)  # fmt: skip
def test_a_region_of_bedrock_has_its_own_price(name, dollars):
    """The list has one row for all regions, a tenth dearer than `global`, or one for all."""
    price = price_for(name, on=DAY)
    assert (price.provider, price.input) == ("aws", Decimal(dollars))


def test_a_dated_name_of_a_published_beginning_has_its_price():
    assert price_for("claude-sonnet-4-5-20250929", on=DAY).model == "claude-sonnet-4-5"
    assert price_for("claude-sonnet-4-5-turbo", on=DAY) is None


def test_audio_has_its_own_rate():
    """gpt-audio: text $2.50, sound $32 for a million: 100 and 1,000 tokens are 0.00025 + 0.032."""
    cost = cost_of(price_for("gpt-audio", on=DAY), {"text": 100, "audio": 1000})
    assert cost.parts == {"text": Decimal("0.00025"), "audio": Decimal("0.032")}


def test_a_cached_prefix_is_paid_at_the_cached_rate():
    """1,000 tokens of which 800 cached at half price: 200 x 2.5 + 800 x 1.25 = 1,500 micro."""
    cost = cost_of(price_for("gpt-4o", on=DAY), 1000, cached=800)
    assert cost.high == Decimal("0.0015")


def test_what_is_written_into_a_cache_is_paid_by_how_long_it_is_kept():
    """claude-opus-5: input 5, written for 5 minutes 6.25, for an hour 10, read 0.50 a million:
    1,000 x 6.25 + 2,000 x 10 + 4,000 x 0.50 + 3,000 x 5 = 43,250 micro."""
    price = price_for("claude-opus-5", on=DAY)
    cost = cost_of(price, 10_000, written={"5m": 1000, "1h": 2000}, cached=4000)
    assert cost.high == Decimal("0.04325")
    assert cost.parts == {
        "cached": Decimal("0.002"), "written (5 minutes)": Decimal("0.00625"),
        "written (1 hour)": Decimal("0.02"), "text": Decimal("0.015"),
    }  # fmt: skip


def test_a_cache_of_an_hour_without_a_rate_says_that_it_is_paid_like_any():
    """gpt-6-sol: 1,000 tokens at the 2.50 of a cache write."""
    cost = cost_of(price_for("gpt-6-sol", on=DAY), 1000, written={"1h": 1000})
    assert cost.high == Decimal("0.0025")
    assert cost.notes == (
        "no rate is published for input written (1 hour): that of any cache write is used",
    )


def test_cached_sound_is_paid_at_the_rate_of_cached_sound():
    """gemini-2.5-flash: sound 1.00, cached 0.10; 400 fresh and 600 cached are 460 micro."""
    cost = cost_of(price_for("gemini-2.5-flash", on=DAY), {"audio": 1000}, cached={"audio": 600})
    assert cost.parts == {"cached audio": Decimal("0.00006"), "audio": Decimal("0.0004")}


def test_an_answer_of_sound_is_paid_at_the_rate_of_sound():
    """gpt-audio: text out $10, sound out $64 for a million."""
    cost = cost_of(price_for("gpt-audio", on=DAY), 0, output={"text": 100, "audio": 1000})
    assert cost.parts == {"output": Decimal("0.001"), "output audio": Decimal("0.064")}


@pytest.mark.parametrize(
    ("model", "dollars"), [("claude-opus-5", "10"), ("gpt-6-luna", "0.2"), ("gpt-5", "2.5")]
)
def test_a_fast_answer_has_its_own_rates(model, dollars):
    cost = cost_of(price_for(model, on=DAY), 200_000, mode="fast")
    assert cost.high * 5 == Decimal(dollars)


@pytest.mark.parametrize(
    ("model", "provider", "tokens"),
    [("gpt-4o-audio-preview", "openai", {"audio": 10}),
     ("google/gemini-2.5-flash", "openrouter", {"audio": 10}),
     ("openai/gpt-audio", "openrouter", {"audio": 10})],
)  # fmt: skip
def test_sound_that_is_charged_apart_has_no_price_where_the_list_has_none(model, provider, tokens):
    """OpenAI charges sound apart always, Google for this model: the rate of text is not its."""
    price = price_for(model, provider=provider, on=DAY)
    assert cost_of(price, tokens).why == (
        f"{model} has no price for input tokens of audio, which are charged apart."
        f" See: multitok prices {model}"
    )
    assert cost_of(price, 1000).known


@pytest.mark.parametrize("model", ["gemini-2.5-pro", "gpt-4o", "claude-opus-5"])
def test_a_modality_that_its_provider_does_not_charge_apart_is_paid_like_all_input(model):
    price = price_for(model, on=DAY)
    assert cost_of(price, {"image": 999, "text": 1}).high == cost_of(price, 1000).high


def test_sound_that_is_charged_by_its_length_has_no_price_by_its_tokens():
    """voxtral-small: $0.24 an hour of sound, so 30 seconds are $0.002."""
    price = price_for("voxtral-small-24b-2507", on=DAY)
    assert cost_of(price, {"audio": 375}).why == (
        "voxtral-small-24b-2507 charges sound by its length: fees={'input_audio_seconds': 12.5}"
    )
    assert cost_of(price, {"audio": 375}, fees={"input_audio_seconds": 30}).high == Decimal("0.002")


def test_a_fee_of_each_request_is_in_its_cost():
    """sonar-pro: $14 for a thousand requests, beside $3 and $15 for a million tokens."""
    cost = cost_of(price_for("sonar-pro", on=DAY), 1000, output=1000, requests=10)
    assert cost.high == 10 * (Decimal("0.014") + Decimal("0.003") + Decimal("0.015"))


def test_a_cold_request_may_pay_for_the_cache_that_its_provider_writes_unasked():
    """gpt-6-sol: 2.00 a million, 2.50 written; 2,000 fresh and 1,000 cached at 0.20."""
    price = price_for("gpt-6-sol", on=DAY)
    cost = cost_ahead(price, {"text": 3000}, cached=1000)
    assert (cost.low, cost.high) == (Decimal("0.0042"), Decimal("0.0052"))
    assert cost.notes == (
        "the most: 2,000 input tokens are written to the cache, which it does unasked",
    )


def test_what_is_read_of_a_cache_may_be_given_by_modality():
    price = price_for("gpt-5.6", on=DAY)
    whole, apart = (
        cost_ahead(price, {"text": 9000}, cached=cached) for cached in (2000, {"text": 2000})
    )
    assert (apart.low, apart.high) == (whole.low, whole.high)
    assert apart.low < apart.high


@pytest.mark.parametrize(("model", "tokens"), [("gpt-6-sol", 1023), ("claude-opus-5", 5000)])
def test_nothing_is_written_unasked_of_a_short_prompt_or_where_it_must_be_asked(model, tokens):
    cost = cost_ahead(price_for(model, on=DAY), {"text": tokens})
    assert (cost.low, cost.notes) == (cost.high, ())


def test_a_long_prompt_pays_its_tier_for_every_token_of_the_request():
    """gemini-2.5-pro: over 200,000 tokens input costs 2.50 and output 15."""
    price = price_for("gemini-2.5-pro", on=DAY)
    assert cost_of(price, 200_000, output=1000).high == Decimal("0.26")
    assert cost_of(price, 200_001, output=1000).high == Decimal("0.5150025")


def test_a_batch_is_priced_by_the_list_and_never_by_a_guessed_half():
    assert cost_of(price_for("gpt-4o", on=DAY), 1_000_000, mode="batch").high == Decimal("1.25")
    audio = cost_of(price_for("gpt-audio", on=DAY), 1_000_000, mode="batch")
    assert audio.high is None
    assert audio.why == "no batch price is published for gpt-audio"


def test_a_batch_without_a_cached_rate_says_so():
    cost = cost_of(price_for("gpt-4o", on=DAY), 1000, cached=100, mode="batch")
    assert cost.notes == ("no batch rate is published for cached input: the standard rate is used",)


def test_output_tokens_may_be_a_range():
    cost = cost_of(price_for("gpt-4o", on=DAY), 1000, output=(0, 1000), requests=100)
    assert (cost.low, cost.high) == (Decimal("0.25"), Decimal("1.25"))
    assert str(cost) == "$0.25 to $1.25"


def test_a_model_paid_by_the_hour_has_no_cost_in_tokens():
    price = Price("whisper", "openai", {"audio_hours": Rate(Decimal("0.36"))}, {}, "list", DAY)
    assert cost_of(price, 10).why == (
        "whisper has no price for input tokens (it is paid for by audio_hours)"
    )


def test_more_cached_tokens_than_tokens_is_an_error():
    with pytest.raises(MediaError) as error:
        cost_of(None, 10, cached=11)
    assert str(error.value) == "cached tokens must be from 0 to 10, got 11"


def test_an_unknown_way_to_process_lists_the_known():
    with pytest.raises(UnknownNameError) as error:
        cost_of(None, 10, mode="bach")
    assert str(error.value) == (
        "unknown way to process 'bach'. Did you mean 'batch'?"
        " There are: standard, batch, flex, priority, fast"
    )


def test_a_rate_of_the_hour_is_the_dearest_and_says_so():
    price = price_for("deepseek-chat", on=DAY)
    assert price.input == Decimal("0.27")
    assert price.notes == ("the rate of the hours 00:30-16:30 UTC; other hours cost less",)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("0", "$0"), ("0.001", "$0.001"), ("1234.5", "$1,234.50"), ("0.999", "$0.999")],
)
def test_money_shows_the_digits_that_say_something(amount, shown):
    assert money(Decimal(amount)) == shown


def test_the_snapshot_keeps_the_notice_of_its_source():
    notice = json.loads(SHIPPED.read_text("utf-8"))["license"]
    assert "Permission is hereby granted, free of charge" in notice
    assert "Pydantic Services Inc." in notice


def test_the_snapshot_prices_like_the_library_it_was_made_from():
    """Every model of the makers, by its own id: the same usage costs the same on the same day."""
    genai = pytest.importorskip("genai_prices")
    source, installed = json.loads(SHIPPED.read_text("utf-8"))["source"], version("genai-prices")
    if not source.startswith(f"genai-prices {installed},"):
        pytest.skip(f"{installed} is installed, which may have other prices than {source}")
    from genai_prices.data import providers

    at, compared = datetime(2026, 11, 23, 2, tzinfo=UTC), 0
    usage = genai.Usage(input_tokens=300_000, cache_read_tokens=1000, output_tokens=500)
    for provider in providers:
        if provider.id not in sellers():
            continue
        for model in provider.models:
            price = price_for(model.id, provider=provider.id, on=DAY)
            if price is None or price.notes or {"input_mtok", "output_mtok"} - price.rates.keys():
                continue
            if price.rates.keys() & {"requests_kcount", "output_citation_mtok"}:
                continue
            ours = cost_of(price, 300_000, cached=1000, output=500).high
            theirs = model.calc_price(usage, provider, genai_request_timestamp=at).total_price
            assert ours == theirs, model.id
            compared += 1
    assert compared > 250


def test_the_installed_library_answers_behind_the_same_door():
    pytest.importorskip("genai_prices")
    live, shipped = price_for("gpt-5.4", live=True, on=DAY), price_for("gpt-5.4", on=DAY)
    assert (live.rates, live.modes, live.checked) == (shipped.rates, shipped.modes, shipped.checked)
    assert live.source.endswith("(installed)")


def test_a_list_that_cannot_be_fetched_is_an_error_that_says_what_is_used_instead(monkeypatch):
    updates = pytest.importorskip("genai_prices.update_prices")

    def fail(_):
        raise RuntimeError("no network")

    monkeypatch.setattr(updates.UpdatePrices, "fetch", fail)
    with pytest.raises(SourceError) as error:
        price_list.update()
    assert str(error.value) == (
        "the price list could not be fetched: no network. Without --update the installed one is"
        " used"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"tokens": 1.5}, "text tokens must be a whole number from 0 on, got 1.5"),
        ({"tokens": {"image": -5}}, "image tokens must be a whole number from 0 on, got -5"),
        ({"tokens": 1, "output": -5}, "output tokens must be a whole number from 0 on, got -5"),
        ({"tokens": 1, "output": (5, 1)}, "output must be a number or (least, most), got (5, 1)"),
        ({"tokens": 1, "requests": -1}, "requests must be a whole number from 0 on, got -1"),
        ({"tokens": 1, "requests": []}, "requests must be a whole number from 0 on, got []"),
        ({"tokens": {"audio": 5}, "cached": {"audio": 6}},
         "cached audio tokens must be from 0 to 5, got 6"),
        ({"tokens": 9, "cached": 5, "written": 5}, "written tokens must be from 0 to 4, got 5"),
        ({"tokens": 9, "written": {"1d": 5}}, "tokens are written for '5m' or '1h', got '1d'"),
        ({"tokens": 9, "output": {"sound": 5}},
         "output tokens are of text, audio, image, video, reasoning, citation, got 'sound'"),
        ({"tokens": 9, "fees": {"web_searches": -1}},
         "web_searches must be a number from 0 on, got -1"),
        ({"tokens": 9, "fees": {"web_searches": False}},
         "web_searches must be a number from 0 on, got False"),
        ({"tokens": 9, "fees": 10},
         "fees must be by what is counted, as {'web_searches': 3}, got 10"),
    ],
)  # fmt: skip
def test_a_cost_is_of_numbers_of_tokens(words, said):
    with pytest.raises(MediaError) as error:
        cost_of(price_for("gpt-4o"), **words)
    assert str(error.value) == said


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("voxtral-small-24b-2507", "input audio, an hour $0.240"),
        ("mistral-ocr-4-0", "input document, 1,000 pages $4.00"),
        ("tts-1", "input, a million characters $15.00"),
        ("sonar-pro", "requests, 1,000 times $14.00"),
        ("claude-opus-5", "fast, cache write 1h $20.000"),
        ("gpt-6-sol",
         "note: from 1,024 input tokens on the cache is written unasked, at the rate of a cache"
         " write"),
        ("gpt-4o-audio-preview",
         "note: charged apart, at rates that the list does not have: input audio, output audio"),
    ],
)  # fmt: skip
def test_the_rates_of_a_model_say_what_they_are_for(model, said):
    price = price_for(model, on=DAY)
    shown = render_model_prices(price, [], [], color=False)
    assert said in [" ".join(line.split()) for line in shown.splitlines()]


def test_the_document_of_a_models_prices_has_the_rates_of_each_mode():
    price = price_for("claude-opus-5", on=DAY)
    modes = model_prices_to_dict("claude-opus-5", price, [], [])["price"]["modes"]
    assert modes["fast"]["cache_write_1h_mtok"] == {"base": "20", "tiers": []}
