"""From a request as its provider documents it to neutral parts. No tokenizer, no price, no I/O. A
format is a module of its name here, whose `read` takes a request.

parse(payload) -> Request      what the payload is shows in its shape, unless `provider` says it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from multitok.catalog.names import routed
from multitok.catalog.providers import maker_of, provider as provider_of
from multitok.core.errors import PayloadError, UnknownNameError
from multitok.requests.payloads.paid import terms_of
from multitok.requests.payloads.parts import Part, Request, is_object, mapping, sequence, unfolded
from multitok.requests.payloads.tools import answered, is_tool_list, servers_in

FORMATS = (
    "openai", "anthropic", "gemini", "mistral", "bedrock", "cohere", "ollama", "plain", "tools",
)  # fmt: skip
Reader = Callable[[Mapping[str, Any]], Request]
_ANTHROPIC_KEYS = ("system", "anthropic_version", "anthropic_beta", "stop_sequences", "mcp_servers")
_ANTHROPIC_BLOCKS = (
    "image", "document", "tool_use", "tool_result", "thinking", "redacted_thinking",
    "search_result", "server_tool_use",
)  # fmt: skip
_CONVERSE_BLOCKS = (
    "text", "image", "document", "video", "audio", "toolUse", "toolResult", "reasoningContent",
    "guardContent", "cachePoint",
)  # fmt: skip
_OPENAI_ROLES = ("system", "developer", "tool", "function")
_OPENAI_BLOCKS = ("image_url", "input_audio", "file", "video_url")
_OLLAMA_KEYS = ("keep_alive", "options", "num_ctx")
_AROUND = ("body", "params", "request", "modelInput", "generateContentRequest")
"""Where a line of a batch file (OpenAI, Anthropic, Gemini, Bedrock) has it, and countTokens."""
_AROUND_IT = frozenset(_AROUND)

_SAYS = {
    "messages", "input", "instructions", "prompt", "contents", "content", "requests", "texts",
    "inputText", "inputs",
}  # fmt: skip
LOOKED_AT = 1000
"""Messages and blocks whose shape is looked at to tell the provider."""


def _format(name: str) -> str:
    """The request format that a provider takes, by any of its names; a format by its own."""
    return provider_of(name).format or name


def parse(payload: Any, provider: str | None = None) -> Request:
    """The neutral parts of a request. PayloadError names the path of what is shaped wrong."""
    try:
        return _read(payload, provider)
    except RecursionError:  # in a place where nobody expects a list, and what it holds is named
        why = "the request is nested deeper than can be read: take levels out of it"
        raise PayloadError(why, path="") from None


def _read(payload: Any, provider: str | None) -> Request:
    given = unfolded(payload)
    payload = _unwrapped(given)
    name = _format(provider) if provider else detect(payload)
    if name not in FORMATS:
        raise UnknownNameError.of(
            "request format", str(provider), FORMATS, f"There are: {', '.join(FORMATS)}"
        )
    if isinstance(payload, list | tuple):
        if name == "gemini":
            payload = {"contents": payload}
        elif name in ("anthropic", "mistral"):
            payload = {"messages": payload}
        elif name == "tools":
            payload = {"tools": payload}
    if name == "plain" or isinstance(payload, list | tuple):
        from multitok.requests.payloads.plain import conversation

        return conversation(_messages(payload))
    reader: Reader = import_module(f"{__name__}.{name}").read
    request = reader(mapping(payload, "the request"))
    request.terms = terms_of(payload, batch=is_object(given) and _of_a_batch(given))
    return request


def _of_a_batch(line: Mapping[str, Any]) -> bool:
    """Whether a request stands in a line of a batch file, under an id of its own."""
    return enclosed(line) is not None and any(
        key in line for key in ("custom_id", "key", "recordId")
    )


def _messages(payload: Any) -> Any:
    found = unfolded(payload.get("messages")) if is_object(payload) else payload
    return sequence(found, "messages")


def _unwrapped(payload: Any) -> Any:
    """What is sent: what an SDK is given as `extra_body` goes beside the rest."""
    if servers_in(payload):
        return payload
    if (key := enclosed(payload)) is not None:
        return unfolded(payload[key])
    if is_object(payload):
        if (answer := answered(payload)) is not payload:
            return answer
        more = unfolded(payload.get("extra_body"))
        if is_object(more):
            return {**{key: x for key, x in payload.items() if key != "extra_body"}, **more}
    return payload


def enclosed(payload: Any) -> str | None:
    """The key under which a batch file's line, or countTokens, has the request; None where it is
    the payload itself."""
    if not is_object(payload) or _AROUND_IT.isdisjoint(payload):
        return None
    if not _SAYS.isdisjoint(payload):
        return None
    inside = (key for key in _AROUND if is_object(unfolded(payload.get(key))))
    return next(inside, None)


def is_request(payload: Mapping[str, Any]) -> bool:
    """Whether an object is a request, or a line of a batch file, and no row of a table.

    >>> is_request({"messages": []}), is_request({"prompt": "a"}), is_request({"text": "a"})
    (True, False, False)
    """
    if "messages" in payload or "contents" in payload or enclosed(payload) is not None:
        return True
    return "model" in payload and not _SAYS.isdisjoint(payload)


def detect(payload: Any) -> str:
    """Which provider's request this is, by its shape; its model name where the shape says nothing.

    >>> detect({"contents": "hello"})
    'gemini'
    """
    if isinstance(payload, list | tuple):
        return "tools" if is_tool_list(payload) else "plain"
    if not is_object(payload):
        raise PayloadError(
            f"expected a request (an object or a list of messages), got {type(payload).__name__}"
            + (": json.loads reads one from a text" if isinstance(payload, str | bytes) else ""),
            path="",
        )
    if servers_in(payload):
        return "tools"
    if "contents" in payload or _embeds_content(payload):
        return "gemini"
    if "inputText" in payload:
        return "bedrock"
    if "texts" in payload:
        return "cohere"
    if "inputs" in payload:
        return "mistral"
    if any(key in payload for key in _OLLAMA_KEYS):
        return "ollama"
    if "messages" not in payload:
        if "prompt" in payload and _made_by(payload) == "mistral":
            return "mistral"
        if "input" in payload or "instructions" in payload or "prompt" in payload:
            return "openai"
        if is_tool_list(payload.get("tools")):
            return "tools"
        found = ", ".join(map(str, list(payload)[:5])) or "nothing"
        raise PayloadError(
            "not a request multitok knows: expected messages (OpenAI, Anthropic, Mistral), input"
            f" (OpenAI Responses), contents (Gemini) or a list of tools (MCP), got {found}",
            path="",
        )
    said = _listed(payload, "messages")
    if "toolConfig" in payload or _is_converse(said):
        return "bedrock"
    if any("images" in message for message in said):
        return "ollama"
    if any("tool_plan" in message for message in said):
        return "cohere"
    if any(key in payload for key in _ANTHROPIC_KEYS):
        return "anthropic"
    known = _made_by(payload)
    if known == "anthropic":  # other hosts take OpenAI's shapes for it
        return "openai" if _has_openai_shapes(payload) else "anthropic"
    if known in ("mistral", "cohere"):  # Mistral's thinking blocks look like Anthropic's
        return known
    return "anthropic" if _has_anthropic_blocks(payload) else "openai"


def _made_by(payload: Mapping[str, Any]) -> str | None:
    """The format of whoever made the model that is named."""
    maker = maker_of(routed(str(payload.get("model") or "")).lower().rpartition("/")[2])
    return maker.format if maker is not None else None


def _is_converse(messages: list[Mapping[str, Any]]) -> bool:
    """Whether a block says what it is by its one key, as Bedrock's do, and not by a type."""
    first = next((block for message in messages for block in _blocks(message)), {})
    return "type" not in first and any(key in first for key in _CONVERSE_BLOCKS)


def _embeds_content(payload: Mapping[str, Any]) -> bool:
    """Whether it is Gemini's embedContent, or a batch of them."""
    if "parts" in _object(payload.get("content")):
        return True
    return any("content" in one for one in _listed(payload, "requests"))


def _object(given: Any) -> Mapping[str, Any]:
    found = unfolded(given)
    return found if is_object(found) else {}


def _blocks(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    content = unfolded(message.get("content"))
    if not isinstance(content, list | tuple):
        return []
    return [block for block in map(unfolded, content[:LOOKED_AT]) if is_object(block)]


def _listed(payload: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The objects of a list in the request; none where it is shaped wrong, which is told later."""
    given = unfolded(payload.get(key))
    if not isinstance(given, list | tuple):
        return []
    return [one for one in map(unfolded, given[:LOOKED_AT]) if is_object(one)]


def _has_openai_shapes(payload: Mapping[str, Any]) -> bool:
    if any(tool.get("type") == "function" for tool in _listed(payload, "tools")):
        return True
    return any(
        message.get("role") in _OPENAI_ROLES
        or message.get("tool_calls")
        or any(block.get("type") in _OPENAI_BLOCKS for block in _blocks(message))
        for message in _listed(payload, "messages")
    )


def _has_anthropic_blocks(payload: Mapping[str, Any]) -> bool:
    if any("input_schema" in tool for tool in _listed(payload, "tools")):
        return True
    return any(
        block.get("type") in _ANTHROPIC_BLOCKS
        for message in _listed(payload, "messages")
        for block in _blocks(message)
    )


__all__ = ["FORMATS", "Part", "Request", "detect", "parse"]
