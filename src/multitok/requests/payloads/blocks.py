"""Blocks that requests of several providers spell alike: media in the words of MCP and of the
libraries around the SDKs, and what a provider's own tools did in earlier turns.

    MCP           {"type": "image", "data": base64, "mimeType": "image/png"}
                  {"type": "resource", "resource": {"uri": ..., "text": ..., "mimeType": ...}}
    LangChain     {"type": "image", "base64": ..., "mime_type": "image/png"}, or "url", "file_id"
    Vercel AI SDK {"type": "image", "image": ...}, {"type": "file", "data": ..., "mediaType": ...}

Sources: the MCP schema of 2025-11-25, langchain-core 1 `messages/content.py`, `ai` 5 `ImagePart`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from multitok.requests.payloads.parts import (
    Part,
    get,
    json_text,
    media_part,
    modality_of_type,
    string,
    text_part,
    unfolded,
)

MEDIA = ("image", "audio", "video", "file", "text-plain", "resource")
"""Types of blocks that these words may stand in."""


def media_block(given: Mapping[str, Any], path: str, role: str | None) -> Part | None:
    """The part of such a block; None for a block in other words."""
    if given.get("type") not in MEDIA:
        return None
    inside = unfolded(given.get("resource"))
    words = inside if isinstance(inside, Mapping) else given
    media_type = str(get(words, "mimeType", "mime_type", "mediaType") or "")
    kind = str(given["type"])
    modality = kind if kind in ("image", "audio", "video") else modality_of_type(media_type)
    if isinstance(text := words.get("text"), str):
        return text_part(path, text, what="document", role=role)
    for key in ("data", "base64", "blob", "image"):
        if (data := words.get(key)) is not None:
            kept = media_type or "application/octet-stream"
            return media_part(path, data, modality=modality, media_type=kept, role=role)
    if isinstance(url := words.get("url"), str):
        return media_part(path, url, modality=modality, role=role)
    if (file_id := get(words, "file_id")) is not None:
        named = string(file_id, f"{path}.file_id")
        return Part(path=path, modality=modality, what=modality, role=role, file_id=named)
    return None


def replayed(path: str, given: Any, role: str | None) -> Part:
    """What a tool of the provider's own was told, or gave, in an earlier turn: a text, or JSON."""
    text = given if isinstance(given, str) else json_text(given, path)
    return text_part(path, text, what="replayed", role=role)
