"""A request's estimates corrected by what was billed before for the same model.

What is known (exact, documented, observed) stays. The estimates of one kind are corrected together,
since a bill tells their sum and what stands around them, and each part gets its share of it: the
parts still add up. What `bound` proved of a text is no estimate, and stays too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import ceil

from multitok.requests.calibration import Calibration, Correction
from multitok.requests.counted import RequestPart

MEDIA = ("image", "audio", "video", "pdf")


def estimated(parts: Iterable[RequestPart]) -> Mapping[str, list[int]]:
    """Which parts are estimates, by what is corrected together: `text` in a request without tools,
    `tools` in one with them, since the frame of tools is another, and each modality of media."""
    listed = list(parts)
    text = "tools" if any(part.modality == "tool" for part in listed) else "text"
    found: dict[str, list[int]] = {}
    for i, part in enumerate(listed):
        if part.kind == "estimate" and part.tokens:
            found.setdefault(part.modality if part.modality in MEDIA else text, []).append(i)
    return found


def corrected(
    parts: Iterable[RequestPart], model: str, calibration: Calibration | None
) -> tuple[RequestPart, ...]:
    """The parts, with the estimates of this model as they were billed."""
    listed = list(parts)
    if calibration is None or model not in calibration.models:
        return tuple(listed)
    for name, places in estimated(listed).items():
        found = calibration.correction(model, name)
        if found is not None:
            for i, part in zip(places, _shared([listed[i] for i in places], found), strict=True):
                listed[i] = part
    return tuple(listed)


def _shared(parts: Sequence[RequestPart], found: Correction) -> list[RequestPart]:
    """Each part's share of the corrected sum. A few bills prove no upper end: none is lower than
    the estimate's own."""
    counted = sum(part.tokens or 0 for part in parts)
    whole = round(found.trend.line.at(counted))
    seen, given, shares = 0, 0, []
    for part in parts:
        seen += part.tokens or 0
        tokens = round(whole * seen / counted) - given
        given += tokens
        most = max(ceil(tokens * found.trend.high), part.most or part.tokens or 0)
        notes = (*part.notes, found.note)
        shares.append(replace(part, tokens=tokens, most=most, notes=notes, calibrated=found))
    return shares
