"""What a provider says it billed: the usage of a response, in one shape for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from multitok.requests.payloads.paid import tier_of
from multitok.requests.payloads.parts import get, unfolded

if TYPE_CHECKING:
    from datetime import date

    from multitok.prices.rates import Cost


@dataclass(frozen=True, slots=True)
class Usage:
    """Billed tokens: all input (the cached too), by modality where the response says, output.

    cached       of the input, read from a cache; cached_by by modality, where it says
    written      of the input, written into a cache, by how long it is kept: "5m", "1h", "" unsaid
    output_by    of the output, what is no text of the answer: audio, image, reasoning, citation
    fees         what is charged beside tokens: web_searches, input_audio_seconds
    tier         how it was processed, in the words of a price list, where it says
    """

    input: int
    output: int | None = None
    cached: int = 0
    by_modality: Mapping[str, int] = field(default_factory=dict)
    written: Mapping[str, int] = field(default_factory=dict)
    cached_by: Mapping[str, int] = field(default_factory=dict)
    output_by: Mapping[str, int] = field(default_factory=dict)
    fees: Mapping[str, float] = field(default_factory=dict)
    tier: str | None = None

    def cost(
        self,
        model: str,
        *,
        provider: str | None = None,
        mode: str | None = None,
        on: date | None = None,
    ) -> Cost:
        """What it comes to at the price list of a day, today if none is given.

        provider    who sold it, where that is not its maker
        mode        standard, batch, flex, priority or fast, instead of the tier that it says

        >>> usage_of({"prompt_tokens": 1000, "completion_tokens": 100}).cost("gpt-4o").high
        Decimal('0.0035')
        """
        from multitok.requests.costs import cost_of_usage

        return cost_of_usage(self, model, provider=provider, mode=mode, on=on)


WITHIN = ("usage", "usage_metadata", "usageMetadata", "meta", "totalUsage")
"""Where responses have it: `meta` Cohere's, `totalUsage` of all steps the Vercel AI SDK's."""

MODALITIES = ("unspecified", "text", "image", "video", "audio", "document")
"""As Vertex AI numbers them where it names none."""


def usage_of(given: Any) -> Usage | None:
    """The usage in a response, or a usage itself: OpenAI, Anthropic, Gemini, Mistral, Bedrock,
    Cohere, Voyage, LiteLLM and Vercel AI SDK spellings.

    >>> usage_of({"usage": {"prompt_tokens": 12, "completion_tokens": 3}}).input
    12
    """
    found = unfolded(given)
    if not isinstance(found, Mapping):
        return None
    inner = unfolded(get(found, *WITHIN))
    usage = inner if isinstance(inner, Mapping) else found
    try:
        read = _read(usage)
        return replace(read, tier=tier_of({**found, **usage})) if read is not None else None
    except (ValueError, TypeError, AttributeError, OverflowError):
        return None  # not the usage of any provider


def _read(usage: Mapping[str, Any]) -> Usage | None:
    gemini = get(usage, "prompt_token_count", "promptTokenCount")
    if gemini is not None:
        return _gemini(usage, _tokens(gemini))
    units = unfolded(get(usage, "billed_units", "billedUnits"))
    if isinstance(units, Mapping):  # Cohere: `tokens` beside it are with the frame, and not billed
        return _beside(units)
    if get(usage, "inputTokens") is not None:
        return _camel(usage)
    if isinstance(get(usage, "iterations"), list | tuple):
        return _iterated(usage)
    if get(usage, "prompt_tokens") is not None:  # LiteLLM names the cache beside it again
        return _including(usage, _tokens(usage["prompt_tokens"]))
    if get(usage, "input_tokens") is not None:
        if get(usage, "input_tokens_details", "input_token_details") is not None:
            return _including(usage, _tokens(usage["input_tokens"]))
        return _beside(usage)
    total = get(usage, "total_tokens", "totalTokens")  # embeddings, Gemini's countTokens
    return Usage(_tokens(total)) if total is not None else None


def _including(usage: Mapping[str, Any], whole: int) -> Usage:
    """The whole input, and in details what of it was read from a cache, heard or seen."""
    details = _inner(usage, "prompt_tokens_details", "input_tokens_details", "input_token_details")
    by_modality = _modalities(details)
    if by_modality and "text" not in by_modality:  # OpenAI names the sound and not the rest
        told = sum(by_modality.values())
        if told > whole:  # Voxtral's sound stands beside the text
            whole += told
        by_modality["text"] = whole - told
    cached = get(details, "cached_tokens") or get(
        usage, "cache_read_input_tokens", "cached_prompt_text_tokens", "cached_tokens"
    )
    seconds = get(usage, "prompt_audio_seconds")
    output, output_by = _answered(usage, whole)
    return Usage(
        whole,
        output,
        _tokens(cached or 0),
        by_modality,
        written=_written(usage, get(details, "cache_write_tokens", "cache_creation_tokens")),
        cached_by=_modalities(_inner(details, "cached_tokens_details")),
        output_by=output_by,
        fees=_fees({"input_audio_seconds": seconds, "web_searches": _searches(usage)}),
    )


def _answered(usage: Mapping[str, Any], whole: int) -> tuple[int | None, dict[str, int]]:
    """Output tokens, and those of them that are no text of the answer. xAI and Perplexity count
    reasoning beside the answer: the total shows it, or citations that only the latter has."""
    output = _or_none(get(usage, "completion_tokens", "output_tokens"))
    details = _inner(
        usage, "completion_tokens_details", "output_tokens_details", "output_token_details"
    )
    aside = {
        "reasoning": get(details, "reasoning_tokens", "thinking_tokens"),
        "citation": get(usage, "citation_tokens"),
    }
    aside["reasoning"] = aside["reasoning"] or get(usage, "reasoning_tokens")
    found = {name: _tokens(number) for name, number in aside.items() if number}
    more, total = sum(found.values()), get(usage, "total_tokens")
    if output is not None and more:
        perplexity = get(usage, "citation_tokens", "num_search_queries") is not None
        if perplexity or (total is not None and _tokens(total) == whole + output + more):
            output += more
    spoken = {name: number for name, number in _modalities(details).items() if name != "text"}
    return output, {**spoken, **found}


def _searches(usage: Mapping[str, Any]) -> Any:
    tools = _inner(usage, "server_tool_use")
    return get(tools, "web_search_requests") or get(usage, "num_search_queries")


def _written(usage: Mapping[str, Any], whole: Any = None) -> dict[str, int]:
    """What was written into a cache, by how long it is kept."""
    of = _inner(usage, "cache_creation")
    by = {
        lifetime: _tokens(get(of, f"ephemeral_{lifetime}_input_tokens") or 0)
        for lifetime in ("5m", "1h")
    }
    for one in map(unfolded, get(usage, "cacheDetails") or ()):  # Bedrock's
        by[str(one["ttl"])] = by.get(str(one["ttl"]), 0) + _tokens(one["inputTokens"])
    total = whole or get(
        usage, "cache_creation_input_tokens", "cacheWriteInputTokens", "cacheWriteInputTokenCount"
    )
    by[""] = _tokens(total) - sum(by.values()) if total else 0
    return {lifetime: number for lifetime, number in by.items() if number > 0}


def _fees(given: Mapping[str, Any]) -> dict[str, float]:
    return {
        name: number for name, number in given.items() if isinstance(number, int | float) and number
    }


def _modalities(details: Mapping[str, Any]) -> dict[str, int]:
    return {
        name: _tokens(details[f"{name}_tokens"])
        for name in ("text", "image", "audio", "video")
        if details.get(f"{name}_tokens")
    }


def _inner(given: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    found = unfolded(get(given, *names))
    return found if isinstance(found, Mapping) else {}


def _beside(usage: Mapping[str, Any]) -> Usage:
    """Anthropic counts its cache beside `input_tokens`."""
    read = _tokens(get(usage, "cache_read_input_tokens") or 0)
    written = _written(usage)
    fresh = _tokens(get(usage, "input_tokens") or 0)
    whole = fresh + read + sum(written.values())
    output, output_by = _answered(usage, whole)
    return Usage(
        whole,
        output,
        read,
        written=written,
        output_by=output_by,
        fees=_fees({"web_searches": _searches(usage)}),
    )


def _iterated(usage: Mapping[str, Any]) -> Usage:
    """Anthropic's, of every turn that it took: a compaction's are in no other number."""
    turns = [_beside(one) for one in map(unfolded, usage["iterations"])]
    if not turns:
        return _beside(usage)
    return Usage(
        sum(turn.input for turn in turns),
        sum(turn.output or 0 for turn in turns),
        sum(turn.cached for turn in turns),
        written=_summed(turn.written for turn in turns),
        output_by=_summed(turn.output_by for turn in turns),
        fees=_fees({"web_searches": _searches(usage)}),
    )


def _summed(given: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in given:
        for name, number in one.items():
            found[name] = found.get(name, 0) + number
    return found


def _camel(usage: Mapping[str, Any]) -> Usage:
    """Bedrock, whose cache stands beside `inputTokens`, and the Vercel AI SDK, where it is in
    it."""
    read = get(usage, "cacheReadInputTokens", "cacheReadInputTokenCount") or 0
    written = _written(usage)
    fresh = unfolded(usage["inputTokens"])
    output = unfolded(get(usage, "outputTokens"))
    cached = _tokens(get(usage, "cachedInputTokens") or read)
    more = _tokens(read) + sum(written.values())
    if isinstance(fresh, Mapping):  # of the SDK's version 6
        cached, more = _tokens(get(fresh, "cacheRead") or 0), 0
        written = _written({}, get(fresh, "cacheWrite"))
        fresh = fresh.get("total")
    if isinstance(output, Mapping):
        output = output.get("total")
    return Usage(_tokens(fresh) + more, _or_none(output), cached, written=written)


def _tokens(given: Any) -> int:
    """A number of tokens; ValueError for what is none."""
    if isinstance(given, bool | str) or given != int(given) or given < 0:
        raise ValueError(given)
    return int(given)


def _or_none(given: Any) -> int | None:
    return _tokens(given) if given is not None else None


def _gemini(usage: Mapping[str, Any], whole: int) -> Usage:
    """What its tools brought in is input, and what it thought is output."""
    tools = get(usage, "tool_use_prompt_token_count", "toolUsePromptTokenCount")
    said = get(usage, "candidates_token_count", "candidatesTokenCount")
    thought = get(usage, "thoughts_token_count", "thoughtsTokenCount")
    spoken = _named(usage, "candidates_tokens_details", "candidatesTokensDetails")
    aside = {**spoken, "reasoning": _tokens(thought or 0)}
    cached = get(usage, "cached_content_token_count", "cachedContentTokenCount")
    return Usage(
        whole + _tokens(tools or 0),
        None if said is None and thought is None else _tokens(said or 0) + aside["reasoning"],
        _tokens(cached or 0),
        _summed(
            (
                _named(usage, "prompt_tokens_details", "promptTokensDetails"),
                _named(usage, "tool_use_prompt_tokens_details", "toolUsePromptTokensDetails"),
            )
        ),
        cached_by=_named(usage, "cache_tokens_details", "cacheTokensDetails"),
        output_by={name: number for name, number in aside.items() if name != "text" and number},
    )


def _named(usage: Mapping[str, Any], *names: str) -> dict[str, int]:
    """Gemini's list of tokens by modality."""
    return _summed(
        {_modality(one.get("modality")): _tokens(get(one, "token_count", "tokenCount") or 0)}
        for one in map(unfolded, get(usage, *names) or [])
    )


def _modality(given: Any) -> str:
    """By its name, or by its number (Vertex AI)."""
    said = getattr(given, "value", given)
    if isinstance(said, int) and 0 <= said < len(MODALITIES):
        said = MODALITIES[said]
    name = str(said).lower()
    return {"document": "pdf"}.get(name, name)
