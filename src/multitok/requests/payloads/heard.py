"""Which keys of a request are read, and which cost nothing: whatever else has words in it is open.

A request is counted whole only if everything in it is known. A new key of an API with a text in it
may be a part of the prompt; until somebody has looked, the request says that it does not know.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from multitok.requests.payloads.parts import MAX_DEPTH, Request, unfolded

SETTINGS = frozenset(
    {
        "model", "temperature", "top_p", "top_k", "min_p", "n", "seed", "stream",
        "stream_options", "stop", "stop_sequences", "user", "metadata", "store", "service_tier",
        "serviceTier",
        "logprobs", "top_logprobs", "logit_bias", "frequency_penalty", "presence_penalty",
        "repetition_penalty", "max_tokens", "max_completion_tokens", "max_output_tokens",
        "parallel_tool_calls", "tool_choice", "function_call", "reasoning", "reasoning_effort",
        "reasoning_format", "reasoning_split", "include_reasoning", "verbosity", "modalities",
        "audio", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
        "prompt_cache_options", "cache_control", "moderation", "include", "background",
        "truncation", "max_tool_calls", "provider", "route", "transforms", "usage", "timeout",
        "extra_headers", "extra_query", "speed", "thinking", "inference_geo", "anthropic_version",
        "anthropic_beta", "betas", "safety_settings", "safetySettings", "labels", "encoding_format",
        "dimensions", "input_type", "truncate", "best_of", "echo", "keep_alive", "random_seed",
        "safe_prompt", "prompt_mode", "guardrails", "priority", "enable_thinking",
        "thinking_budget",
        "mm_processor_kwargs", "media_io_kwargs", "chat_template_kwargs", "guided_json",
        "guided_regex", "guided_choice", "modelArmorConfig", "toolConfig", "tool_config",
    }
)  # fmt: skip
"""What steers an answer and is no part of the prompt, in any provider's spelling."""


def hear(request: Request, given: Mapping[str, Any], read: Collection[str], path: str = "") -> None:
    """Leave the request open for each key of an object that is neither read nor a setting, and has
    words in it."""
    for key, value in given.items():
        if key not in read and key not in SETTINGS and _says(unfolded(value)):
            where = f"{path}.{key}" if path else str(key)
            request.leave_open(where, str(key), "multitok does not know what it adds to the prompt")


def _says(value: Any, depth: int = 0) -> bool:
    """Whether there is a text in it: numbers and switches are no part of a prompt."""
    if isinstance(value, str | bytes):
        return bool(value)
    if depth > MAX_DEPTH:
        return True
    return any(_says(unfolded(one), depth + 1) for one in _inside(value))


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value
