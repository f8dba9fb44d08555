"""What may come of an input, whatever it is, and what is kept of one that breaks this.

An input is read and answered, or refused by an error that was foreseen: a MultitokError that is no
UnexpectedError. It takes no more than SECONDS of the processor and BYTES of memory, and warns of
nothing. What breaks this is told by its place in the code; of each place the smallest input stays.
"""

from __future__ import annotations

import hashlib
import logging
import os
import resource
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

from multitok.core.errors import MultitokError, UnexpectedError

SECONDS = 4.0
"""Of the processor, while coverage is traced: an input of a few kilobytes takes milliseconds."""
BYTES = 512 << 20
"""What a process may grow by: twice what a packed table may expand to (docs/limits.md)."""
PACKAGE = os.sep + "multitok" + os.sep


class TooLong(BaseException):
    """An input took longer than SECONDS; no `except Exception` on the way keeps it."""


class Finding(NamedTuple):
    """A place that broke the contract: what happened there, how often, and the smallest input."""

    place: str
    message: str
    times: int
    path: str
    size: int


class Watch(logging.Handler):
    """Runs a target, input by input, and keeps what breaks the contract."""

    def __init__(self, name: str, run: Callable[[bytes], object], folder: Path) -> None:
        super().__init__()
        self.target, self._run, self._folder = name, run, folder
        self.findings: dict[str, Finding] = {}
        self.executions = self.read = 0
        self.slowest = 0.0
        self._allowed = peak_bytes() + BYTES
        self._unseen: list[BaseException] = []

    def begin(self) -> None:
        """Have this process tell all that an input does to it."""
        warnings.simplefilter("error")
        sys.unraisablehook = self._unraisable
        signal.signal(signal.SIGPROF, _too_long)
        log = logging.getLogger("multitok")
        log.setLevel(logging.DEBUG)
        log.addHandler(self)

    def one(self, data: bytes) -> None:
        """Run one input; nothing of it gets out."""
        self.executions += 1
        self._unseen = []
        begun = process_time()
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            self._run(data)
            self.read += 1
        except KeyboardInterrupt:
            raise
        except UnexpectedError as error:  # its cause is in the log
            self._unseen = self._unseen or [error]
        except MultitokError:
            pass
        except BaseException as error:
            self._unseen.append(error)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        self.slowest = max(self.slowest, process_time() - begun)
        for error in self._unseen:
            self._keep(place_of(error), f"{type(error).__name__}: {error}", data)
        if (peak := peak_bytes()) > self._allowed:
            grown = (peak - self._allowed + BYTES) >> 20
            self._keep("memory", f"the process grew by {grown} MB", data)
            self._allowed = peak + BYTES

    def emit(self, record: logging.LogRecord) -> None:
        """What nobody foresaw goes to the log, wherever it ends: a row, a part, an answer."""
        if record.exc_info and record.exc_info[1] is not None:
            self._unseen.append(record.exc_info[1])

    def _unraisable(self, given: Any) -> None:
        """An error in the dark, as of a file that was left open."""
        if not isinstance(given.exc_value, TooLong):
            self._unseen.append(given.exc_value)

    def _keep(self, place: str, message: str, data: bytes) -> None:
        known = self.findings.get(place)
        if known is not None and known.size <= len(data):
            self.findings[place] = known._replace(times=known.times + 1)
            return
        times = 1 if known is None else known.times + 1
        path = self._folder / f"{self.target}-{hashlib.sha1(place.encode()).hexdigest()[:8]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.findings[place] = Finding(place, message[:300], times, str(path), len(data))


def place_of(error: BaseException) -> str:
    """`KeyError at core/registry.py:196 class_for`: the deepest line of multitok, else of all."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if PACKAGE in frame.filename]
    if not (ours or frames):
        return type(error).__name__
    last = (ours or frames)[-1]
    path = last.filename.rpartition(PACKAGE)[2]
    return f"{type(error).__name__} at {path}:{last.lineno} {last.name}"


def peak_bytes() -> int:
    """The most bytes that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def _too_long(number: int, frame: object) -> None:
    raise TooLong(f"over {SECONDS:g} s of the processor")
