"""A corpus's counts, kept to be held against later ones (`drift`): what was counted, for whom, and
what each number comes from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict, Unpack

import multitok
from multitok.budgets.limits import Limits, seen_from, settings_of
from multitok.core.boundary import about, boundary
from multitok.core.errors import MultitokError, SourceError, UnknownRuleError
from multitok.core.info import Modality
from multitok.core.schema import Within
from multitok.core.stamps import digest
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
from multitok.counting.subject import subject_of
from multitok.loaders.folders import files_in
from multitok.loaders.probed import ReadWords
from multitok.loaders.source import is_data_set, source_of

PACKAGES = (
    "av", "ctok", "fastokens", "mistral-common", "pillow", "pypdfium2", "splintr-rs", "tiktoken",
    "tokenizers",
)  # fmt: skip
"""What reads headers and text here, and is not ours."""

Status = Literal["same", "moved", "new", "failed"]


class Tally(TypedDict):
    """How many tokens a file is for a model, read as what, and how that is known."""

    modality: str
    tokens: Annotated[int, Within("a number of tokens", 0)]
    kind: str


class Rule(TypedDict):
    """What a number comes from, beside the file."""

    id: str | None
    tokenizer: str
    params: Annotated[dict[str, Any], Within("a table")]
    fingerprint: str | None
    source: str
    checked: str | None


@dataclass(frozen=True, slots=True)
class Drift:
    """A file for a model: what it is now, what it was, and why it is another number.

    status   "same"; "moved", in its tokens or in how they are known; "new", in no baseline yet;
             "failed", with the error as `why`
    """

    path: str
    model: str
    status: Status
    tokens: int | None = None
    kind: str | None = None
    was: int | None = None
    kind_was: str | None = None
    why: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """`1,204 tokens for gpt-4o, was 1,180 (+24): the file changed`"""
        if self.tokens is None:
            return "; ".join(self.why)
        said = f"{self.tokens:,} tokens for {self.model}"
        if self.was is not None and self.was != self.tokens:
            said += f", was {self.was:,} ({self.tokens - self.was:+,})"
        if self.kind_was not in (None, self.kind):
            said += f", {self.kind}, was {self.kind_was}"
        return f"{said}: {'; '.join(self.why)}" if self.why else said


@dataclass(frozen=True, slots=True)
class Asked:
    """Who counts, and how files are read."""

    models: tuple[str, ...] = ()
    tokenizer: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    modality: Modality | None = None
    read: ReadWords = field(default_factory=ReadWords)
    catalog: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The models, or the tokenizer, by name."""
        return self.models or (str(self.tokenizer),)

    def who(self, name: str) -> dict[str, str | None]:
        """One of them, as counts and rules are asked for it."""
        return {"model": None, "tokenizer": name} if self.tokenizer else {"model": name}

    def words(self, name: str, modality: Modality) -> dict[str, Any]:
        """How a modality is counted by one of them."""
        who = self.who(name)
        options = own_options(self.options, modality, who["model"], self.catalog)
        return {"options": options, "files": self.catalog, **who}

    def takes(self, name: str) -> set[str]:
        who = self.who(name)
        return modalities_of([who["model"]], who.get("tokenizer"), self.catalog)

    def count(self, path: str, name: str) -> Count:
        """A file for one of them."""
        with boundary("counting", path):
            frames = self.modality == "video" or self.read.get("fps") is not None
            source = source_of(path, directories=frames)
            subject = subject_of(source, self.modality, takes=self.takes(name), **self.read)
            return count_subject(subject, **self.words(name, subject.modality))

    def rule(self, name: str, counted: Count) -> Rule:
        """What a count came from: where a sum of rules counted (a PDF), their names alone."""
        try:
            modality = counted.info.modality
            counter = resolve(modality, **self.words(name, modality)).counter
            params, told = counter.config(), counter.fingerprint()
        except UnknownRuleError:
            params, told = {}, None
        day = counted.checked
        return {
            "id": counted.model,
            "tokenizer": str(params.pop("tokenizer", counted.tokenizer)),
            "params": params,
            "fingerprint": told,
            "source": counted.source,
            "checked": day.isoformat() if day is not None else None,
        }


@dataclass(frozen=True, slots=True)
class Baseline:
    """The counts of files for models, and what they come from: what `baseline_of` makes."""

    asked: Asked
    files: Mapping[str, tuple[str, Mapping[str, Tally]]]
    """By path: the sha256 of the file, and its counts by model."""
    rules: Mapping[str, Mapping[str, Rule]]
    multitok: str
    packages: Mapping[str, str]
    failed: tuple[Drift, ...] = ()

    @property
    def rows(self) -> list[Drift]:
        """Each count as a row, and what could not be counted."""
        found = [
            Drift(path, name, "new", one["tokens"], one["kind"])
            for path, (_, counts) in self.files.items()
            for name, one in counts.items()
        ]
        return [*found, *self.failed]


def baseline_of(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    models: str | Sequence[str] = (),
    tokenizer: str | None = None,
    options: Mapping[str, Any] | None = None,
    modality: Modality | None = None,
    catalog: str | Sequence[str] = (),
    exclude: Iterable[str] = (),
    ignored: bool = False,
    config: str | os.PathLike[str] | None = None,
    **read: Unpack[ReadWords],
) -> Baseline:
    """The counts of files now, to be written down and held against those of later days.

    paths    files as they are named, folders by what git sees in them
    models   names of the catalogue; or name a `tokenizer` instead

    The other arguments are those of `check`. Of a folder, files that nothing here reads, or that
    a model does not take, are left out.

    >>> baseline_of("README.md", models="gpt-4o").files["README.md"][1]["gpt-4o"]["kind"]
    'exact'
    """
    names = several(models, "models", "gpt-4o")
    stored = settings_of(Path(config)) if config is not None else None
    if not names and tokenizer is None and stored is not None:
        names = (stored.model,) if stored.model else ()
        tokenizer = stored.tokenizer if not names else None
    given = Asked(names, tokenizer, dict(options or {}), modality, read, files_of(catalog))
    for name in names or (None,):
        check_names(name, tokenizer, given.catalog)
    out = (*(stored.limits.exclude if stored else ()), *exclude)
    files: dict[str, tuple[str, dict[str, Tally]]] = {}
    rules: dict[str, dict[str, Rule]] = {}
    failed: list[Drift] = []
    for path, named in files_of_paths(paths, given, Limits(exclude=out), ignored, config, failed):
        for name in given.names:
            counted = attempt(given, path, name, named, failed)
            if counted is None:
                continue
            by_modality = rules.setdefault(name, {})
            if counted.info.modality not in by_modality:
                by_modality[counted.info.modality] = given.rule(name, counted)
            if path not in files:
                files[path] = sha256_of(path), {}
            files[path][1][name] = tally(counted)
    return Baseline(given, files, rules, multitok.__version__, packages(), tuple(failed))


def files_of_paths(
    paths: Any,
    asked: Asked,
    out: Limits,
    ignored: bool,
    config: str | os.PathLike[str] | None,
    failed: list[Drift],
) -> Iterator[tuple[str, bool]]:
    """Each file, and whether it was named itself."""
    root = seen_from(config)
    takes = {modality for name in asked.names for modality in asked.takes(name)}
    frames = asked.modality == "video" or asked.read.get("fps") is not None

    def tell(path: str, error: MultitokError) -> None:
        failed.append(Drift(path, "", "failed", why=(str(error),)))

    for path in map(os.fspath, several(paths, "paths", "docs")):
        one = not os.path.isdir(path) or frames or ("actions" in takes and is_data_set(path))
        for found in [path] if one else files_in(path, tell, ignored=ignored):
            seen = os.path.relpath(found, root).replace(os.sep, "/")
            if not out.excludes(found if seen.startswith("..") else seen):
                yield found, one


def attempt(asked: Asked, path: str, name: str, named: bool, failed: list[Drift]) -> Count | None:
    """The count; None, and told, where there is none. Of a folder, what nothing here reads or the
    model does not take is passed over."""
    try:
        return asked.count(path, name)
    except MultitokError as error:
        if named or not isinstance(error, SourceError | UnknownRuleError):
            failed.append(Drift(path, name, "failed", why=(about(path, str(error)),)))
        return None


def tally(counted: Count) -> Tally:
    kind = "rejected" if counted.rejected else counted.kind
    return {"modality": counted.info.modality, "tokens": counted.tokens, "kind": kind}


def sha256_of(path: str) -> str:
    """Of a file; of a folder, of all that is in it."""
    if not os.path.isdir(path):
        return str(digest([path]))
    return str(digest(sorted(files_in(path, lambda *_: None, ignored=True))))


def packages() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
