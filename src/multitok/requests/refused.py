"""What of a request its API would answer with an error: each part by itself, and their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from multitok.catalog.accepts import accepts
from multitok.catalog.load import Model
from multitok.requests.counted import RequestPart


def refused(parts: Iterable[RequestPart], model: Model) -> Iterator[RequestPart]:
    """The parts, rejected where the API rejects them: as they are, as one picture too many, or as
    one too large among so many. Why comes first among the notes."""
    listed = list(parts)
    taken = accepts(model.provider, model.id, "image")
    of, number = sum(part.modality == "image" for part in listed), 0
    for part in listed:
        why = part.rejected
        if part.modality == "image" and taken is not None:
            number += 1
            why = (*why, *taken.refuses_number(number, of, part.info))
        if why:
            notes = tuple(dict.fromkeys((*why, *part.notes)))
            part = replace(part, kind="rejected", rejected=why, notes=notes)
        yield part
