"""Conversations as data sets keep them, made requests: turns of {role, content} or {from, value},
and the system text and the tools that stand in columns, or under keys, of their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from multitok.core.errors import MediaError, PayloadError

NAMES = (
    "messages", "conversations", "conversation", "dialog", "dialogue", "chat", "turns",
)  # fmt: skip
"""What a conversation is called."""
FIELDS = (frozenset(("role", "content")), frozenset(("from", "value")))
"""What each turn of one has."""
BESIDE = ("system", "tools")
"""What belongs to it, and stands beside it."""
_ROLES = {"human": "user", "user": "user", "gpt": "assistant", "chatgpt": "assistant",
          "assistant": "assistant", "model": "assistant", "bot": "assistant", "bing": "assistant",
          "system": "system", "function_call": "assistant", "observation": "tool", "tool": "tool",
          }  # fmt: skip
"""Who speaks in turns of {from, value}, as requests have it."""


def conversation(turns: Any, name: str, beside: Mapping[str, Any] | None = None) -> Any:
    """The request of a list of turns, or what is wrong with it.

    >>> conversation([{"from": "human", "value": "hi"}], "chat", {"system": "Be short."})
    ... # doctest: +NORMALIZE_WHITESPACE
    {'messages': [{'role': 'system', 'content': 'Be short.'}, {'role': 'user', 'content': 'hi'}]}
    """
    if not turns:
        why = "there are no messages (null)" if turns is None else "the list of messages is empty"
        return MediaError(f"{name}: {why}")
    return with_beside({"messages": [_turn(one) for one in said(turns)]}, beside or {})


def in_line(row: Mapping[str, Any]) -> Any:
    """The request of a row that keeps a conversation as data sets do; None for one that keeps none,
    or is a request as it stands."""
    for name in NAMES:
        turns = row.get(name)
        if isinstance(turns, list) and turns and all(_is_turn(one) for one in turns):
            if name == NAMES[0] and not isinstance(row.get("tools"), str):
                return None
            return conversation(turns, name, {key: row.get(key) for key in BESIDE})
    return None


def with_beside(request: Any, beside: Mapping[str, Any]) -> Any:
    """A request, or a list of messages, with what stands beside it; the error of what is none."""
    found = {"messages": request} if isinstance(request, list) else request
    if not isinstance(found, Mapping):
        return found
    system, tools = beside.get("system"), beside.get("tools")
    messages = found.get("messages")
    if isinstance(system, str) and system and isinstance(messages, list):
        first = messages[0] if messages else None
        if not (isinstance(first, Mapping) and first.get("role") == "system"):
            found = {**found, "messages": [{"role": "system", "content": system}, *messages]}
    try:
        listed = _tools(tools)
    except (ValueError, RecursionError) as error:
        return PayloadError(f"tools: not JSON: {error}", path="tools")
    return {**found, "tools": listed} if listed else found


def _tools(given: Any) -> list[Any]:
    """Definitions that are a list, or JSON of one, or a list of JSON."""
    found = json.loads(given) if isinstance(given, str) and given.strip() else given
    if isinstance(found, Mapping):
        found = [found]
    if not isinstance(found, Sequence) or isinstance(found, str | bytes):
        return []
    read = [json.loads(one) if isinstance(one, str) else said(one) for one in found]
    return [_wrapped(one) for one in read]


def _wrapped(tool: Any) -> Any:
    """A bare function as requests have it."""
    bare = isinstance(tool, Mapping) and "name" in tool and not {"type", "function"} & tool.keys()
    return {"type": "function", "function": tool} if bare else tool


def _is_turn(given: Any) -> bool:
    return isinstance(given, Mapping) and any(fields <= given.keys() for fields in FIELDS)


def _turn(turn: Any) -> Any:
    """A turn as requests have it: those of {from, value} by other words."""
    if isinstance(turn, Mapping) and "from" in turn and "role" not in turn:
        who = turn["from"]
        return {"role": _ROLES.get(str(who).lower(), who), "content": turn.get("value", "")}
    return turn


def said(value: Any) -> Any:
    """A value without what is null: a struct has all fields that any row has.

    >>> said({"role": "user", "content": [{"type": "text", "text": "a", "image": None}]})
    {'role': 'user', 'content': [{'type': 'text', 'text': 'a'}]}
    """
    if isinstance(value, Mapping):
        return {key: said(one) for key, one in value.items() if one is not None}
    return [said(one) for one in value] if isinstance(value, list) else value
