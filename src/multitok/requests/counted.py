"""What one part of a request costs: tokens, how they are known, what there is to say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import ceil
from typing import Any, Literal

from multitok.core.counts import Kind
from multitok.core.errors import MultitokError, RejectedError, UnexpectedError
from multitok.core.info import Info
from multitok.core.media import Text
from multitok.counting.rules import Resolved
from multitok.requests.calibration import Correction
from multitok.requests.payloads.parts import Part, compact

Unanswered = Literal["rejected", "unknown"]


@dataclass(frozen=True, slots=True)
class RequestPart:
    """One part of a request and what it costs; `tokens` is None where nobody here can tell.

    kind        how the number is known; "unknown" where there is none, or where more may come that
                nobody here can tell; "rejected" where the API would answer with an error: the
                number is then what its rule gives, and `rejected` says why and what to do
    what        for people: "image", "tool call", "framing", ...
    bytes       how large it is in the request, decoded
    info        its shape, where it has one
    most        the upper end of a stated error, where it is an estimate
    calibrated  what was billed for such parts before, where that corrected `tokens`
    sound       of its tokens, those of the sound in a clip
    error       why it could not be counted, where nobody foresaw that
    """

    path: str
    modality: str
    tokens: int | None
    kind: Kind | Unanswered
    source: str = ""
    notes: tuple[str, ...] = ()
    what: str = ""
    role: str | None = None
    checked: date | None = None
    bytes: int | None = None
    info: Info | None = None
    most: int | None = None
    sound: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    calibrated: Correction | None = None
    error: UnexpectedError | None = None
    rejected: tuple[str, ...] = ()

    def by_modality(self, *, most: bool = False) -> dict[str, int]:
        """Its known tokens by what providers bill apart, or the most that they may be: the sound of
        a clip is sound, with its share of what is uncertain."""
        known = self.tokens or 0
        tokens = known if self.most is None or not most else self.most
        sound = ceil(self.sound * tokens / known) if known else 0
        return {self.modality: tokens - sound, **({"audio": sound} if sound else {})}


def counted_by(
    part: Part, tokens: int, kind: Kind, rule: Resolved, notes: tuple[str, ...], **more: Any
) -> RequestPart:
    """A part that one rule counts."""
    factors = error_of(part, rule)
    return RequestPart(
        path=part.path,
        modality=part.modality,
        tokens=tokens,
        kind=kind,
        source=rule.source,
        notes=notes,
        what=part.what,
        role=part.role,
        checked=rule.checked,
        most=ceil(tokens * factors[1]) if factors else None,
        **more,
    )


def error_of(part: Part, rule: Resolved) -> tuple[float, float] | None:
    """What the count of a part's text may be off: the range is that of its kind of text."""
    if part.text is None and part.tool is None:
        return rule.error
    return rule.error_of(Text(part.text if part.text is not None else compact(part.tool)))


def unknown(part: Part, *notes: str | MultitokError, **more: Any) -> RequestPart:
    """A part that nobody here can count, and why."""
    return RequestPart(
        path=part.path,
        modality=part.modality,
        tokens=None,
        kind="unknown",
        notes=tuple(map(str, notes)),
        error=next((note for note in notes if isinstance(note, UnexpectedError)), None),
        rejected=tuple(str(note) for note in notes if isinstance(note, RejectedError)),
        what=part.what,
        role=part.role,
        **more,
    )
