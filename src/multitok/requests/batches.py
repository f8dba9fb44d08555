"""Many requests in one file: batch files of OpenAI, Anthropic, Gemini, Mistral and Bedrock, or JSON
lines of requests.

Each request is counted for itself; one that cannot be read is an error in its place, and never the
end of the others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

from multitok.core.boundary import boundary
from multitok.core.counts import Kind, weakest
from multitok.core.errors import MultitokError, PayloadError
from multitok.requests.counted import Unanswered
from multitok.requests.payloads import enclosed
from multitok.requests.payloads.parts import get, unfolded
from multitok.requests.whole import CountWords, RequestCount, count_request

if TYPE_CHECKING:
    from multitok.prices.rates import Cost

MAX_PAYLOAD = 512 * 1024 * 1024
"""Bytes: no provider takes a larger request."""
_IDS = ("custom_id", "recordId", "key")
_LISTS = (("requests",), ("batch", "input_config", "requests", "requests"))
"""Where an object that makes a batch lists its requests: Anthropic's, Gemini's."""


class Asked(NamedTuple):
    """A request of a batch: its id, or the number of its line from 1; None where it is no JSON."""

    id: str
    payload: Any


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A request of a batch, counted; or the error that it gave."""

    id: str
    counted: RequestCount | None
    error: MultitokError | None = None


@dataclass(frozen=True, slots=True)
class BatchCount:
    """The requests of a batch in their order."""

    lines: tuple[BatchLine, ...]

    @property
    def counted(self) -> tuple[RequestCount, ...]:
        return tuple(line.counted for line in self.lines if line.counted is not None)

    @property
    def errors(self) -> tuple[BatchLine, ...]:
        return tuple(line for line in self.lines if line.error is not None)

    @property
    def tokens(self) -> int:
        """Known input tokens of all requests."""
        return sum(one.tokens for one in self.counted)

    @property
    def most(self) -> int:
        """The upper end of what the known parts of all may be."""
        return sum(one.most for one in self.counted)

    @property
    def complete(self) -> bool:
        """Whether each request was read, and counted whole."""
        return not self.errors and all(one.complete for one in self.counted)

    @property
    def kind(self) -> Kind | Unanswered:
        """The weakest of all; unknown where one is open, or could not be read."""
        kinds = [one.kind for one in self.counted]
        known = [kind for kind in kinds if kind != "rejected" and kind != "unknown"]
        if len(known) == len(self.lines):
            return weakest(known)
        return "rejected" if "rejected" in kinds else "unknown"

    def cost(self, output: int | tuple[int, int] = 0, **words: Any) -> Cost:
        """What all of them cost, `output` tokens each; the keywords of `RequestCount.cost`.

        Unknown, with the reason of the first, where it is of one.
        """
        from multitok.requests.costs import cost_of_batch

        return cost_of_batch(self, output=output, **words)

    def __int__(self) -> int:
        return self.tokens


def count_batch(
    requests: Any,
    model: str | None = None,
    provider: str | None = None,
    **words: Unpack[CountWords],
) -> BatchCount:
    """The requests of a batch, each counted as `count_request` does.

    requests  the text of a batch file, its lines (texts or objects), or the object that lists them
    model     counts for this model instead of the one each request names; the batches of Gemini,
              Mistral and Bedrock name none
    words     the keywords of `count_request`

    PayloadError where it lists no requests; what is wrong with one of them is its line's `error`.

    >>> line = {"custom_id": "a", "body": {"model": "gpt-4o", "prompt": "hello"}}
    >>> count_batch([line, line]).tokens
    2
    """
    asked = listed(requests)
    if not asked:
        raise PayloadError(
            "not a batch: expected lines with custom_id and body (OpenAI, Mistral) or params"
            " (Anthropic), key and request (Gemini), or recordId and modelInput (Bedrock)",
            path="",
        )
    return BatchCount(tuple(_counted(one, model, provider, words) for one in asked))


def _counted(asked: Asked, model: str | None, provider: str | None, words: CountWords) -> BatchLine:
    try:
        with boundary("counting", f"request {asked.id}"):
            if asked.payload is None:
                raise PayloadError("not JSON: a line of a batch is one object", path="")
            return BatchLine(asked.id, count_request(asked.payload, model, provider, **words))
    except MultitokError as error:
        return BatchLine(asked.id, None, error)


def payload_in(name: Any) -> tuple[Any, bool]:
    """What a file or stdin holds, as `batch_or_payload` has it; its errors name the file."""
    from multitok.loaders.source import source_of

    with boundary("reading", name):
        source = source_of(name)
        if source.size is not None and source.size > MAX_PAYLOAD:
            raise PayloadError(
                f"{source.name}: {source.size >> 20} MB; no provider takes a request over"
                f" {MAX_PAYLOAD >> 20} MB",
                path="",
            )
        try:
            return batch_or_payload(source.read())
        except PayloadError as error:
            raise PayloadError(f"{source.name}: {error}", path="") from None


def batch_or_payload(text: str | bytes) -> tuple[Any, bool]:
    """What the text of a file holds, as JSON or as the lines of a batch, and whether it is a batch.

    PayloadError where it is neither: of one JSON value, where it ends.
    """
    try:
        found = json.loads(text)
    except UnicodeDecodeError:
        raise PayloadError("not JSON: its bytes are no text", path="") from None
    except ValueError as error:
        lines = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        asked = listed(lines)
        if len(asked) > 1 and isinstance(asked[0].payload, Mapping):
            return lines, True
        raise PayloadError(f"not JSON: {error}", path="") from None
    except RecursionError:
        raise PayloadError("nested deeper than any request can be", path="") from None
    return found, is_batch(found)


def is_batch(payload: Any) -> bool:
    """Whether JSON lists requests: each in a line's own object, under an id or a key.

    >>> is_batch([{"custom_id": "a", "body": {"input": "hello"}}])
    True
    >>> is_batch([{"role": "user", "content": "hello"}])
    False
    """
    payload = unfolded(payload)
    within = _within(payload) if isinstance(payload, Mapping) else payload
    if not isinstance(within, list | tuple) or not within:
        return False
    return all(enclosed(unfolded(one)) is not None for one in within)


def listed(given: Any) -> list[Asked]:
    """The requests of a batch, each under its id; none where it lists none."""
    given = unfolded(given)
    if isinstance(given, Mapping):
        given = _within(given)
    elif isinstance(given, str):
        given = [line for line in given.splitlines() if line.strip()]
    if not isinstance(given, list | tuple):
        return []
    return [_asked(number, _read(one)) for number, one in enumerate(given, 1)]


def _read(line: Any) -> Any:
    """A line of a batch file as its object; None for a text that is no JSON."""
    if not isinstance(line, str | bytes):
        return unfolded(line)
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _asked(number: int, given: Any) -> Asked:
    named = name_in(given) if isinstance(given, Mapping) else None
    return Asked(str(number) if named is None else named, given)


def name_in(line: Mapping[str, Any]) -> str | None:
    """The id of a line of a batch file; None where it has none.

    >>> name_in({"custom_id": "a"}), name_in({"metadata": {"key": "b"}}), name_in({"text": "c"})
    ('a', 'b', None)
    """
    named = get(line, *_IDS)
    if named is None and "metadata" in line:
        about = unfolded(line["metadata"])
        named = get(about, *_IDS) if isinstance(about, Mapping) else None
    return None if named is None else str(named)


def _within(given: Mapping[str, Any]) -> Sequence[Any] | None:
    """The requests that an object lists."""
    for path in _LISTS:
        found: Any = given
        for key in path:
            found = unfolded(found.get(key)) if isinstance(found, Mapping) else None
        if isinstance(found, list | tuple):
            return found
    return None
