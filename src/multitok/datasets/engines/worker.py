"""A worker: a process that counts the units it is given, one after the other.

It is given them as lines of JSON on stdin and answers each with a line on stdout: what its part
says, or why there is none. Which item it is at stands in a small shared file, so that whoever
watches knows what it died of, or is held up by.
When its stdin ends, whoever started it is gone, and so is the worker.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from mmap import mmap
from queue import SimpleQueue
from struct import Struct
from threading import Thread
from time import monotonic
from typing import IO, Any

from multitok.core import errors
from multitok.core.errors import (
    MultitokError,
    OutputError,
    SourceError,
    UnexpectedError,
    UnknownNameError,
)
from multitok.datasets.asked import Asked
from multitok.datasets.parts import About, arrow
from multitok.datasets.planning import cut_here
from multitok.datasets.units import Form, Unit
from multitok.datasets.work import Place, count_unit, doing, rehearse

AT = Struct("<qd")
"""The number of the item, -1 between units, and when it was begun."""

OBJECTS = 10_000
"""That are made, more than go, between two looks for garbage."""

ALONE = (
    "What `register` added is known in its own process alone: count in it (workers=0), or make it a"
    " plugin (docs/plugins.md)"
)


def prepare() -> None:
    """Import what each worker needs. What is there then stays, and rows come by the thousand: to
    look for garbage as often as Python does takes a twentieth of a scan."""
    import_module("multitok.datasets.rows")
    pa = arrow()
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    _settle(pa)
    gc.freeze()
    gc.set_threshold(OBJECTS)


def run(stdin: IO[str]) -> int:
    """Count what stdin lists until it ends; the exit code where this process cannot."""
    try:
        _count(stdin)
    except Exception as error:  # no item's, which are rows: this process cannot work at all
        why = f"multitok: a process that counts ended: {type(error).__name__}: {error}"
        print(why, file=sys.stderr, flush=True)
    return 1


def _count(stdin: IO[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it decides
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer
    prepare()
    lines: SimpleQueue[str] = SimpleQueue()
    Thread(target=_listen, args=(stdin, lines), daemon=True).start()
    told = json.loads(lines.get())
    asked, place = Asked.of(told["asked"]), Place(*told["place"])
    counting = doing(asked)
    with open(told["at"], "r+b") as file, mmap(file.fileno(), AT.size) as shared:

        def at(number: int) -> None:
            shared[:] = AT.pack(number, monotonic())  # at once: pack_into writes zeros first

        while True:
            job = json.loads(lines.get())
            if "cut" in job:
                at(0)  # a table that holds up who opens it is seen as an item is
                told = _cut(job["cut"], job["form"], asked)
                at(-1)
                print(json.dumps(told), file=answers, flush=True)
                continue
            bad = {int(row): why for row, why in job["bad"].items()}
            unit = unit_of(job["unit"])
            answer: Any
            try:
                asked.check()
                if job["suspects"]:
                    rehearse(unit, asked, job["suspects"], at)
                answer = count_unit(
                    unit, job["key"], counting, asked.reading, place, bad=bad, at=at
                )
            except MultitokError as error:  # of the part: what is wrong with an item is in it
                answer = failure(error)
            print(json.dumps(answer), file=answers, flush=True)


def _cut(path: str, form: Form, asked: Asked) -> Any:
    """JSON-able: the units of a file, and the class and the text of the error that is behind
    them."""
    units: list[Unit] = []
    try:
        units.extend(cut_here(path, form, asked.reading))
    except MultitokError as error:
        return {"units": units, "error": [type(error).__name__, str(error)]}
    return {"units": units, "error": None}


def units_of(answer: Mapping[str, Any], source: str) -> Iterator[Unit]:
    """The units of a file, and the error that is behind them."""
    yield from map(unit_of, answer["units"])
    if answer["error"] is not None:
        name, said = answer["error"]
        raise getattr(errors, name, SourceError)(said, source=source)


def _settle(pa: Any) -> None:
    """The first list that pyarrow is given has it import pandas, where that is installed, to ask
    whether the list is a Series: as long as the rest of a worker's start. It asks once, and none of
    our columns is one."""
    sys.meta_path.insert(0, _NoPandas)
    try:
        pa.array(())
    finally:
        sys.meta_path.remove(_NoPandas)


class _NoPandas:
    """Finds no pandas, as where it is not installed."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name, name=name)


def _listen(stdin: IO[str], lines: SimpleQueue[str]) -> None:
    for line in stdin:
        lines.put(line)
    os._exit(0)


def failure(error: MultitokError) -> Any:
    """JSON-able: why there is no part."""
    if isinstance(error, OutputError):
        return {"said": str(error), "output": error.output}
    return f"{error}. {ALONE}" if isinstance(error, UnknownNameError) else str(error)


def about_of(answer: Any, source: str) -> About:
    """What the part of a unit of this source says of itself, or the error that is in its place."""
    if isinstance(answer, dict):
        raise OutputError(answer["said"], output=answer["output"])
    if isinstance(answer, str):
        raise UnexpectedError(answer, input=source or "loose files")
    return About(*answer)


def unit_of(told: list[Any]) -> Unit:
    """That of JSON."""
    *most, paths = told
    return Unit._make((*most, tuple(paths)))


if __name__ == "__main__":
    sys.exit(run(sys.stdin))
