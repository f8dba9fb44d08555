"""What all forms share: a request's messages with their parts, and what stands around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from multitok.catalog.overhead import ChatFrame, Overhead, Stated, TurnFrame
from multitok.core.counts import Kind
from multitok.requests.payloads.parts import Message, Part, Request

TEXTS = ("text", "system")
"""What stands in a message as it is."""


class Framed(NamedTuple):
    """Tokens that stand around the parts: where, what they are, how that is known, and of how many
    things they are the sum."""

    path: str
    what: str
    tokens: int
    stated: Stated
    times: int = 1


class Written(NamedTuple):
    """Tokens of a part in its provider's own words, how that is known, and less where `kind`."""

    tokens: int
    stated: Stated
    kind: Kind | Literal["unknown"] | None = None
    notes: tuple[str, ...] = ()


FORGOTTEN = "thinking of earlier turns is no part of the prompt"


@dataclass(frozen=True, eq=False)
class Form:
    """A request whose parts are written as they stand, as far as anybody knows; one of a provider
    has the numbers of its own frame besides. `tokens` counts a text."""

    request: Request
    overhead: Overhead
    tokens: Callable[[str], int]

    def written(self, part: Part) -> Written | None:
        """The part in its provider's own words; None for one that goes in as it stands."""
        frame = self.overhead.turns or self.overhead.chat
        if frame is not None and frame.forgets and part.what == "thinking" and self.earlier(part):
            return Written(0, frame, notes=(FORGOTTEN,))
        return None

    def frames(self) -> Iterator[Framed]:
        """What stands around the parts."""
        over = self.overhead
        if over.chat is not None and self.request.messages:
            yield Framed("messages", "framing", self.chat_frame(over.chat), over.chat)
        if over.turns is not None and self.request.messages:
            tokens, times = self.turn_frame(over.turns), len(self.request.messages)
            yield Framed("messages", "framing", tokens, over.turns, times)
        if self.defined and over.prompt is not None:
            forced = self.request.tool_choice in ("any", "tool", "required")
            tokens = over.prompt.tools_any if forced else over.prompt.tools_auto
            yield Framed("tools", "tool system prompt", tokens, over.prompt)

    def chat_frame(self, chat: ChatFrame) -> int:
        """A few tokens a message, its role and its name; and the beginning of the answer."""
        tokens = chat.reply
        for message in self.request.messages:
            tokens += chat.per_message + self.tokens(message.role)
            if message.name is not None:
                tokens += chat.per_name + self.tokens(message.name)
            if message.role == "assistant":
                tokens += chat.per_assistant
        return tokens

    def turn_frame(self, turns: TurnFrame) -> int:
        """So many tokens a turn, with a system text, and for thinking: an adaptive one is asked for
        in no words beside tools, nor by Bedrock."""
        systems = sum(message.role in ("system", "developer") for message in self.request.messages)
        said = len(self.request.messages) - systems
        system = systems or any(part.what == "system" for part in self.request.parts)
        tokens = turns.first + turns.further * max(0, said - 1) + (turns.system if system else 0)
        if self.request.messages[0].role == "assistant":
            tokens += turns.leading
        unasked = self.defined or self.request.provider == "bedrock"
        thinking = {"enabled": turns.thinking, "adaptive": 0 if unasked else turns.adaptive}
        tokens += turns.budget if self.request.budget else 0
        tokens += turns.thought * sum(part.what == "thinking" for part in self.request.parts)
        return tokens + thinking.get(self.request.thinking, 0)

    def earlier(self, part: Part) -> bool:
        """Whether a part stands before the last question: what was thought for it is over."""
        return self._place.get(part.path, len(self.request.messages)) < self._question

    @cached_property
    def _question(self) -> int:
        asked = [i for i, one in enumerate(self.request.messages) if one.role == "user"]
        return asked[-1] if asked else 0

    @cached_property
    def _place(self) -> Mapping[str, int]:
        """The message of each part, by the part's path."""
        return {
            part.path: i
            for i, message in enumerate(self.request.messages)
            for part in self.inside[message.path]
        }

    @cached_property
    def inside(self) -> Mapping[str, tuple[Part, ...]]:
        """The parts of each message, by the message's path."""
        found: dict[str, list[Part]] = {message.path: [] for message in self.request.messages}
        for part in self.request.parts:
            path = part.path.partition(".")[0]
            if path not in found:
                path = path.rpartition("[")[0]
            if path in found:
                found[path].append(part)
        return {path: tuple(parts) for path, parts in found.items()}

    def texts(self, message: Message) -> str:
        """The text of a message, its pieces as one: adjacent texts are."""
        return "".join(
            part.text
            for part in self.inside[message.path]
            if part.text is not None and part.what in TEXTS
        )

    @cached_property
    def defined(self) -> tuple[Part, ...]:
        """The definitions of tools."""
        return tuple(part for part in self.request.parts if part.tool is not None)
