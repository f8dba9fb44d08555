"""What a provider says it billed: the usage of a response, in one shape for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from multitok.requests.payloads.parts import get, unfolded


@dataclass(frozen=True, slots=True)
class Usage:
    """Billed tokens: all input (the cached too), by modality where the response says, output."""

    input: int
    output: int | None = None
    cached: int = 0
    by_modality: Mapping[str, int] = field(default_factory=dict)


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
        return _read(usage)
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
        if get(usage, "input_tokens_details") is not None:
            return _including(usage, _tokens(usage["input_tokens"]))
        return _beside(usage)
    total = get(usage, "total_tokens", "totalTokens")  # embeddings, Gemini's countTokens
    return Usage(_tokens(total)) if total is not None else None


def _including(usage: Mapping[str, Any], whole: int) -> Usage:
    """The whole input, and in details what of it was read from a cache, heard or seen."""
    found = unfolded(get(usage, "prompt_tokens_details", "input_tokens_details"))
    details = found if isinstance(found, Mapping) else {}
    by_modality = {
        name: _tokens(details[f"{name}_tokens"])
        for name in ("text", "image", "audio", "video")
        if details.get(f"{name}_tokens")
    }
    if by_modality and "text" not in by_modality:  # OpenAI names the sound and not the rest
        told = sum(by_modality.values())
        if told > whole:  # Voxtral's sound stands beside the text
            whole += told
        by_modality["text"] = whole - told
    output = get(usage, "completion_tokens", "output_tokens")
    cached = get(details, "cached_tokens") or get(usage, "cache_read_input_tokens") or 0
    return Usage(whole, _or_none(output), _tokens(cached), by_modality)


def _beside(usage: Mapping[str, Any]) -> Usage:
    """Anthropic counts its cache beside `input_tokens`."""
    read = _tokens(get(usage, "cache_read_input_tokens") or 0)
    written = _tokens(get(usage, "cache_creation_input_tokens") or 0)
    fresh = _tokens(get(usage, "input_tokens") or 0)
    return Usage(fresh + read + written, _or_none(get(usage, "output_tokens")), read)


def _iterated(usage: Mapping[str, Any]) -> Usage:
    """Anthropic's, of every turn that it took: a compaction's are in no other number."""
    turns = [_beside(one) for one in map(unfolded, usage["iterations"])]
    if not turns:
        return _beside(usage)
    return Usage(
        sum(turn.input for turn in turns),
        sum(turn.output or 0 for turn in turns),
        sum(turn.cached for turn in turns),
    )


def _camel(usage: Mapping[str, Any]) -> Usage:
    """Bedrock, whose cache stands beside `inputTokens`, and the Vercel AI SDK, where it is in
    it."""
    read = get(usage, "cacheReadInputTokens", "cacheReadInputTokenCount") or 0
    written = get(usage, "cacheWriteInputTokens", "cacheWriteInputTokenCount") or 0
    fresh = unfolded(usage["inputTokens"])
    output = unfolded(get(usage, "outputTokens"))
    cached = _tokens(get(usage, "cachedInputTokens") or read)
    if isinstance(fresh, Mapping):  # of the SDK's version 6
        cached = _tokens(get(fresh, "cacheRead") or 0)
        fresh, read, written = fresh.get("total"), 0, 0
    if isinstance(output, Mapping):
        output = output.get("total")
    return Usage(_tokens(fresh) + _tokens(read) + _tokens(written), _or_none(output), cached)


def _tokens(given: Any) -> int:
    """A number of tokens; ValueError for what is none."""
    if isinstance(given, bool | str) or given != int(given) or given < 0:
        raise ValueError(given)
    return int(given)


def _or_none(given: Any) -> int | None:
    return _tokens(given) if given is not None else None


def _gemini(usage: Mapping[str, Any], whole: int) -> Usage:
    """What its tools brought in is input, and what it thought is output."""
    by_modality: dict[str, int] = {}
    for names in (
        ("prompt_tokens_details", "promptTokensDetails"),
        ("tool_use_prompt_tokens_details", "toolUsePromptTokensDetails"),
    ):
        for one in map(unfolded, get(usage, *names) or []):
            name = _modality(one.get("modality"))
            tokens = _tokens(get(one, "token_count", "tokenCount") or 0)
            by_modality[name] = by_modality.get(name, 0) + tokens
    tools = get(usage, "tool_use_prompt_token_count", "toolUsePromptTokenCount")
    said = get(usage, "candidates_token_count", "candidatesTokenCount")
    thought = get(usage, "thoughts_token_count", "thoughtsTokenCount")
    output = (
        None if said is None and thought is None else _tokens(said or 0) + _tokens(thought or 0)
    )
    cached = get(usage, "cached_content_token_count", "cachedContentTokenCount")
    return Usage(whole + _tokens(tools or 0), output, _tokens(cached or 0), by_modality)


def _modality(given: Any) -> str:
    """By its name, or by its number (Vertex AI)."""
    said = getattr(given, "value", given)
    if isinstance(said, int) and 0 <= said < len(MODALITIES):
        said = MODALITIES[said]
    name = str(said).lower()
    return {"document": "pdf"}.get(name, name)
