"""Over many inputs a bad one is told and the rest go on; the exit code remembers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec, TypeVar

from multitok.cli import printing
from multitok.cli.progress import busy
from multitok.core.boundary import about, boundary
from multitok.core.errors import MultitokError, OutputError

P = ParamSpec("P")
R = TypeVar("R")


class Input(NamedTuple):
    """One of many: what to call it, and what is counted, a path or something without a file."""

    name: str
    source: Any

    @classmethod
    def of(cls, source: Any) -> Input:
        return cls("<stdin>" if source == "-" else str(source), source)


class Tally:
    """What went wrong so far. `as_lines` puts each failure on stdout too, a JSON object a line."""

    def __init__(self, *, as_lines: bool = False) -> None:
        self.as_lines = as_lines
        self.errors: list[dict[str, Any]] = []

    def attempt(
        self, given: Input, run: Callable[P, R], *args: P.args, **keywords: P.kwargs
    ) -> R | None:
        """What `run` makes of an input, or None after telling what went wrong."""
        try:
            with busy(given.name), boundary("working on", given):
                return run(*args, **keywords)
        except MultitokError as error:
            self.tell(given, error, model=keywords.get("model"))
            return None

    def tell(self, given: Input, error: MultitokError, **more: Any) -> None:
        """Remember a failure, and say it on stderr: a message names its file always."""
        named = isinstance(given.source, str) and not isinstance(error, OutputError)
        message = about(given.name if named else "", str(error))
        found = {"input": given.name, "error": message, **{k: v for k, v in more.items() if v}}
        if found in self.errors:
            return
        self.errors.append(found)
        printing.say(message)
        if self.as_lines:
            printing.echo_line(found)

    def unread(self, path: str, error: MultitokError) -> None:
        """`tell` for a folder, or what is in one."""
        self.tell(Input.of(path), error)

    def exit(self) -> None:
        """Exit 2 when anything failed; what was printed stands."""
        if self.errors:
            sys.exit(2)
