"""One boundary for what nobody foresaw in an input.

What a reader or a rule refuses is a MultitokError already, raised where the fault is seen. Anything
else - a StopIteration of a parser, the panic of an extension, a disk that fails - must not end a
batch of a thousand files, nor pass for a failed check. At the few doors that every input passes
(examine, load, a count, a part of a request, saved tokens, a config) it becomes an UnexpectedError
that names the input; the cause stays behind it, and goes to the log `multitok` at level DEBUG.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from multitok.core.errors import (
    DecodeError,
    MediaError,
    MultitokError,
    OutputError,
    SourceError,
    UnexpectedError,
)
from multitok.core.stamps import unfit

SYSTEM = frozenset((
    errno.EIO, errno.ESTALE, errno.ENXIO, errno.ENODEV, errno.ETIMEDOUT, errno.EMFILE, errno.ENFILE,
))  # fmt: skip
"""A disk, or what leads to it, that fails, and a system that has no more files to open."""
DEEPEST = 20
"""Errors behind an error that are looked at."""

DECLARED = 60
"""Characters that a data: URL is named by: those before its data."""
LONGEST = 200
"""Characters of a cause, or of a name, that a message shows."""


class boundary:  # noqa: N801 - used as a statement: with boundary("reading", source)
    """`with boundary("reading", source):` lets MultitokErrors of the block pass, and no others.

    doing    what the block does: "reading", "counting"
    what     what it is done to: a path, or anything with a `name`
    naming   an error about content, or tokens, gets the name in front: what raised it knows a
             number, no file

    Ctrl-C, an exit and a pipe without its reader pass too: they are no fault of the input.
    """

    # A plain class: two generators for each file cost more than reading its header.
    __slots__ = ("_doing", "_naming", "_what")

    def __init__(self, doing: str, what: object = None, *, naming: bool = False) -> None:
        self._doing, self._what, self._naming = doing, what, naming

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            return
        if self._naming and isinstance(error, MediaError | DecodeError):
            error.args = (about(called(self._what), str(error)),)
        if is_unforeseen(error):
            raise unforeseen(error, self._doing, self._what) from error
        if isinstance(error, OutputError) or not isinstance(error, SourceError):
            return  # of what was to be written it says more already
        if (fault := system_fault(error)) is not None:
            raise unforeseen(fault, self._doing, self._what) from error


@contextmanager
def foreign(stands_for: Callable[[BaseException], MultitokError]) -> Iterator[None]:
    """Whatever a library of others raises in the block, a panic of Rust too, as an error of ours:
    where it reads a file, anything it says means that the file is not as it should be."""
    try:
        yield
    except BaseException as error:
        if not is_unforeseen(error):
            raise
        raise stands_for(error) from error


def is_unforeseen(error: BaseException) -> bool:
    """No error of ours, and no order to stop. A panic of a Rust extension is a BaseException."""
    if isinstance(error, MultitokError | BrokenPipeError):
        return False
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def system_fault(error: BaseException) -> OSError | None:
    """What the system refused, where a reader took it for damage of the file: decoders hand the
    errors of a disk on as their own."""
    seen: BaseException | None = error
    for _ in range(DEEPEST):
        if isinstance(seen, OSError) and seen.errno in SYSTEM:
            return seen
        seen = seen and (seen.__cause__ or seen.__context__)
    return None


def unforeseen(error: BaseException, doing: str = "", what: object = None) -> MultitokError:
    """The error of ours that stands for it: what the system refuses needs no report."""
    name = called(what)
    if isinstance(error, OSError):
        return SourceError(about(name, _refused(error, name)), source=name)
    path = os.fsdecode(what) if isinstance(what, str | os.PathLike) else ""
    if isinstance(error, ValueError) and (why := unfit(path)):
        return SourceError(about(name, why), source=name)
    import logging  # 8 ms: only when something went wrong

    logging.getLogger("multitok").debug("while %s %s", doing, name, exc_info=error)
    during = f" while {doing} it" if name else ""
    why = _short(_text(error))
    what, then = f"unexpected {type(error).__name__}", "please report it; --debug shows where"
    if isinstance(error, MemoryError):
        what, then = "not enough memory", "free some, or take less at once"
    message = f"{what}{during}{f': {why}' if why else ''}"
    return UnexpectedError(f"{about(name, message)} ({then})", input=name or None)


def about(name: str, message: str) -> str:
    """The message with the name of the input in front, once: of a data: URL what it declares."""
    if name[:5].lower() == "data:":
        name = name.partition(",")[0][:DECLARED]
    return message if not name or message.startswith(f"{name}:") else f"{name}: {message}"


def called(what: Any) -> str:
    """What to call an input in a message; "" for what has no name."""
    if isinstance(what, str | os.PathLike):
        return _short(os.fsdecode(what))
    name = getattr(what, "name", None)
    return _short(name) if isinstance(name, str) else ""


def _refused(error: OSError, name: str) -> str:
    """`permission denied`, and of which file where that is another."""
    why = (error.strerror or _text(error) or type(error).__name__).lower()
    file = error.filename
    other = isinstance(file, str | os.PathLike) and os.fsdecode(file) != name
    return f"{os.fsdecode(file)}: {why}" if other else why


def _text(error: BaseException) -> str:
    """Its message in one line; an error that cannot say itself has none."""
    try:
        return " ".join(str(error).split())
    except Exception:  # a stranger's __str__
        return ""


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST // 2] + "..."
