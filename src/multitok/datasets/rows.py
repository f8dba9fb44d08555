"""An item counted: a row for each model, or a row that says why not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from multitok.core.boundary import boundary
from multitok.core.errors import MultitokError, UnknownRuleError
from multitok.core.info import AudioInfo, ImageInfo, Info, VideoInfo
from multitok.counting.loops import SourceCounter
from multitok.counting.subject import Subject, has_columns, subject_of
from multitok.datasets.asked import Asked
from multitok.datasets.units import REQUEST, Item
from multitok.loaders.source import source_of
from multitok.requests.whole import RequestCount, count_request

if TYPE_CHECKING:
    from multitok.datasets.work import Place

Named: TypeAlias = tuple[str | int | None, int, str | None]
"""What an item is called: its id, its row and its group."""


class Row(NamedTuple):
    """The count of an item for a model; where `error` says why there is none, `tokens` is None.

    id            the item's own name, or its source and its number in it (a number, until a part is
                  written: which of several in its place)
    row           its number in the source
    kind          how the tokens are known; "rejected" and "unknown" as of a request
    most          the most that they may be
    text_tokens   of them, and so on by what providers bill apart
    width, height, frames, seconds    the shape of a medium
    max_output    the most output that a request asks for
    images        pictures that it is, or that a request holds
    remark        why a request is open, or why the API would answer with an error
    """

    id: str | int | None
    row: int
    group: str | None
    modality: str | None
    model: str | None
    tokens: int | None = None
    kind: str | None = None
    most: int | None = None
    text_tokens: int | None = None
    media_tokens: int | None = None
    image_tokens: int | None = None
    audio_tokens: int | None = None
    video_tokens: int | None = None
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    seconds: float | None = None
    max_output: int | None = None
    images: int | None = None
    remark: str | None = None
    error: str | None = None


class Counting:
    """Counts items for all models that were asked; a rule is looked up once."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._names = asked.names
        self._assumed = None if asked.assumed is None else ImageInfo(*asked.assumed)
        self._takes = cache(self._modalities)
        self._counter = cache(self._looked_up)

    def unit(self, place: Place, key: str) -> AbstractContextManager[None]:
        """Around the items of a unit."""
        return nullcontext()

    def rows(self, item: Item) -> Iterator[Row]:
        """A row for each model, in their order. What is wrong with an item is in its rows."""
        named: Named = item.id, item.row, item.group
        if isinstance(item.content, MultitokError):
            yield from self.failed(item, said(item.content))
        elif item.modality == REQUEST:
            for model in self._names:
                yield self._of_request(named, model, item.content)
        elif item.modality == "text" and type(item.content) is str:
            for model in self._names:
                yield self._of_text(named, model, item.content)
        else:
            try:
                subject = self._subject(item)
            except MultitokError as error:
                yield from self.failed(item, said(error))
                return
            shape = _shape(subject.info)
            for model in self._names:
                yield self._of_subject(named, model, subject, shape)

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
        from multitok.counting.rules import modalities_of

        asked = self._asked
        return frozenset(modalities_of(asked.models, asked.tokenizer, asked.files))

    def _of_text(self, named: Named, model: str | None, text: str) -> Row:
        """The row of a text, which is most of what is counted."""
        try:
            with boundary("counting", "the text"):
                tokens, kind, most, *_ = self._ready("text", model).of_text(text)
        except MultitokError as error:
            return Row(*named, "text", model, error=said(error))
        return Row(*named, "text", model, tokens, kind, most, tokens, 0, 0, 0, 0)

    def _ready(self, modality: str, model: str | None) -> SourceCounter:
        """The counter of a modality; the error of one that there is none for."""
        found = self._counter(modality, model)
        if isinstance(found, MultitokError):
            raise found.with_traceback(None)
        return found

    def _of_subject(
        self,
        named: tuple[str | int | None, int, str | None],
        model: str | None,
        subject: Subject,
        shape: tuple[int | None, int | None, int | None, float | None],
    ) -> Row:
        modality = subject.modality
        try:
            with boundary("counting", subject):
                found = self._ready(modality, model).of(subject)
        except MultitokError as error:
            return Row(*named, modality, model, error=said(error))
        tokens, kind, most, billed, rejected = found
        pictures = int(modality == "image")
        apart = (0, tokens, tokens, 0, 0) if pictures else billed_apart(billed)
        told = tokens, kind, most, *apart, *shape, None, pictures, rejected, None
        return Row._make((*named, modality, model, *told))

    def _looked_up(self, modality: str, model: str | None) -> SourceCounter | MultitokError:
        asked = self._asked
        options = dict(asked.options)
        try:
            if model is None and asked.tokenizer is None:
                raise UnknownRuleError(
                    f"no model is named to count {modality} for: -m gpt-4o",
                    model=None,
                    modality=modality,
                )
            return SourceCounter(
                modality, model=model, tokenizer=asked.tokenizer, options=options,
                files=asked.files, read={},
            )  # fmt: skip
        except MultitokError as error:
            return error

    def _of_request(
        self, named: tuple[str | int | None, int, str | None], model: str | None, payload: Any
    ) -> Row:
        try:
            with boundary("counting", "the request"):
                counted = count_request(
                    payload, model, catalog=self._asked.files, assume_image=self._assumed
                )
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
