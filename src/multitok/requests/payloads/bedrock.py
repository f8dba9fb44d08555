"""Amazon Bedrock requests in neutral parts: Converse, and InvokeModel of Nova and Titan.

A block says what it is by its one key: {"text": ...}, {"image": {"format", "source"}}, {"toolUse"}.
The form that the words take in the prompt is the model's own, whichever endpoint brings them.
Source: the API reference of Converse (2026-11) and of the models' InvokeModel bodies.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from multitok.core.schema import parsed
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
    output_limit,
    schema_part,
    string,
    text_part,
    unfolded,
    unknown,
)
from multitok.requests.payloads.tools import tool_part

READ = ("messages", "system", "toolConfig", "inferenceConfig", "outputConfig", "modelId")
MORE = ("additionalModelRequestFields",)
STEERS = (
    "guardrailConfig", "performanceConfig", "requestMetadata", "serviceTier", "schemaVersion",
    "additionalModelResponseFieldPaths",
)  # fmt: skip
"""What is no part of the prompt."""

BLOCKS = (
    "text", "image", "document", "video", "audio", "toolUse", "toolResult", "reasoningContent",
    "cachePoint", "guardContent", "citationsContent", "searchResult",
)  # fmt: skip
GUARDED = "guardContent"
"""The option of a text that a guardrail is shown."""
TEXTS = ("txt", "md", "html", "csv")
MEDIA_TYPES = {"pdf": "application/pdf", "txt": "text/plain", "md": "text/plain"}


def read(payload: Mapping[str, Any]) -> Request:
    """What Bedrock takes, by either call."""
    return titan(payload) if "inputText" in payload else converse(payload)


def converse(payload: Mapping[str, Any]) -> Request:
    """A Converse request, or InvokeModel's body for Nova, which has the same blocks."""
    model = get(payload, "modelId", "model")
    request = Request(provider="bedrock", model=model, endpoint="converse")
    system = unfolded(get(payload, "system"))
    if isinstance(system, str):
        system = [{"text": system}]
    if system:
        request.messages.append(Message("system", "system"))
        request.parts += _content(request, system, "system", "system", "system")
    for path, given in items(payload.get("messages"), "messages"):
        message = mapping(given, path)
        role = string(message.get("role"), f"{path}.role")
        content = unfolded(message.get("content"))
        if isinstance(content, str):
            content = [{"text": content}]
        request.messages.append(Message(path, "tool" if _answers(content) else role))
        request.parts += _content(request, content, f"{path}.content", role, "text")
    if (tools := get(payload, "toolConfig")) is not None:
        _tools(request, mapping(tools, "toolConfig"))
    if (limits := get(payload, "inferenceConfig")) is not None:
        found = mapping(limits, "inferenceConfig")
        request.max_output = output_limit(found, "maxTokens", "max_new_tokens")
    _output(request, payload)
    _additional(request, payload)
    hear(request, payload, (*READ, *MORE, *STEERS))
    return request


def _answers(content: Any) -> bool:
    """Whether a turn brings results of tools alone: a turn of the user's only on the wire."""
    if not isinstance(content, list | tuple) or not content:
        return False
    blocks = [block for block in map(unfolded, content) if isinstance(block, Mapping)]
    said = [block for block in blocks if block.get("cachePoint") is None]
    return bool(said) and all(block.get("toolResult") is not None for block in said)


def _content(
    request: Request, content: Any, path: str, role: str, what: str, depth: int = 0
) -> list[Part]:
    check_depth(depth, path)
    found: list[Part] = []
    for where, given in items(content, path):
        block = mapping(given, where)
        key = next((key for key in (*BLOCKS, "json") if block.get(key) is not None), None)
        if key is None:
            names = ", ".join(sorted(map(str, block))) or "no keys"
            why = f"multitok does not know blocks with {names}"
            found.append(unknown(where, "block", why, role=role))
            continue
        read = _READERS.get(key)
        if key == "text":
            text = string(block["text"], f"{where}.text")
            found.append(text_part(where, text, what=what, role=role))
        elif key == "json":  # of a tool's result
            value = json_value(block["json"], f"{where}.json")
            found.append(
                text_part(where, json.dumps(value, ensure_ascii=False), what=what, role=role)
            )
        elif key == "cachePoint":
            continue  # no part of the prompt: see `Terms`
        elif read is not None:
            found += read(request, mapping(block[key], f"{where}.{key}"), where, role, depth)
        else:
            found.append(_media(mapping(block[key], f"{where}.{key}"), where, role, key))
    return found


def _media(given: Mapping[str, Any], path: str, role: str, kind: str) -> Part:
    """A picture, clip or sound by its bytes (base64 on the wire), or in a bucket of Amazon's."""
    format = string(given.get("format"), f"{path}.{kind}.format")
    source = mapping(given.get("source"), f"{path}.{kind}.source")
    media_type = MEDIA_TYPES.get(format, f"{kind}/{format}")
    modality = "file" if kind == "document" else kind
    if format == "pdf":
        modality = "pdf"
    if source.get("bytes") is not None:
        return media_part(
            path, source["bytes"], modality=modality, media_type=media_type, role=role
        )
    stored = source.get("s3Location")
    if stored is not None:
        uri = string(mapping(stored, f"{path}.s3Location").get("uri"), f"{path}.s3Location.uri")
        return Part(path=path, modality=modality, what=modality, role=role, url=uri)
    keys = ", ".join(sorted(map(str, source))) or "no keys"
    return unknown(path, kind, f"multitok does not know sources with {keys}", role=role)


def _document(
    request: Request, given: Mapping[str, Any], path: str, role: str, depth: int
) -> list[Part]:
    """A document with its name and context, by its bytes, a text or blocks of text."""
    found = [
        text_part(f"{path}.document.{key}", given[key], what="document", role=role)
        for key in ("name", "context")
        if isinstance(given.get(key), str)
    ]
    source = mapping(given.get("source"), f"{path}.document.source")
    if isinstance(source.get("text"), str):
        part = text_part(path, source["text"], what="document", role=role)
        return [*found, replace(part, document=True)]
    if source.get("content") is not None:
        inside = f"{path}.document.source.content"
        return found + _content(request, source["content"], inside, role, "document", depth + 1)
    part = _media(given, path, role, "document")
    return [*found, replace(part, document=part.modality == "text" or given.get("format") in TEXTS)]


def _use(
    request: Request, given: Mapping[str, Any], path: str, role: str, depth: int
) -> list[Part]:
    name = string(given.get("name"), f"{path}.toolUse.name")
    request.calls[str(given.get("toolUseId"))] = name
    if given.get("type") is not None:  # a tool that the provider runs
        request.leave_open(path, "tool", f"what the provider's tool {name!r} adds to the prompt")
    value = json_value(given.get("input") or {}, f"{path}.toolUse.input")
    return [call_part(path, name, value, role)]


def _result(
    request: Request, given: Mapping[str, Any], path: str, role: str, depth: int
) -> list[Part]:
    inside = f"{path}.toolResult.content"
    return _content(request, given.get("content") or [], inside, role, "tool result", depth + 1)


def _reasoning(
    request: Request, given: Mapping[str, Any], path: str, role: str, depth: int
) -> list[Part]:
    """Earlier thinking, as text with a signature, or such that only the provider can read."""
    said = get(given, "reasoningText")
    if said is None:
        note = "thinking that only the provider can read"
        return [unknown(path, "thinking", note, role=role)]
    text = string(mapping(said, f"{path}.reasoningText").get("text"), f"{path}.reasoningText.text")
    return [text_part(path, text, what="thinking", role=role)]


def _guarded(
    request: Request, given: Mapping[str, Any], path: str, role: str, depth: int
) -> list[Part]:
    """What a guardrail looks at: a text in an object of its own, or a picture."""
    text = get(given, "text")
    if text is None:
        return _content(request, [given], f"{path}.guardContent", role, "text", depth + 1)
    said = mapping(text, f"{path}.guardContent.text").get("text")
    what = "system" if role == "system" else "text"
    part = text_part(path, string(said, f"{path}.guardContent.text.text"), what=what, role=role)
    return [replace(part, options={GUARDED: True})]


def _cited(
    request: Request, given: Mapping[str, Any], path: str, role: str, depth: int
) -> list[Part]:
    inside = f"{path}.citationsContent.content"
    return _content(request, given.get("content") or [], inside, role, "text", depth + 1)


def _searched(
    request: Request, given: Mapping[str, Any], path: str, role: str, depth: int
) -> list[Part]:
    words = "\n".join(str(given.get(key) or "") for key in ("source", "title"))
    inside = f"{path}.searchResult.content"
    found = _content(request, given.get("content") or [], inside, role, "search result", depth + 1)
    return [text_part(path, words, what="search result", role=role), *found]


_READERS: Mapping[str, Callable[[Request, Mapping[str, Any], str, str, int], list[Part]]] = {
    "document": _document, "toolUse": _use, "toolResult": _result, "guardContent": _guarded,
    "reasoningContent": _reasoning, "citationsContent": _cited, "searchResult": _searched,
}  # fmt: skip


def _tools(request: Request, config: Mapping[str, Any]) -> None:
    for path, given in items(get(config, "tools") or [], "toolConfig.tools"):
        tool = mapping(given, path)
        spec = get(tool, "toolSpec")
        if spec is not None:
            found = mapping(spec, f"{path}.toolSpec")
            schema = mapping(get(found, "inputSchema") or {}, f"{path}.toolSpec.inputSchema")
            said = {**found, "inputSchema": schema.get("json")}
            request.parts.append(tool_part(path, said, "inputSchema"))
        elif get(tool, "cachePoint") is None:
            kind = ", ".join(sorted(map(str, tool)))
            request.leave_open(path, "tool", f"what the tool {kind!r} adds to the prompt")
    choice = mapping(get(config, "toolChoice") or {}, "toolConfig.toolChoice")
    request.tool_choice = next((str(key) for key in choice if choice[key] is not None), "auto")
    if isinstance(named := unfolded(choice.get("tool")), Mapping):
        name = named.get("name")
        request.tool_name = name if isinstance(name, str) else None


def _output(request: Request, payload: Mapping[str, Any]) -> None:
    """The schema of an answer: a text of JSON in `outputConfig.textFormat.structure`."""
    node, path = get(payload, "outputConfig"), "outputConfig"
    for key in ("textFormat", "structure", "jsonSchema", "schema"):
        if node is None:
            return
        node, path = get(mapping(node, path), key), f"{path}.{key}"
    schema = node
    if isinstance(schema, str):
        try:
            schema = parsed(schema)
        except ValueError:
            request.parts.append(text_part(path, schema, what="response format"))
            return
    if schema is not None:
        request.parts.append(schema_part(path, schema))


def _additional(request: Request, payload: Mapping[str, Any]) -> None:
    """Fields in the model's own words: how it is to think, and what nobody here knows."""
    given = get(payload, *MORE)
    if given is None:
        return
    fields = mapping(given, MORE[0])
    thinking = get(fields, "thinking", "reasoning_config", "reasoningConfig")
    if thinking is not None:
        kind = unfolded(thinking)
        kind = kind.get("type") if isinstance(kind, Mapping) else kind
        request.thinking = str(kind or "")
    if request.thinking not in ("", "disabled"):
        request.left_out.append("thinking tokens: billed as output")
    where = f"{MORE[0]}.output_config"  # an effort, and Claude's own schema
    shape = get(mapping(get(fields, "output_config") or {}, where), "format")
    if shape is not None:
        request.parts.append(schema_part(f"{where}.format", shape))
    read = ("thinking", "reasoning_config", "reasoningConfig", "inferenceConfig", "output_config")
    hear(request, fields, read, MORE[0])


def titan(payload: Mapping[str, Any]) -> Request:
    """The body that InvokeModel takes for Titan: a text to continue or to embed."""
    request = Request(provider="bedrock", model=get(payload, "modelId", "model"))
    text = string(payload.get("inputText"), "inputText")
    request.parts.append(text_part("inputText", text))
    if (config := get(payload, "textGenerationConfig")) is not None:
        found = mapping(config, "textGenerationConfig")
        request.max_output = output_limit(found, "maxTokenCount")
    hear(request, payload, ("inputText", "textGenerationConfig", "embeddingTypes", "modelId"))
    return request
