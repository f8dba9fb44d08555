"""A whole request counted before it is sent: each part, the framing, the tools, and what is left.

The provider's module finds the parts; each is counted by the model's own rule for its modality,
from its header, and whatever cannot be counted is a part of unknown size with its path. Base64 is
never counted as text, nothing is fetched, and a file that a payload names is opened only when the
caller allows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from multitok import loaders, providers
from multitok.catalog.load import Model, catalog
from multitok.counting import Resolved, Subject, count_subject, resolve
from multitok.errors import MultitokError, UnknownNameError
from multitok.info import ImageInfo, Info, VideoInfo
from multitok.media import Text
from multitok.providers.parts import Encoded, Part, Request
from multitok.tokenizer import Kind, weakest

Unknown = Literal["unknown"]
MAX_WHOLE = 64 * 1024 * 1024
"""Bytes of a document that is read whole: a larger one is a part of unknown size."""


@dataclass(frozen=True, slots=True)
class RequestPart:
    """One part of a request and what it costs; `tokens` is None where nobody here can tell.

    what        for people: "image", "tool call", "framing", ...
    bytes       how large it is in the request, decoded
    info        its shape, where it has one
    """

    path: str
    modality: str
    tokens: int | None
    kind: Kind | Unknown
    source: str = ""
    notes: tuple[str, ...] = ()
    what: str = ""
    role: str | None = None
    checked: date | None = None
    bytes: int | None = None
    info: Info | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RequestCount:
    """A request's parts; their known tokens add up to `tokens`, their weakest kind is `kind`.

    complete    every part is known
    left_out    what the provider adds that nobody outside can count
    max_output  the most output tokens the request asks for, where it says
    """

    parts: tuple[RequestPart, ...]
    model: str
    provider: str
    left_out: tuple[str, ...] = ()
    max_output: int | None = None
    context_window: int | None = None

    @property
    def tokens(self) -> int:
        return sum(part.tokens or 0 for part in self.parts)

    @property
    def complete(self) -> bool:
        return all(part.tokens is not None for part in self.parts)

    @property
    def kind(self) -> Kind | Unknown:
        return weakest(part.kind for part in self.parts)  # type: ignore[return-value]

    @property
    def unknown(self) -> tuple[RequestPart, ...]:
        return tuple(part for part in self.parts if part.tokens is None)

    def by_modality(self) -> dict[str, int]:
        """Known tokens by modality, framing and tools as text: what a price list charges by."""
        totals: dict[str, int] = {}
        for part in self.parts:
            name = part.modality if part.modality in ("image", "audio", "video") else "text"
            totals[name] = totals.get(name, 0) + (part.tokens or 0)
        return totals

    def __int__(self) -> int:
        return self.tokens


def count_request(
    payload: Any,
    model: str | None = None,
    provider: str | None = None,
    *,
    allow_files: bool = False,
    assume_image: ImageInfo | None = None,
    catalog: Sequence[str] = (),
) -> RequestCount:
    """How many input tokens a request costs, part by part, before it is sent.

    payload       a request of OpenAI (Chat Completions, Responses), Anthropic, Gemini or Mistral, a
                  plain list of messages, or an SDK's object for one
    model         counts for this model instead of the one the request names
    provider      openai, anthropic, gemini, mistral or plain, where the shape does not tell
    allow_files   open the local files that the payload names
    assume_image  the size to assume for pictures behind a URL or an id

    PayloadError names the path of what is shaped wrong; a block nobody knows is an unknown part.

    >>> count_request([{"role": "user", "content": "hello"}], model="gpt-4o").tokens
    8
    """
    request = providers.parse(payload, provider)
    name = model or request.model
    if not isinstance(name, str) or not name:
        raise UnknownNameError(
            "the request names no model: pass model='gpt-4o' (-m gpt-4o). See: multitok models",
            name=None,
            choices=(),
            suggestion=None,
        )
    counter = _Counter(
        request=request,
        model=_model(name, tuple(catalog)),
        files=tuple(catalog),
        allow_files=allow_files,
        assume_image=assume_image,
    )
    return RequestCount(
        parts=tuple(counter.parts()),
        model=counter.model.id,
        provider=request.provider,
        left_out=tuple(dict.fromkeys([*request.left_out, *counter.left_out()])),
        max_output=request.max_output if isinstance(request.max_output, int) else None,
        context_window=counter.model.context_window,
    )


def _model(name: str, files: tuple[str, ...]) -> Model:
    return catalog(*files).model(name)


@dataclass(frozen=True, slots=True)
class _Counter:
    """One request for one model."""

    request: Request
    model: Model
    files: tuple[str, ...]
    allow_files: bool
    assume_image: ImageInfo | None

    def parts(self) -> Iterator[RequestPart]:
        for part in self.request.parts:
            yield self.part(part)
        yield from self.framing()

    def part(self, part: Part) -> RequestPart:
        """Counted, or unknown with the reason."""
        if part.text is not None:
            return self.text(part, part.text)
        if part.tool is not None:
            return self.tool(part, part.tool)
        if part.modality == "unknown":
            return _unknown(part, *part.notes)
        return self.media(part)

    # --- text -------------------------------------------------------------------------------------

    def text_rule(self) -> Resolved:
        return resolve("text", model=self.model.id, files=self.files)

    def text_tokens(self, text: str) -> int:
        return self.text_rule().counter.count(Text(text))

    def text(self, part: Part, text: str) -> RequestPart:
        try:
            rule = self.text_rule()
            tokens = rule.counter.count(Text(text))
        except MultitokError as error:
            return _unknown(part, str(error))
        kind: Kind = rule.kind
        notes = (*part.notes, *rule.notes)
        if part.what in ("tool call", "tool result", "response format") and kind == "exact":
            kind = "estimate"
            notes = (*notes, "the text is counted; how the provider frames it is not published")
        return _counted(part, tokens, kind, rule, notes, bytes=len(text.encode("utf-8", "replace")))

    # --- media ------------------------------------------------------------------------------------

    def media(self, part: Part) -> RequestPart:
        if part.url is not None or part.file_id is not None:
            return self.elsewhere(part)
        if part.file is not None and not self.allow_files:
            shown = part.file if len(part.file) <= 80 else part.file[:77] + "..."
            note = f"names the local file {shown!r}: --allow-files (allow_files=True) opens it"
            return _unknown(part, note)
        try:
            subject, size = self.subject(part)
        except MultitokError as error:
            return _unknown(part, str(error))
        return self.subject_part(part, subject, size)

    def elsewhere(self, part: Part) -> RequestPart:
        """Behind a URL or an id: never fetched; a picture may be assumed to have a size."""
        where = part.url or part.file_id or ""
        shown = where if len(where) <= 80 else where[:77] + "..."
        if part.modality == "image" and self.assume_image is not None:
            note = f"assumed to be {self.assume_image} px: {shown} is not fetched"
            return self.subject_part(part, Subject(self.assume_image), None, note)
        hint = "; --assume-image 1024x1024 counts a size" if part.modality == "image" else ""
        return _unknown(part, f"not fetched: {shown}{hint}")

    def subject(self, part: Part) -> tuple[Subject, int | None]:
        """The shape of a part, from its header, and its size in bytes."""
        given = self.opened(part)
        forced = part.modality if part.modality in ("audio", "video") else None
        source = given if part.media is not None else loaders.source_of(given)
        size = None if part.media is not None else source.size
        if part.modality in ("pdf", "file") and size is not None and size > MAX_WHOLE:
            from multitok.errors import SourceError

            raise SourceError(
                f"{part.path}: {size >> 20} MB; documents are read up to {MAX_WHOLE >> 20} MB",
                source=part.path,
            )
        probed = loaders.examine(source, modality=forced)
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
        subject = _clipped(subject, part.options)
        given = {**self.request.options, **part.options}
        rule = self.model.rules.get(subject.modality)
        options = {key: value for key, value in given.items() if rule and key in rule.options}
        try:
            count = count_subject(subject, model=self.model.id, options=options, files=self.files)
        except MultitokError as error:
            return _unknown(part, *notes, str(error), info=subject.info, bytes=size)
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
        )

    # --- tools and framing ------------------------------------------------------------------------

    def tool(self, part: Part, tool: Mapping[str, Any]) -> RequestPart:
        from multitok.tools import json_tool_text, openai_tool_tokens

        formula = self.model.overhead.get("tools", {})
        try:
            rule = self.text_rule()
            if "func_init" not in formula:
                tokens = self.text_tokens(json_tool_text(tool))
                note = "its JSON is counted as text: the provider's own form is not published"
                return _counted(part, tokens, "estimate", rule, (*part.notes, note))
            tokens, nested = openai_tool_tokens(tool, formula, self.text_tokens)
        except MultitokError as error:
            return _unknown(part, str(error))
        kind: Kind = "estimate" if nested else formula.get("kind", "documented")
        notes = ("nested schemas are counted by their JSON: no formula is published",) * nested
        return RequestPart(
            path=part.path,
            modality="tool",
            tokens=tokens,
            kind=weakest([kind, rule.kind]),  # type: ignore[arg-type]
            source=formula.get("source", ""),
            notes=(*part.notes, *notes),
            what=part.what,
            checked=_day(formula.get("checked")),
        )

    def framing(self) -> Iterator[RequestPart]:
        """What stands around the messages and the tools, by the model's published numbers."""
        chat = self.model.overhead.get("chat")
        if chat is not None and self.request.messages:
            yield self.chat_framing(chat)
        over = self.model.overhead
        if not any(part.tool is not None for part in self.request.parts):
            return
        if "tools" in over:
            tools = over["tools"]
            yield self.overhead_part("tools", "tool framing", tools["func_end"], tools)
        elif "tools_auto" in over:
            forced = self.request.tool_choice in ("any", "tool", "required")
            tokens = over["tools_any" if forced else "tools_auto"]
            yield self.overhead_part("tools", "tool system prompt", tokens, over)

    def chat_framing(self, chat: Mapping[str, Any]) -> RequestPart:
        """A few tokens a message, its role and its name; and the beginning of the answer."""
        tokens = chat["reply"]
        try:
            for message in self.request.messages:
                tokens += chat["per_message"] + self.text_tokens(message.role)
                if message.name is not None:
                    tokens += chat["per_name"] + self.text_tokens(message.name)
        except MultitokError as error:
            frame = Part(path="messages", modality="text", what="framing")
            return _unknown(frame, str(error))
        return self.overhead_part("messages", "framing", tokens, chat)

    def overhead_part(
        self, path: str, what: str, tokens: int, row: Mapping[str, Any]
    ) -> RequestPart:
        return RequestPart(
            path=path,
            modality="text",
            tokens=tokens,
            kind=row.get("kind", "documented"),
            source=row.get("source", ""),
            notes=tuple(row.get("notes", ())),
            what=what,
            checked=_day(row.get("checked")),
        )

    def left_out(self) -> Iterator[str]:
        over = self.model.overhead
        tools = any(part.tool is not None for part in self.request.parts)
        if self.request.messages and "chat" not in over:
            yield f"message framing: {self.model.provider} publishes none for {self.model.id}"
        if tools and not {"tools", "tools_auto"} & over.keys():
            yield f"system text for tools: {self.model.provider} publishes none for {self.model.id}"


def _clipped(subject: Subject, options: Mapping[str, Any]) -> Subject:
    """A clip between a start and an end in seconds, where the request says so."""
    info = subject.info
    if not isinstance(info, VideoInfo) or not {"start", "end"} & options.keys():
        return subject
    start = min(options.get("start", 0.0), info.duration)
    end = min(options.get("end", info.duration), info.duration)
    share = max(end - start, 0.0) / info.duration if info.duration else 0.0
    audio = info.audio
    if audio is not None:
        from dataclasses import replace

        audio = replace(audio, samples=round(audio.samples * share))
    cut = VideoInfo(
        info.width, info.height, round(info.frames * share), info.fps, info.duration * share, audio
    )
    return Subject(cut, probed=subject.probed)


def _counted(
    part: Part, tokens: int, kind: Kind, rule: Resolved, notes: tuple[str, ...], **more: Any
) -> RequestPart:
    return RequestPart(
        path=part.path,
        modality=part.modality,
        tokens=tokens,
        kind=kind,
        source=rule.source,
        notes=notes,
        what=part.what,
        role=part.role,
        checked=rule.checked,
        **more,
    )


def _unknown(part: Part, *notes: str, **more: Any) -> RequestPart:
    return RequestPart(
        path=part.path,
        modality=part.modality,
        tokens=None,
        kind="unknown",
        notes=notes,
        what=part.what,
        role=part.role,
        **more,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
