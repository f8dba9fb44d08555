"""Files against token limits: most are proven to fit by their size alone, the rest are counted.

A byte-level vocabulary makes at most one token of a byte, so a file of 3,000 bytes is within 4,000
tokens before any vocabulary is loaded. Only the doubtful are counted, pictures and sound from their
headers like everywhere. A check never changes what it looks at.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Unpack

from multitok.budgets.limits import Limits, Settings, Tokens, seen_from, settings_of, share
from multitok.core.boundary import about, boundary
from multitok.core.errors import (
    MediaError,
    MultitokError,
    NeedsContentError,
    RejectedError,
    SourceError,
    UnknownRuleError,
)
from multitok.core.info import Medium, Modality, Shape, TextInfo, info_of
from multitok.core.schema import misfit
from multitok.counting.counts import Count
from multitok.counting.door import count_subject
from multitok.counting.rules import (
    check_names,
    files_of,
    modalities_of,
    own_options,
    resolve,
    several,
)
from multitok.counting.subject import sent_as, subject_of
from multitok.loaders.door import resolve as read_as
from multitok.loaders.folders import files_in
from multitok.loaders.probed import ReadWords
from multitok.loaders.source import Source, is_data_set, source_of

Status = Literal["ok", "near", "over", "failed", "skipped"]

WIDEST = 3
"""UTF-8 bytes that a byte of another encoding can become, at most (UTF-16: 2 bytes become 3)."""

MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
"""Byte order marks of the encodings that are not UTF-8."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One file's verdict. `proven` by its size: `tokens` is then the bound, not the count."""

    path: str
    status: Status
    limit: int | None = None
    tokens: int | None = None
    kind: str = ""
    proven: bool = False
    why: str = ""

    @property
    def message(self) -> str:
        """`1,204 tokens, 204 over its limit of 1,000`."""
        if self.status == "failed":
            return self.why
        if self.tokens is None or self.limit is None:
            return self.why or "no limit is set for it"
        shown = f"{self.tokens:,} tokens"
        if self.status == "over":
            return f"{shown}, {self.tokens - self.limit:,} over its limit of {self.limit:,}"
        share = f"{100 * self.tokens / self.limit:.0f} %" if self.limit else "all"
        most = "at most " if self.proven else ""
        return f"{most}{shown}, {share} of its limit of {self.limit:,}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What to count with, and the limits. `check` gives a verdict a file, in the order given."""

    limits: Limits
    model: str | None = None
    tokenizer: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    modality: Modality | None = None
    read: ReadWords = field(default_factory=ReadWords)
    root: str = "."
    """The folder that patterns are seen from."""

    def check(self, paths: Iterable[str], *, ignored: bool = False) -> Iterator[Checked]:
        """Files as they are named, folders by what is in them (.gitignore honored)."""
        unread: list[Checked] = []

        def tell(path: str, error: MultitokError) -> None:
            unread.append(Checked(path, "failed", why=str(error)))

        for path in paths:
            if os.path.isdir(path) and not self.is_one(path):
                for found in files_in(path, tell, ignored=ignored):
                    if not self.limits.excludes(self.relative(found)):
                        yield self.check_file(found, named=False)
                yield from unread
                unread.clear()
            elif not self.limits.excludes(self.relative(path)):
                yield self.check_file(path, named=True)

    def relative(self, path: str) -> str:
        """The path as patterns see it: from the root, with forward slashes."""
        found = os.path.relpath(path, self.root)
        return (path if found.startswith("..") else found).replace(os.sep, "/")

    @property
    def frames(self) -> bool:
        """Whether a folder that is named is a clip, as `count` reads it, and not many files."""
        return self.modality == "video" or self.read.get("fps") is not None

    def is_one(self, folder: str) -> bool:
        """Whether a folder that is named is one source: a clip, or a data set of movement."""
        return self.frames or ("actions" in self.takes() and is_data_set(folder))

    def check_file(self, path: str, *, named: bool = True) -> Checked:
        """One file. What the model does not take, and what nothing here can read, is skipped where
        no limit is set for it by name."""
        limit = self.limits.of(self.relative(path))
        if limit is None:
            return Checked(path, "skipped")
        opened = known = False
        try:
            with boundary("checking", path):
                source = source_of(path, directories=self.frames)
                opened = True
                read_as(source, self.modality, self.read)
                known = True
                bound = self.bound(source)
                if bound is not None and bound <= limit * self.limits.warn_at:
                    return Checked(path, "ok", limit, bound, "upper-bound", proven=True)
                return self.counted(path, source, limit)
        except MultitokError as error:
            unread = isinstance(error, SourceError) and (not named or (opened and not known))
            meant = self.limits.names(self.relative(path))
            aside = (unread or isinstance(error, UnknownRuleError)) and not meant
            status: Status = "skipped" if aside else "failed"
            return Checked(path, status, limit, why=about(path, str(error)))

    def bound(self, source: Source) -> int | None:
        """Tokens that a text cannot exceed, from its size alone; None where size proves nothing."""
        info = _largest(source, self.modality, self.read.get("encoding"), self.takes())
        if info is None:
            return None
        return upper_bound(info, self.model, self.tokenizer, self.files)

    def takes(self) -> set[str]:
        """What is counted here: a table for a model that has no rule for it is text."""
        return modalities_of([self.model], self.tokenizer, self.files)

    def counted(self, path: str, source: Source, limit: int) -> Checked:
        subject = subject_of(source, self.modality, takes=self.takes(), **self.read)
        counted = count_subject(
            subject,
            model=self.model,
            tokenizer=self.tokenizer,
            options=own_options(self.options, subject.modality, self.model, self.files),
            files=self.files,
        )
        if counted.rejected:
            raise RejectedError("; ".join(counted.rejected))
        status: Status = "ok"
        if counted.tokens > limit:
            status = "over"
        elif counted.tokens > limit * self.limits.warn_at:
            status = "near"
        return Checked(path, status, limit, counted.tokens, counted.kind)


class Checks(Iterator[Checked]):
    """The verdicts, file by file; once through, `unmet` holds what no file of the project met."""

    def __init__(self, budget: Budget, paths: Sequence[str], ignored: bool) -> None:
        self._budget = budget
        self._verdicts = budget.check(paths, ignored=ignored)
        # of a part of the project nobody can tell: a pattern may be of another part
        root = os.path.realpath(budget.root)
        whole = any(os.path.isdir(path) and os.path.realpath(path) == root for path in paths)
        self._unmet = dict.fromkeys(name for name, _ in budget.limits.patterns) if whole else {}

    def __next__(self) -> Checked:
        one = next(self._verdicts)
        for pattern in self._unmet and self._budget.limits.met(self._budget.relative(one.path)):
            self._unmet.pop(pattern, None)
        return one

    @property
    def unmet(self) -> tuple[str, ...]:
        """Patterns of limits that no checked file matches: misspelt, or of a file that is gone."""
        return tuple(self._unmet)


def check(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    max_tokens: int | None = None,
    limits: Mapping[str, int] | None = None,
    warn_at: float | str | None = None,
    exclude: Iterable[str] = (),
    model: str | None = None,
    tokenizer: str | None = None,
    options: Mapping[str, Any] | None = None,
    modality: Modality | None = None,
    catalog: str | Sequence[str] = (),
    ignored: bool = False,
    config: str | os.PathLike[str] | None = None,
    **read: Unpack[ReadWords],
) -> Checks:
    """Each file against its limit of tokens: a verdict a file, in order.

    paths       files as they are named, folders by what git sees in them
    max_tokens  the limit of a file
    limits      limits by .gitignore-style pattern, the last that matches holds: {"docs/*.md": 4000}
    warn_at     from this share of a limit on a file is "near": 0.8 or "80%"
    exclude     patterns of files to leave out
    ignored     look at what .gitignore leaves out, too
    config      a pyproject.toml whose [tool.multitok] says what is not said here; where the working
                folder is in its folder, patterns are seen from there

    The other arguments are those of `count`. A small text is proven to fit by its size; what the
    model does not take is skipped, unless a pattern limits it. Once the whole project was gone
    through, `unmet` names the limits that no file has. MediaError where no limit is set.

    >>> [readme] = check("README.md", max_tokens=100_000, model="gpt-4o")
    >>> readme.status, readme.proven
    ('ok', True)
    """
    exclude = list(exclude) if not isinstance(exclude, str) else exclude
    wrong = misfit(exclude, list[str], "exclude")
    wrong = wrong or misfit(dict(limits or {}), dict[str, Tokens], "limits")
    if wrong:
        raise MediaError(wrong)
    stored = settings_of(Path(config)) if config is not None else Settings()
    asked = Limits(
        max_tokens=stored.limits.max_tokens if max_tokens is None else max_tokens,
        patterns=(*stored.limits.patterns, *(limits or {}).items()),
        warn_at=stored.limits.warn_at if warn_at is None else share(warn_at),
        exclude=(*stored.limits.exclude, *exclude),
    )
    if asked.max_tokens is None and not asked.patterns:
        raise MediaError(
            "no limit: pass --max-tokens 8000 (max_tokens=8000), or write [tool.multitok] limits"
            " in pyproject.toml"
        )
    given = model is not None or tokenizer is not None
    budget = Budget(
        limits=asked,
        model=model if given else stored.model,
        tokenizer=tokenizer if given else stored.tokenizer,
        options=options or {},
        files=files_of(catalog),
        modality=modality,
        read=read,
        root=seen_from(config),
    )
    named = several(paths, "paths", "docs")
    check_names(budget.model, budget.tokenizer, budget.files, named)
    return Checks(budget, [os.fspath(path) for path in named], ignored)


def upper_bound(
    info: TextInfo, model: str | None, tokenizer: str | None, files: tuple[str, ...] = ()
) -> int | None:
    """Tokens a text of this many bytes cannot exceed, if its vocabulary has such a bound."""
    rule = resolve("text", model=model, tokenizer=None if model else tokenizer, files=files)
    if rule.kind == "estimate":
        return None
    try:
        return rule.counter.upper_bound(info)
    except NeedsContentError:
        return None


def bound(
    source: Any,
    *,
    model: str | None = None,
    tokenizer: str | None = None,
    files: tuple[str, ...] = (),
    encoding: str | None = None,
) -> Count:
    """What a text cannot exceed, by its size alone, as a Count: no vocabulary is loaded.

    MediaError where it is no text, or its vocabulary has no such bound.
    """
    known = isinstance(source, Medium | Shape)
    takes = modalities_of([model], None if model else tokenizer, files)
    info = info_of(source) if known else _largest(source_of(source), None, encoding, takes)
    found = None
    if isinstance(info, TextInfo):
        found = upper_bound(info, model, tokenizer, files)
    if info is None or found is None:
        raise MediaError(
            f"no bound is proven for this with {model or tokenizer}: only texts in a byte-level"
            " vocabulary have one. Count it without --bound"
        )
    rule = resolve("text", model=model, tokenizer=None if model else tokenizer, files=files)
    return Count(
        tokens=found,
        kind="upper-bound",
        parts={"text": found},
        info=info,
        model=rule.model.id if rule.model is not None else None,
        tokenizer=rule.counter.name,
        source="a byte-level vocabulary makes at most one token of a byte",
        notes=("proven by the size alone: nothing was counted",),
        named=model,
    )


def _largest(
    source: Source, modality: Modality | None, encoding: str | None, takes: Collection[str]
) -> TextInfo | None:
    """The most UTF-8 bytes a text file can be, from its size; None for what is no text."""
    if source.size is None:
        return None
    kind = read_as(source, modality, {"encoding": encoding})[1]
    if kind.modality != "text" and (modality or sent_as(source, takes)[0] != "text"):
        return None
    wide = encoding is not None or source.head().startswith(MARKS)
    return TextInfo(source.size * (WIDEST if wide else 1))


def totals(checked: Sequence[Checked]) -> dict[str, int]:
    """How many files have each verdict, and how many were proven by their size."""
    found = dict.fromkeys(("ok", "near", "over", "failed", "skipped", "proven"), 0)
    for one in checked:
        found[one.status] += 1
        found["proven"] += one.proven
    return found
