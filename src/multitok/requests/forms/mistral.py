"""Mistral's prompts: control tokens around turns, tools and calls, as mistral-common writes them.

    <s>[SYSTEM_PROMPT]...[/SYSTEM_PROMPT][AVAILABLE_TOOLS][{...}][/AVAILABLE_TOOLS][INST]...[/INST]
    [TOOL_CALLS]weather[ARGS]{"place": "Bern"}</s>[TOOL_RESULTS]...[/TOOL_RESULTS]

What tools and calls cost is from recorded bills of 2025 and 2026: their JSON as Python writes it,
and no ids of calls.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from multitok.catalog.overhead import ControlFrame
from multitok.requests.forms.frame import Form, Framed, Written
from multitok.requests.payloads.parts import Part


class MistralForm(Form):
    """Chat."""

    @cached_property
    def control(self) -> ControlFrame:
        assert self.overhead.control is not None
        return self.overhead.control

    def written(self, part: Part) -> Written | None:
        if part.tool is not None:
            return Written(self.tokens(f"{_listed(part.tool)}, "), self.control)
        if part.what == "tool call":
            return Written(
                self.tokens(part.name or "") + self.tokens(part.text or ""), self.control
            )
        return None

    def frames(self) -> Iterator[Framed]:
        if self.request.messages:
            yield Framed("messages", "framing", self._turns(), self.control)
        if self.defined:
            tools = [part.tool for part in self.defined if part.tool is not None]
            apart = sum(self.tokens(f"{_listed(tool)}, ") for tool in tools)
            whole = self.tokens(f"[{', '.join(map(_listed, tools))}]") + self.control.tools
            yield Framed("tools", "tool framing", whole - apart, self.control)

    def _turns(self) -> int:
        """The control tokens of every turn, and of what stands in it."""
        control = self.control
        around = {
            "system": control.system, "developer": control.system, "user": control.user,
            "assistant": control.assistant, "tool": control.result,
        }  # fmt: skip
        inside = {"tool call": control.call}
        tokens = control.begin + sum(around.get(m.role, 0) for m in self.request.messages)
        tokens += sum(inside.get(part.what, 0) for part in self.request.parts)
        thought = {
            p.path.partition(".thinking")[0] for p in self.request.parts if p.what == "thinking"
        }
        return tokens + control.thinking * len(thought)


def _listed(tool: Mapping[str, Any]) -> str:
    """A tool in the list of those that there are.

    >>> _listed({"name": "f", "description": "", "parameters": {}})
    '{"type": "function", "function": {"name": "f", "description": "", "parameters": {}}}'
    """
    said = {key: tool[key] for key in ("name", "description", "parameters")}
    return json.dumps({"type": "function", "function": said}, ensure_ascii=False)
