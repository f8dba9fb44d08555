"""Prompts with control tokens around turns, tools and calls: Mistral's, as mistral-common writes
them, and those of open weights by their chat templates.

    <s>[SYSTEM_PROMPT]...[/SYSTEM_PROMPT][AVAILABLE_TOOLS][{...}][/AVAILABLE_TOOLS][INST]...[/INST]
    [TOOL_CALLS]weather[ARGS]{"place": "Bern"}</s>[TOOL_RESULTS]...[/TOOL_RESULTS]
    <s>[SUFFIX]...[PREFIX]...

What tools and calls cost is from recorded bills of 2025 and 2026: their JSON as Python writes it,
and no ids of calls. A schema of the answer guides the sampling and is no part of the prompt, and a
tool that must not be called (`tool_choice` none) is not written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from multitok.catalog.overhead import ControlFrame
from multitok.requests.forms.frame import FORGOTTEN, Form, Framed, Written
from multitok.requests.payloads.parts import Part

END = "</think>"


@dataclass(frozen=True, eq=False)
class ControlForm(Form):
    """Chat."""

    control: ControlFrame

    def written(self, part: Part) -> Written | None:
        if part.tool is not None:
            tokens = self.tokens(f"{_listed(part.tool)}, ") if self._offered else 0
            return Written(tokens, self.control)
        if part.what == "response format":
            note = "not billed: a schema of the answer is no part of the prompt"
            return Written(0, self.control, notes=(note,))
        if self.control.forgets and (kept := self._without_thinking(part)) is not None:
            return Written(self.tokens(kept) if kept else 0, self.control, notes=(FORGOTTEN,))
        if part.what == "tool call":
            return Written(
                self.tokens(part.name or "") + self.tokens(part.text or ""), self.control
            )
        return None

    def frames(self) -> Iterator[Framed]:
        if self.request.messages:
            yield Framed("messages", "framing", self._turns(), self.control)
        elif (
            self.request.endpoint == "fim" and self.control.fim
        ):  # by the library: no bill shows it
            stated = replace(self.control, kind="documented", bills=None)
            yield Framed("prompt", "framing", self.control.fim, stated)
        elif prompts := sum(part.path.startswith("prompt") for part in self.request.parts):
            yield Framed("prompt", "framing", prompts * self.control.bos, self.control)
        if self.defined and self._offered:
            tools = [part.tool for part in self.defined if part.tool is not None]
            apart = sum(self.tokens(f"{_listed(tool)}, ") for tool in tools)
            whole = self.tokens(f"[{', '.join(map(_listed, tools))}]") + self.control.tools
            yield Framed("tools", "tool framing", whole - apart, self.control)

    def _without_thinking(self, part: Part) -> str | None:
        """What stays of an earlier turn's text, what follows the last </think> of the turn; None
        where it is all of it."""
        if part.what == "thinking":
            return ""
        if part.role != "assistant" or part.text is None:
            return None
        if any(END in (later.text or "") for later in self._later(part)):
            return ""
        return part.text.rpartition(END)[2].lstrip("\n") if END in part.text else None

    def _later(self, part: Part) -> Iterator[Part]:
        """The parts of the same message that follow."""
        held = next((held for held in self.inside.values() if part in held), ())
        yield from held[held.index(part) + 1 :] if held else ()

    @property
    def _offered(self) -> bool:
        return self.request.tool_choice != "none"

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
        if not any(m.role in ("system", "developer") for m in self.request.messages):
            tokens += control.unsaid
        if self.request.thinking == "disabled":
            tokens += control.unthinking
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
