"""What of a request is made smaller first, and what last.

ORDER goes from what loses least to what loses most. What the model has answered already is of less
use than what it is asked now, so older turns come before the last one. A smaller picture or a
shorter document still says something, so both come before a turn that is dropped. Of the last turn
a smaller picture is still whole, and what is cut off a document is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from multitok.catalog.load import Model
from multitok.requests.counted import RequestPart
from multitok.requests.fitting.clips import Clip
from multitok.requests.fitting.documents import Document
from multitok.requests.fitting.pdfs import PdfFile
from multitok.requests.fitting.pictures import Picture
from multitok.requests.fitting.places import Place, place_of, roots, value_at
from multitok.requests.fitting.stages import (
    Pages,
    Pictures,
    Rates,
    Resolution,
    Stage,
    Texts,
    Turns,
)
from multitok.requests.fitting.turns import SYSTEM, Conversation
from multitok.requests.payloads.parts import Part

Kind = Literal["images", "clips", "documents", "turns"]
KINDS: tuple[Kind, ...] = ("images", "clips", "documents", "turns")
ORDER = (
    "pictures of older turns",
    "clips of older turns",
    "PDF of older turns",
    "texts of older turns",
    "older turns",
    "pictures of the last turn",
    "resolution of all",
    "clips of the last turn",
    "PDF of the last turn",
    "texts of the last turn",
)
"""The stages; the resolution is a word of a Gemini request for pictures, clips and PDF alike."""
KEPT_BY: Mapping[str, Sequence[Kind]] = {
    "pictures": ("images",), "resolution": ("images", "clips"), "clips": ("clips",),
    "PDF": ("documents",), "texts": ("documents",), "older": ("turns",),
}  # fmt: skip
"""What a caller keeps, by the first word of a stage."""
RESOLUTIONS = ("ultra_high", "high", "unspecified", "medium", "low")


def stages_of(
    payload: Any,
    conversation: Conversation,
    counted: Sequence[tuple[Part, RequestPart]],
    model: Model,
    provider: str,
    keep: Sequence[Kind],
    files: tuple[str, ...],
) -> list[Stage]:
    """The stages that have something to do, in their order."""
    made: dict[str, Stage] = {"older turns": Turns(conversation)}
    said: dict[str, list[tuple[Part, RequestPart]]] = {"older turns": [], "the last turn": []}
    for part, count in counted:
        if part.role not in SYSTEM and part.what != "system":
            older = _is_older(conversation, payload, part.path)
            said["older turns" if older else "the last turn"].append((part, count))
    for turns, parts in said.items():
        pictures = (Picture.of(payload, part, count, model, files) for part, count in parts)
        clips = (Clip.of(payload, part, count, model) for part, count in parts)
        pdfs = (PdfFile.of(payload, part, count) for part, count in parts)
        texts = (Document.of(payload, part, count) for part, count in parts)
        made[f"pictures of {turns}"] = Pictures([one for one in pictures if one])
        made[f"clips of {turns}"] = Rates([one for one in clips if one])
        made[f"PDF of {turns}"] = Pages([one for one in pdfs if one])
        made[f"texts of {turns}"] = Texts([one for one in texts if one])
    if provider == "google":
        held = {count.modality for _, count in counted}
        made["resolution of all"] = _resolution(payload, model, held)
    found = [made[name] for name in ORDER if name in made and not _kept(name, keep)]
    return [stage for stage in found if stage.levels]


def _kept(name: str, keep: Sequence[Kind]) -> bool:
    return any(kind in keep for kind in KEPT_BY[name.partition(" ")[0]])


def _is_older(conversation: Conversation, payload: Any, path: str) -> bool:
    """Whether a part stands in a turn before the last one."""
    place = place_of(payload, path)
    message = None if place is None else conversation.message_of(place)
    return message is not None and message < conversation.last


def _resolution(payload: Any, model: Model, held: set[str]) -> Resolution:
    """Where a Gemini request says its media resolution, or would; no words where it is a bare list
    of contents."""
    rules = [model.rules[name] for name in sorted(held) if name in model.rules]
    known = {word for rule in rules for word in rule.options.get("media_resolution", {})}
    *_, root = roots(payload)
    place: Place = (*root, "generationConfig", "mediaResolution")
    said = "unspecified"
    inside = value_at(payload, root)
    for name in ("config", "generation_config", "generationConfig"):
        config = inside.get(name) if isinstance(inside, Mapping) else None
        if isinstance(config, Mapping):
            snake = name != "generationConfig" and "mediaResolution" not in config
            place = (*root, name, "media_resolution" if snake else "mediaResolution")
            said = str(config.get(place[-1]) or said).removeprefix("MEDIA_RESOLUTION_").lower()
    heard = isinstance(inside, Mapping) and said in RESOLUTIONS
    lower = RESOLUTIONS[RESOLUTIONS.index(said) + 1 :] if heard else ()
    return Resolution(place, said, [word for word in lower if word in known])
