"""Units counted by Daft: in its processes on this machine, or on a Ray cluster.

Each unit is a row of a frame, and a function of Daft's writes its part, so the parts are those of
any other engine. The folder of the scan, and what it reads, must be seen by every machine. A
process that dies ends the run on this machine; its parts stay, and a run that follows counts the
rest. Ray begins the unit anew elsewhere.
"""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

from multitok.core.boundary import is_unforeseen
from multitok.core.errors import (
    MediaError,
    MultitokError,
    SourceError,
    UnexpectedError,
)
from multitok.core.extras import require
from multitok.core.writing import make_folder
from multitok.datasets.asked import Asked
from multitok.datasets.engines.worker import about_of, failure, unit_of
from multitok.datasets.parts import About
from multitok.datasets.planning import Plan, cut_here
from multitok.datasets.work import Does, Place, count_unit, doing

AT_ONCE = 4096
"""Units in a frame: some millions of items."""


def run(
    plan: Plan,
    asked: Asked,
    place: Place,
    *,
    engine: str,
    workers: int | None,
    address: str | None,
) -> Iterator[About]:
    """Count the units on Daft's own runner, or on that of Ray."""
    daft = _runner(engine, address)
    place = Place(os.path.abspath(place.out), os.path.abspath(place.work))
    told = json.dumps({"asked": asked, "place": place})
    waiting = plan(cut_here)
    while some := [json.dumps([job.unit, job.key]) for job in islice(waiting, AT_ONCE)]:
        yield from _counted(daft, some, told, workers or os.cpu_count() or 1, engine)


def _runner(engine: str, address: str | None) -> Any:
    """Daft, on the runner that was asked for: a process has one, once and for all."""
    daft = require("daft", extra="daft", purpose=f"a scan on {engine}")
    wanted = "ray" if engine == "ray" else "native"
    if engine == "ray":
        require("ray", extra="ray", purpose="a scan on ray")
        _reach(address)
    try:
        if engine == "ray":
            daft.set_runner_ray(address)
        else:
            daft.set_runner_native()
    except Exception as error:
        found = daft.runners.get_or_infer_runner_type()
        if "more than once" not in str(error):
            why = " ".join(str(error).split())[:300]
            raise SourceError(f"{engine}: {why}", source=address or engine) from error
        if found != wanted:
            raise MediaError(
                f"Daft runs on {found!r} in this process already: scan in another with {engine!r}"
            ) from None
    return daft


def _reach(address: str | None) -> None:
    """SourceError where nobody answers at HOST:PORT, which Ray itself waits minutes for."""
    place = re.fullmatch(r"(?:ray://)?([^:/]+):(\d+)", address or "")
    if place is None:  # "auto", or none: Ray looks for one, and starts it
        return
    try:
        socket.create_connection((place[1], int(place[2])), timeout=5).close()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise SourceError(
            f"{address}: no Ray cluster answers there ({why}): what `ray start --head` says is its"
            " address",
            source=str(address),
        ) from None


def _counted(daft: Any, units: list[str], told: str, workers: int, engine: str) -> Iterator[About]:
    """The parts of some units, as they are written."""

    @daft.cls(max_concurrency=workers, use_process=True)
    class Counter:
        def __init__(self, told: str) -> None:
            self.told = told

        @daft.method.batch(  # type: ignore[untyped-decorator]
            return_dtype=daft.DataType.string(), batch_size=1
        )
        def count(self, units: Any) -> list[str]:
            return [counted(self.told, unit) for unit in units.to_pylist()]

    frame = daft.from_pydict({"unit": units})
    if engine == "ray":  # a task is a partition there
        frame = frame.into_partitions(min(len(units), 4 * workers))
    frame = frame.select(Counter(told).count(daft.col("unit")).alias("part"))
    try:
        for row in frame.iter_rows():
            yield about_of(json.loads(row["part"]), "")
    except BaseException as error:  # a panic of Daft's is no Exception
        if not is_unforeseen(error):
            raise
        why = " ".join(str(error).split())[:300]
        raise UnexpectedError(
            f"{engine}: {why}. Parts that were written are kept: scan again, and where an item ends"
            " its process, with --engine local, which passes it over",
            input=engine,
        ) from error


def counted(told: str, unit: str) -> str:
    """In a process of Daft's: what the part of a unit says, or why there is none, as JSON."""
    asked, place, counting = _counting(told)
    named, key = json.loads(unit)
    try:
        make_folder(place.work)
        asked.check()
        about = count_unit(unit_of(named), key, counting, asked.reading, place)
    except MultitokError as error:
        return json.dumps(failure(error))
    return json.dumps(about)


@cache
def _counting(told: str) -> tuple[Asked, Place, Does]:
    words = json.loads(told)
    asked = Asked.of(words["asked"])
    return asked, Place(*words["place"]), doing(asked)
