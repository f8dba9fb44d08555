"""OpenAI requests in neutral parts: Chat Completions and Responses.

Chat Completions is also what most other hosts accept, so its extensions (`video_url`, `audio_url`)
are known here. Sources: the API reference of both endpoints (openai 2.54 types).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from multitok.core.errors import PayloadError
from multitok.requests.payloads import openai_items
from multitok.requests.payloads.blocks import media_block
from multitok.requests.payloads.heard import hear
from multitok.requests.payloads.parts import (
    Message,
    Part,
    Request,
    check_depth,
    get,
    items,
    json_text,
    mapping,
    media_part,
    number,
    output_limit,
    schema_part,
    sequence,
    string,
    text_part,
    unfolded,
    unknown,
)
from multitok.requests.payloads.told import processor_words, reasoning_of
from multitok.requests.payloads.tools import tool_part

CHAT = (
    "messages", "tools", "functions", "response_format", "prediction", "web_search_options",
)  # fmt: skip
RESPONSES = (
    "input", "instructions", "tools", "text", "text_format", "prompt", "previous_response_id",
    "conversation",
)  # fmt: skip
MESSAGE = (
    "role", "name", "content", "refusal", "reasoning_content", "reasoning", "audio", "tool_calls",
    "function_call", "tool_call_id", "id", "type", "status", "phase", "annotations", "prefix",
)  # fmt: skip
"""Keys that are read here."""

AUDIO = {"wav": "audio/wav", "mp3": "audio/mpeg"}


def read(payload: Mapping[str, Any]) -> Request:
    """A Chat Completions request where it has messages, else one of Responses."""
    return chat(payload) if "messages" in payload else responses(payload)


def chat(payload: Mapping[str, Any], *, provider: str = "openai", prefix: str = "") -> Request:
    """A Chat Completions request."""
    request = Request(provider=provider, model=get(payload, "model"), endpoint="chat")
    request.processor = processor_words(payload)
    for path, given in items(payload.get("messages"), f"{prefix}messages"):
        _message(request, mapping(given, path), path)
    _tools(request, payload, prefix)
    shape = get(payload, "response_format")
    if shape is not None:
        request.parts += _format(request, shape, "response_format")
    if get(payload, "prediction") is not None:
        mapping(payload["prediction"], "prediction")
        request.left_out.append("prediction: what is rejected of it is billed as output")
    hear(request, payload, CHAT, prefix.rstrip("."))
    request.max_output = output_limit(payload, "max_completion_tokens", "max_tokens")
    if get(payload, "web_search_options") is not None:
        request.leave_open(
            "web_search_options", "web search", "what the search puts into the prompt"
        )
    _reasoning(request, payload)
    return request


def _message(request: Request, given: Mapping[str, Any], path: str) -> None:
    role = string(given.get("role"), f"{path}.role")
    name = get(given, "name")
    request.messages.append(Message(path, role, string(name, f"{path}.name") if name else None))
    start = len(request.parts)
    content = get(given, "content")
    if content is not None:
        what = {"system": "system", "developer": "system", "tool": "tool result"}.get(role, "text")
        request.parts += content_parts(content, f"{path}.content", role, what)
    if (refusal := get(given, "refusal")) is not None:
        request.parts.append(text_part(f"{path}.refusal", string(refusal, path), role=role))
    for key in ("reasoning_content", "reasoning"):
        if isinstance(given.get(key), str):
            request.parts.append(text_part(f"{path}.{key}", given[key], what="thinking", role=role))
    if (audio := get(given, "audio")) is not None:
        found = mapping(audio, f"{path}.audio")
        note = f"an earlier answer's sound, kept by the provider (id {found.get('id')!r})"
        request.parts.append(unknown(f"{path}.audio", "audio", note, role=role))
    hear(request, given, MESSAGE, path)
    for where, call in _calls(given, path):
        request.parts.append(_call(request, mapping(call, where), where, role))
    _name_results(request, start, get(given, "tool_call_id"), name)


def _calls(given: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    calls = get(given, "tool_calls")
    if calls is not None:
        yield from items(calls, f"{path}.tool_calls")
    call = get(given, "function_call")
    if call is not None:
        yield f"{path}.function_call", {"function": call}


def _name_results(request: Request, start: int, call: Any, name: Any = None) -> None:
    """The results among the latest parts are those of a call that was named before."""
    named = request.calls.get(str(call), name)
    for i, part in enumerate(request.parts[start:], start):
        if part.what == "tool result":
            request.parts[i] = replace(part, name=named)


def _call(request: Request, call: Mapping[str, Any], path: str, role: str | None) -> Part:
    """A call the model made earlier: its name and arguments are text in the prompt."""
    inner = get(call, "function", "custom")
    found = mapping(inner, f"{path}.function") if inner is not None else call
    arguments = get(found, "arguments", "input")
    text = arguments if isinstance(arguments, str) else json_text(arguments or {}, path)
    name = string(found.get("name"), f"{path}.name")
    if isinstance(call.get("namespace"), str):
        name = f"{call['namespace']}.{name}"
    request.calls[str(get(call, "call_id", "id"))] = name
    return text_part(path, text, what="tool call", role=role, name=name)


def content_parts(
    content: Any, path: str, role: str | None, what: str = "text", depth: int = 0
) -> list[Part]:
    """A message's content: a string, or a list of blocks."""
    check_depth(depth, path)
    content = unfolded(content)
    if isinstance(content, str):
        return [text_part(path, content, what=what, role=role)]
    found: list[Part] = []
    for where, given in items(content, path):
        if isinstance(given, str):
            found.append(text_part(where, given, what=what, role=role))
            continue
        found += _block(mapping(given, where), where, role, what, depth)
    return found


def _block(
    given: Mapping[str, Any], path: str, role: str | None, what: str, depth: int
) -> list[Part]:
    kind = given.get("type")
    if kind in ("text", "input_text", "output_text", "summary_text", "reasoning_text"):
        return [text_part(path, string(given.get("text"), f"{path}.text"), what=what, role=role)]
    if kind == "refusal":
        return [text_part(path, string(given.get("refusal"), f"{path}.refusal"), role=role)]
    if kind == "thinking":  # a text, or a list of blocks (Mistral and other hosts)
        return content_parts(given.get(kind), f"{path}.{kind}", role, kind, depth + 1)
    if kind in ("image_url", "video_url", "audio_url"):
        inner = mapping(given.get(kind), f"{path}.{kind}")
        url = string(inner.get("url"), f"{path}.{kind}.url")
        options = _options(inner, f"{path}.{kind}", detail=string, fps=number)
        return [media_part(path, url, modality=kind[:5], role=role, options=options)]
    if kind in ("input_image", "computer_screenshot"):
        return [_by_reference(given, path, role, "image", "image_url")]
    if kind == "input_audio":
        inner = mapping(given.get("input_audio"), f"{path}.input_audio")
        data = string(inner.get("data"), f"{path}.input_audio.data")
        media_type = AUDIO.get(str(inner.get("format")), "audio/x")
        return [media_part(path, data, modality="audio", media_type=media_type, role=role)]
    if (media := media_block(given, path, role)) is not None:
        return [media]
    if kind == "file":
        inner = mapping(given.get("file"), f"{path}.file")
        return [_by_reference(inner, path, role, "file", "file_data", "file_url")]
    if kind == "input_file":
        return [_by_reference(given, path, role, "file", "file_data", "file_url")]
    return [unknown(path, str(kind), f"multitok does not know blocks of type {kind!r}", role=role)]


def _by_reference(
    given: Mapping[str, Any], path: str, role: str | None, modality: str, *keys: str
) -> Part:
    """A picture or document by its data, its URL, or an id that only the provider can follow."""
    options = _options(given, path, detail=string)
    for key in keys:
        where = given.get(key)
        if where is None:
            continue
        # file_data may be bare base64; what it holds is told by its bytes
        bare = "application/octet-stream" if key == "file_data" else ""
        return media_part(
            path, where, modality=modality, media_type=bare, role=role, options=options
        )
    file_id = get(given, "file_id")
    if file_id is None:
        raise PayloadError(f"{path}: expected {', '.join(keys)} or file_id, got none", path=path)
    return Part(
        path=path, modality=modality, what=modality, role=role, file_id=str(file_id),
        options=options,
    )  # fmt: skip


def _options(
    given: Mapping[str, Any], path: str, **readers: Callable[[Any, str], Any]
) -> dict[str, Any]:
    """The request words that are set, each read as what it must be."""
    return {
        name: read(given[name], f"{path}.{name}")
        for name, read in readers.items()
        if given.get(name) is not None
    }


def _tools(request: Request, payload: Mapping[str, Any], prefix: str = "") -> None:
    for key in ("tools", "functions"):
        given = get(payload, key)
        if given is None:
            continue
        for path, one in items(given, f"{prefix}{key}"):
            _tool(request, mapping(one, path), path)
    choice = unfolded(get(payload, "tool_choice"))
    request.tool_choice = choice if isinstance(choice, str) else "tool" if choice else "auto"
    if isinstance(choice, Mapping):
        inner = unfolded(get(choice, "function", "custom"))
        named = get(inner if isinstance(inner, Mapping) else choice, "name")
        request.tool_name = named if isinstance(named, str) else None


def _tool(request: Request, tool: Mapping[str, Any], path: str) -> None:
    kind = tool.get("type", "function")
    if kind == "namespace":
        _namespace(request, tool, path)
    elif kind in ("function", "custom"):
        inner = get(tool, "function", "custom")
        found = mapping(inner, f"{path}.function") if inner is not None else tool
        request.parts.append(tool_part(path, found, "parameters", "format"))
        if get(found, "output_schema") is not None:
            request.leave_open(f"{path}.output_schema", "tool", "what it adds to the prompt")
    else:
        request.leave_open(path, "tool", f"what the tool {kind!r} adds to the prompt")


def _namespace(request: Request, tool: Mapping[str, Any], path: str) -> None:
    """Functions under a name of their own: each is in the prompt, and what the namespace says."""
    if get(tool, "description"):
        said = string(tool["description"], f"{path}.description")
        request.parts.append(text_part(f"{path}.description", said, what="tool definition"))
    for where, one in items(get(tool, "tools") or [], f"{path}.tools"):
        request.parts.append(tool_part(where, mapping(one, where), "parameters", "format"))


def _format(request: Request, given: Any, path: str) -> list[Part]:
    """The schema of a response format, or the class that `parse` takes in its place."""
    if isinstance(given, type):
        return [schema_part(path, given)]
    shape = mapping(given, path)
    request.any_json = shape.get("type") == "json_object"
    schema = get(shape, "json_schema", "schema")
    if schema is None:
        return []
    inner = unfolded(schema)
    name = get(shape, "name") or (inner.get("name") if isinstance(inner, Mapping) else None)
    part = schema_part(path, schema)
    said = part.given if isinstance(part.given, Mapping) and "schema" in part.given else None
    whole = said or {"schema": part.given, "description": get(shape, "description")}
    return [replace(part, name=name if isinstance(name, str) else None, given=whole)]


def _reasoning(request: Request, payload: Mapping[str, Any]) -> None:
    if get(payload, "reasoning_effort", "reasoning") is not None:
        request.left_out.append("reasoning tokens: billed as output")
    request.thinking = reasoning_of(payload)


EMBEDS = ("embed", "voyage")
"""In names of models that embed: their one text is no message."""

KEPT = "only the provider knows what it keeps under it"


def responses(payload: Mapping[str, Any]) -> Request:
    """A Responses request."""
    request = Request(provider="openai", model=get(payload, "model"), endpoint="responses")
    instructions = get(payload, "instructions")
    if instructions:  # an empty text is no message
        request.messages.append(Message("instructions", "system"))
        request.parts += content_parts(instructions, "instructions", "system", "system")
    given = unfolded(payload.get("input"))
    if isinstance(given, str) and any(word in str(request.model) for word in EMBEDS):
        texts(request, given, "input")
    elif isinstance(given, str):
        request.messages.append(Message("input", "user"))
        request.parts.append(text_part("input", given, role="user"))
    elif isinstance(given, list | tuple) and given and isinstance(given[0], str | int | list):
        texts(request, given, "input")  # texts to embed
    elif given is not None:
        for path, item in items(given, "input"):
            _item(request, mapping(item, path), path)
    _tools(request, payload)
    text = get(payload, "text")
    if text is not None and (shape := get(mapping(text, "text"), "format")) is not None:
        request.parts += _format(request, shape, "text.format")
    if get(payload, "text_format") is not None:  # responses.parse
        request.parts += _format(request, payload["text_format"], "text_format")
    hear(request, payload, RESPONSES)
    request.max_output = output_limit(payload, "max_output_tokens", "max_tokens")
    prompt = unfolded(get(payload, "prompt"))
    if isinstance(prompt, str | list | tuple):
        texts(request, prompt, "prompt")  # the older Completions
    elif prompt is not None:
        request.parts.append(unknown("prompt", "stored prompt", KEPT))
    for key in ("previous_response_id", "conversation"):
        if get(payload, key) is not None:
            request.parts.append(unknown(key, "conversation", KEPT))
    if not request.parts and not request.left_out:
        raise PayloadError("input: expected a text or a list, got nothing", path="input")
    _reasoning(request, payload)
    return request


def texts(request: Request, given: Any, path: str, depth: int = 0) -> None:
    """A text or several, without messages around them: Completions, Embeddings."""
    if isinstance(given, str):
        request.parts.append(text_part(path, given))
        return
    check_depth(depth, path)
    several = sequence(given, path)
    if all(type(one) is int for one in several):
        request.parts.append(Part(path=path, modality="text", what="token ids", ids=len(several)))
        return
    for where, one in items(several, path):
        texts(request, one, where, depth + 1)


def _item(request: Request, item: Mapping[str, Any], path: str) -> None:
    kind = item.get("type") or "message"
    if kind == "message":
        role = string(item.get("role"), f"{path}.role")
        request.messages.append(Message(path, role))
        what = "system" if role in ("system", "developer") else "text"
        request.parts += content_parts(item.get("content"), f"{path}.content", role, what)
    elif kind in ("function_call", "custom_tool_call"):
        request.messages.append(Message(path, "assistant"))
        request.parts.append(_call(request, item, path, "assistant"))
    elif kind in ("function_call_output", "custom_tool_call_output", "computer_call_output"):
        output = unfolded(item.get("output"))
        blocks = [output] if isinstance(output, Mapping) else output
        start = len(request.parts)
        request.messages.append(Message(path, "tool"))
        request.parts += content_parts(blocks, f"{path}.output", "tool", "tool result")
        _name_results(request, start, get(item, "call_id"), get(item, "name"))
    elif kind == "reasoning":
        content_parts(item.get("summary") or [], f"{path}.summary", None)  # of no turn's prompt
        if get(item, "encrypted_content") is not None:
            note = "reasoning that only the provider can read"
            request.parts.append(unknown(f"{path}.encrypted_content", "thinking", note))
    elif kind in ("mcp_list_tools", "additional_tools", "tool_search_output"):
        for where, one in items(item.get("tools") or [], f"{path}.tools"):
            tool = mapping(one, where)
            if "input_schema" in tool:  # as MCP has them
                request.parts.append(tool_part(where, tool, "input_schema"))
            else:
                _tool(request, tool, where)
        request.leave_open(path, kind, "what stands around tools that join a conversation")
    else:
        openai_items.item(request, item, path)
