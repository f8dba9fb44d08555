"""What a tool definition costs: OpenAI's published sum, or the definition's own JSON.

The sum is the cookbook's (openai-cookbook, How_to_count_tokens_with_tiktoken); its numbers stand in
the catalogue. It is published for flat properties; what is nested is added as JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from multitok.catalog.overhead import ToolFrame

_IN_THE_SUM = {"type", "properties", "required", "additionalProperties", "$schema"}
"""Of a schema: what the sum has a term for, or leaves out by design. `$defs` is neither."""

_OF_A_FUNCTION = {"name", "description", "parameters"}


def json_tool_text(tool: Mapping[str, Any]) -> str:
    """A definition as compact JSON."""
    return json.dumps(tool, ensure_ascii=False, separators=(",", ":"))


def openai_tool_tokens(
    tool: Mapping[str, Any], formula: ToolFrame, tokens_of: Callable[[str], int]
) -> tuple[int, bool]:
    """Tokens of one function, and whether something nested was counted by its JSON.

    `func_end` is added once for all tools, by the caller.
    """
    total: int = formula.func_init
    total += tokens_of(f"{tool['name']}:{_bare(tool['description'])}")
    schema = tool["parameters"] if isinstance(tool["parameters"], Mapping) else {}
    beside = {key: value for key, value in schema.items() if key not in _IN_THE_SUM}
    beside |= {key: value for key, value in tool.items() if key not in _OF_A_FUNCTION}
    nested = bool(beside)
    if nested:
        total += tokens_of(json_tool_text(beside))
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or not properties:
        return total, nested
    total += formula.prop_init
    for key, value in properties.items():
        given = value if isinstance(value, Mapping) else {}
        kind, description = given.get("type", ""), _bare(str(given.get("description") or ""))
        if not isinstance(kind, str):  # several types: the sum is published for one
            nested, kind = True, json_tool_text(kind)
        total += formula.prop_key
        choices = given.get("enum")
        if isinstance(choices, list):
            total += formula.enum_init
            total += sum(formula.enum_item + tokens_of(str(item)) for item in choices)
        total += tokens_of(f"{key}:{kind}:{description}")
        inner = {k: v for k, v in given.items() if k not in ("type", "description", "enum")}
        if inner:
            nested = True
            total += tokens_of(json_tool_text(inner))
    return total, nested


def _bare(description: str) -> str:
    """Without its final dot, as the published sum takes it."""
    return description.removesuffix(".")
