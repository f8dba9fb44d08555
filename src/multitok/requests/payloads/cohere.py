"""Cohere requests in neutral parts: v2 chat, which is OpenAI's with documents, and embed.

Source: the API reference of both (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from multitok.requests.payloads import openai
from multitok.requests.payloads.heard import hear
from multitok.requests.payloads.parts import (
    Part,
    Request,
    get,
    items,
    json_text,
    mapping,
    media_part,
    string,
    text_part,
    unfolded,
)

READ = ("texts", "images", "embedding_types", "output_dimension")


def read(payload: Mapping[str, Any]) -> Request:
    """A chat, or what is to be embedded."""
    return embed(payload) if "texts" in payload else chat(payload)


def chat(payload: Mapping[str, Any]) -> Request:
    """A v2 chat request: what the model planned is its thinking, documents are texts."""
    messages = [_message(given, path) for path, given in items(payload.get("messages"), "messages")]
    rest = {key: value for key, value in payload.items() if key not in ("documents", "thinking")}
    request = openai.chat({**rest, "messages": messages}, provider="cohere")
    for path, given in items(get(payload, "documents") or [], "documents"):
        request.parts.append(text_part(path, _document(given, path), what="document"))
    return request


def _message(given: Any, path: str) -> Mapping[str, Any]:
    message = mapping(given, path)
    if isinstance(plan := message.get("tool_plan"), str):
        rest = {key: value for key, value in message.items() if key != "tool_plan"}
        message = {**rest, "reasoning": plan}
    content = unfolded(message.get("content"))
    if not isinstance(content, list | tuple):
        return message
    blocks = [_block(unfolded(block), f"{path}.content[{i}]") for i, block in enumerate(content)]
    return {**message, "content": blocks}


def _block(block: Any, path: str) -> Any:
    """A document among the blocks, as results of tools have them, is its text."""
    if isinstance(block, Mapping) and block.get("type") == "document":
        return {"type": "text", "text": _document(block.get("document"), f"{path}.document")}
    return block


def _document(given: Any, path: str) -> str:
    """A document's text: it is one, or the data of an object."""
    found = unfolded(given)
    data = unfolded(found.get("data")) if isinstance(found, Mapping) else found
    return data if isinstance(data, str) else json_text(data, path)


def embed(payload: Mapping[str, Any]) -> Request:
    """Texts and pictures to embed, each by itself."""
    request = Request(provider="cohere", model=get(payload, "model"))
    for path, given in items(get(payload, "texts") or [], "texts"):
        request.parts.append(text_part(path, string(given, path)))
    for path, given in items(get(payload, "images") or [], "images"):
        request.parts.append(_picture(given, path))
    hear(request, payload, READ)
    return request


def _picture(given: Any, path: str) -> Part:
    return media_part(path, string(given, path), modality="image")
