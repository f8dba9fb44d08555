"""Anthropic Messages requests in neutral parts (anthropic 2.14 types, API reference)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from multitok.requests.payloads import anthropic_blocks
from multitok.requests.payloads.blocks import media_block
from multitok.requests.payloads.heard import hear
from multitok.requests.payloads.parts import (
    Message,
    Part,
    Request,
    call_part,
    check_depth,
    get,
    items,
    json_value,
    mapping,
    media_part,
    modality_of_type,
    output_limit,
    schema_part,
    string,
    text_part,
    unfolded,
    unknown,
)
from multitok.requests.payloads.told import reasoning_of
from multitok.requests.payloads.tools import tool_part

READ = ("messages", "system", "tools", "mcp_servers", "output_format", "output_config")


def read(payload: Mapping[str, Any]) -> Request:
    """A Messages request (or one for messages.count_tokens)."""
    request = Request(provider="anthropic", model=get(payload, "model"))
    system = get(payload, "system")
    if system is not None:
        request.parts += _content(system, "system", "system", "system")
    for path, given in items(payload.get("messages"), "messages"):
        message = mapping(given, path)
        role = string(message.get("role"), f"{path}.role")
        content = message.get("content")
        request.messages.append(Message(path, "tool" if _answers(content) else role))
        request.parts += _content(content, f"{path}.content", role, "text")
    _tools(request, payload)
    request.max_output = output_limit(payload, "max_tokens")
    request.thinking = reasoning_of(payload)
    thinking = get(payload, "thinking")
    if thinking is not None:
        request.thinking = str(mapping(thinking, "thinking").get("type") or "")
    if request.thinking not in ("", "disabled"):
        request.left_out.append("thinking tokens: billed as output")
    if get(payload, "mcp_servers"):
        request.leave_open("mcp_servers", "tools", "the tools they offer")
    hear(request, payload, READ)
    for key in ("output_format", "output_config"):
        shape = get(payload, key)
        if isinstance(unfolded(shape), Mapping) and get(mapping(shape, key), "task_budget"):
            request.budget = True
        if not isinstance(shape, type) and shape is not None:
            shape = get(mapping(shape, key), "schema", "format")
        if shape is not None:
            request.parts.append(schema_part(key, shape))
    return request


def _answers(content: Any) -> bool:
    """Whether a turn brings results of tools alone: a turn of the user's only on the wire."""
    found = unfolded(content)
    blocks = [unfolded(one) for one in found] if isinstance(found, list | tuple) else []
    return bool(blocks) and all(
        isinstance(block, Mapping) and block.get("type") == "tool_result" for block in blocks
    )


def _tools(request: Request, payload: Mapping[str, Any]) -> None:
    for path, given in items(get(payload, "tools") or [], "tools"):
        tool = mapping(given, path)
        if "input_schema" in tool:
            part = tool_part(path, tool, "input_schema", "input_examples")
            deferred = {"defer_loading": True} if tool.get("defer_loading") is True else {}
            request.parts.append(replace(part, options=deferred))
        else:
            kind = tool.get("type")
            why = f"what the server tool {kind!r} adds to the prompt"
            request.leave_open(path, "tool", why)
    choice = get(payload, "tool_choice")
    if choice is not None:
        given = mapping(choice, "tool_choice")
        request.tool_choice = string(given.get("type"), "tool_choice.type")
        named = given.get("name")
        request.tool_name = named if isinstance(named, str) else None


def _content(content: Any, path: str, role: str | None, what: str, depth: int = 0) -> list[Part]:
    check_depth(depth, path)
    content = unfolded(content)
    if isinstance(content, str):
        return [text_part(path, content, what=what, role=role)]
    found: list[Part] = []
    for where, given in items(content, path):
        found += _block(mapping(given, where), where, role, what, depth)
    return found


def _block(
    given: Mapping[str, Any], path: str, role: str | None, what: str, depth: int
) -> list[Part]:
    kind = given.get("type")
    if kind == "text":
        return [text_part(path, string(given.get("text"), f"{path}.text"), what=what, role=role)]
    if "source" not in given and (media := media_block(given, path, role)) is not None:
        return [media]
    if kind in ("image", "document"):
        return _source(given, path, role, kind, depth)
    if kind == "tool_use":
        name = string(given.get("name"), f"{path}.name")
        value = json_value(given.get("input") or {}, f"{path}.input")
        return [call_part(path, name, value, role)]
    if kind == "tool_result":
        content = get(given, "content")
        if content is None:
            return []
        return _content(content, f"{path}.content", role, "tool result", depth + 1)
    if kind == "thinking":
        text = string(given.get("thinking"), f"{path}.thinking")
        return [text_part(path, text, what="thinking", role=role)]
    if kind == "redacted_thinking":
        return [unknown(path, "thinking", "thinking that only the provider can read", role=role)]
    if kind == "search_result":
        words = [str(given.get(key) or "") for key in ("source", "title")]
        head = text_part(path, "\n".join(words), what="search result", role=role)
        content = given.get("content") or []
        return [head, *_content(content, f"{path}.content", role, "search result", depth + 1)]
    if kind == "tool_reference":
        name = string(given.get("tool_name"), f"{path}.tool_name")
        return [text_part(path, "", what="tool reference", role=role, name=name)]
    return anthropic_blocks.block(
        given,
        path,
        role,
        lambda inner, where: _content(inner, where, role, "tool result", depth + 1),
    )


def _source(
    given: Mapping[str, Any], path: str, role: str | None, kind: str, depth: int
) -> list[Part]:
    """A picture or document by its source, with the title and context of a document."""
    where = f"{path}.source"
    source = mapping(given.get("source"), where)
    way = source.get("type")
    found: list[Part] = []
    for key in ("title", "context"):
        if kind == "document" and isinstance(given.get(key), str):
            found.append(text_part(f"{path}.{key}", given[key], what="document", role=role))
    modality = "image" if kind == "image" else "file"
    if way == "base64":
        media_type = string(source.get("media_type"), f"{where}.media_type")
        data = source.get("data")
        if not isinstance(data, bytes):
            data = string(data, f"{where}.data")
        known = modality_of_type(media_type) if kind == "document" else modality
        part = media_part(path, data, modality=known, media_type=media_type, role=role)
    elif way == "text":
        text = string(source.get("data"), f"{where}.data")
        part = replace(text_part(path, text, what="document", role=role), document=True)
    elif way == "content":
        return found + _content(source.get("content"), f"{where}.content", role, kind, depth + 1)
    elif way == "url":
        url = string(source.get("url"), f"{where}.url")
        part = Part(path=path, modality=modality, what=kind, role=role, url=url)
    elif way == "file":
        file_id = string(source.get("file_id"), f"{where}.file_id")
        part = Part(path=path, modality=modality, what=kind, role=role, file_id=file_id)
    else:
        note = f"multitok does not know sources of type {way!r}"
        part = unknown(path, kind, note, role=role)
    return [*found, part]
