"""What would make a request cheaper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from multitok.budgets.pictures import fit_subject
from multitok.core.errors import MultitokError
from multitok.core.info import ImageInfo
from multitok.counting.subject import Subject

if TYPE_CHECKING:
    from multitok.requests.part import RequestPart
    from multitok.requests.whole import RequestCount

DEAR = 0.2
"""The share of a request from which a picture is worth a smaller size."""


STEPS = (2, 8)
"""The smaller sizes that are named: what costs at most a half and an eighth."""


def advice(count: RequestCount) -> Iterator[tuple[RequestPart, list[dict[str, int]]]]:
    """The dearest pictures of a request, and smaller sizes with what they would cost."""
    whole = count.tokens or 1
    for part in sorted(count.parts, key=lambda part: -(part.tokens or 0))[:3]:
        if not isinstance(part.info, ImageInfo) or (part.tokens or 0) < DEAR * whole:
            continue
        sizes = list(_smaller(count, part))
        if sizes:
            yield part, sizes


def _smaller(count: RequestCount, part: RequestPart) -> Iterator[dict[str, int]]:
    info = part.info
    if not isinstance(info, ImageInfo) or part.tokens is None:
        return
    try:
        found = fit_subject(Subject(info), 1, model=count.model, options=part.options)
    except MultitokError:
        return
    last = part.tokens
    for step in STEPS:
        best = next((p for p in found.breakpoints if p.tokens * step <= part.tokens), None)
        if best is not None and best.tokens < last:
            last = best.tokens
            yield {"width": best.width, "height": best.height, "tokens": best.tokens}
