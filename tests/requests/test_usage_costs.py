"""What a call was billed, priced: the same as genai-prices makes of the same response."""

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

import multitok
from multitok.report.bills import bill_to_dict
from multitok.requests.usage import usage_of

genai = pytest.importorskip("genai_prices")

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)

RESPONSES = [
    ("openai", "chat", "gpt-6-sol", {}, {"usage": {
        "prompt_tokens": 5000, "completion_tokens": 700,
        "prompt_tokens_details": {"cached_tokens": 1000, "cache_write_tokens": 3000},
        "completion_tokens_details": {"reasoning_tokens": 512}}}),
    ("openai", "chat", "gpt-audio", {}, {"usage": {
        "prompt_tokens": 500, "completion_tokens": 300,
        "prompt_tokens_details": {"audio_tokens": 400, "text_tokens": 100},
        "completion_tokens_details": {"audio_tokens": 250, "text_tokens": 50}}}),
    ("openai", "responses", "gpt-5.6-sol", {"service_tier": "flex"}, {
        "service_tier": "flex", "usage": {
            "input_tokens": 300_000, "output_tokens": 20,
            "input_tokens_details": {"cached_tokens": 2048, "cache_write_tokens": 4096},
            "output_tokens_details": {"reasoning_tokens": 10}}}),
    ("openai", "realtime", "gpt-realtime", {}, {"response": {"usage": {
        "input_tokens": 900, "output_tokens": 400,
        "input_token_details": {
            "text_tokens": 300, "audio_tokens": 500, "image_tokens": 100, "cached_tokens": 350,
            "cached_tokens_details": {"text_tokens": 200, "audio_tokens": 100, "image_tokens": 50}},
        "output_token_details": {"text_tokens": 100, "audio_tokens": 300}}}}),
    ("openai", "images", "gpt-image-1.5", {}, {"usage": {
        "input_tokens": 250, "output_tokens": 1056,
        "input_tokens_details": {"text_tokens": 50, "image_tokens": 200},
        "output_tokens_details": {"text_tokens": 6, "image_tokens": 1050}}}),
    ("openai", "embeddings", "text-embedding-3-small", {}, {"usage": {
        "prompt_tokens": 77, "total_tokens": 77}}),
    ("anthropic", "default", "claude-opus-5", {}, {"usage": {
        "input_tokens": 40, "output_tokens": 90, "cache_read_input_tokens": 5000,
        "cache_creation_input_tokens": 3000, "service_tier": "standard",
        "cache_creation": {"ephemeral_5m_input_tokens": 1000, "ephemeral_1h_input_tokens": 2000},
        "server_tool_use": {"web_search_requests": 3}}}),
    ("anthropic", "default", "claude-opus-5", {"speed": "fast"}, {"usage": {
        "input_tokens": 40, "output_tokens": 90, "cache_creation_input_tokens": 3000,
        "speed": "fast"}}),
    ("anthropic", "default", "claude-opus-5", {"processing": "batch"}, {"usage": {
        "input_tokens": 40, "output_tokens": 90, "service_tier": "batch"}}),
    ("google", "default", "gemini-2.5-flash", {}, {"usageMetadata": {
        "promptTokenCount": 2000, "candidatesTokenCount": 50, "thoughtsTokenCount": 300,
        "cachedContentTokenCount": 700, "toolUsePromptTokenCount": 40,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 500}, {"modality": "AUDIO", "tokenCount": 300},
            {"modality": "VIDEO", "tokenCount": 1200}],
        "cacheTokensDetails": [
            {"modality": "TEXT", "tokenCount": 500}, {"modality": "AUDIO", "tokenCount": 200}]}}),
    ("google", "default", "gemini-2.5-flash-image", {}, {"usageMetadata": {
        "promptTokenCount": 300, "candidatesTokenCount": 1300,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 42}, {"modality": "DOCUMENT", "tokenCount": 258}],
        "candidatesTokensDetails": [
            {"modality": "IMAGE", "tokenCount": 1290}, {"modality": "TEXT", "tokenCount": 10}]}}),
    ("mistral", "default", "mistral-large-2512", {}, {"usage": {
        "prompt_tokens": 800, "completion_tokens": 9, "total_tokens": 809,
        "prompt_tokens_details": {"cached_tokens": 64}}}),
    ("aws", "default", "anthropic.claude-sonnet-4-5-20250929-v1:0", {}, {"usage": {
        "inputTokens": 5, "outputTokens": 70, "cacheReadInputTokens": 900,
        "cacheWriteInputTokens": 1100,
        "cacheDetails": [{"ttl": "5m", "inputTokens": 100}, {"ttl": "1h", "inputTokens": 1000}]}}),
    ("cohere", "default", "command-a", {}, {"usage": {
        "billed_units": {"input_tokens": 12, "output_tokens": 34},
        "tokens": {"input_tokens": 500, "output_tokens": 36}}}),
    ("x-ai", "chat", "grok-4.5", {}, {"usage": {
        "prompt_tokens": 250_000, "completion_tokens": 20, "total_tokens": 250_320,
        "prompt_tokens_details": {"cached_tokens": 100},
        "completion_tokens_details": {"reasoning_tokens": 300}}}),
    ("deepseek", "chat", "deepseek-chat", {}, {"usage": {
        "prompt_tokens": 900, "completion_tokens": 50, "total_tokens": 950,
        "prompt_tokens_details": {"cached_tokens": 640}}}),
    ("perplexity", "default", "sonar-deep-research", {}, {"usage": {
        "prompt_tokens": 33, "completion_tokens": 7000, "citation_tokens": 20_000,
        "num_search_queries": 18, "reasoning_tokens": 90_000}}),
    ("moonshotai", "chat", "kimi-k3", {}, {"usage": {
        "prompt_tokens": 900, "completion_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 100, "cache_write_tokens": 600}}}),
    ("openrouter", "chat", "anthropic/claude-opus-5", {}, {"usage": {
        "prompt_tokens": 3000, "completion_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 1000, "cache_write_tokens": 1500}}}),
]  # fmt: skip


def of_genai_prices(provider, flavor, model, context, response):
    from genai_prices.data import providers

    seller = next(one for one in providers if one.id == provider)
    _, usage = seller.extract_usage(response, api_flavor=flavor)
    found = seller.find_model(model)
    calculated = found.calc_price(
        usage, seller, genai_request_timestamp=AT, price_context=context or None
    )
    return calculated.total_price


@pytest.mark.parametrize(
    ("provider", "flavor", "model", "context", "response"), RESPONSES,
    ids=[f"{provider} {flavor} {model}" for provider, flavor, model, *_ in RESPONSES],
)  # fmt: skip
def test_a_bill_is_priced_as_genai_prices_prices_it(provider, flavor, model, context, response):
    billed = usage_of(response.get("response", response))
    cost = billed.cost(model, provider=provider, on=AT.date())
    theirs = of_genai_prices(provider, flavor, model, context, response)
    assert cost.low == cost.high == theirs > 0, cost.why


def test_a_bill_of_litellm_counts_what_it_wrote_once():
    """98,000 tokens of claude-opus-5, of which 97,000 were written for 6.25 a million and the rest
    cost 5."""
    billed = usage_of({"prompt_tokens": 98_000, "cache_creation_input_tokens": 97_000})
    assert billed.cost("claude-opus-5").high == Decimal("0.61125")


def test_a_tier_that_no_list_has_gives_a_bill_no_price():
    billed = usage_of({"service_tier": "scale", "usage": {"prompt_tokens": 9}})
    assert billed.cost("gpt-5").why == (
        "no price is known for the tier 'scale'. To price it as another: standard, batch, flex,"
        " priority, fast"
    )


def test_details_that_the_whole_contradicts_are_not_priced_apart():
    """More sound than there is input: all of it is priced as the list prices input."""
    billed = usage_of({"promptTokenCount": 10, "promptTokensDetails": [
        {"modality": "AUDIO", "tokenCount": 50}]})  # fmt: skip
    assert billed.cost("gemini-2.5-flash").high == 10 * Decimal("0.3") / 1_000_000


def test_a_guarded_call_knows_what_it_came_to():
    """gpt-5, priority 2.50 and 20 a million: 1,000 and 100 tokens are 4,500 micro."""
    answer = {"usage": {"prompt_tokens": 1000, "completion_tokens": 100}}
    create = SimpleNamespace(create=lambda **request: answer)
    stub = SimpleNamespace(chat=SimpleNamespace(completions=create))
    client = multitok.guard(stub, max_tokens=9000)
    client.chat.completions.create(
        model="gpt-5", messages=[{"role": "user", "content": "hi"}], service_tier="priority"
    )
    assert multitok.guard_of(client).calls[0].cost.high == Decimal("0.0045")


def test_a_log_has_the_dollars_of_each_bill():
    """claude-haiku-4-5: 100 tokens in at 1.00 and 10 out at 5.00 a million."""
    line = ('{"request": {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": '
            '[{"role": "user", "content": "hi"}]}, "usage": {"input_tokens": 100,'
            ' "output_tokens": 10}}')  # fmt: skip
    [found] = multitok.reconcile([line])
    assert bill_to_dict(found, 0.02)["cost_usd"] == "0.00015"
