"""A rule looked up once, for loops over many sources: the numbers of `count`, without its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Literal, NamedTuple, Unpack

from multitok.catalog.accepts import Accepts
from multitok.core.boundary import boundary
from multitok.core.counts import Kind
from multitok.core.errors import NeedsContentError, UnknownRuleError
from multitok.core.info import Shape, TextInfo
from multitok.core.media import Text
from multitok.core.registry import AnyCounter
from multitok.core.tokenizer import Plain, Ranged
from multitok.counting.costs import by_modality
from multitok.counting.counts import Count
from multitok.counting.door import count_subject
from multitok.counting.refusals import held_against, refusals
from multitok.counting.rules import Resolved, files_of, is_default, resolve
from multitok.counting.subject import STREAM_FROM, Subject, subject_of
from multitok.loaders.probed import ReadWords, check_words

KEPT = 4096
"""Shapes whose counts a counter remembers."""


class Measured(NamedTuple):
    """The numbers of a count: tokens, how they are known, the most that they may be, and how many
    of them are billed as each modality. `rejected` says why the API would answer with an error."""

    tokens: int
    kind: Kind | Literal["rejected"]
    most: int
    by_modality: Mapping[str, int]
    rejected: str | None = None

    @classmethod
    def of(cls, counted: Count) -> Measured:
        """Those of a count.

        >>> from multitok import Text, count
        >>> Measured.of(count(Text("hello world"), model="gpt-4o"))[:3]
        (2, 'exact', 2)
        """
        most = counted.range[1] if counted.range is not None else counted.tokens
        why = "; ".join(counted.rejected) or None
        kind = counted.kind if why is None else "rejected"
        return cls(counted.tokens, kind, most, by_modality(counted), why)


class SourceCounter:
    """Counts sources of one modality by one rule: made by `multitok.counter`."""

    def __init__(
        self,
        modality: str,
        *,
        model: str | None,
        tokenizer: str | AnyCounter | None,
        options: Mapping[str, Any] | None,
        files: tuple[str, ...],
        read: ReadWords,
    ) -> None:
        self.modality = modality
        self._asked: Any = {"model": model, "tokenizer": tokenizer, "options": options}
        self._files, self._read = files, read
        self._rule: Resolved | None = None
        try:
            self._rule = self._resolved()
        except UnknownRuleError:
            if model is None or modality != "pdf":  # text and pages: the door adds those up
                raise
        counter = self._rule.counter if self._rule is not None else None
        # a protocol is dear to ask; a range may be that of the movement, so only the door knows
        self._ranged = isinstance(counter, Ranged)
        self._literal = counter is not None and not is_default(counter, "literal_text")
        self._shaped = counter is not None and not (
            self._ranged or not is_default(counter, "needs_content")
        )
        self._direct = self._shaped and not self._literal
        self.plain = self._plain()
        self._met: dict[Any, Measured] = {}  # the sizes of a data set are few
        if counter is not None:
            self._count_alone = lru_cache(maxsize=KEPT)(partial(_count_alone, counter))

    def _plain(self) -> Callable[[str], int] | None:
        """What counts a str whose number is exact, and all that there is to say of it; None where
        there is more."""
        rule = self._rule
        if rule is None or not self._direct or rule.kind != "exact" or rule.accepts is not None:
            return None
        return rule.counter.plain() if isinstance(rule.counter, Plain) else None

    def _resolved(self) -> Resolved:
        rule = resolve(self.modality, files=self._files, **self._asked)
        if rule.counter.modality != self.modality:
            raise UnknownRuleError(
                f"tokenizer {rule.counter.name!r} counts {rule.counter.modality}, not"
                f" {self.modality}. See: multitok tokenizers",
                model=self._asked["model"],
                modality=self.modality,
            )
        return rule

    @property
    def kind(self) -> Kind:
        """What is known of the rule's numbers, each of which may know less."""
        return self._rule.kind if self._rule is not None else "upper-bound"

    @property
    def accepts(self) -> Accepts | None:
        """What the model's API takes, where it is stated."""
        return self._rule.accepts if self._rule is not None else None

    def lasts(self, subject: Subject) -> bool:
        """Whether its numbers are those of every source of its shape that is held against the API
        alike, and is not turned."""
        rule = self._rule
        if rule is None or not rule.lasting or not self._shaped or subject.media is not None:
            return False
        return not (self._literal and rule.counter.literal_text(subject.info))

    @property
    def model(self) -> str | None:
        """The id of the model, where it is one's rule."""
        rule = self._rule
        named: str | None = self._asked["model"]
        return rule.model.id if rule is not None and rule.model is not None else named

    def count(self, source: Any) -> int:
        """Tokens of a source: a str is the text itself where text is counted, else a path.

        >>> counter(model="gpt-4o").count("hello world")
        2
        """
        if type(source) is str:
            if self.plain is not None:
                return self.plain(source)
            if self._direct and self._rule is not None and self.modality == "text":
                return self._rule.counter.count(Text(source))
        elif self._shaped and isinstance(source, Shape) and source.modality == self.modality:
            tokens = self._count_alone(source)
            if tokens is not None:
                return tokens
        return self.measured(source).tokens

    __call__ = count

    def measured(self, source: Any) -> Measured:
        """All numbers of a source's count."""
        with boundary("counting", source):
            return self.of(subject_of(source, self.modality, **self._read))  # type: ignore[arg-type]

    def of_text(self, text: str) -> Measured:
        """All numbers of a text: what `of` gives, at less than half of its price."""
        if self.plain is not None:
            tokens = self.plain(text)
            return Measured(tokens, "exact", tokens, {"text": tokens})
        media, rule = Text(text), self._rule
        if rule is None or not self._direct:
            return self.of(Subject(media.info, media=media))
        if rule.kind == "exact" and rule.accepts is None:
            tokens = rule.counter.count(media)
            return Measured(tokens, "exact", tokens, {"text": tokens})
        return self._of_shape(Subject(media.info, media=media), rule, media)

    def of(self, subject: Subject) -> Measured:
        """All numbers of a source that is probed already, to count it for many models."""
        rule = self._rule
        if rule is None or self._is_long(subject):
            return Measured.of(count_subject(subject, files=self._files, **self._asked))
        if rule.stored:
            subject = subject.as_stored()
        seen = self._seen(subject, rule)
        if seen is None or (self._literal and rule.counter.literal_text(seen)):
            return Measured.of(count_subject(subject, files=self._files, **self._asked))
        try:
            return self._of_shape(subject, rule, seen)
        except NeedsContentError:
            return Measured.of(count_subject(subject, files=self._files, **self._asked))

    def _of_shape(self, subject: Subject, rule: Resolved, seen: Any) -> Measured:
        """The numbers of what the rule is asked of; those of a shape are kept, if they last."""
        if seen is not subject.info or not rule.lasting:
            return self._worked_out(subject, rule, seen)
        key = seen, held_against(subject, rule.accepts)
        if (found := self._met.get(key)) is None:
            if len(self._met) >= KEPT:
                self._met.clear()
            found = self._met[key] = self._worked_out(subject, rule, seen)
        return found

    def _worked_out(self, subject: Subject, rule: Resolved, seen: Any) -> Measured:
        counter, modality = rule.counter, self.modality
        if modality == "video":
            parts = counter.breakdown(seen)
            sound, tokens = parts.get("audio", 0), sum(parts.values())
            billed = {modality: tokens - sound, "audio": sound} if sound else {modality: tokens}
        else:
            tokens = counter.count(seen)
            billed = {modality: tokens}
        error = rule.error_of(seen)
        most = tokens if error is None else round(tokens * error[1])
        kind: Kind | Literal["rejected"] = rule.kind
        why = refusals(subject, rule.accepts)
        if why:
            return Measured(tokens, "rejected", most, billed, "; ".join(why))
        return Measured(tokens, kind, most, billed)

    def _is_long(self, subject: Subject) -> bool:
        """A text in a file that is counted in pieces."""
        return (
            subject.media is None
            and isinstance(subject.info, TextInfo)
            and subject.info.bytes > STREAM_FROM
        )

    def _seen(self, subject: Subject, rule: Resolved) -> Any:
        """What the rule is asked of; None where only the door knows."""
        if self._ranged:
            return None
        if subject.media is not None:
            return subject.media
        if self.modality == "text" or rule.counter.needs_content():
            return subject.content() if subject.source is not None else subject.info
        return subject.info


def _count_alone(counter: AnyCounter, shape: Shape) -> int | None:
    """Tokens of a shape; None where text around the placeholders is counted with them."""
    return None if counter.literal_text(shape) else counter.count(shape)


def counter(
    *,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    modality: str = "text",
    options: Mapping[str, Any] | None = None,
    catalog: str | Sequence[str] = (),
    **read: Unpack[ReadWords],
) -> SourceCounter:
    """A model's rule for one modality, looked up once, for loops of your own.

    model       a name of the catalogue; or name a `tokenizer` instead
    modality    what its sources are; a str is the text itself where that is "text"
    options     the request's own words (detail, ...), or the parameters of the tokenizer
    catalog     a file with rows of your own, or several
    read        how to read each source: the keywords of `examine`

    The numbers are those of `count`, which also tells the words: notes, geometry, source. A rule
    stays as it was when it was looked up.

    >>> tokens = counter(model="gpt-4o")
    >>> [tokens.count(text) for text in ("hello world", "")]
    [2, 0]
    """
    check_words(read, ". A word of the request goes into options={...}")
    files = files_of(catalog)
    return SourceCounter(
        modality, model=model, tokenizer=tokenizer, options=options, files=files, read=read
    )
