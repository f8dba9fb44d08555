"""Mistral requests in neutral parts: Chat Completions with shorter spellings, embeddings, and code
that is filled in between a prompt and a suffix (FIM).

`image_url` and `input_audio` may be bare strings, and documents come by `document_url`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from multitok.requests.payloads import openai
from multitok.requests.payloads.heard import hear
from multitok.requests.payloads.parts import (
    Request,
    get,
    items,
    json_text,
    mapping,
    output_limit,
    string,
    text_part,
    unfolded,
)

FIM = ("prompt", "suffix", "min_tokens", "metadata")
EMBEDDINGS = ("inputs", "output_dimension", "output_dtype")
"""Keys that are read here, or are no part of the prompt."""


def read(payload: Mapping[str, Any]) -> Request:
    """A chat, texts to embed, or code to fill in."""
    if "inputs" in payload:
        return embed(payload)
    return fim(payload) if "prompt" in payload and "messages" not in payload else chat(payload)


def fim(payload: Mapping[str, Any]) -> Request:
    """What stands before the code that is asked for, and after it."""
    request = Request(provider="mistral", model=get(payload, "model"), endpoint="fim")
    for key in ("prompt", "suffix"):
        if (said := get(payload, key)) is not None:
            request.parts.append(text_part(key, string(said, key)))
    hear(request, payload, FIM)
    request.max_output = output_limit(payload, "max_tokens")
    return request


def embed(payload: Mapping[str, Any]) -> Request:
    """Texts to embed, without messages around them."""
    request = Request(provider="mistral", model=get(payload, "model"))
    openai.texts(request, unfolded(payload["inputs"]), "inputs")
    hear(request, payload, EMBEDDINGS)
    return request


def chat(payload: Mapping[str, Any]) -> Request:
    """A chat request, rewritten to OpenAI's spelling where it is shorter."""
    messages = [_message(given, path) for path, given in items(payload.get("messages"), "messages")]
    return openai.chat({**payload, "messages": messages}, provider="mistral")


def _message(given: Any, path: str) -> Mapping[str, Any]:
    message = mapping(given, path)
    content = unfolded(message.get("content"))
    if not isinstance(content, list | tuple):
        return message
    blocks = [one for block in content for one in _blocks(unfolded(block))]
    return {**message, "content": blocks}


def _blocks(block: Any) -> list[Any]:
    """A block; of a resource its address and what it holds."""
    if isinstance(block, Mapping) and block.get("type") == "resource" and "content" in block:
        address = {"type": "text", "text": str(block.get("uri") or "")}
        return [address, _block(unfolded(block["content"]))]
    return [_block(block)]


def _block(block: Any) -> Any:
    if not isinstance(block, Mapping):
        return block
    kind = block.get("type")
    if kind == "image_url" and isinstance(block.get("image_url"), str):
        return {"type": kind, "image_url": {"url": block["image_url"]}}
    if kind == "document_url":
        return {"type": "file", "file": {"file_url": block.get("document_url")}}
    if kind == "input_audio" and isinstance(block.get("input_audio"), str):
        return {"type": kind, "input_audio": {"data": block["input_audio"]}}
    if kind == "reference":
        return {
            "type": "text",
            "text": json_text(block.get("reference_ids") or [], "reference_ids"),
        }
    if kind == "resource_link":
        return {"type": "file", "file": {"file_url": block.get("uri")}}
    if kind == "file" and isinstance(block.get("file_id"), str):
        return {"type": "file", "file": {"file_id": block["file_id"]}}
    return block
