"""Gemini generateContent requests in neutral parts: REST (camelCase) and google-genai (snake_case).

The SDK's own objects are accepted as they are: a Content, a Part, a string, a PIL image.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from multitok.core.errors import PayloadError
from multitok.requests.payloads.blocks import replayed
from multitok.requests.payloads.heard import hear
from multitok.requests.payloads.parts import (
    Message,
    Part,
    Request,
    call_part,
    get,
    items,
    json_value,
    mapping,
    media_part,
    modality_of_type,
    number,
    output_limit,
    schema_part,
    signature_part,
    string,
    text_part,
    unfolded,
    unknown,
)

_RESOLUTION = re.compile(r"(?:MEDIA_RESOLUTION_)?(\w+)", re.IGNORECASE)


SCHEMAS = (
    ("responseSchema", "response_schema"),
    ("responseJsonSchema", "response_json_schema"),
)
"""What an answer must be, in Google's own types or as JSON Schema: one of them."""

READ = (
    "contents", "config", "generationConfig", "generation_config", "systemInstruction",
    "system_instruction", "tools", "cachedContent", "cached_content", "content", "requests",
    "taskType", "title",
)  # fmt: skip

CONFIG = (
    "httpOptions", "systemInstruction", "tools", "cachedContent", "responseMimeType",
    "responseSchema", "responseJsonSchema", "responseModalities", "routingConfig",
    "modelSelectionConfig", "mediaResolution", "speechConfig", "thinkingConfig", "imageConfig",
    "automaticFunctionCalling", "generationOutputConfig", "stopSequences", "serviceTier",
    "modelArmorConfig", "labels", "safetySettings", "toolConfig", "taskType", "title", "mimeType",
)  # fmt: skip
"""Keys of the settings that are read here, or steer an answer."""

PART = (
    "text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode",
    "codeExecutionResult", "toolCall", "toolResponse", "thought", "thoughtSignature",
    "videoMetadata", "mediaResolution", "partMetadata", "mediaProcessing", "speechMetadata",
    "documentMetadata", "spreadsheetMetadata", "audioMetadata", "uri", "mimeType", "name",
    "displayName",
)  # fmt: skip
"""Keys of a part that are read here, or say something about it and nothing to the model."""


def _snake(names: tuple[str, ...]) -> frozenset[str]:
    """The names as REST has them, and as the SDK."""
    return frozenset((*names, *(re.sub("([A-Z])", r"_\1", name).lower() for name in names)))


_CONFIG, _PART = _snake(CONFIG), _snake(PART)


def read(payload: Mapping[str, Any]) -> Request:
    """A generateContent request, or the keywords of `client.models.generate_content`."""
    request = Request(provider="google", model=get(payload, "model"))
    config = unfolded(get(payload, "config"))
    settings: Mapping[str, Any] = config if isinstance(config, Mapping) else payload
    generation = get(payload, "generationConfig", "generation_config")
    limits = mapping(generation, "generationConfig") if generation is not None else settings
    resolution = get(limits, "mediaResolution", "media_resolution")
    if resolution is not None:
        request.options["media_resolution"] = _level(resolution, "mediaResolution")
    system = get(settings, "systemInstruction", "system_instruction")
    if system is not None:
        _contents(request, system, "systemInstruction", "system")
    if "contents" in payload:
        _contents(request, payload["contents"], "contents", "text")
    else:
        _embedded(request, payload)
    for path, tool in items(_listed(get(settings, "tools") or []), "tools"):
        _tool(request, tool, path)
    for name, other in SCHEMAS:
        if (schema := get(limits, name, other)) is not None:
            request.parts.append(schema_part(name, schema))
    request.max_output = output_limit(
        limits, "maxOutputTokens", "max_output_tokens", times=("candidateCount", "candidate_count")
    )
    if get(settings, "cachedContent", "cached_content") is not None:
        request.leave_open("cachedContent", "cache", "what the provider keeps under it")
    hear(request, payload, READ)
    for key, value in (("config", config), ("generationConfig", generation)):
        if isinstance(given := unfolded(value), Mapping):
            hear(request, given, _CONFIG, key)
    if get(limits, "thinkingConfig", "thinking_config") is not None:
        request.left_out.append("thinking tokens: billed as output")
    return request


def _embedded(request: Request, payload: Mapping[str, Any]) -> None:
    """What embedContent brings, or a batch of them: each is a content of its own."""
    if "requests" not in payload:
        _contents(request, payload.get("content"), "content", "text")
        return
    for path, given in items(payload["requests"], "requests"):
        one = mapping(given, path)
        request.model = request.model or get(one, "model")
        _contents(request, one.get("content"), f"{path}.content", "text")


def _contents(request: Request, given: Any, path: str, what: str) -> None:
    """A string, a Content, a Part, or a list of them."""
    given = unfolded(given)
    if isinstance(given, list | tuple):
        for where, one in items(given, path):
            _contents_one(request, one, where, what)
    else:
        _contents_one(request, given, path, what)


def _contents_one(request: Request, given: Any, path: str, what: str) -> None:
    given = unfolded(given)
    if isinstance(given, Mapping) and "parts" in given and given["parts"] is not None:
        role = str(getattr(given.get("role"), "value", given.get("role")) or "user")
        role = "system" if what == "system" else role
        parts = _listed(given["parts"])
        request.messages.append(Message(path, "tool" if _answers(parts) else role))
        for where, part in items(parts, f"{path}.parts"):
            request.parts += _parts(part, where, role, what)
            signed = get(_fields(part), "thoughtSignature", "thought_signature")
            if signed is not None:
                request.parts.append(signature_part(f"{where}.thoughtSignature", signed, role))
            hear(request, _fields(part), _PART, where)
        return
    if given is None:
        raise PayloadError(f"{path}: expected text, a content or a part, got nothing", path=path)
    role = "system" if what == "system" else "user"
    if not any(message.role == role for message in request.messages):
        request.messages.append(Message(path, role))  # bare parts are one content
    request.parts += _parts(given, path, role, what)


def _answers(parts: Any) -> bool:
    """Whether a content brings results of functions alone: the user's only on the wire."""
    if not isinstance(parts, list | tuple) or not parts:
        return False
    said = (get(_fields(part), "functionResponse", "function_response") for part in parts)
    return all(one is not None for one in said)


def _listed(given: Any) -> Any:
    """One object stands for a list of one, as protobuf's JSON has it."""
    found = unfolded(given)
    return [found] if isinstance(found, Mapping | str) else found


def _fields(given: Any) -> Mapping[str, Any]:
    """A part's fields; a string or a picture has none."""
    found = unfolded(given)
    return found if isinstance(found, Mapping) else {}


def _parts(given: Any, path: str, role: str, what: str) -> list[Part]:
    """The part, and the media that a function's answer brings."""
    found = [_part(given, path, role, what)]
    response = get(_fields(given), "functionResponse", "function_response")
    if response is not None:
        inside = get(mapping(response, f"{path}.functionResponse"), "parts")
        for where, one in items(inside or [], f"{path}.functionResponse.parts"):
            found.append(_part(one, where, role, "tool result"))
    return found


def _part(given: Any, path: str, role: str, what: str) -> Part:
    given = unfolded(given)
    if isinstance(given, str):
        return text_part(path, given, what=what, role=role)
    if type(given).__module__.partition(".")[0] == "PIL":
        return Part(path=path, modality="image", what="image", role=role, media=given)
    part = mapping(given, path)
    inline = get(part, "inlineData", "inline_data")
    if inline is not None:
        return _inline(mapping(inline, f"{path}.inlineData"), part, path, role)
    filed = get(part, "fileData", "file_data") or (part if "uri" in part else None)
    if filed is not None:
        return _filed(mapping(filed, f"{path}.fileData"), part, path, role)
    call = get(part, "functionCall", "function_call")
    if call is not None:
        found = mapping(call, f"{path}.functionCall")
        value = json_value(found.get("args") or {}, path)
        return call_part(path, str(found.get("name") or ""), value, role)
    response = get(part, "functionResponse", "function_response")
    if response is not None:
        found = mapping(response, f"{path}.functionResponse")
        value = json_value(found.get("response") or {}, path)
        return call_part(path, str(found.get("name") or ""), value, role, "tool result")
    for names in (("toolCall", "tool_call"), ("toolResponse", "tool_response")):
        if (used := get(part, *names)) is not None:
            found = mapping(used, f"{path}.{names[0]}")
            kept = {key: value for key, value in found.items() if key != "id"}
            return replayed(f"{path}.{names[0]}", kept, role)
    for names, key in (
        (("executableCode", "executable_code"), "code"),
        (("codeExecutionResult", "code_execution_result"), "output"),
    ):
        code = get(part, *names)
        if code is not None:
            text = str(mapping(code, path).get(key) or "")
            return replayed(path, text, role)
    if get(part, "text") is not None:
        word = "thinking" if part.get("thought") else what
        return text_part(path, string(part["text"], f"{path}.text"), what=word, role=role)
    keys = ", ".join(sorted(key for key, value in part.items() if value is not None)) or "no keys"
    return unknown(path, "part", f"multitok does not know parts with {keys}", role=role)


def _inline(inline: Mapping[str, Any], part: Mapping[str, Any], path: str, role: str) -> Part:
    media_type = string(get(inline, "mimeType", "mime_type"), f"{path}.inlineData.mimeType")
    data = inline.get("data")
    if not isinstance(data, bytes):
        data = string(data, f"{path}.inlineData.data")
    modality = modality_of_type(media_type)
    return media_part(
        path, data, modality=modality, media_type=media_type, role=role, options=_options(part)
    )


def _filed(filed: Mapping[str, Any], part: Mapping[str, Any], path: str, role: str) -> Part:
    uri = string(get(filed, "fileUri", "file_uri", "uri"), f"{path}.fileData.fileUri")
    modality = modality_of_type(str(get(filed, "mimeType", "mime_type") or ""))
    return Part(
        path=path, modality=modality, what=modality, role=role, url=uri, options=_options(part)
    )


def _options(part: Mapping[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    resolution = get(part, "mediaResolution", "media_resolution")
    if resolution is not None:
        options["media_resolution"] = _level(resolution, "mediaResolution")
    video = get(part, "videoMetadata", "video_metadata")
    if video is not None:
        found = mapping(video, "videoMetadata")
        if found.get("fps") is not None:
            options["fps"] = number(found["fps"], "videoMetadata.fps")
        for names, key in ((("startOffset", "start_offset"), "start"),
                           (("endOffset", "end_offset"), "end")):  # fmt: skip
            offset = get(found, *names)
            if offset is not None:
                options[key] = _seconds(offset, f"videoMetadata.{names[0]}")
    return options


def _seconds(value: Any, path: str) -> float:
    try:
        return float(str(value).removesuffix("s"))
    except ValueError:
        raise PayloadError(
            f"{path}: expected seconds such as '40s', got {value!r}", path=path
        ) from None


def _level(value: Any, path: str) -> str:
    """MEDIA_RESOLUTION_LOW, or {"level": ...}, or "low": the word the catalogue uses."""
    value = unfolded(value)
    if isinstance(value, Mapping):
        value = value.get("level")
    word = _RESOLUTION.fullmatch(string(value, path))
    if word is None:
        raise PayloadError(f"{path}: expected a media resolution, got {value!r}", path=path)
    return word[1].lower()


def _tool(request: Request, given: Any, path: str) -> None:
    if callable(given) and not hasattr(given, "model_dump"):
        name = getattr(given, "__name__", "function")
        note = f"the Python function {name}: its schema is made by the SDK when it is sent"
        request.parts.append(unknown(path, "tool definition", note))
        return
    tool = mapping(given, path)
    declared = get(tool, "functionDeclarations", "function_declarations")
    for where, one in items(_listed(declared or []), f"{path}.functionDeclarations"):
        request.parts.append(_declared(mapping(one, where), where))
    for key, value in tool.items():
        if value is not None and key not in ("functionDeclarations", "function_declarations"):
            request.leave_open(path, "tool", f"what the tool {key!r} adds to the prompt")


def _declared(given: Mapping[str, Any], path: str) -> Part:
    """A function's declaration; unknown where its schema is none."""
    name = string(given.get("name"), f"{path}.name")
    takes = get(given, "parameters", "parametersJsonSchema", "parameters_json_schema") or {}
    gives = get(given, "response", "responseJsonSchema", "response_json_schema")
    try:
        definition = {
            "name": name,
            "description": str(given.get("description") or ""),
            "parameters": json_value(takes, path),
        }
        if gives is not None:
            definition["response"] = json_value(gives, f"{path}.response")
    except PayloadError as error:
        return unknown(path, "tool definition", str(error))
    return Part(path=path, modality="tool", what="tool definition", tool=definition)
