"""The door for counting: from anything a user may point at to a Count.

One arithmetic serves a file, a picture in memory and a bare size: the source is probed for its
shape, the model's rule is looked up, and only where the rule says that the content decides (text
tokens) is the content read, in pieces when it is long.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Unpack

from multitok.catalog.accepts import accepts
from multitok.catalog.lifecycle import gone
from multitok.catalog.load import catalog
from multitok.core.boundary import is_unforeseen, unforeseen
from multitok.core.counts import Kind, weakest
from multitok.core.errors import MediaError, NeedsContentError, RejectedError, UnknownRuleError
from multitok.core.info import Info, Medium, Modality, Shape, TextInfo, info_of, modality_of
from multitok.core.registry import AnyCounter
from multitok.counting.counts import Count, Fixed
from multitok.counting.ranges import clipping, ranged
from multitok.counting.refusals import refusals
from multitok.counting.rules import Elsewhere, Resolved, files_of, modalities_of, resolve
from multitok.counting.subject import STREAM_FROM, Subject, has_columns, subject_of
from multitok.loaders import memory
from multitok.loaders.probed import ReadWords
from multitok.loaders.source import source_of

KEPT = 4096
"""Counts of bare shapes that are kept."""

CLIPPED = (
    "16 bits of gray: the published pipeline clips them to white, here they are scaled: save it"
    " with 8 bits for the model to see it"
)


def count(
    source: Any,
    *,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    modality: Modality | None = None,
    options: Mapping[str, Any] | None = None,
    catalog: str | Sequence[str] = (),
    **read: Unpack[ReadWords],
) -> Count:
    """How many tokens a source is for a model, and how that is known.

    source      a path, "-", bytes, an open binary file, a data: URL, a PIL image, an array (a
                picture, or as `modality` says), a data frame, a medium (multitok.Text("...")), or
                a bare shape (multitok.ImageInfo(1920, 1080))
    model       a name of the catalogue; or name a `tokenizer` instead
    modality    how to read the source; with "text" a str is the text itself, not a path
    options     the provider's own request words (detail, media_resolution, fps, ...), or the
                parameters of the tokenizer
    catalog     a file with rows of your own, or several
    read        how to read the source: the keywords of `examine`

    UnknownNameError, UnknownRuleError, SourceError and MediaError end with what to do.

    >>> from multitok import ImageInfo
    >>> count(ImageInfo(1024, 1024), model="gpt-4o").tokens
    765
    """
    files = files_of(catalog)
    subject = subject_for(source, modality, model, tokenizer, files, read)
    return count_subject(subject, model=model, tokenizer=tokenizer, options=options, files=files)


def subject_for(
    source: Any,
    modality: Modality | None,
    model: str | None,
    tokenizer: str | AnyCounter | None,
    files: tuple[str, ...],
    read: ReadWords,
) -> Subject:
    """The source as this model, or tokenizer, gets it: a table that it has no rule for is text."""
    if isinstance(source, Shape) and not read:
        return Subject(info_of(source))
    takes: Collection[str] = ()
    if modality is None and not isinstance(source, Medium) and has_columns(source):
        takes = modalities_of([model], tokenizer, files, [source])
    return subject_of(source, modality, takes=takes, **read)


def count_subject(
    subject: Subject,
    *,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    options: Mapping[str, Any] | None = None,
    files: tuple[str, ...] = (),
) -> Count:
    """`count` for a source that is probed already, to count it for many models."""
    try:  # `boundary` in plain words: made anew, it would be a twentieth of a short count
        return _count_subject(subject, model, tokenizer, options, files)
    except BaseException as error:
        if is_unforeseen(error):
            raise unforeseen(error, "counting", subject) from error
        raise


def _count_subject(
    subject: Subject,
    model: str | None,
    tokenizer: str | AnyCounter | None,
    options: Mapping[str, Any] | None,
    files: tuple[str, ...],
) -> Count:
    modality = subject.info.modality
    try:
        rule = resolve(modality, model=model, tokenizer=tokenizer, options=options, files=files)
    except UnknownRuleError:
        if model is not None and modality == "pdf":
            from multitok.counting.pdf_range import count_pdf_range

            return count_pdf_range(subject, model, options, files)
        if model is not None:
            _check_taken(subject, model, files)
            _check_frame(subject, model, files)
        raise
    if rule.counter.modality != modality:
        raise UnknownRuleError(
            f"tokenizer {rule.counter.name!r} counts {rule.counter.modality}, not {modality}."
            f" {_instead(rule.counter.modality, modality)}",
            model=model,
            modality=modality,
        )
    if rule.lasting and subject.is_bare:
        return _of_shape(subject, rule, files, model)
    if rule.stored:
        subject = subject.as_stored()
    if rule.lasting and subject.is_plain and (found := _of_plain(subject, rule, files, model)):
        return found
    return _counted(subject, rule, files, model)


def _of_plain(
    subject: Subject, rule: Resolved, files: tuple[str, ...], named: str | None
) -> Count | None:
    """The count of its shape, where that is the whole count of a file; else None."""
    if rule.counter.needs_content():
        return None
    try:
        found = _of_shape(Subject(subject.info), rule, files, named)
    except NeedsContentError:
        return None
    return found if refusals(subject, rule.accepts) == found.rejected else None


_kept: dict[tuple[Resolved, Info, tuple[str, ...]], Count] = {}


def _of_shape(subject: Subject, rule: Resolved, files: tuple[str, ...], named: str | None) -> Count:
    """The count of a bare shape, worked out once: pictures of one size come by the thousand. Plain
    text around the placeholders is asked for anew, since its vocabulary may be there by now."""
    model = rule.model
    dead = gone(model) if model is not None and model.retired is not None else ()
    key = rule, subject.info, dead
    if (found := _kept.get(key)) is None:
        alone = not rule.counter.literal_text(subject.info)  # first: a rule keeps what it saw last
        found = _counted(subject, rule, files, named)
        if alone:
            if len(_kept) >= KEPT:
                _kept.clear()
            _kept[key] = found
    return found


def _check_taken(subject: Subject, name: str, files: tuple[str, ...]) -> None:
    """RejectedError where nobody knows the rule, and the API would not answer anyway."""
    model = catalog(*files).model(name)
    taken = accepts(model.provider, model.id, subject.modality)
    if taken is None or subject.modality not in model.unknown:
        return
    if rejected := refusals(subject, taken):
        raise RejectedError("; ".join(rejected), model=model.id, modality=subject.modality)


def _check_frame(subject: Subject, name: str, files: tuple[str, ...]) -> None:
    """UnknownRuleError for a data frame that goes to a model of text: as what it would be text."""
    model = catalog(*files).model(name)
    if memory.held(subject.source) == "frame" and "text" in model.rules:
        raise UnknownRuleError(
            f"no rule for {subject.modality} with model {model.id!r}: {model.id} takes"
            f" {' and '.join(model.rules)}. A data frame is counted as text by"
            " multitok.Text(frame.to_csv())",
            model=model.id,
            modality=subject.modality,
        )


def _instead(takes: str, given: str) -> str:
    """A table of numbers can be either; anything else needs another tokenizer."""
    if {takes, given} == {"series", "actions"} or (takes, given) == ("series", "text"):
        return f"To read it so: --as {takes} (modality={takes!r})"
    if takes == "text" and given in ("series", "actions"):
        return "To count a file of text as text, pass --as text (modality='text')"
    return "See: multitok tokenizers"


def _counted(subject: Subject, rule: Resolved, files: tuple[str, ...], named: str | None) -> Count:
    if rule.silent and subject.media is not None:
        return _silently(subject, rule, named)
    counter, kind, own = rule.counter, rule.kind, 0
    rejected = refusals(subject, rule.accepts)
    notes = [*rejected, *subject.notes, *rule.notes]
    if rule.model is not None and rule.model.retired is not None:
        notes = [*gone(rule.model), *notes]
    seen: Any = subject.media if subject.media is not None else subject.info
    if subject.source is not None and counter.needs_content():
        seen = subject.content()
    rule, said = ranged(rule, seen)
    counter = rule.counter
    notes += (*said, *clipping(counter, seen))
    try:
        parts = counter.breakdown(seen)
    except NeedsContentError:
        if subject.media is None and subject.source is None:
            raise
        parts, exact, error, said = _count_content(subject, rule)
        error = rule.measured or error
        notes += said
        if not exact:
            kind = "estimate"
            notes.append("no safe place to cut was found: the count of the pieces is an estimate")
    else:
        error = rule.error_of(seen)
        notes += counter.notes(seen)
        if rule.accepts is not None and rule.accepts.crowd is not None:
            notes += rule.accepts.remarks(subject.info)
        own = sum(parts.values())
        if literal := counter.literal_text(seen):
            parts, kind = _with_literal_text(literal, parts, kind, rule, notes, files)
    geometry = counter.geometry(seen) if counter.modality != "text" else {}
    size_seen, frames_seen = counter.size_seen(seen), counter.frames_seen(seen)
    left_out = counter.left_out(seen)
    # asked last: a rule keeps the last picture it saw
    if subject.probed is not None and "gray_bits" in subject.probed.facts and rule.published:
        notes.append(CLIPPED)
    if own and rule.elsewhere and (other := _elsewhere(subject, rule.elsewhere, own)):
        notes.append(other)
    if subject.is_bare:  # the next one who asks may get the same count
        parts, geometry = Fixed(parts), Fixed(geometry)
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
        geometry=geometry,
        size_seen=size_seen,
        error=error,
        context_window=rule.model.context_window if rule.model is not None else None,
        rejected=rejected,
        left_out=left_out,
        frames_seen=frames_seen,
        named=named,
    )


def _silently(subject: Subject, rule: Resolved, named: str | None) -> Count:
    """What `_counted` gives where the rule has no words for a medium: a text is counted in less
    time than they are asked for."""
    counter, model, notes = rule.counter, rule.model, rule.notes
    if model is not None and model.retired is not None:
        notes = (*gone(model), *notes)
    parts = counter.breakdown(subject.media)
    return Count(
        sum(parts.values()), rule.kind, parts, subject.info,
        model.id if model is not None else None, counter.name, rule.source, rule.checked, notes,
        {}, rule.measured, model.context_window if model is not None else None, named=named,
    )  # fmt: skip


def _elsewhere(subject: Subject, elsewhere: tuple[Elsewhere, ...], tokens: int) -> str | None:
    """One note on the runtimes that count this picture, or clip, differently. Asked of every count,
    so it does as little as it can where none does."""
    info = subject.info
    stored = subject.as_stored().info if subject.turned else info
    found: dict[str, list[str]] = {}
    for words, count, as_stored, same in elsewhere:
        if same and stored is info:
            continue
        seen = stored if as_stored else info
        try:
            if (other := count(seen)) == tokens:
                continue
            turned = seen is not info and count(info) == tokens
        except MediaError:
            continue
        limits = "frames and limits" if subject.modality == "video" else "limits"
        why = "where EXIF is ignored" if turned else f"under its {limits}"
        found.setdefault(f"{other:,} {why}", []).append(words)
    if not found:
        return None
    return "; ".join(f"{how}: runtime={' or '.join(words)}" for how, words in found.items())


def _count_content(
    subject: Subject, rule: Resolved
) -> tuple[dict[str, int], bool, tuple[float, float] | None, tuple[str, ...]]:
    """Count what only the content tells, whether the pieces add up, what the count may be off, and
    notes; long text in pieces, so that memory stays flat."""
    source, info, counter = subject.source, subject.info, rule.counter
    if source is not None and isinstance(info, TextInfo) and info.bytes > STREAM_FROM:
        from multitok.loaders.text import chunks

        encoding = (subject.read or {}).get("encoding")
        with source_of(source).open() as file:
            counted = counter.count_stream(chunks(file, encoding=encoding))
        if counted is not None:
            error = counted.error or counter.error()
            return {subject.modality: counted.tokens}, counted.exact, error, ()
    content = subject.content()
    found, said = ranged(rule, content)
    counter = found.counter
    notes = (*said, *clipping(counter, content)) if subject.media is None else ()
    return counter.breakdown(content), True, counter.error_of(content), notes


def _with_literal_text(
    literal: Mapping[str, int],
    parts: dict[str, int],
    kind: Kind,
    rule: Resolved,
    notes: list[str],
    files: tuple[str, ...],
) -> tuple[dict[str, int], Kind]:
    """Plain text in the expansion costs text tokens: added when the vocabulary is known. A number
    without them is no more than an estimate."""
    pieces = {piece: times for piece, times in literal.items() if times}
    if not pieces:
        return parts, kind
    if rule.model is None or "text" not in rule.model.rules:
        shown = ", ".join(f"{piece!r} x {times}" for piece, times in list(pieces.items())[:3])
        more = f" and {len(pieces) - 3} more" if len(pieces) > 3 else ""
        notes.append(f"plus the text {shown}{more} around the placeholders, not counted here")
        return parts, weakest([kind, "estimate"])
    from multitok.core.media import Text

    written = resolve("text", model=rule.model.id, files=files)
    tokens = sum(times * written.counter.count(Text(piece)) for piece, times in pieces.items())
    joined = weakest([kind, written.kind])
    if joined == "estimate" != kind:
        notes.append(f"the text around the placeholders is estimated: {tokens:,} tokens of these")
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
        if subject is None:
            return []
        content = subject.content()
        return ranged(rule, content)[0].counter.explain(content)
