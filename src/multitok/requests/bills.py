"""Counted against billed: how far a count was from what the provider charged, and by which part.

A line of the log is a JSON object with the `request` as it was sent and the `response` (or just its
`usage`) as it came back. What differs is told by modality, where the provider bills by modality,
and what was billed for estimates can be kept in a calibration file that later counts use.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from multitok.catalog.names import VERTEX_AI, answered_at
from multitok.core.boundary import boundary
from multitok.core.errors import MultitokError, PayloadError
from multitok.core.writing import write_text
from multitok.prices.rates import Cost
from multitok.requests.calibration import NOTHING, Calibration, Correction
from multitok.requests.corrected import estimated
from multitok.requests.groups import Bill, State, holds, served_by
from multitok.requests.mocked import mocked
from multitok.requests.payloads import parse
from multitok.requests.regression import Point, trend
from multitok.requests.usage import Usage, usage_of
from multitok.requests.whole import RequestCount, count_request

KEYS = ("request", "body", "params")
TOLERANCE = 0.02
COMPACTING = "/responses/compact"
"""OpenAI's endpoint that takes what Responses takes, with a prompt of its own: 93 tokens in two
bills of gpt-4o-mini, and nobody knows of what."""

VERTEX = r"/projects/[^/]+/locations/[^/]+/publishers/google/"
"""In the path of an endpoint of Vertex AI."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One request: counted and billed, or why it could not be compared.

    provider  as the line names it; else whose format the request has
    holds     what of groups.HOLDS is in it; "" where it could not be read
    beside    what the endpoint that the line names adds to the prompt, where that is not known
    """

    line: int
    counted: RequestCount | None
    billed: Usage | None
    why: str | None = None
    provider: str = ""
    holds: str = ""
    beside: str | None = None

    @property
    def drift(self) -> float | None:
        """(billed - counted) / billed; None where one of them is not known."""
        if self.counted is None or self.billed is None or not self.billed.input:
            return None
        return (self.billed.input - self.counted.tokens) / self.billed.input

    @property
    def cost(self) -> Cost | None:
        """What was billed, at the price list of today; None where there is nothing to price."""
        if self.counted is None or self.billed is None:
            return None
        mode = self.billed.tier or self.counted.terms.tier
        return self.billed.cost(self.counted.asked, mode=mode)

    def beyond(self, tolerance: float) -> bool:
        """Whether they differ by more than this share of the bill."""
        return self.drift is not None and abs(self.drift) > tolerance

    @property
    def compared(self) -> bool:
        """Counted and billed, and nothing went wrong that nobody foresaw."""
        return self.counted is not None and self.billed is not None and not self.counted.unexpected

    def bill(self) -> Bill | None:
        """The request in numbers; None where nothing says what was billed, or that is made up."""
        if self.billed is None or not self.billed.input or mocked(self.billed, self.counted):
            return None
        if self.counted is None:
            return Bill(self.provider, self.holds, "refused", None, None, self.billed.input)
        state: State = "whole" if self.counted.complete and self.beside is None else "open"
        return Bill(
            self.provider, self.holds, state,
            self.counted.tokens, self.counted.most, self.billed.input,
        )  # fmt: skip

    def points(self) -> dict[str, Point]:
        """What was billed for the estimates of a request that was counted whole."""
        if self.counted is None or self.billed is None or self.why is not None:
            return {}
        sums = {
            part: sum(self.counted.parts[i].tokens or 0 for i in places)
            for part, places in estimated(self.counted.parts).items()
        }
        return points(sums, self.counted.by_modality("pdf"), self.billed)

    def by_modality(self) -> dict[str, tuple[int, int]]:
        """(counted, billed) by modality; one row for all where the bill has no details."""
        if self.counted is None or self.billed is None:
            return {}
        counted = self.counted.by_modality("pdf")
        if not self.billed.by_modality:
            return {"all": (self.counted.tokens, self.billed.input)}
        names = {*counted, *self.billed.by_modality}
        return {
            name: (counted.get(name, 0), self.billed.by_modality.get(name, 0))
            for name in sorted(names)
        }


def reconcile(
    lines: Iterable[str],
    *,
    model: str | None = None,
    provider: str | None = None,
    catalog: str | Sequence[str] = (),
) -> Iterator[Reconciled]:
    """Each request of a log counted, against what was billed for it.

    lines     JSON objects: {"request": ..., "response": ...}, or "usage" in place of the response;
              beside them the "model", where the request does not name it, a "provider" to group
              by, and the "endpoint", the path that it was sent to
    model     counts for this model instead of the one each request names
    provider  openai, anthropic, gemini, mistral, bedrock, cohere, ollama or plain, where the
              shape does not tell

    What goes wrong with a line is its `why`. No earlier calibration is applied: it is what is
    measured, and `calibration_of` makes one of the results.

    >>> request = '{"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}'
    >>> [found] = reconcile(['{"request": %s, "usage": {"prompt_tokens": 8}}' % request])
    >>> found.counted.tokens, found.billed.input, found.drift
    (8, 8, 0.0)
    """
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _reconciled(number, line, model, provider, catalog)


def _reconciled(
    number: int,
    line: str,
    model: str | None,
    provider: str | None,
    catalog: str | Sequence[str],
) -> Reconciled:
    counted = billed = None
    whose = held = ""
    try:
        entry = _entry(line, number)
        with boundary("reading", f"line {number}"):
            whose = str(entry.get("provider") or "")
            billed = usage_of(entry.get("response")) or usage_of(entry.get("usage"))
            request = next((entry[key] for key in KEYS if key in entry), entry)
            read = parse(request, provider)
            whose, held = whose or served_by(read), holds(request, read.parts)
            named = _named(entry)
        counted = count_request(
            request, model or named, provider,
            calibration=NOTHING, catalog=catalog, answered=True,
        )  # fmt: skip
    except MultitokError as error:
        return Reconciled(number, None, billed, str(error), whose, held)
    why = beside = None
    if str(entry.get("endpoint") or "").endswith(COMPACTING):
        why = beside = f"{COMPACTING}: what its prompt adds is not known"
    if billed is None:
        why = "no usage: a line needs 'response' or 'usage', with its numbers, beside 'request'"
    elif made_up := mocked(billed, counted):
        why = made_up
    elif not counted.complete:
        first = counted.unknown[0]
        why = f"{first.path} is unknown: {'; '.join(first.notes)}"
    return Reconciled(number, counted, billed, why, whose, held, beside)


def _entry(line: str, number: int) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"line {number}: not JSON: {error}", path=f"line {number}") from None
    if not isinstance(entry, dict):
        raise PayloadError(
            f"line {number}: expected an object, got {type(entry).__name__}", path=f"line {number}"
        )
    return entry


def _named(entry: Mapping[str, Any]) -> str | None:
    """The model of a line, under the word of Vertex AI where that is whom it was sent to."""
    named = entry.get("model")
    if not isinstance(named, str):
        return None
    at = re.search(VERTEX, str(entry.get("endpoint") or ""))
    return answered_at(VERTEX_AI, named) if at else named


def points(
    estimates: Mapping[str, int], counted: Mapping[str, int], billed: Usage
) -> dict[str, Point]:
    """What was billed for each estimate (a part of a Calibration), and for all that is known of its
    modality what was counted. Of a bill without details one estimate takes all the difference; of
    two nobody can tell.

    >>> points({"tools": 40}, {"text": 100, "image": 85}, Usage(195))
    {'tools': Point(estimated=40, billed=50, bill=195)}
    """
    detailed = sum(billed.by_modality.values()) == billed.input
    if len(estimates) > 1 and not detailed:
        return {}
    found = {}
    for part, tokens in estimates.items():
        modality = "text" if part == "tools" else part
        beyond = billed.input - sum(counted.values())
        if detailed:
            beyond = billed.by_modality.get(modality, 0) - counted.get(modality, 0)
        found[part] = Point(tokens, tokens + beyond, billed.input)
    return found


def calibration_of(found: Iterable[Reconciled], name: str) -> Calibration:
    """What was billed for the estimates of each model, where that makes its counts better; and why
    it is not kept where it does not. Only requests that were counted whole tell it.

    `name` says where it was measured; `count_request(..., calibration=...)` corrects estimates by
    it.

    >>> calibration_of([], "June").models
    {}
    """
    seen: dict[tuple[str, str], list[Point]] = {}
    for one in found:
        for part, point in one.points().items():
            model = one.counted.model if one.counted is not None else ""
            seen.setdefault((model, part), []).append(point)
    return calibrated(seen, name)


def calibrated(seen: Mapping[tuple[str, str], Sequence[Point]], name: str) -> Calibration:
    """A calibration of bills in numbers, by model and part."""
    measured = datetime.now(UTC).date().isoformat()
    models: dict[str, dict[str, Correction]] = {}
    refused: dict[str, dict[str, str]] = {}
    for (model, part), points in sorted(seen.items()):
        line = trend(points)
        if isinstance(line, str):
            refused.setdefault(model, {})[part] = line
        else:
            models.setdefault(model, {})[part] = Correction(line, name, measured)
    return Calibration(name, measured, models, refused)


def write_calibration(calibration: Calibration, path: Path) -> None:
    """The file that `--calibration`, MULTITOK_CALIBRATION and `count_request` read.

    >>> write_calibration(calibration_of([], "June"), Path("no/june.json"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    multitok.core.errors.OutputError: no/june.json: cannot be written: ...
    """
    write_text(path, json.dumps(calibration.to_dict(), indent=2) + "\n")
