"""What a request costs by what it says itself: its tier, its caches, what it is answered in."""

import base64
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

import multitok
from multitok.core.errors import BudgetExceeded
from multitok.prices.rates import cost_of, price_for
from multitok.requests.payloads import parse
from multitok.requests.whole import count_request

SAMPLES = Path(__file__).parent.parent.parent / "samples"
HELLO = [{"role": "user", "content": "hello"}]
HOUR = {"type": "ephemeral", "ttl": "1h"}
MINUTES = {"type": "ephemeral"}


def text(words, mark=None):
    return {"type": "text", "text": words, **({"cache_control": mark} if mark else {})}


def claude(*, system=None, tool=None, first=None, **more):
    """A request of a tool, a system text and two messages, marked as is said."""
    return {
        "model": "claude-opus-5", "max_tokens": 0,
        "system": [text("be kind " * 50, system)],
        "tools": [{"name": "f", "description": "d " * 50, "input_schema": {"type": "object"},
                   **({"cache_control": tool} if tool else {})}],
        "messages": [
            {"role": "user", "content": [text("one " * 50, first), text("two " * 50)]},
            {"role": "assistant", "content": "well"},
        ],
        **more,
    }  # fmt: skip


def written(payload, **words):
    return count_request(payload).written(**words)


def tokens_at(payload, *paths):
    parts = count_request(payload).parts
    return sum(part.tokens for part in parts if part.path.startswith(paths))


@pytest.mark.parametrize(
    ("marked", "paths"),
    [({"tool": MINUTES}, ("tools",)),
     ({"system": MINUTES}, ("tools", "system")),
     ({"first": MINUTES}, ("tools", "system", "messages[0].content[0]"))],
)  # fmt: skip
def test_what_stands_before_a_mark_is_written_tools_first_then_the_system_text(marked, paths):
    frames = tokens_at(claude(), "messages") - tokens_at(claude(), "messages[")
    more = frames if "first" in marked else 0  # the frames of the messages are not told apart
    assert written(claude(**marked)) == {"5m": tokens_at(claude(), *paths) + more}


def test_the_mark_of_a_whole_request_writes_all_of_it():
    request = claude(cache_control=HOUR)
    assert written(request) == {"1h": count_request(request).tokens}


def test_the_tokens_up_to_an_hours_mark_are_kept_an_hour_and_those_behind_it_five_minutes():
    found = written(claude(tool=HOUR, first=MINUTES))
    assert found["1h"] == written(claude(tool=HOUR))["1h"]
    assert sum(found.values()) == written(claude(first=MINUTES))["5m"]


def test_what_is_read_from_the_cache_is_not_written():
    whole = written(claude(first=MINUTES))["5m"]
    assert written(claude(first=MINUTES), cached=100) == {"5m": whole - 100}
    assert written(claude(first=MINUTES), cached=whole) == {}


def test_a_cache_point_of_converse_is_a_mark():
    request = {"modelId": "anthropic.claude-sonnet-4-5-20250929-v1:0",
               "system": [{"text": "be kind " * 50}, {"cachePoint": {"type": "default"}}],
               "messages": [{"role": "user", "content": [{"text": "hi"}]}]}  # fmt: skip
    assert written(request) == {"5m": tokens_at(request, "system")}


def test_a_request_that_is_cached_for_an_hour_costs_the_write():
    """claude-opus-5: 10 a million instead of 5."""
    counted = count_request(claude(cache_control=HOUR))
    cost = counted.cost()
    assert cost.low == cost.high == counted.tokens * Decimal(10) / 1_000_000
    assert cost.notes == (
        f"{counted.tokens:,} input tokens are written to the cache, as a first request does",
    )


@pytest.mark.parametrize(
    ("said", "tier"),
    [({}, "standard"), ({"service_tier": "auto"}, "standard"), ({"service_tier": None}, "standard"),
     ({"service_tier": "standard_only"}, "standard"), ({"service_tier": "flex"}, "flex"),
     ({"service_tier": "priority"}, "priority"), ({"service_tier": "fast"}, "fast"),
     ({"speed": "fast"}, "fast"), ({"speed": "standard"}, "standard"),
     ({"serviceTier": {"type": "flex"}}, "flex"), ({"service_tier": "SERVICE_TIER_FLEX"}, "flex"),
     ({"service_tier": "scale"}, "scale")],
)  # fmt: skip
def test_a_tier_is_read_in_any_providers_words(said, tier):
    assert parse({"model": "gpt-5", "messages": HELLO, **said}).terms.tier == tier


def test_a_line_of_a_batch_is_paid_as_a_batch():
    line = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions",
            "body": {"model": "gpt-5", "messages": HELLO}}  # fmt: skip
    counted = count_request(line)
    assert counted.cost().high == cost_of(price_for("gpt-5"), counted.tokens, mode="batch").high


def test_the_tier_of_a_request_is_its_price():
    """gpt-5: priority is twice the standard."""
    plain = count_request({"model": "gpt-5", "messages": HELLO})
    asked = count_request({"model": "gpt-5", "messages": HELLO, "service_tier": "priority"})
    assert asked.cost(10).high == 2 * plain.cost(10).high
    assert asked.cost(10, mode="standard") == plain.cost(10)


def test_a_tier_that_no_list_has_gives_no_price():
    asked = count_request({"model": "gpt-5", "messages": HELLO, "service_tier": "scale"})
    assert asked.cost().why == (
        "no price is known for the tier 'scale'. To price it as another: standard, batch, flex,"
        " priority, fast (--mode)"
    )


def test_an_answer_that_may_be_sound_costs_up_to_the_rate_of_sound():
    """gpt-audio: text out 10, sound out 64 a million: 1,000 are $0.01 to $0.064."""
    spoken = {"model": "gpt-audio", "messages": HELLO, "modalities": ["text", "audio"]}
    cost, silent = count_request(spoken).cost(1000), count_request(spoken).cost()
    assert cost.low - silent.low == Decimal("0.01")
    assert cost.high - silent.high == Decimal("0.064")


def test_an_answer_of_text_alone_costs_the_rate_of_text():
    cost = count_request({"model": "gpt-audio", "messages": HELLO}).cost(1000)
    assert cost.low == cost.high


def test_gemini_answers_in_pictures_unless_the_request_says_text():
    """gemini-2.5-flash-image: text out 2.50, pictures out 30 a million."""
    contents = [{"role": "user", "parts": [{"text": "a cat"}]}]
    request = {"model": "gemini-2.5-flash-image", "contents": contents}
    config = {"generationConfig": {"responseModalities": ["TEXT"]}}
    free, silent = count_request(request).cost(1000), count_request(request).cost()
    assert free.high - silent.high == Decimal("0.03")
    assert count_request({**request, **config}).cost(1000).high - silent.high == Decimal("0.0025")


def test_the_sound_of_a_clip_is_billed_as_sound():
    """clip.mp4 with gemini-2.5-flash: 1,052 tokens of frames and 129 of sound."""
    data = base64.b64encode((SAMPLES / "clip.mp4").read_bytes()).decode()
    part = {"inlineData": {"mimeType": "video/mp4", "data": data}}
    contents = [{"role": "user", "parts": [part]}]
    counted = count_request({"model": "gemini-2.5-flash", "contents": contents})
    found = counted.by_modality()
    assert (found["video"], found["audio"]) == (1052, 129)


def test_the_most_that_sound_in_a_clip_may_be_grows_with_the_clip():
    """Half as much again of 1,000 tokens, of which 100 are sound: 1,350 and 150."""
    counted = count_request({"model": "gpt-4o", "messages": HELLO})
    part = replace(counted.parts[0], modality="video", tokens=1000, most=1500, sound=100)
    assert part.by_modality() == {"video": 900, "audio": 100}
    assert part.by_modality(most=True) == {"video": 1350, "audio": 150}


def test_the_sound_that_voxtral_hears_is_charged_by_its_length():
    """$0.24 an hour; melody.flac has 10.4 seconds."""
    data = base64.b64encode((SAMPLES / "melody.flac").read_bytes()).decode()
    block = {"type": "input_audio", "input_audio": data}
    request = {"model": "voxtral-small-latest", "messages": [{"role": "user", "content": [block]}]}
    assert count_request(request).cost().why is None


def test_the_upper_end_of_an_estimate_is_priced_where_it_is_asked_for():
    counted = count_request(claude())
    assert counted.most > counted.tokens
    assert counted.cost(most=True).high == counted.most * Decimal(5) / 1_000_000
    assert counted.cost(most=True).low == counted.cost().low


def client_of(**budget):
    """The calls of two SDKs, answering nothing."""
    create = SimpleNamespace(create=lambda **request: {})
    stub = SimpleNamespace(messages=create, chat=SimpleNamespace(completions=create))
    return multitok.guard(stub, **budget)


@pytest.mark.parametrize(
    "more", [{"cache_control": HOUR}, {"speed": "fast"}], ids=["an hour's cache", "fast"]
)
def test_a_guard_holds_a_request_of_claude_to_what_it_really_costs(more):
    """Both are twice the plain price of the input, in a budget of half as much again."""
    plain = claude()
    budget = count_request(plain).cost(most=True).high * 3 / 2
    client = client_of(max_cost=budget)
    client.messages.create(**plain)
    with pytest.raises(BudgetExceeded):
        client.messages.create(**plain, **more)


def test_a_guard_holds_an_answer_that_may_be_sound_to_the_rate_of_sound():
    request = {"model": "gpt-audio", "messages": HELLO, "max_tokens": 1000}
    client = client_of(max_cost="0.02")
    client.chat.completions.create(**request)
    with pytest.raises(BudgetExceeded):
        client.chat.completions.create(**request, modalities=["text", "audio"])


def test_a_guard_refuses_a_tier_without_a_price():
    client = client_of(max_cost="1")
    with pytest.raises(BudgetExceeded) as error:
        client.chat.completions.create(model="gpt-5", messages=HELLO, service_tier="scale")
    assert str(error.value).startswith(
        "the cost of the request is unknown: no price is known for the tier 'scale'."
    )
