"""The mildest levels of all stages at which a request fits.

Stages are raised in their order until one of them has done enough; then that one, and those before
it, are taken back as far as it still fits. So no stage could be milder with the others as they are.
Every answer is a count of the payload itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from multitok.requests.fitting.edits import Edit
from multitok.requests.fitting.places import put
from multitok.requests.fitting.stages import Stage, Turns
from multitok.requests.fitting.turns import Conversation

Levels = tuple[int, ...]


@dataclass(frozen=True)
class Edited:
    """A payload, and the stages that may change it."""

    payload: Any
    conversation: Conversation
    stages: Sequence[Stage]

    def cut(self, levels: Levels) -> int:
        """The first message that stays."""
        pairs = zip(self.stages, levels, strict=True)
        return next((stage.cut(at) for stage, at in pairs if isinstance(stage, Turns)), 0)

    def edits(self, levels: Levels) -> list[list[Edit]]:
        """A list a stage: its edits of the messages that stay."""
        gone = set(self.conversation.dropped(self.cut(levels)))
        return [
            [
                edit
                for edit in stage.edits(at)
                if self.conversation.message_of(edit.place) not in gone
            ]
            for stage, at in zip(self.stages, levels, strict=True)
        ]

    def at(self, levels: Levels) -> Any:
        """The payload at some levels, to count by: of new pictures it has the headers alone."""
        made = edited(self.payload, (edit for edits in self.edits(levels) for edit in edits))
        return self.conversation.without(made, self.cut(levels))


def edited(payload: Any, edits: Iterable[Edit]) -> Any:
    """A payload with something else at the places of the edits."""
    for edit in edits:
        payload = put(payload, edit.place, edit.value)
    return payload


def mildest(stages: Sequence[Stage], fits: Callable[[Levels], bool]) -> Levels | None:
    """Levels that fit; None where the severest do not."""
    levels = [0] * len(stages)

    def at(i: int, level: int) -> bool:
        return fits((*levels[:i], level, *levels[i + 1 :]))

    for i, stage in enumerate(stages):
        levels[i] = stage.levels
        if fits(tuple(levels)):
            for j in range(i, -1, -1):
                levels[j] = _least(partial(at, j), levels[j])
            return tuple(levels)
    return None


def _least(fits: Callable[[int], bool], high: int) -> int:
    """A level that fits, none lower by one does; `high` is one that does."""
    low = 0
    while low < high:
        middle = (low + high) // 2
        if fits(middle):
            high = middle
        else:
            low = middle + 1
    return high
