"""What a request says of how it is paid for.

Read alike for all providers: the words differ, and none means another thing elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from multitok.requests.payloads.parts import MAX_DEPTH, get, is_object, unfolded
from multitok.requests.payloads.terms import Mark, Terms

STANDARD = (
    "", "auto", "default", "standard", "standard_only", "on_demand", "unspecified",
    "traffic_type_unspecified",
)  # fmt: skip
"""Words for the tier that the plain price is of."""
_INSIDE = ("content", "toolResult", "tools")


def terms_of(payload: Any, *, batch: bool) -> Terms:
    """The terms of a request, which may be a line of a batch."""
    if not is_object(payload):
        return Terms("batch" if batch else "standard")
    config = unfolded(get(payload, "generationConfig", "generation_config", "config"))
    settings = {**payload, **config} if is_object(config) else payload
    gemini = "contents" in payload
    answers = unfolded(get(settings, "modalities", "responseModalities", "response_modalities"))
    named = [answers] if isinstance(answers, str) else answers
    if isinstance(named, list | tuple):
        kinds = tuple(str(getattr(one, "value", one)).lower() for one in named)
    else:
        kinds = () if gemini else ("text",)
    return Terms(
        "batch" if batch else tier_of(settings) or "standard", kinds, tuple(_marks(payload))
    )


def tier_of(settings: Mapping[str, Any]) -> str | None:
    """Of a request or of its answer: Anthropic's `speed`, or the tier in any provider's words:
    FLEX, {"type": "flex"}, and ON_DEMAND_FLEX as Vertex AI says it afterwards. None where it says
    none."""
    if get(settings, "speed") == "fast":
        return "fast"
    given = unfolded(get(settings, "service_tier", "serviceTier", "traffic_type", "trafficType"))
    if is_object(given):
        given = given.get("type")
    if given is None:
        return None
    word = str(getattr(given, "value", given)).lower()
    if word not in STANDARD:
        word = word.removeprefix("service_tier_").removeprefix("on_demand_")
    return "standard" if word in STANDARD else word


def _marks(payload: Mapping[str, Any]) -> Iterator[Mark]:
    """Anthropic's cache_control at a block, a tool or the whole request; Bedrock's cachePoint."""
    if (lifetime := _lifetime(payload)) is not None:
        yield Mark("", lifetime)
    for name in ("tools", "toolConfig", "system", "messages"):
        yield from _marks_in(payload.get(name), name, 0)


def _marks_in(given: Any, path: str, depth: int) -> Iterator[Mark]:
    node = unfolded(given)
    if depth > MAX_DEPTH:
        return
    if isinstance(node, list | tuple):
        for i, one in enumerate(node):
            yield from _marks_in(one, f"{path}[{i}]", depth + 1)
    elif is_object(node):
        if (lifetime := _lifetime(node)) is not None:
            yield Mark(path, lifetime)
        for key in _INSIDE:
            if key in node:
                yield from _marks_in(node[key], f"{path}.{key}", depth + 1)


def _lifetime(node: Mapping[str, Any]) -> str | None:
    given = unfolded(get(node, "cache_control", "cachePoint"))
    if not is_object(given):
        return None
    return "1h" if given.get("ttl") == "1h" else "5m"
