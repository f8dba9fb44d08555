"""One part of a request counted by the model's own rule for it: text, media, tools, framing.

Base64 is never counted as text, nothing is fetched, and a file that a payload names is opened only
when the caller allows it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any

from multitok.catalog.lifecycle import day_of
from multitok.catalog.load import Model
from multitok.core.boundary import boundary
from multitok.core.counts import Kind, weakest
from multitok.core.errors import MultitokError, SourceError, UnexpectedError
from multitok.core.info import ImageInfo, Modality, TextInfo
from multitok.core.media import Text
from multitok.counting.costs import by_modality
from multitok.counting.door import count_subject
from multitok.counting.rules import Resolved, met, resolve
from multitok.counting.subject import Subject
from multitok.loaders.door import examine
from multitok.loaders.source import source_of
from multitok.requests.clipping import clipped
from multitok.requests.counted import RequestPart, Unanswered, counted_by, error_of, unknown
from multitok.requests.forms import form_of
from multitok.requests.forms.frame import Form, Framed, Written
from multitok.requests.payloads.bedrock import GUARDED
from multitok.requests.payloads.parts import Encoded, Part, Request, compact
from multitok.requests.payloads.told import heard_as
from multitok.requests.template import ChatTemplate, conversation_of

MAX_WHOLE = 64 * 1024 * 1024
"""Bytes of a document that is read whole: a larger one is a part of unknown size."""


AROUND = 20
"""Tokens around a replayed call, or its result: those of functions have at most 17 in all bills."""

UNREAD = "the thinking that the provider reads in"
_FRAMED = "the text is counted; how the provider frames it is not published"


@dataclass(frozen=True)
class TextCounter:
    """Texts for one model. It knows no request: a form holds it, and two that hold each other stay
    in memory, pictures and all, until Python looks for cycles."""

    model: Model
    files: tuple[str, ...]
    bound: bool | int = False
    template: ChatTemplate | None = None

    @cached_property
    def rule(self) -> Resolved:
        return resolve("text", model=self.model.id, files=self.files)

    def tokens(self, text: str) -> int:
        return self.tokens_by(self.rule, text)[0]

    def tokens_by(self, rule: Resolved, text: str) -> tuple[int, Kind]:
        """Tokens of a text and how they are known."""
        if self.template is not None and self.bound is not True:
            return self.template.text(text), "exact"
        if self.bound and rule.kind == "exact":
            size = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
            if self.bound is True or size >= self.bound:
                most = rule.counter.upper_bound(TextInfo(size))
                if most is not None:
                    return most, "upper-bound"
        return rule.counter.count(Text(text)), rule.kind


@dataclass(frozen=True)
class PartCounter:
    """One request for one model. `bound` counts text by what it is proven not to exceed: all of it,
    or what has at least so many bytes."""

    request: Request
    model: Model
    files: tuple[str, ...]
    allow_files: bool | str | Path
    assume_image: ImageInfo | None = None
    bound: bool | int = False
    template: ChatTemplate | None = None

    @cached_property
    def texts(self) -> TextCounter:
        return TextCounter(self.model, self.files, self.bound, self.template)

    @cached_property
    def form(self) -> Form:
        """How this model's prompts are written."""
        return form_of(self.request, self.model.overhead, self.texts.tokens)

    def parts(self) -> Iterator[RequestPart]:
        media: dict[str, int] = {}
        for part in self.request.parts:
            counted = self.part(part)
            kind = "document" if part.document else counted.modality
            media[kind] = media.get(kind, 0) + 1
            if GUARDED in part.options:
                media[GUARDED] = media.get(GUARDED, 0) + 1
            yield counted
        try:
            with boundary("counting", "the framing"):
                yield from self.framing()
                yield from self.beside(media)
        except UnexpectedError as error:
            yield unknown(Part(path="messages", modality="text", what="framing"), error)

    def part(self, part: Part) -> RequestPart:
        """Counted, or unknown with the reason."""
        try:
            with boundary("counting", part.path):
                return self.counted(part)
        except UnexpectedError as error:
            return unknown(part, error)

    def counted(self, part: Part) -> RequestPart:
        if part.text is not None:
            return self.text(part, part.text)
        if part.ids is not None:
            source = "the request's own token ids"
            return replace(unknown(part), tokens=part.ids, kind="exact", source=source)
        if part.tool is not None:
            return self.tool(part, part.tool)
        if part.modality == "unknown":
            return unknown(part, *part.notes)
        return self.media(part)

    # --- text -------------------------------------------------------------------------------------

    def text(self, part: Part, text: str) -> RequestPart:
        size = len(text.encode("utf-8", "replace"))
        if self.template is not None and self.bound is not True:
            framed = part.what in ("text", "system", "tool result")
            return replace(
                unknown(part, *part.notes, *((_FRAMED,) * (not framed))),
                tokens=self.template.text(text),
                kind="exact" if framed else "estimate",
                source=self.template.source,
                bytes=size,
            )
        try:
            rule = self.texts.rule
            written = self.form.written(part)
            if written is not None:
                return self.written(part, written, rule, bytes=size)
            if part.what == "signature":
                return unknown(part, UNREAD)
            if part.name is not None and part.given is not None:
                text = part.name + text  # a call, or the result that names it
            tokens, kind = self.texts.tokens_by(rule, text)
        except MultitokError as error:
            return unknown(part, error)
        notes = (*part.notes, *rule.notes)
        if kind == "upper-bound" and self.bound is not True:
            notes = (*notes, f"a text of {self.bound:,} bytes or more: what it cannot exceed")
        if part.what == "replayed":
            notes = (*notes, _FRAMED)
            counted = counted_by(part, tokens, "estimate", rule, notes, bytes=size)
            return replace(counted, most=(counted.most or tokens) + AROUND)
        if part.what in ("tool call", "tool result", "response format") and kind == "exact":
            kind = "estimate"
            notes = (*notes, _FRAMED)
        return counted_by(part, tokens, kind, rule, notes, bytes=size)

    # --- media ------------------------------------------------------------------------------------

    def media(self, part: Part) -> RequestPart:
        if part.url is not None or part.file_id is not None:
            return self.elsewhere(part)
        if part.file is not None and not _allowed(part.file, self.allow_files):
            shown = part.file if len(part.file) <= 80 else part.file[:77] + "..."
            note = f"names the local file {shown!r}: --allow-files (allow_files=True) opens it"
            return unknown(part, note)
        try:
            subject, size = self.subject(part)
        except MultitokError as error:
            return unknown(part, error)
        if isinstance(subject.info, TextInfo) and part.modality in ("image", "audio", "video"):
            what = "text" if size else "nothing"
            return unknown(part, f"said to be {part.modality}, and {what} is in it", bytes=size)
        return self.subject_part(part, subject, size)

    def elsewhere(self, part: Part) -> RequestPart:
        """Behind a URL or an id: never fetched; a picture may be assumed to have a size."""
        where = part.url or part.file_id or ""
        shown = where if len(where) <= 80 else where[:77] + "..."
        if part.modality == "image" and self.assume_image is not None:
            note = f"assumed to be {self.assume_image} px: {shown} is not fetched"
            return self.subject_part(part, Subject(self.assume_image), None, note)
        hint = "; --assume-image 1024x1024 counts a size" if part.modality == "image" else ""
        return unknown(part, f"not fetched: {shown}{hint}")

    def subject(self, part: Part) -> tuple[Subject, int | None]:
        """The shape of a part, from its header, and its size in bytes."""
        given = self.opened(part)
        moving: dict[str, Modality] = {"audio": "audio", "video": "video"}
        forced = moving.get(part.modality)
        source = given if part.media is not None else source_of(given)
        size = None if part.media is not None else source.size
        if part.modality in ("pdf", "file") and size is not None and size > MAX_WHOLE:
            raise SourceError(
                f"{part.path}: {size >> 20} MB; documents are read up to {MAX_WHOLE >> 20} MB",
                source=part.path,
            )
        probed = examine(source, modality=forced)
        return Subject(probed.info, source=source, probed=probed, read={}), size

    def opened(self, part: Part) -> Any:
        if part.media is not None:
            return part.media
        if isinstance(part.data, Encoded):
            from multitok.loaders.base64_file import Base64File

            return Base64File(part.data.text, part.data.start, name=part.path)
        return part.data if part.data is not None else part.file

    def subject_part(
        self, part: Part, subject: Subject, size: int | None, *notes: str
    ) -> RequestPart:
        subject = clipped(subject, part)
        words = self.request.processor
        told = {**words.get("", {}), **words.get(subject.modality, {})}
        given = {**told, **self.request.options, **part.options}
        rule = self.model.rules.get(subject.modality)
        taken = rule.options if rule else ()
        options = {heard_as(key, taken): value for key, value in given.items()}
        options = {key: value for key, value in options.items() if key in taken}
        try:
            count = count_subject(subject, model=self.model.id, options=options, files=self.files)
        except MultitokError as error:
            return unknown(part, *notes, error, info=subject.info, bytes=size)
        dropped = [
            f"{key}={value!r} is no option of {self.model.id}"
            for key, value in part.options.items()
            if rule is not None and key not in rule.options and key not in ("start", "end")
        ]
        return RequestPart(
            path=part.path,
            modality=subject.modality,
            tokens=count.tokens,
            kind=count.kind,
            source=count.source,
            notes=(*part.notes, *notes, *dropped, *count.notes),
            what=part.what if part.what != "file" else subject.modality,
            role=part.role,
            checked=count.checked,
            bytes=size,
            info=subject.info,
            options=options,
            most=count.range[1] if count.range else None,
            sound=by_modality(count).get("audio", 0) if subject.modality == "video" else 0,
            rejected=count.rejected,
        )

    # --- tools and framing ------------------------------------------------------------------------

    def tool(self, part: Part, tool: Mapping[str, Any]) -> RequestPart:
        if self.template is not None and self.bound is not True:
            tokens = self.template.text(compact(tool))
            note = "its JSON; what the template makes of it beyond that is in the framing"
            return replace(
                unknown(part), tokens=tokens, kind="exact", source=self.template.source,
                notes=(*part.notes, note),
            )  # fmt: skip
        try:
            rule = self.texts.rule
            written = self.form.written(part)
            if written is not None:
                return self.written(part, written, rule)
            tokens = self.texts.tokens(compact(tool))
        except MultitokError as error:
            return unknown(part, error)
        note = "its JSON is counted as text: the provider's own form is not published"
        return counted_by(part, tokens, "estimate", rule, (*part.notes, note))

    def written(self, part: Part, written: Written, rule: Resolved, **more: Any) -> RequestPart:
        """A part as the provider writes it: no surer than the form, nor than the text."""
        stated = written.stated
        kind: Kind | Unanswered = "unknown"
        if written.kind != "unknown":
            kind = weakest([written.kind or stated.kind, rule.kind])
        high = (stated.error or (1, 1))[1] * (error_of(part, rule) or (1, 1))[1]
        return RequestPart(
            path=part.path,
            modality=part.modality,
            tokens=written.tokens,
            kind=kind,
            source=stated.source,
            notes=(*part.notes, *written.notes),
            what=part.what,
            role=part.role,
            checked=day_of(stated.checked),
            most=ceil(written.tokens * high) + stated.beyond,
            **more,
        )

    def framing(self) -> Iterator[RequestPart]:
        """What stands around the messages and the tools, by the numbers of the model's row."""
        if self.template is not None:
            yield from self.templated(self.template)
            return
        try:
            for framed in self.form.frames():
                yield self.framed(framed)
        except MultitokError as error:
            yield unknown(Part(path="messages", modality="text", what="framing"), error)

    def beside(self, media: Mapping[str, int]) -> Iterator[RequestPart]:
        """What stands beside each picture, sound, text to embed and document."""
        if self.template is not None:
            return
        if (beside := self.model.overhead.beside) is not None:
            images, sounds = media.get("image", 0), media.get("audio", 0)
            tokens = images * beside.image + sounds * beside.audio
            if tokens:
                yield self.framed(
                    Framed("messages", "framing of media", tokens, beside, images + sounds)
                )
            texts = 0 if self.request.messages else media.get("text", 0)
            if tokens := texts * beside.text:
                yield self.framed(Framed("input", "framing", tokens, beside, texts))
            if tokens := media.get(GUARDED, 0) * beside.guarded:
                yield self.framed(Framed("messages", "framing of guarded text", tokens, beside))
        if (documents := self.model.overhead.documents) is not None:
            pdfs, texts = media.get("pdf", 0), media.get("document", 0)
            tokens = texts * documents.text
            tokens += pdfs * documents.chat_pdf if self.request.endpoint == "chat" else 0
            if tokens or (pdfs and documents.beyond):
                yield self.framed(
                    Framed("messages", "framing of documents", tokens, documents, pdfs + texts)
                )

    def framed(self, framed: Framed) -> RequestPart:
        stated = framed.stated
        notes = stated.notes if stated.bills is None else (met(stated.bills), *stated.notes)
        return RequestPart(
            path=framed.path,
            modality="text",
            tokens=framed.tokens,
            kind=stated.kind,
            source=stated.source,
            notes=notes,
            what=framed.what,
            checked=day_of(stated.checked),
            most=ceil(framed.tokens * (stated.error or (1, 1))[1]) + stated.beyond * framed.times,
        )

    def templated(self, template: ChatTemplate) -> Iterator[RequestPart]:
        """The frame is what the whole conversation has beyond its texts."""
        given, inside = conversation_of(self.request)
        tools = [{"type": "function", "function": t.tool} for t in self.request.parts if t.tool]
        try:
            whole = template.conversation(given, tools)
            texts = sum(template.text(text) for text in inside)
            listed = sum(self.tool(t, t.tool).tokens or 0 for t in self.request.parts if t.tool)
        except MultitokError as error:
            yield unknown(Part(path="messages", modality="text", what="framing"), error)
            return
        frame = whole - texts - listed
        less = "below 0: the template leaves out text that is sent, or joins it with its frame"
        yield RequestPart(
            path="messages",
            modality="text",
            tokens=frame,
            kind="exact",
            source=template.source,
            notes=(less,) if frame < 0 else (),
            what="framing",
        )

    def left_out(self) -> Iterator[str]:
        if self.template is not None:
            return
        over = self.model.overhead
        tools = any(part.tool is not None for part in self.request.parts)
        framed = over.chat or over.turns or over.control
        if self.request.messages and framed is None:
            yield f"message framing: {self.model.provider} publishes none for {self.model.id}"
        if tools and not (over.tools or over.prompt or over.control):
            yield f"system text for tools: {self.model.provider} publishes none for {self.model.id}"


def _allowed(file: str, allow: bool | str | Path) -> bool:
    """Whether a file that a payload names is opened: all, none, or what really lies in a folder."""
    if isinstance(allow, bool):
        return allow
    folder = os.path.realpath(allow)
    return os.path.realpath(file).startswith(os.path.join(folder, ""))
