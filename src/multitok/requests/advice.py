"""What would make a request cheaper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from multitok.budgets.pictures import fit_picture
from multitok.core.errors import MultitokError
from multitok.core.info import ImageInfo
from multitok.counting.rules import files_of
from multitok.counting.subject import Subject

if TYPE_CHECKING:
    from multitok.requests.counted import RequestPart
    from multitok.requests.whole import RequestCount

DEAR = 0.2
"""The share of a request from which a picture is worth a smaller size."""
LOOKED_AT = 3
"""The dearest parts of a request: of the others a smaller size saves little."""
STEPS = (2, 8)
"""The smaller sizes that are named: what costs at most a half and an eighth."""


class Size(NamedTuple):
    """A smaller size of a picture, in pixels, and the tokens it would cost."""

    width: int
    height: int
    tokens: int


class Advice(NamedTuple):
    """A dear part of a request, and what it could be instead."""

    part: RequestPart
    sizes: tuple[Size, ...]


def advice(count: RequestCount, *, catalog: str | Sequence[str] = ()) -> list[Advice]:
    """The dearest pictures of a request, the dearest first, and smaller sizes of them; `catalog` as
    it was counted with."""
    files = files_of(catalog)
    dearest = sorted(count.parts, key=lambda part: -(part.tokens or 0))[:LOOKED_AT]
    found = [Advice(part, tuple(_smaller(count, part, files))) for part in dearest]
    return [one for one in found if one.sizes]


def _smaller(count: RequestCount, part: RequestPart, files: tuple[str, ...]) -> Iterator[Size]:
    tokens = part.tokens or 0
    if not isinstance(part.info, ImageInfo) or tokens < DEAR * (count.tokens or 1):
        return
    try:
        found = fit_picture(
            Subject(part.info), 1, model=count.model, options=part.options, files=files
        )
    except MultitokError:
        return
    last = tokens
    for step in STEPS:
        best = next((p for p in found.breakpoints if p.tokens * step <= tokens), None)
        if best is not None and best.tokens < last:
            last = best.tokens
            yield Size(best.width, best.height, best.tokens)
