"""Files against token limits: most are proven to fit by their size alone, the rest are counted.

A byte-level vocabulary makes at most one token of a byte, so a file of 3,000 bytes is within 4,000
tokens before any vocabulary is loaded. Only the doubtful are counted, pictures and sound from their
headers like everywhere. A check never changes what it looks at.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from multitok.core.boundary import about, boundary
from multitok.core.errors import MediaError, MultitokError, NeedsContentError, SourceError
from multitok.core.info import Medium, Shape, TextInfo, info_of
from multitok.core.tokenizer import Count
from multitok.counting.door import count_subject
from multitok.counting.rules import resolve
from multitok.counting.subject import subject_of
from multitok.loaders.folders import files_in, wrong_pattern
from multitok.loaders.sniff import sniff
from multitok.loaders.source import Source, source_of

Status = Literal["ok", "near", "over", "failed", "skipped"]

WIDEST = 3
"""UTF-8 bytes that a byte of another encoding can become, at most (UTF-16: 2 bytes become 3)."""

MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
"""Byte order marks of the encodings that are not UTF-8."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Tokens a file may have: its own pattern's limit, else `max_tokens`.

    `patterns` are .gitignore-style, the last that matches holds; `warn_at` is a share of the limit.
    """

    max_tokens: int | None = None
    patterns: tuple[tuple[str, int], ...] = ()
    warn_at: float = 1.0
    exclude: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for pattern in (*(pattern for pattern, _ in self.patterns), *self.exclude):
            if why := wrong_pattern(pattern):
                raise MediaError(why)

    def of(self, path: str) -> int | None:
        """The limit of one file; None when nothing limits it."""
        limit = self.max_tokens
        for pattern, own in self.patterns:
            if _matches(pattern, path):
                limit = own
        return limit

    def excludes(self, path: str) -> bool:
        return any(_matches(pattern, path) for pattern in self.exclude)


def _matches(pattern: str, path: str) -> bool:
    return bool(_spec(pattern).match_file(path))


@cache
def _spec(pattern: str) -> Any:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines([pattern])


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
    encoding: str | None = None

    def check(self, paths: Iterable[str], *, ignored: bool = False) -> Iterator[Checked]:
        """Files as they are named, folders by what is in them (.gitignore honored)."""
        unread: list[Checked] = []

        def tell(path: str, error: MultitokError) -> None:
            unread.append(Checked(path, "failed", why=str(error)))

        for path in paths:
            if os.path.isdir(path):
                for found in files_in(path, tell, ignored=ignored):
                    if not self.limits.excludes(_relative(found)):
                        yield self.check_file(found, named=False)
                yield from unread
                unread.clear()
            elif not self.limits.excludes(_relative(path)):
                yield self.check_file(path, named=True)

    def check_file(self, path: str, *, named: bool = True) -> Checked:
        """One file. What a folder holds that nothing here can read is skipped, not failed."""
        limit = self.limits.of(_relative(path))
        if limit is None:
            return Checked(path, "skipped")
        try:
            with boundary("checking", path):
                source = source_of(path)
                bound = self.bound(source)
                if bound is not None and bound <= limit * self.limits.warn_at:
                    return Checked(path, "ok", limit, bound, "upper-bound", proven=True)
                return self.counted(path, source, limit)
        except MultitokError as error:
            unread = isinstance(error, SourceError) and not named
            status: Status = "skipped" if unread else "failed"
            return Checked(path, status, limit, why=about(path, str(error)))

    def bound(self, source: Source) -> int | None:
        """Tokens that a text cannot exceed, from its size alone; None where size proves nothing."""
        info = _largest(source, self.encoding)
        if info is None:
            return None
        return upper_bound(info, self.model, self.tokenizer, self.files)

    def counted(self, path: str, source: Source, limit: int) -> Checked:
        read = {"encoding": self.encoding} if self.encoding else {}
        subject = subject_of(source, **read)
        counted = count_subject(
            subject,
            model=self.model,
            tokenizer=self.tokenizer,
            options=self.options,
            files=self.files,
        )
        status: Status = "ok"
        if counted.tokens > limit:
            status = "over"
        elif counted.tokens > limit * self.limits.warn_at:
            status = "near"
        return Checked(path, status, limit, counted.tokens, counted.kind)


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
    info = info_of(source) if known else _largest(source_of(source), encoding)
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
    )


def _largest(source: Source, encoding: str | None) -> TextInfo | None:
    """The most UTF-8 bytes a text file can be, from its size; None for what is no text."""
    if source.size is None or sniff(source).modality != "text":
        return None
    wide = encoding is not None or source.head().startswith(MARKS)
    return TextInfo(source.size * (WIDEST if wide else 1))


def _relative(path: str) -> str:
    """The path as patterns see it: from the working folder, with forward slashes."""
    found = os.path.relpath(path)
    return (path if found.startswith("..") else found).replace(os.sep, "/")


@dataclass(frozen=True, slots=True)
class Settings:
    """[tool.multitok] of a pyproject.toml: a model and limits."""

    model: str | None = None
    tokenizer: str | None = None
    limits: Limits = Limits()


KEYS = ("model", "tokenizer", "max-tokens", "warn-at", "exclude", "limits")


def settings_of(path: Path) -> Settings:
    """What the file says; nothing when it is not there. SourceError names what is wrong in it."""
    if not path.exists():
        return Settings()
    with boundary("reading", path, naming=True):
        return _settings(path)


def _settings(path: Path) -> Settings:
    import tomllib

    try:
        table = tomllib.loads(path.read_text("utf-8")).get("tool", {}).get("multitok", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(f"{path}: {error}", source=str(path)) from None
    for key in table:
        if key not in KEYS:
            raise SourceError(
                f"{path}: [tool.multitok] has no {key!r}. There are: {', '.join(KEYS)}",
                source=str(path),
            )
    limits = table.get("limits", {})
    for name, value in [("max-tokens", table.get("max-tokens", 0)), *limits.items()]:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise SourceError(
                f"{path}: [tool.multitok] {name} must be a number of tokens, got {value!r}",
                source=str(path),
            )
    return Settings(
        model=table.get("model"),
        tokenizer=table.get("tokenizer"),
        limits=Limits(
            max_tokens=table.get("max-tokens"),
            patterns=tuple(limits.items()),
            warn_at=share(table.get("warn-at", 1.0)),
            exclude=tuple(table.get("exclude", ())),
        ),
    )


def share(value: str | float) -> float:
    """80%, "80 %" or 0.8 as 0.8; MediaError when it is none from 0 to 1.

    >>> share("80%")
    0.8
    """
    text = str(value).strip()
    try:
        found = float(text.rstrip("% ")) / 100 if text.endswith("%") else float(text)
    except ValueError:
        found = -1.0
    if not 0 < found <= 1:
        raise MediaError(f"a warning level is a share: write 80% or 0.8, got {value!r}")
    return found


def totals(checked: Sequence[Checked]) -> dict[str, int]:
    """How many files have each verdict, and how many were proven by their size."""
    found = dict.fromkeys(("ok", "near", "over", "failed", "skipped", "proven"), 0)
    for one in checked:
        found[one.status] += 1
        found["proven"] += one.proven
    return found
