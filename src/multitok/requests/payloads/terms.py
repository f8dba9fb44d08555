"""How a request is paid for: its tier, what it is answered in, and what of it is cached."""

from __future__ import annotations

import re
from dataclasses import dataclass

_AHEAD = {
    "tools": 0, "functions": 0, "toolConfig": 0,
    "system": 1, "systemInstruction": 1, "instructions": 1, "output_format": 1, "output_config": 1,
}  # fmt: skip
"""What stands before the messages in a prompt; they come third."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The end of what is to be cached, and for how long."""

    path: str
    lifetime: str

    def covers(self, path: str) -> bool:
        """Whether a part stands before it, or in it: in the order tools, system text, messages."""
        if not self.path:
            return True
        end = place(self.path)
        return place(path)[: len(end)] <= end


@dataclass(frozen=True, slots=True)
class Terms:
    """How a request is paid for.

    tier     standard, flex, priority, fast or batch; another word as the provider has it
    answers  the modalities that it may be answered in; () where the model's own are meant
    marks    where what is to be cached ends
    """

    tier: str = "standard"
    answers: tuple[str, ...] = ("text",)
    marks: tuple[Mark, ...] = ()

    def lifetime(self, path: str) -> str | None:
        """How long a cache keeps this part: the longest that a mark behind it asks for."""
        asked = [mark.lifetime for mark in self.marks if mark.covers(path)]
        return "1h" if "1h" in asked else asked[0] if asked else None


def place(path: str) -> tuple[int, ...]:
    """Where a path stands in the prompt: `messages[2].content[0]` is (2, 2, 0)."""
    first = re.match(r"\w*", path)
    rank = _AHEAD.get(first[0] if first else "", 2)
    return (rank, *map(int, re.findall(r"\[(\d+)\]", path)))
