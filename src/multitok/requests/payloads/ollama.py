"""Ollama requests in neutral parts: /api/chat and /api/generate, pictures as bare base64.

Source: ollama/ollama, docs/api.md. The schema in `format` guides the sampling and is no part of the
prompt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from multitok.requests.payloads import openai
from multitok.requests.payloads.heard import hear
from multitok.requests.payloads.parts import (
    Message,
    Part,
    Request,
    get,
    items,
    mapping,
    media_part,
    output_limit,
    string,
    text_part,
    unfolded,
)

STEERS = ("options", "format", "think", "raw", "keep_alive")
READ = ("prompt", "system", "images", *STEERS)


def read(payload: Mapping[str, Any]) -> Request:
    """A chat, or a prompt."""
    return chat(payload) if "messages" in payload else generate(payload)


def chat(payload: Mapping[str, Any]) -> Request:
    """A chat request: OpenAI's messages, with pictures beside the text."""
    rest = {key: value for key, value in payload.items() if key not in STEERS}
    messages = [
        {
            key: value
            for key, value in mapping(given, path).items()
            if key not in ("images", "thinking", "tool_name")
        }
        for path, given in items(payload.get("messages"), "messages")
    ]
    request = openai.chat({**rest, "messages": messages}, provider="ollama")
    for path, given in items(payload.get("messages"), "messages"):
        message = mapping(given, path)
        role = string(message.get("role"), f"{path}.role")
        request.parts += _pictures(message, path, role)
        if isinstance(thought := message.get("thinking"), str):
            request.parts.append(text_part(f"{path}.thinking", thought, what="thinking", role=role))
    request.max_output = _limit(payload)
    return request


def generate(payload: Mapping[str, Any]) -> Request:
    """A prompt with its system text, in the model's own template unless it is `raw`."""
    request = Request(provider="ollama", model=get(payload, "model"))
    for key, role in (("system", "system"), ("prompt", "user")):
        text = get(payload, key)
        if text:
            what = "system" if role == "system" else "text"
            request.parts.append(text_part(key, string(text, key), what=what, role=role))
            if not get(payload, "raw"):
                request.messages.append(Message(key, role))
    request.parts += _pictures(payload, "", "user")
    hear(request, payload, READ)
    request.max_output = _limit(payload)
    return request


def _pictures(given: Mapping[str, Any], path: str, role: str) -> list[Part]:
    where = f"{path}.images" if path else "images"
    return [
        media_part(
            one, picture if isinstance(picture, bytes) else string(picture, one),
            modality="image", media_type="image/x", role=role,
        )
        for one, picture in items(get(given, "images") or [], where)
    ]  # fmt: skip


def _limit(payload: Mapping[str, Any]) -> int | None:
    """`num_predict`; below 0 it is no limit."""
    options = unfolded(get(payload, "options"))
    limit = options.get("num_predict") if isinstance(options, Mapping) else None
    if isinstance(limit, int) and limit < 0:
        return None
    return output_limit({"num_predict": limit}, "num_predict")
