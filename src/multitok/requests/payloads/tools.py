"""A tool as every provider has it: a name, a description, the JSON schema of its input; and a list
of tools alone, as an MCP server answers `tools/list`, or the lists of several servers under their
names: what they add to each request that has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from multitok.core.errors import PayloadError
from multitok.requests.payloads.parts import (
    Part,
    Request,
    get,
    is_object,
    items,
    json_value,
    mapping,
    string,
    unfolded,
    unknown,
)

SCHEMAS = ("inputSchema", "input_schema", "parameters")
"""Where a tool has the schema of its input: MCP's, Anthropic's, OpenAI's and Gemini's."""
_OF_REQUESTS = {"messages", "input", "contents"}


def is_tool_list(given: Any) -> bool:
    """Whether a list holds definitions of tools, of any provider's shape, and nothing else."""
    found = unfolded(given)
    if not isinstance(found, list | tuple) or not found:
        return False
    return all(_definition(one) is not None for one in found)


def _definition(given: Any) -> Mapping[str, Any] | None:
    """The mapping that has a tool's name and schema; None for what is no tool."""
    tool = unfolded(given)
    if not is_object(tool):
        return None
    inner = unfolded(tool.get("function"))
    tool = inner if is_object(inner) else tool
    named = isinstance(tool.get("name"), str) and "role" not in tool
    return tool if named and any(key in tool for key in (*SCHEMAS, "description")) else None


def answered(given: Any) -> Any:
    """The result of an answer in JSON-RPC; anything else as it is.

    >>> answered({"jsonrpc": "2.0", "id": 1, "result": {"tools": []}})
    {'tools': []}
    """
    if is_object(given) and "jsonrpc" in given:
        result = unfolded(given.get("result"))
        return result if is_object(result) else given
    return given


def servers_in(given: Any) -> dict[str, Any]:
    """What each server answers to `tools/list`, by its name; empty for what is anything else.

    >>> servers_in({"clock": {"tools": [{"name": "now", "inputSchema": {}}]}})
    {'clock': [{'name': 'now', 'inputSchema': {}}]}
    """
    found: dict[str, Any] = {}
    for name, answer in given.items() if is_object(given) else ():
        result = answered(unfolded(answer))
        if not is_object(result) or not _OF_REQUESTS.isdisjoint(result):
            return {}
        tools = unfolded(result.get("tools"))
        if not isinstance(tools, list | tuple) or (tools and not is_tool_list(tools)):
            return {}
        found[str(name)] = tools
    return found if any(found.values()) else {}


def read(payload: Mapping[str, Any]) -> Request:
    """The tools alone. A host sends a model their name, description and schema: their titles,
    annotations and the schema of what they give are not in the prompt."""
    request = Request(provider="tools", endpoint="chat")
    servers = servers_in(payload)
    if not servers:
        request.model = get(payload, "model")
    lists = servers or {"": payload.get("tools")}
    for server, tools in lists.items():
        for path, given in items(tools, f"{server}.tools" if servers else "tools"):
            tool = _definition(given) or mapping(given, path)
            schema = next((key for key in SCHEMAS if key in tool), SCHEMAS[0])
            request.parts.append(tool_part(path, tool, schema))
    return request


def tool_part(path: str, given: Mapping[str, Any], schema: str, *more: str) -> Part:
    """A tool definition: name, description, the JSON schema of its input, and `more` it may say;
    unknown where one of them is no schema: the rest of the request is counted."""
    name = string(given.get("name"), f"{path}.name")
    try:
        rest = {
            "parameters": json_schema(get(given, schema), f"{path}.{schema}"),
            **{key: json_value(given[key], f"{path}.{key}") for key in more if given.get(key)},
        }
    except PayloadError as error:
        return unknown(path, "tool definition", str(error))
    definition = {"name": name, "description": str(get(given, "description") or ""), **rest}
    return Part(path=path, modality="tool", what="tool definition", tool=definition)


def json_schema(given: Any, path: str) -> Any:
    """A schema as JSON; PayloadError where it or its properties are no objects."""
    found = unfolded(given)
    if found is None:
        return {}
    schema = json_value(mapping(found, path), path)
    properties = schema.get("properties")
    if properties is not None:
        for name, one in mapping(properties, f"{path}.properties").items():
            if not isinstance(one, bool):
                mapping(one, f"{path}.properties.{name}")
    return schema
