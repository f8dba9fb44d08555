"""The door for counting: from anything a user may point at to a Count.

One arithmetic serves a file, a picture in memory and a bare size: the source is probed for its
shape, the model's rule is looked up, and only where the rule says that the content decides (text
tokens) is the content read, in pieces when it is long.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok import loaders
from multitok.catalog.load import Model, catalog
from multitok.errors import NeedsContentError, UnknownNameError, UnknownRuleError
from multitok.info import Info, modality_of
from multitok.registry import AnyCounter, build, class_for, tupled
from multitok.tokenizer import Count, Kind, weakest

if TYPE_CHECKING:
    from datetime import date

STREAM_FROM = 1 << 20
"""Bytes of text beyond which it is counted in pieces: encoding 20 MB whole takes 389 MB."""

READ_AS_TEXT = (".csv", ".tsv", ".ts", ".tsf", ".bvh")
"""Files that a language model is sent as text, when it has no rule for what they hold."""


class Subject(NamedTuple):
    """What is counted: its shape, and the way to its content."""

    info: Info
    media: Any = None
    source: Any = None
    probed: loaders.Probed | None = None
    read: Mapping[str, Any] | None = None

    @property
    def modality(self) -> str:
        return modality_of(self.info)

    @property
    def notes(self) -> tuple[str, ...]:
        return self.probed.notes if self.probed is not None else ()

    def content(self) -> Any:
        """The medium, read now if it was only probed."""
        if self.media is not None:
            return self.media
        if self.source is None:
            raise NeedsContentError(
                f"this count depends on the content, and only its shape was given: {self.info}"
            )
        return loaders.load(self.source, modality=self.modality, **(self.read or {}))


def subject_of(
    source: Any,
    modality: str | None = None,
    *,
    takes: Collection[str] = (),
    **read: Any,
) -> Subject:
    """Resolve what a user pointed at: an Info, a medium, text, or anything the loaders read.

    `takes` are the modalities that will be counted, where that is known: a table for a model that
    only reads text is text (`sent_as`).
    """
    if hasattr(type(source), "info"):  # a medium
        return Subject(source.info, media=source)
    if type(source).__module__ == "multitok.info":
        return Subject(source)
    if isinstance(source, str) and modality == "text":
        from multitok.media import Text

        text = Text(source)
        return Subject(text.info, media=text)
    if not isinstance(source, str | bytes) and hasattr(source, "read"):
        source = loaders.source_of(source)  # a stream is resolved once, then read again
    elif isinstance(source, str) and source == "-":
        source = loaders.source_of(source)
    note = ""
    if modality is None and "text" in takes:
        modality, note = sent_as(source, takes)
    probed = loaders.examine(source, modality=modality, **read)
    if note:
        probed = probed._replace(notes=(*probed.notes, note))
    return Subject(probed.info, source=source, probed=probed, read=read)


def sent_as(source: Any, takes: Collection[str]) -> tuple[str | None, str]:
    """("text", why) for a file of columns that goes to a model which reads text and no columns."""
    if not has_columns(source):
        return None, ""
    kind = loaders.sniff(loaders.source_of(source))  # a .ts may be video after all
    if kind.modality not in ("series", "actions") or kind.modality in takes:
        return None, ""
    return "text", f"{kind.format} counted as text: no rule here counts {kind.modality}"


def has_columns(source: Any) -> bool:
    """Whether its name says that it is a file of columns."""
    name = source if isinstance(source, str) else getattr(source, "name", "")
    return isinstance(name, str) and name.lower().endswith(READ_AS_TEXT)


def modalities_of(
    models: Iterable[str | None], tokenizer: str | AnyCounter | None, files: Sequence[str] = ()
) -> set[str]:
    """What these models, or this tokenizer, count."""
    if isinstance(tokenizer, str):
        return {class_for(tokenizer).modality}
    if tokenizer is not None:
        return {tokenizer.modality}
    return {m for name in models if name for m in catalog(*files).model(name).rules}


def files_of(catalog: str | Sequence[str]) -> tuple[str, ...]:
    """The catalogue files that were given: one by its path, or several."""
    return (catalog,) if isinstance(catalog, str) else tuple(catalog)


class Resolved(NamedTuple):
    """A model's or a tokenizer's rule for one modality, built and ready to count."""

    counter: AnyCounter
    kind: Kind
    source: str
    checked: date | None
    notes: tuple[str, ...]
    model: Model | None


def resolve(
    modality: str,
    *,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    options: Mapping[str, Any] | None = None,
    files: Sequence[str] = (),
) -> Resolved:
    """The rule that a model (or a tokenizer by name) counts this modality with."""
    if model is not None and tokenizer is not None:
        name = tokenizer if isinstance(tokenizer, str) else tokenizer.name
        raise UnknownNameError(
            f"model {model!r} and tokenizer {name!r} are both named: name one",
            name=name,
            choices=(),
            suggestion=None,
        )
    if tokenizer is not None and not isinstance(tokenizer, str):
        return Resolved(tokenizer, "exact", "the tokenizer itself", None, (), None)
    given = tuple(sorted((key, tupled(value)) for key, value in (options or {}).items()))
    if tokenizer is not None:
        return _resolve_tokenizer(tokenizer, given)
    if model is None:
        raise UnknownNameError(
            "name a model (model='gpt-4o', -m gpt-4o) or a tokenizer (tokenizer='o200k_base',"
            " -t o200k_base). See: multitok models",
            name=None,
            choices=(),
            suggestion=None,
        )
    return _resolve_model(model, modality, given, tuple(files))


@lru_cache(maxsize=4096)
def _resolve_model(
    name: str, modality: str, options: tuple[tuple[str, Any], ...], files: tuple[str, ...]
) -> Resolved:
    model = catalog(*files).model(name)
    rule = model.rule(modality, dict(options))
    checked = None
    if rule.checked:
        from datetime import date

        checked = date.fromisoformat(rule.checked)
    return Resolved(rule.counter(), rule.kind, rule.source, checked, rule.notes, model)


@lru_cache(maxsize=256)
def _resolve_tokenizer(name: str, params: tuple[tuple[str, Any], ...]) -> Resolved:
    counter = build(name, dict(params))
    kind: Kind = "estimate" if hasattr(counter, "error_factors") else "exact"
    return Resolved(counter, kind, "the tokenizer itself", None, (), None)


def count(
    source: Any,
    *,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    modality: str | None = None,
    options: Mapping[str, Any] | None = None,
    catalog: str | Sequence[str] = (),
    **read: Any,
) -> Count:
    """How many tokens a source is for a model, and how that is known.

    source      a path, "-", bytes, an open binary file, a data: URL, a PIL image, a numpy array, a
                medium (multitok.Text("...")), or a bare shape (multitok.ImageInfo(1920, 1080))
    model       a name of the catalogue; or name a `tokenizer` instead
    modality    how to read the source; with "text" a str is the text itself, not a path
    options     the provider's own request words (detail, media_resolution, fps, ...), or the
                parameters of the tokenizer
    catalog     a file with rows of your own, or several
    read        how to read the source: see loaders.ReadOptions

    UnknownNameError, UnknownRuleError, SourceError and MediaError end with what to do.

    >>> from multitok import ImageInfo
    >>> count(ImageInfo(1024, 1024), model="gpt-4o").tokens
    765
    """
    files = files_of(catalog)
    takes = modalities_of([model], tokenizer, files) if has_columns(source) else ()
    subject = subject_of(source, modality, takes=takes, **read)
    return count_subject(subject, model=model, tokenizer=tokenizer, options=options, files=files)


def count_subject(
    subject: Subject,
    *,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    options: Mapping[str, Any] | None = None,
    files: tuple[str, ...] = (),
) -> Count:
    """`count` for a source that is probed already, to count it for many models."""
    modality = subject.modality
    try:
        rule = resolve(modality, model=model, tokenizer=tokenizer, options=options, files=files)
    except UnknownRuleError:
        if modality != "pdf" or model is None:
            raise
        return _count_pdf_range(subject, model, options, files)
    if rule.counter.modality != modality:
        raise UnknownRuleError(
            f"tokenizer {rule.counter.name!r} counts {rule.counter.modality}, not {modality}."
            f" {_instead(rule.counter.modality, modality)}",
            model=model,
            modality=modality,
        )
    return _counted(subject, rule, files)


def _instead(takes: str, given: str) -> str:
    """A table of numbers can be either; anything else needs another tokenizer."""
    if {takes, given} == {"series", "actions"} or (takes, given) == ("series", "text"):
        return f"To read it so: --as {takes} (modality={takes!r})"
    return "See: multitok tokenizers"


def _count_pdf_range(
    subject: Subject, name: str, options: Mapping[str, Any] | None, files: tuple[str, ...]
) -> Count:
    """A PDF for a model that is sent its pages as text and as pictures of unpublished size."""
    model = catalog(*files).model(name)
    if "pdf" not in model.unknown or not {"text", "image"} <= model.rules.keys():
        model.rule("pdf")  # raises: no rule, and nothing to bound it by
    words = {key: value for key, value in (options or {}).items() if key in ("detail",)}
    text = resolve("text", model=name, files=files)
    image = resolve("image", model=name, options=words, files=files)
    from multitok.media import Text
    from multitok.pdf_range import ASSUMPTION, pdf_parts

    parts = pdf_parts(
        subject.content().pages,
        lambda words: text.counter.count(Text(words)),
        image.counter.count,
    )
    kind: Any = weakest([text.kind, image.kind, "upper-bound"])
    return Count(
        tokens=sum(parts.values()),
        kind=kind,
        parts=parts,
        info=subject.info,
        model=model.id,
        tokenizer=f"{text.counter.name} + {image.counter.name}",
        source=image.source,
        checked=image.checked,
        notes=(*subject.notes, ASSUMPTION, f"the text alone is {parts['text']} tokens"),
        context_window=model.context_window,
    )


def _counted(subject: Subject, rule: Resolved, files: tuple[str, ...]) -> Count:
    counter, kind = rule.counter, rule.kind
    notes = [*subject.notes, *rule.notes]
    seen: Any = subject.media if subject.media is not None else subject.info
    if subject.source is not None and getattr(counter, "reads_content", False):
        seen = subject.content()
    try:
        parts = counter.breakdown(seen)
    except NeedsContentError:
        if subject.media is None and subject.source is None:
            raise
        parts, exact = _count_content(subject, counter)
        if not exact:
            kind = "estimate"
            notes.append("no safe place to cut was found: the count of the pieces is an estimate")
    else:
        notes += counter.notes(seen)
        parts, kind = _with_literal_text(counter, seen, parts, kind, rule, notes, files)
    return Count(
        tokens=sum(parts.values()),
        kind=kind,
        parts=parts,
        info=subject.info,
        model=rule.model.id if rule.model is not None else None,
        tokenizer=counter.name,
        source=rule.source,
        checked=rule.checked,
        notes=tuple(notes),
        geometry=counter.geometry(seen) if subject.modality != "text" else {},
        error=counter.error_factors() if hasattr(counter, "error_factors") else None,
        context_window=rule.model.context_window if rule.model is not None else None,
    )


def _count_content(subject: Subject, counter: AnyCounter) -> tuple[dict[str, int], bool]:
    """Count what only the content tells; long text in pieces, so that memory stays flat."""
    source = subject.source
    streams = getattr(counter, "count_stream", None)
    long = subject.modality == "text" and subject.info.bytes > STREAM_FROM  # type: ignore[union-attr]
    if source is None or streams is None or not long:
        return counter.breakdown(subject.content()), True
    from multitok.loaders.text import chunks

    encoding = (subject.read or {}).get("encoding")
    with loaders.source_of(source).open() as file:
        counted = streams(chunks(file, encoding=encoding))
    return {subject.modality: counted.tokens}, counted.exact


def _with_literal_text(
    counter: AnyCounter,
    seen: Any,
    parts: dict[str, int],
    kind: Kind,
    rule: Resolved,
    notes: list[str],
    files: tuple[str, ...],
) -> tuple[dict[str, int], Kind]:
    """Plain text in the expansion costs text tokens: added when the vocabulary is known."""
    pieces = {piece: times for piece, times in counter.literal_text(seen).items() if times}
    if not pieces:
        return parts, kind
    text = rule.model.rules.get("text") if rule.model is not None else None
    if text is None or rule.model is None:
        shown = ", ".join(f"{piece!r} x {times}" for piece, times in list(pieces.items())[:3])
        more = f" and {len(pieces) - 3} more" if len(pieces) > 3 else ""
        notes.append(f"plus the text {shown}{more} around the placeholders, not counted here")
        return parts, kind
    from multitok.media import Text

    tokenizer = resolve("text", model=rule.model.id, files=files).counter
    tokens = sum(times * tokenizer.count(Text(piece)) for piece, times in pieces.items())
    joined: Any = weakest([kind, text.kind])
    return {**parts, "text": parts.get("text", 0) + tokens}, joined


def explain(
    counted: Count,
    options: Mapping[str, Any] | None = None,
    files: tuple[str, ...] = (),
    tokenizer: str | None = None,
    subject: Subject | None = None,
) -> list[str]:
    """The sum worked in words, for a count of a shape; `tokenizer` as it was asked for. Where only
    the content explains it, that of the `subject` is read."""
    rule = resolve(
        modality_of(counted.info),
        model=counted.model,
        tokenizer=None if counted.model else (tokenizer or counted.tokenizer),
        options=options,
        files=files,
    )
    try:
        return rule.counter.explain(counted.info)
    except NeedsContentError:
        return rule.counter.explain(subject.content()) if subject is not None else []


def models(*files: str) -> list[Model]:
    """Every model of the catalogue, the user's own rows included."""
    return catalog(*files).models()


def tokenizer_for_model(
    model: str, modality: str = "text", *, options: Mapping[str, Any] | None = None
) -> Any:
    """The tokenizer (or counter) behind a model's modality, with the model's parameters."""
    return resolve(modality, model=model, options=options).counter


def models_for(modality: str, files: Sequence[str] = ()) -> tuple[str, ...]:
    """The ids of the models that count a modality."""
    return tuple(model.id for model in models(*files) if modality in model.rules)
