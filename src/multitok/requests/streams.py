"""What a streamed answer says it was billed, read as its chunks pass to whoever iterates it.

Nothing is consumed here, held back or changed: the SDK's own stream goes on to the caller, with the
iterator that it reads from seen on the way, so that its helpers (`text_stream`,
`get_final_message`) are seen too.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

from multitok.core.boundary import boundary
from multitok.core.errors import MultitokError
from multitok.requests.payloads.parts import unfolded
from multitok.requests.usage import Usage, usage_of

Tell = Callable[[Any], None]

READ_FROM = ("_iterator", "generator")
"""What a stream reads from: openai's and anthropic's, mistralai's."""

WITHIN = ("message", "response", "chunk", "data")
"""Where in an event it is: Anthropic's first, the last of Responses, a helper's, Mistral's."""


def watched(answer: Any, tell: Tell) -> Any:
    """The answer, or what stands for its context manager; each chunk is told as it passes."""
    for name in READ_FROM:
        inner = getattr(answer, name, None)
        if isinstance(inner, Iterator | AsyncIterator):
            setattr(answer, name, _passing(inner, tell))
            return answer
    if inspect.isgenerator(answer) or inspect.isasyncgen(answer):
        return _passing(answer, tell)
    if hasattr(type(answer), "__enter__") or hasattr(type(answer), "__aenter__"):
        return Opening(answer, tell)
    return answer


def _passing(inner: Iterator[Any] | AsyncIterator[Any], tell: Tell) -> Any:
    return _passed_later(inner, tell) if isinstance(inner, AsyncIterator) else _passed(inner, tell)


def _passed(inner: Iterator[Any], tell: Tell) -> Iterator[Any]:
    for chunk in inner:
        tell(chunk)
        yield chunk


async def _passed_later(inner: AsyncIterator[Any], tell: Tell) -> AsyncIterator[Any]:
    async for chunk in inner:
        tell(chunk)
        yield chunk


class Opening:
    """A context manager that gives a stream: what it gives is watched."""

    def __init__(self, manager: Any, tell: Tell) -> None:
        self._manager = manager
        self._tell = tell

    def __getattr__(self, name: str) -> Any:
        return getattr(self._manager, name)

    def __enter__(self) -> Any:
        return watched(self._manager.__enter__(), self._tell)

    def __exit__(self, *exception: Any) -> Any:
        return self._manager.__exit__(*exception)

    async def __aenter__(self) -> Any:
        return watched(await self._manager.__aenter__(), self._tell)

    async def __aexit__(self, *exception: Any) -> Any:
        return await self._manager.__aexit__(*exception)


def reading(note: Callable[[Usage], None]) -> Tell:
    """Notes the usage that chunks tell, each time more of it is known: Anthropic tells the input
    first and the output last.

    The answer is paid for: whatever goes wrong here must not take it away.
    """
    told: dict[str, Any] = {}

    def tell(chunk: Any) -> None:
        try:
            with boundary("reading", "the answer"):
                said = _usage(chunk)
                if not said:
                    return
                told.update({key: value for key, value in said.items() if value is not None})
                if (usage := usage_of(told)) is not None:
                    note(usage)
        except MultitokError:
            pass

    return tell


def _usage(chunk: Any) -> Mapping[str, Any]:
    """The usage in a chunk, and the tier that stands beside it; nothing where it tells none."""
    for holder in (chunk, *(_field(chunk, name) for name in WITHIN)):
        for name in ("usage", "usage_metadata"):
            usage = unfolded(_field(holder, name))
            if isinstance(usage, Mapping):
                return {"service_tier": _field(holder, "service_tier"), **usage}
    return {}


def _field(given: Any, name: str) -> Any:
    return given.get(name) if isinstance(given, Mapping) else getattr(given, name, None)
