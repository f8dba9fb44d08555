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


def usage_of(given: Any) -> Usage | None:
    """The usage in a response, or a usage itself: OpenAI, Anthropic, Gemini, Mistral spellings.

    >>> usage_of({"usage": {"prompt_tokens": 12, "completion_tokens": 3}}).input
    12
    """
    found = unfolded(given)
    if not isinstance(found, Mapping):
        return None
    inner = unfolded(get(found, "usage", "usage_metadata", "usageMetadata"))
    usage = inner if isinstance(inner, Mapping) else found
    try:
        return _read(usage)
    except (ValueError, TypeError, AttributeError, OverflowError):
        return None  # not the usage of any provider


def _read(usage: Mapping[str, Any]) -> Usage | None:
    gemini = get(usage, "prompt_token_count", "promptTokenCount")
    if gemini is not None:
        return _gemini(usage, _tokens(gemini))
    whole = get(usage, "prompt_tokens", "input_tokens")
    if whole is None:
        return None
    details = unfolded(get(usage, "prompt_tokens_details", "input_tokens_details"))
    details = details if isinstance(details, Mapping) else {}
    read = _tokens(get(usage, "cache_read_input_tokens") or 0)
    written = _tokens(get(usage, "cache_creation_input_tokens") or 0)
    by_modality = {
        name: _tokens(details[f"{name}_tokens"])
        for name in ("text", "image", "audio", "video")
        if details.get(f"{name}_tokens")
    }
    if by_modality and "text" not in by_modality:  # OpenAI names the sound and not the rest
        by_modality["text"] = _tokens(whole) - sum(by_modality.values())
    output = get(usage, "completion_tokens", "output_tokens")
    return Usage(
        input=_tokens(whole) + read + written,  # Anthropic counts its cache beside input_tokens
        output=_tokens(output) if output is not None else None,
        cached=read or _tokens(get(details, "cached_tokens") or 0),
        by_modality=by_modality,
    )


def _tokens(given: Any) -> int:
    """A number of tokens; ValueError for what is none."""
    if isinstance(given, bool | str) or given != int(given) or given < 0:
        raise ValueError(given)
    return int(given)


def _gemini(usage: Mapping[str, Any], whole: int) -> Usage:
    by_modality: dict[str, int] = {}
    details = get(usage, "prompt_tokens_details", "promptTokensDetails") or []
    for one in map(unfolded, details):
        modality = str(getattr(one.get("modality"), "value", one.get("modality"))).lower()
        name = {"document": "pdf"}.get(modality, modality)
        tokens = _tokens(get(one, "token_count", "tokenCount") or 0)
        by_modality[name] = by_modality.get(name, 0) + tokens
    output = get(usage, "candidates_token_count", "candidatesTokenCount")
    cached = get(usage, "cached_content_token_count", "cachedContentTokenCount")
    return Usage(
        whole, _tokens(output) if output is not None else None, _tokens(cached or 0), by_modality
    )
