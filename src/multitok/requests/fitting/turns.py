"""The turns of a conversation: which messages stand or go together.

A turn begins where the user speaks and ends before the user speaks again, so that what it asked,
the tools it called, what they answered and the reasoning in between go together. Dropping the first
turns leaves a conversation that begins with the user, as Anthropic, Gemini and Bedrock demand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from multitok.requests.fitting.places import Place, place_of, put, value_at

LISTS = ("messages", "input", "contents")
SYSTEM = ("system", "developer")
IDS = ("id", "call_id", "tool_call_id", "tool_use_id", "toolUseId")
"""The names under which a call and its result say that they belong together."""
_RESULTS = ("toolResult", "functionResponse", "function_response")


@dataclass(frozen=True)
class Conversation:
    """The messages of a payload; `place` is where their list stands."""

    place: Place
    messages: list[Any]

    @classmethod
    def of(cls, payload: Any) -> Conversation:
        """The conversation of a payload; without messages where it has none."""
        if isinstance(payload, list):
            return cls((), payload)
        for name in LISTS:
            place = place_of(payload, name)
            if place is not None and isinstance(found := value_at(payload, place), list):
                return cls(place, found)
        return cls((), [])

    @cached_property
    def starts(self) -> list[int]:
        """Where turns begin: at a message of the user's that follows none of the user's."""
        speaks = [_is_users(one) for one in self.messages]
        starts = [i for i, here in enumerate(speaks) if here and not (i and speaks[i - 1])]
        said = [i for i, one in enumerate(self.messages) if _role(one) not in SYSTEM]
        if starts and said and said[0] < starts[0]:
            starts.insert(0, said[0])  # what an assistant said before the user spoke
        return starts

    @property
    def last(self) -> int:
        """Where the last turn begins: it is never dropped."""
        return self.starts[-1] if self.starts else 0

    @cached_property
    def cuts(self) -> list[int]:
        """Places before which all turns may go: no call loses its result there."""
        return [cut for cut in self.starts[1:] if not self._ids(0, cut) & self._ids(cut, None)]

    def dropped(self, cut: int) -> list[int]:
        """The messages before a cut, without the system's."""
        return [i for i in range(cut) if _role(self.messages[i]) not in SYSTEM]

    def without(self, payload: Any, cut: int) -> Any:
        """The payload from a cut on, and what the system says."""
        gone = set(self.dropped(cut))
        if not gone:
            return payload
        now = value_at(payload, self.place)
        return put(payload, self.place, [one for i, one in enumerate(now) if i not in gone])

    def message_of(self, place: Place) -> int | None:
        """The number of the message that a place stands in."""
        depth = len(self.place)
        if not self.messages or place[:depth] != self.place or len(place) <= depth:
            return None
        return int(place[depth])

    def _ids(self, start: int, end: int | None) -> set[str]:
        return {one for message in self.messages[start:end] for one in _ids_in(message)}


def _role(message: Any) -> str:
    """Who speaks; what stands there without a word on it (Gemini's bare parts) is the user's."""
    if not isinstance(message, Mapping):
        return "user"
    usual = "" if message.get("type") not in (None, "message") else "user"
    return str(message.get("role") or usual)


def _is_users(message: Any) -> bool:
    """Whether the user speaks; the answer of a tool goes with the turn that called it."""
    return _role(message) == "user" and not any(map(_is_result, _blocks(message)))


def _is_result(block: Any) -> bool:
    if not isinstance(block, Mapping):
        return False
    return block.get("type") == "tool_result" or any(block.get(key) for key in _RESULTS)


def _blocks(message: Any) -> Iterator[Any]:
    if isinstance(message, Mapping):
        yield message
        for key in ("content", "parts", "tool_calls"):
            inside = message.get(key)
            yield from inside if isinstance(inside, list) else [inside]


def _ids_in(message: Any) -> Iterator[str]:
    for block in _blocks(message):
        if isinstance(block, Mapping):
            for one in (block, *(inner for inner in block.values() if isinstance(inner, Mapping))):
                yield from (str(one[key]) for key in IDS if one.get(key))
