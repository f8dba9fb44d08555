"""A sign of life: after a second of silence, a terminal is told what is being worked on.

On stderr and only on a terminal, so that pipes and logs stay clean. rich is imported when the
second has passed, never before.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from multitok.report.safe import shown

if TYPE_CHECKING:
    from multitok.datasets.scanning import Progress

AFTER = 1.0
"""Seconds of work before anything is shown."""


_SILENCE = nullcontext()


def busy(doing: str, after: float = AFTER) -> AbstractContextManager[None]:
    """Show a spinner with `doing` and the seconds gone while the block runs, if it runs long."""
    return _spinner(doing, after) if sys.stderr.isatty() else _SILENCE


@contextmanager
def _spinner(doing: str, after: float) -> Iterator[None]:
    import threading

    running: list[Any] = []
    lock = threading.Lock()

    def show() -> None:
        with lock:
            if ended.is_set():
                return
            from rich.console import Console
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            columns = (
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                TimeElapsedColumn(),
            )
            progress = Progress(*columns, console=Console(stderr=True), transient=True)
            progress.add_task(shown(doing), total=None)
            progress.start()
            running.append(progress)

    ended = threading.Event()
    timer = threading.Timer(after, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        ended.set()
        with lock:
            for progress in running:
                progress.stop()


class Bar:
    """Units that are done of all, items a second and the time that is left, on a terminal."""

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._progress: Any = None
        self._task: Any = None

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *error: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def told(self, progress: Progress) -> None:
        """Show how far it is."""
        if not sys.stderr.isatty():
            return
        if self._progress is None:
            self._begin()
        rate = progress.items / progress.seconds if progress.seconds else 0
        wrong = f", {progress.errors:,} errors" if progress.errors else ""
        self._progress.update(
            self._task,
            completed=progress.done,
            total=progress.units if progress.planned else None,
            told=f"{progress.items:,} items, {rate:,.0f}/s{wrong}",
        )

    def _begin(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress as Shown,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("units  {task.fields[told]}", markup=False),
            TimeRemainingColumn(),
        )
        self._progress = Shown(*columns, console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task(shown(self._doing), total=None, told="")
        self._progress.start()
