"""What a Messages request replays of Anthropic's own tools, of MCP servers and of compactions.

How they are written into the prompt is not published. Their words are counted as texts; where the
request has none that can be read (a search's results, a redacted answer), it is open.
Source: the types of anthropic 2.14, beta included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from multitok.requests.payloads.blocks import replayed
from multitok.requests.payloads.parts import Part, get, items, mapping, string, unfolded, unknown
from multitok.requests.payloads.tools import tool_part

Content = Callable[[Any, str], list[Part]]
"""Reads blocks that stand inside of another."""

RESULTS = (
    "web_search_tool_result", "web_fetch_tool_result", "code_execution_tool_result",
    "bash_code_execution_tool_result", "text_editor_code_execution_tool_result",
    "tool_search_tool_result", "advisor_tool_result", "mcp_tool_result",
)  # fmt: skip

SAID = (
    "title", "url", "stdout", "stderr", "text", "lines", "tabs", "state_changes", "error_code",
    "error_message",
)  # fmt: skip
"""Words of a result; its ids, states and line numbers are no part of the prompt."""

SEALED = ("encrypted_content", "encrypted_stdout")
"""What only the provider can read."""

FREE = ("fallback",)
"""Blocks that say which model answered, and nothing to it."""

JOINS = "what stands around tools that join a conversation"
UNSEEN: Mapping[str, str] = {
    "container_upload": "the file that its container holds",
    "tool_removal": "how the prompt says that a tool is gone",
}


def block(given: Mapping[str, Any], path: str, role: str | None, inside: Content) -> list[Part]:
    """The parts of a block that is no message's own."""
    kind = str(given.get("type"))
    if kind in ("server_tool_use", "mcp_tool_use"):
        said = {key: given[key] for key in ("server_name", "name", "input") if key in given}
        return [replayed(path, said, role)]
    if kind in RESULTS:
        return _result(get(given, "content") or [], f"{path}.content", role, inside)
    if kind == "browser_state":
        return _result(given, path, role, inside)
    if kind == "compaction":
        summary = _result(given, path, role, inside)
        return [*summary, *inside(given.get("tool_changes") or [], f"{path}.tool_changes")]
    if kind == "mcp_tool_listing":
        listed = items(given.get("tools") or [], f"{path}.tools")
        tools = [tool_part(where, mapping(one, where), "input_schema") for where, one in listed]
        return [*tools, unknown(path, kind, JOINS, role=role)]
    if kind == "tool_addition":
        added = _added(mapping(given.get("tool"), f"{path}.tool"), f"{path}.tool", role)
        return [added, unknown(path, kind, JOINS, role=role)]
    if kind in FREE:
        return []
    why = UNSEEN.get(kind, f"multitok does not know blocks of type {kind!r}")
    return [unknown(path, kind, why, role=role)]


def _result(given: Any, path: str, role: str | None, inside: Content) -> list[Part]:
    """The words of a result, of one in a list, and of what it holds."""
    given = unfolded(given)
    if isinstance(given, str):
        return [replayed(path, given, role)]
    if isinstance(given, list | tuple):
        return [
            part
            for where, one in items(given, path)
            for part in _result(one, where, role, inside)
        ]  # fmt: skip
    found = mapping(given, path)
    parts = [
        replayed(f"{path}.{key}", said, role) for key in SAID if (said := get(found, key)) not in
        (None, "")
    ]  # fmt: skip
    for key in SEALED:
        if get(found, key) is not None:
            note = "what only the provider can read"
            parts.append(unknown(f"{path}.{key}", "replayed", note, role=role))
    content = unfolded(get(found, "content", "tool_references"))
    if isinstance(content, str):
        parts.append(replayed(f"{path}.content", content, role))
    elif content is not None and not _made(content):
        blocks = [content] if isinstance(content, Mapping) else content
        parts += inside(blocks, f"{path}.content")
    return parts


def _made(content: Any) -> bool:
    """Whether it lists files that a program made, which stay where they are."""
    return isinstance(content, list | tuple) and all(
        str(mapping(one, "content").get("type")).endswith("code_execution_output")
        for one in content
    )


def _added(tool: Mapping[str, Any], path: str, role: str | None) -> Part:
    """A tool that joins the prompt: by its definition, or by a name that stands elsewhere."""
    definition = unfolded(tool.get("definition"))
    if isinstance(definition, Mapping) and "input_schema" in definition:
        return tool_part(f"{path}.definition", definition, "input_schema", "input_examples")
    named = string(get(tool, "name", "server_name") or "", path)
    return unknown(path, "tool", f"what the tool {named!r} adds to the prompt", role=role)
