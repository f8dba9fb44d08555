"""Token limits of files: which holds for which, and where a project writes them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral
from pathlib import Path
from typing import Annotated, Any, TypedDict

from multitok.core.boundary import boundary
from multitok.core.errors import (
    MediaError,
    SourceError,
)
from multitok.core.schema import Within, misfit
from multitok.loaders.folders import patterns_of, wrong_pattern


def check_budget(max_tokens: object, least: int = 1, word: str = "max_tokens") -> None:
    """MediaError for what is no number of tokens."""
    if not isinstance(max_tokens, Integral) or isinstance(max_tokens, bool):
        raise MediaError(f"{word} must be a whole number, got {max_tokens!r}")
    if max_tokens < least:
        raise MediaError(f"{word} must be at least {least}, got {max_tokens!r}")


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

    def names(self, path: str) -> bool:
        """Whether a pattern, and not the limit of all files, holds for it."""
        return any(_matches(pattern, path) for pattern, _ in self.patterns)

    def met(self, path: str) -> set[str]:
        """The patterns of limits that a file matches."""
        return {pattern for pattern, _ in self.patterns if _matches(pattern, path)}

    def excludes(self, path: str) -> bool:
        return any(_matches(pattern, path) for pattern in self.exclude)


def _matches(pattern: str, path: str) -> bool:
    return bool(_spec(pattern).match_file(path))


@lru_cache(maxsize=1024)
def _spec(pattern: str) -> Any:
    return patterns_of([pattern])


@dataclass(frozen=True, slots=True)
class Settings:
    """[tool.multitok] of a pyproject.toml: a model and limits."""

    model: str | None = None
    tokenizer: str | None = None
    limits: Limits = Limits()


Tokens = Annotated[int, Within("a number of tokens", 0)]
Table = TypedDict(
    "Table",
    {
        "model": str, "tokenizer": str, "max-tokens": Tokens, "warn-at": str | float,
        "exclude": list[str], "limits": Annotated[dict[str, Any], Within("a table")],
    },
    total=False,
)  # fmt: skip
"""[tool.multitok] as it is written."""


class _Tools(TypedDict, total=False):
    multitok: Annotated[dict[str, Any], Within("a table")]


class _Project(TypedDict, total=False):
    tool: Annotated[_Tools, Within("a table")]


PROJECT = "pyproject.toml"


def nearest_project() -> Path | None:
    """The pyproject.toml with [tool.multitok] that is nearest: in the working folder or above it,
    up to the top of its repository."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        path = folder / PROJECT
        if path.is_file() and settings_of(path) != Settings():
            return path.relative_to(here) if folder == here else path
        if (folder / ".git").exists():
            break
    return None


def seen_from(config: str | os.PathLike[str] | None) -> str:
    """The folder that patterns are of: that of the config if the working folder is in it, as with
    .gitignore; else the working folder."""
    here = Path.cwd()
    folder = Path(config).resolve().parent if config is not None else here
    return str(folder if here.is_relative_to(folder) else here)


def settings_of(path: Path) -> Settings:
    """What the file says. SourceError names what is wrong in it, or that it is not there."""
    import tomllib

    with boundary("reading", path, naming=True):
        try:
            document = tomllib.loads(path.read_text("utf-8"))
        except (ValueError, RecursionError) as error:  # no UTF-8, no TOML, or nested too deep
            raise SourceError(f"{path}: {error}", source=str(path)) from None
        return _settings(document, str(path))


def _settings(document: dict[str, Any], path: str) -> Settings:
    if why := misfit(document, _Project, ""):
        raise SourceError(f"{path}: {why}", source=path)
    table = document.get("tool", {}).get("multitok", {})
    limits = table.get("limits", {})
    why = misfit(table, Table, "") or misfit(limits, dict[str, Tokens], "")
    unknown = next((key for key in table if key not in Table.__annotations__), None)
    if unknown:
        why = f"has no {unknown!r}. There are: {', '.join(Table.__annotations__)}"
    if why:
        raise SourceError(f"{path}: [tool.multitok] {why}", source=path)
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
