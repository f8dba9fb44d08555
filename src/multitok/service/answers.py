"""From the bytes of a request to the one number that a provider's endpoint answers with, and what
is to be known of it. No HTTP here: the same for every route."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from multitok.core.errors import MultitokError
from multitok.report.safe import shown
from multitok.service.refusals import Refused, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multitok.catalog.load import Evidence
    from multitok.requests.whole import RequestCount
    from multitok.service.settings import Settings

Bytes: TypeAlias = bytes | bytearray
Incomplete = Literal["refuse", "sum"]

LONGEST_NAME = 200
"""Characters of a model's name: a longer one is none, and is compared with no other."""
LONGEST_LABEL = 1000
"""Characters of a header."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is told of a request.

    tokens      the number, as the service was asked to give it
    most        the most that the request may cost
    kind        how the number is known
    model       the model that it was counted for
    complete    every part is known
    modalities  known tokens by modality
    window      the model's context window
    unknown     paths of the parts that nobody here can count
    """

    tokens: int
    most: int
    kind: str
    model: str
    asked: str
    complete: bool
    modalities: Mapping[str, int]
    window: int | None
    evidence: Evidence | None
    unknown: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def labels(self) -> list[tuple[bytes, bytes]]:
        """The same as headers, where a body has room for one number alone."""
        said = {
            b"x-multitok-model": self.model,
            b"x-multitok-kind": self.kind,
            b"x-multitok-complete": "true" if self.complete else "false",
            b"x-multitok-most": str(self.most),
            b"x-multitok-evidence": str(self.evidence or ""),
            b"x-multitok-unknown": ", ".join(self.unknown),
            b"x-multitok-left-out": "; ".join(self.left_out),
        }
        return [(name, _label(value)) for name, value in said.items() if value]


@lru_cache(maxsize=1024)  # models, kinds and evidence are the same again and again
def _label(text: str) -> bytes:
    """A header is one line of ASCII."""
    line = shown(text).encode("ascii", "backslashreplace")
    return line if len(line) <= LONGEST_LABEL else line[: LONGEST_LABEL - 3] + b"..."


def payload_of(data: Bytes) -> Any:
    """The JSON of a body; Refused (400) where it is none.

    msgspec reads a picture in base64 in a fifth of the time. What it refuses, half of a pair or a
    number without end, the standard library is asked for.
    """
    import msgspec  # tools for agents read no body, and come without it

    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return json.loads(data, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"the body is not JSON: {shown(error)}"[:300]) from None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number in JSON")


def counted(
    payload: Any, settings: Settings, *, provider: str | None = None, model: str | None = None
) -> RequestCount:
    """A request as `count_request` counts it, with what the service was started with.

    Refused where it is shaped wrong, or names what nobody knows. Nothing is opened or fetched.
    """
    from multitok.requests.whole import count_request

    named = model if model is not None else _named(payload)
    try:
        return count_request(
            payload,
            settings.model(checked_name(named)) if named is not None else None,
            provider,
            assume_image=settings.assume_image,
            catalog=settings.catalog,
            calibration=settings.calibration,
            template=settings.template,
            bound=settings.limits.text,
        )
    except MultitokError as error:
        raise refusal(error) from None


def _named(payload: Any) -> str | None:
    """The model that a request names; what it is wrapped in is looked through when it is read."""
    name = payload.get("model") if isinstance(payload, dict) else None
    return name if isinstance(name, str) and name else None


def checked_name(name: str) -> str:
    """The name of a model; Refused (404) for one that is too long for any."""
    if len(name) > LONGEST_NAME:
        raise Refused(
            404, f"a model's name has at most {LONGEST_NAME} characters, got {len(name)}", "model"
        )
    return name


def answer_of(count: RequestCount, settings: Settings, incomplete: Incomplete) -> Answer:
    """What is told of a whole request; Refused (422) where a part of it is not known, and (400)
    where the API itself would answer with an error."""
    rejected, unknown, most = count.rejected, count.unknown, count.most
    if rejected and incomplete == "refuse":
        part = rejected[0]
        raise Refused(400, f"{part.path}: {'; '.join(part.rejected)}", part.path)
    if unknown and incomplete == "refuse":
        part = unknown[0]
        why = "; ".join(part.notes) or "nobody outside can count it"
        raise Refused(
            422,
            f"{part.path}: {why}. What is known is {count.tokens:,} tokens: ?incomplete=sum, or"
            " multitok serve --incomplete sum, answers with that",
            part.path,
        )
    return Answer(
        tokens=most if settings.answer == "most" else count.tokens,
        most=most,
        kind=count.kind,
        model=count.model,
        asked=count.asked,
        complete=not unknown,
        modalities=count.by_modality("pdf"),
        window=count.context_window,
        evidence=count.evidence,
        unknown=tuple(part.path for part in unknown),
        left_out=count.left_out,
    )


def text_answer(text: str, model: str, settings: Settings) -> Answer:
    """A bare text, which stands in no chat."""
    from multitok.counting.door import count

    named = settings.model(checked_name(model))
    try:
        found = count(text, model=named, modality="text", catalog=settings.catalog)
    except MultitokError as error:
        raise refusal(error) from None
    most = found.range[1] if found.range else found.tokens
    return Answer(
        tokens=most if settings.answer == "most" else found.tokens,
        most=most,
        kind=found.kind,
        model=found.model or named,
        asked=model,
        complete=True,
        modalities={"text": found.tokens},
        window=found.context_window,
        evidence=None,
    )
