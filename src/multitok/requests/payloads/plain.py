"""The plain conversation, `[{"role": ..., "content": ...}]`, in neutral parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from multitok.requests.payloads import openai
from multitok.requests.payloads.parts import Message, Request


def conversation(messages: Sequence[Any]) -> Request:
    """A list of messages, without a request around it: paths begin with `[0]`."""
    request = openai.chat({"messages": list(messages)}, provider="plain")
    request.parts = [replace(part, path=_bare(part.path)) for part in request.parts]
    request.messages = [Message(_bare(m.path), m.role, m.name) for m in request.messages]
    return request


def _bare(path: str) -> str:
    return path.removeprefix("messages")
