"""What is made smaller first, and what last.

ORDER goes from what loses least to what loses most. What the model has answered already is of less
use than what it is asked now, so older turns come before the last one. A smaller picture or a
shorter document still says something, so both come before a turn that is dropped. Of the last turn
a smaller picture is still whole, and a document that is cut is not.

A stage has levels from 0, nothing, to the severest; a level is a few edits of the payload.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Literal, NamedTuple, Protocol

from multitok.catalog.load import Model
from multitok.requests.counted import RequestPart
from multitok.requests.fitting.documents import LEAST_TEXT, MARK, Document, shortened
from multitok.requests.fitting.pictures import Picture
from multitok.requests.fitting.places import Place, place_of, roots, value_at
from multitok.requests.fitting.turns import Conversation
from multitok.requests.payloads.parts import Part

Kind = Literal["images", "documents", "turns"]
KINDS: tuple[Kind, ...] = ("images", "documents", "turns")
When = Literal["older", "last", "all"]
ORDER: tuple[tuple[Kind, When], ...] = (
    ("images", "older"),
    ("documents", "older"),
    ("turns", "older"),
    ("images", "last"),
    ("images", "all"),
    ("documents", "last"),
)
"""Kinds, and of which turns. The images of all turns are the resolution that a Gemini request asks
for as a whole: a word for pictures, clips and PDF alike."""
RESOLUTIONS = ("ultra_high", "high", "unspecified", "medium", "low")


class Edit(NamedTuple):
    """Something else at a place of the payload, and how that is said to people.

    value    what stands there while levels are tried
    written  makes what stands there in the end, and says what that lost; None where `value` does
    """

    place: Place
    value: Any
    path: str
    what: str
    was: str
    now: str
    written: Callable[[], tuple[Any, tuple[str, ...]]] | None = None

    def final(self) -> Edit:
        """With what stands there in the end."""
        if self.written is None:
            return self
        value, lost = self.written()
        return self._replace(value=value, now="; ".join((self.now, *lost)), written=None)


class Stage(Protocol):
    """One kind of change, in `levels` steps."""

    @property
    def levels(self) -> int: ...

    def edits(self, level: int) -> Iterator[Edit]: ...


@dataclass(frozen=True)
class Pictures:
    """Each picture at the largest size that costs no more than a limit, the same for all: the
    dearest shrink first."""

    pictures: Sequence[Picture]

    @cached_property
    def limits(self) -> list[int]:
        """Tokens of a picture, the mildest limit first."""
        found = {choice.tokens for picture in self.pictures for choice in picture.choices}
        return sorted(found, reverse=True)

    @property
    def levels(self) -> int:
        return len(self.limits)

    def edits(self, level: int) -> Iterator[Edit]:
        for picture in self.pictures if level else ():
            choice = picture.within(self.limits[level - 1])
            if choice is None:
                continue
            if choice.low and picture.detail is not None:
                words = (picture.path, "image", f"detail {picture.said}", "detail low")
                yield Edit(picture.detail, "low", *words)
                continue
            words = (picture.path, "image", str(picture.info), f"{choice.width} x {choice.height}")
            written = partial(picture.written, choice)
            yield Edit(picture.place, picture.header(choice), *words, written)


@dataclass(frozen=True)
class Documents:
    """Each document within so many characters, the same for all: the longest are cut first."""

    documents: Sequence[Document]

    @cached_property
    def longest(self) -> int:
        return max((len(one.text) for one in self.documents), default=LEAST_TEXT)

    @property
    def levels(self) -> int:
        return self.longest - LEAST_TEXT

    def edits(self, level: int) -> Iterator[Edit]:
        length = self.longest - level
        for one in self.documents:
            kept = shortened(one.text, length)
            if kept is not one.text:
                was = f"{len(one.text):,} characters"
                now = f"its first {len(kept) - len(MARK):,}"
                yield Edit(one.place, one.value(kept), one.path, one.what, was, now)


@dataclass(frozen=True)
class Resolution:
    """The word of a Gemini request for all its media, and the lower ones that the model knows."""

    place: Place
    was: str
    words: Sequence[str]

    @property
    def levels(self) -> int:
        return len(self.words)

    def edits(self, level: int) -> Iterator[Edit]:
        if level:
            word, path = self.words[level - 1], ".".join(map(str, self.place))
            value = f"MEDIA_RESOLUTION_{word.upper()}"
            yield Edit(self.place, value, path, "media", f"resolution {self.was}", word)


@dataclass(frozen=True)
class Turns:
    """The oldest turns. What goes is no edit of a place: `cut` is the first message that stays."""

    conversation: Conversation

    @property
    def levels(self) -> int:
        return len(self.conversation.cuts)

    def cut(self, level: int) -> int:
        return self.conversation.cuts[level - 1] if level else 0

    def edits(self, level: int) -> Iterator[Edit]:
        yield from ()


def stages_of(
    payload: Any,
    conversation: Conversation,
    counted: Sequence[tuple[Part, RequestPart]],
    model: Model,
    keep: Sequence[Kind],
    files: tuple[str, ...],
) -> list[Stage]:
    """The stages that have something to do, in their order."""
    image = model.rules.get("image")
    detailed = image is not None and "low" in image.options.get("detail", {})
    pictures: dict[When, list[Picture]] = {"older": [], "last": []}
    documents: dict[When, list[Document]] = {"older": [], "last": []}
    for part, count in counted:
        if part.role == "system" or part.what == "system":
            continue
        when: When = "older" if _is_older(conversation, payload, part.path) else "last"
        if picture := Picture.of(payload, part, count, model.id, files, detailed):
            pictures[when].append(picture)
        if document := Document.of(payload, part, count):
            documents[when].append(document)
    held = {count.modality for _, count in counted}
    made: dict[tuple[Kind, When], Stage] = {("turns", "older"): Turns(conversation)}
    for when in ("older", "last"):
        made["images", when] = Pictures(pictures[when])
        made["documents", when] = Documents(documents[when])
    made["images", "all"] = _resolution(payload, model, held)
    return [made[one] for one in ORDER if one[0] not in keep and made[one].levels]


def _is_older(conversation: Conversation, payload: Any, path: str) -> bool:
    """Whether a part stands in a turn before the last one."""
    place = place_of(payload, path)
    message = None if place is None else conversation.message_of(place)
    return message is not None and message < conversation.last


def _resolution(payload: Any, model: Model, held: set[str]) -> Resolution:
    """Where a Gemini request says its media resolution, or would; no words for other models."""
    rules = [model.rules[name] for name in sorted(held) if name in model.rules]
    known = {word for rule in rules for word in rule.options.get("media_resolution", {})}
    *_, root = roots(payload)
    place, said = (*root, "generationConfig", "mediaResolution"), "unspecified"
    inside = value_at(payload, root)
    for name in ("config", "generation_config", "generationConfig"):
        config = inside.get(name) if isinstance(inside, Mapping) else None
        if isinstance(config, Mapping):
            snake = name != "generationConfig" and "mediaResolution" not in config
            place = (*root, name, "media_resolution" if snake else "mediaResolution")
            said = str(config.get(place[-1]) or said).removeprefix("MEDIA_RESOLUTION_").lower()
    lower = RESOLUTIONS[RESOLUTIONS.index(said) + 1 :] if said in RESOLUTIONS else ()
    return Resolution(place, said, [word for word in lower if word in known])
