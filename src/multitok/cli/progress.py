"""A sign of life: after a second of silence, a terminal is told what is being worked on.

On stderr and only on a terminal, so that pipes and logs stay clean. rich is imported when the
second has passed, never before.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from multitok.report.safe import shown

AFTER = 1.0
"""Seconds of work before anything is shown."""


@contextmanager
def busy(doing: str, after: float = AFTER) -> Iterator[None]:
    """Show a spinner with `doing` and the seconds gone while the block runs, if it runs long."""
    if not sys.stderr.isatty():
        yield
        return
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
