"""The clips of a request whose rate of frames its own words set: Gemini's `videoMetadata`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from multitok.catalog.load import Model
from multitok.requests.fitting.places import Place, place_of, value_at
from multitok.requests.payloads.parts import Part

if TYPE_CHECKING:
    from multitok.requests.counted import RequestPart

LEAST_RATE = 0.1
"""Frames a second below which no clip goes: one in ten seconds."""


@dataclass(frozen=True)
class Clip:
    """A clip inside a payload, and where its frames a second stand."""

    path: str
    place: Place
    fps: float

    @classmethod
    def of(cls, payload: Any, part: Part, counted: RequestPart, model: Model) -> Clip | None:
        """The clip of a part of Gemini's, for a model whose row knows the word."""
        rule = model.rules.get("video")
        if counted.modality != "video" or rule is None or "fps" not in rule.options:
            return None
        place = place_of(payload, part.path)
        block = None if place is None else value_at(payload, place)
        if place is None or counted.tokens is None or not isinstance(block, Mapping):
            return None
        name = next((name for name in _NAMES if _INLINE[name] in block), None)
        if name is None:
            return None
        fps = float(counted.options.get("fps", rule.options["fps"]["default"]))
        return cls(part.path, (*place, name, "fps"), fps)


_INLINE = {"videoMetadata": "inlineData", "video_metadata": "inline_data"}
_NAMES = tuple(_INLINE)
"""Both spellings, as the block beside it is spelled."""
