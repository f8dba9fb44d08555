"""The row of a whole request: what `count_request` says of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from multitok.core.boundary import boundary
from multitok.core.errors import MultitokError
from multitok.core.info import ImageInfo
from multitok.datasets.parts import Row
from multitok.datasets.rows import Named, billed_apart, said
from multitok.datasets.units import REQUEST
from multitok.requests.whole import RequestCount, count_request


def row_of(
    named: Named, model: str | None, payload: Any, files: Sequence[str], assumed: ImageInfo | None
) -> Row:
    """The row of a request for a model, or for the one that it names."""
    try:
        with boundary("counting", "the request"):
            counted = count_request(payload, model, catalog=files, assume_image=assumed)
    except MultitokError as error:
        return Row(*named, REQUEST, model, error=said(error))
    told = counted.tokens, counted.kind, counted.most, *billed_apart(counted.by_modality("pdf"))
    shape = None, None, None, None
    images = sum(part.modality == "image" for part in counted.parts)
    asks = counted.max_output, images, _remark(counted), None
    return Row._make((*named, REQUEST, model or counted.asked, *told, *shape, *asks))


def _remark(counted: RequestCount) -> str | None:
    """The first thing that leaves a request open, or has it rejected."""
    for part in (*counted.rejected, *counted.unknown):
        return f"{part.path}: {'; '.join(part.notes)}" if part.notes else part.path
    return None
