"""An item counted: a row for each model, or a row that says why not."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from multitok.core.boundary import boundary
from multitok.core.errors import MultitokError, UnknownRuleError
from multitok.core.info import AudioInfo, ImageInfo, Info, VideoInfo
from multitok.counting.loops import KEPT, SourceCounter
from multitok.counting.refusals import Held, Strictest, held_against
from multitok.counting.rules import modalities_of, own_options
from multitok.counting.subject import Subject, has_columns, subject_of
from multitok.datasets.asked import Asked
from multitok.datasets.parts import Row
from multitok.datasets.units import REQUEST, Item
from multitok.loaders.source import source_of

if TYPE_CHECKING:
    from multitok.datasets.work import Place

Named: TypeAlias = tuple[str | int | None, int, str | None]
"""What an item is called: its id, its row and its group."""
Told: TypeAlias = tuple[Any, ...]
"""What a row says behind that: the cells of `Row` from `modality` on."""


_THE_TEXT = boundary("counting", "the text")
_MEDIA = ("media_tokens", "image_tokens", "audio_tokens", "video_tokens")
_BEHIND = Row._fields[Row._fields.index("text_tokens") + 1 :]
_NO_MEDIA = tuple(0 if name in _MEDIA else None for name in _BEHIND)
"""The cells of a text's row behind `text_tokens`."""


class Counting:
    """Counts items for all models that were asked; a rule is looked up once."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._names = asked.names
        self._assumed = None if asked.assumed is None else ImageInfo(*asked.assumed)
        self._takes = cache(self._modalities)
        self._counter = cache(self._looked_up)
        self._strictest = cache(self._judged)
        self._kept: dict[tuple[Info, Held] | None, list[Told]] = {}

    def unit(self, place: Place, key: str) -> AbstractContextManager[None]:
        """Around the items of a unit."""
        return nullcontext()

    def rows(self, item: Item) -> Iterable[Row]:
        """A row for each model, in their order. What is wrong with an item is in its rows."""
        row, name, modality, content, group = item
        named: Named = name, row, group
        if modality == "text" and type(content) is str:  # most of what is counted
            return [self._of_text(named, model, content) for model in self._names]
        if isinstance(content, MultitokError):
            return self.failed(item, said(content))
        if modality == REQUEST:
            from multitok.datasets.of_requests import row_of  # 30 ms, for requests alone

            asked = self._asked.files, self._assumed
            return [row_of(named, model, content, *asked) for model in self._names]
        try:
            subject = self._subject(item)
        except MultitokError as error:
            return self.failed(item, said(error))
        return [Row._make((*named, *told)) for told in self._told(subject)]

    def failed(self, item: Item, error: str) -> Iterator[Row]:
        """The rows of an item that cannot be counted."""
        for model in self._names:
            yield Row(item.id, item.row, item.group, item.modality, model, error=error)

    def _subject(self, item: Item) -> Subject:
        """The item, looked up and probed once for all models."""
        with boundary("reading", item.content):
            content = item.content
            if isinstance(content, str | os.PathLike):
                content = source_of(content)
            takes = self._takes() if has_columns(content) else ()
            return subject_of(content, item.modality, takes=takes)  # type: ignore[arg-type]

    def _modalities(self) -> frozenset[str]:
        asked = self._asked
        return frozenset(modalities_of(asked.models, asked.tokenizer, asked.files))

    def _of_text(self, named: Named, model: str | None, text: str) -> Row:
        try:
            with _THE_TEXT:
                counter = self._ready("text", model)
                if counter.plain is not None:
                    tokens = counter.plain(text)
                    kind, most = "exact", tokens
                else:
                    tokens, kind, most, *_ = counter.of_text(text)
        except MultitokError as error:
            return Row(*named, "text", model, error=said(error))
        return Row._make((*named, "text", model, tokens, kind, most, tokens, *_NO_MEDIA))

    def _ready(self, modality: str, model: str | None) -> SourceCounter:
        """The counter of a modality; the error of one that there is none for."""
        found = self._counter(modality, model)
        if isinstance(found, MultitokError):
            raise found.with_traceback(None)
        return found

    def _told(self, subject: Subject) -> list[Told]:
        """What the rows say of a medium, model by model; the sizes of a data set are few, so of a
        picture it is kept for those that no model tells apart from it."""
        alike = self._alike(subject)
        if (found := self._kept.get(alike)) is not None:
            return found
        shape = _shape(subject.info)
        found = [self._of_subject(model, subject, shape) for model in self._names]
        if alike is not None and self._lasts(subject):
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[alike] = found
        return found

    def _alike(self, subject: Subject) -> tuple[Info, Held] | None:
        """What a picture shares with those that are counted as it is; None for what has its own
        count."""
        if subject.modality != "image" or subject.turned:
            return None
        return subject.info, held_against(subject, self._strictest())

    def _judged(self) -> Strictest:
        counters = (self._counter("image", model) for model in self._names)
        return Strictest.of(
            counter.accepts for counter in counters if isinstance(counter, SourceCounter)
        )

    def _lasts(self, subject: Subject) -> bool:
        """Whether each model has a count that lasts, or none of any picture."""
        counters = (self._counter(subject.modality, model) for model in self._names)
        return all(isinstance(one, MultitokError) or one.lasts(subject) for one in counters)

    def _of_subject(
        self,
        model: str | None,
        subject: Subject,
        shape: tuple[int | None, int | None, int | None, float | None],
    ) -> Told:
        modality = subject.modality
        try:
            with boundary("counting", subject):
                found = self._ready(modality, model).of(subject)
        except MultitokError as error:
            return Row(None, 0, None, modality, model, error=said(error))[3:]
        tokens, kind, most, billed, rejected = found
        pictures = int(modality == "image")
        apart = (0, tokens, tokens, 0, 0) if pictures else billed_apart(billed)
        return modality, model, tokens, kind, most, *apart, *shape, None, pictures, rejected, None

    def _looked_up(self, modality: str, model: str | None) -> SourceCounter | MultitokError:
        asked = self._asked
        try:
            if model is None and asked.tokenizer is None:
                raise UnknownRuleError(
                    f"no model is named to count {modality} for: -m gpt-4o",
                    model=None,
                    modality=modality,
                )
            options = dict(own_options(asked.options, modality, model, asked.files))
            return SourceCounter(
                modality, model=model, tokenizer=asked.tokenizer, options=options,
                files=asked.files, read={},
            )  # fmt: skip
        except MultitokError as error:
            return error


def billed_apart(billed: Any) -> tuple[int, int, int, int, int]:
    """Tokens of text, of all media, and of pictures, sound and clips."""
    image, audio, video = (billed.get(name, 0) for name in ("image", "audio", "video"))
    media = image + audio + video + billed.get("pdf", 0)
    return sum(billed.values()) - media, media, image, audio, video


def _shape(info: Info) -> tuple[int | None, int | None, int | None, float | None]:
    """Width, height, frames and seconds of what has them."""
    if isinstance(info, ImageInfo):
        return info.width, info.height, None, None
    if isinstance(info, VideoInfo):
        return info.width, info.height, info.frames, info.duration
    if isinstance(info, AudioInfo):
        return None, None, None, info.duration
    return None, None, None, None


def said(error: MultitokError) -> str:
    """An error as a cell has it: its class, and its message in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
