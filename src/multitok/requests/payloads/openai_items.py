"""What a Responses request replays of earlier turns beside messages and functions: the calls of
OpenAI's own tools, and what they gave.

How they are written into the prompt is not published. Their words are counted as texts, pictures as
pictures; where the request has no words (a search's results, a compaction), it is open.
Source: the API reference of Responses (openai 3.57 types).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from multitok.requests.payloads.blocks import replayed
from multitok.requests.payloads.parts import (
    Message,
    Part,
    Request,
    get,
    items,
    mapping,
    media_part,
    unfolded,
    unknown,
)

SAID: Mapping[str, tuple[str, ...]] = {
    "file_search_call": ("queries", "results"),
    "web_search_call": ("action",),
    "computer_call": ("action", "actions"),
    "code_interpreter_call": ("code",),
    "local_shell_call": ("action",),
    "local_shell_call_output": ("output",),
    "shell_call": ("action", "environment"),
    "shell_call_output": ("output",),
    "apply_patch_call": ("operation",),
    "apply_patch_call_output": ("output",),
    "mcp_approval_request": ("server_label", "name", "arguments"),
    "mcp_approval_response": ("reason",),
    "mcp_call": ("server_label", "name", "arguments", "output", "error"),
    "image_generation_call": ("revised_prompt", "error"),
    "tool_search_call": ("arguments",),
    "program": ("code",),
    "program_output": ("result",),
}
"""The words of an item, by its type; ids, states and limits are no part of the prompt."""

UNSEEN: Mapping[str, str] = {
    "web_search_call": "what the search put into the prompt",
    "compaction": "what was said before, that only the provider can read",
    "compaction_trigger": "the compaction that it asks for, billed as a turn of its own",
    "configuration_update": "what it changes in the prompt",
    "item_reference": "only the provider knows what it keeps under it",
}
"""What is in the prompt and not in the request."""


def item(request: Request, given: Mapping[str, Any], path: str) -> None:
    """An item of the input that is neither a message nor about a function."""
    kind = str(given.get("type"))
    request.messages.append(Message(path, "assistant"))
    for key in SAID.get(kind, ()):
        if (said := get(given, key)) is not None:
            request.parts.append(replayed(f"{path}.{key}", said, "assistant"))
    request.parts += _pictures(given, path)
    if kind == "file_search_call" and get(given, "results") is None:
        request.leave_open(path, kind, "what the search put into the prompt")
    elif kind in UNSEEN:
        request.leave_open(path, kind, UNSEEN[kind])
    elif kind not in SAID:
        note = f"multitok does not know items of type {kind!r}"
        request.parts.append(unknown(path, kind, note))


def _pictures(given: Mapping[str, Any], path: str) -> Iterator[Part]:
    """What a tool drew, and what a program plotted or printed."""
    kind = given.get("type")
    if kind == "image_generation_call":
        made = get(given, "result")
        if made is None:
            note = "a picture that is not in the request"
            yield unknown(f"{path}.result", "image", note, role="assistant")
            return
        media_type = f"image/{get(given, 'output_format') or 'png'}"
        yield media_part(
            f"{path}.result", made, modality="image", media_type=media_type, role="assistant"
        )
    elif kind == "code_interpreter_call":
        for where, one in items(unfolded(given.get("outputs")) or [], f"{path}.outputs"):
            output = mapping(one, where)
            if get(output, "url") is not None:
                yield media_part(where, output["url"], modality="image", role="assistant")
            elif get(output, "logs") is not None:
                yield replayed(where, output["logs"], "assistant")
