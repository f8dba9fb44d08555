"""A tool as every provider has it: a name, a description, the JSON schema of its input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from multitok.core.errors import PayloadError
from multitok.requests.payloads.parts import (
    Part,
    get,
    json_value,
    mapping,
    string,
    unfolded,
    unknown,
)


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
