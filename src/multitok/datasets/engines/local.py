"""Processes of this machine: started as they are needed, watched, and replaced when they die.

A thread here drives each worker: it gives it a unit, waits for its part, and gives it the next. A
worker that dies is replaced, and its unit counted again; an item that kills its worker three times,
or takes too long twice, becomes a row that says so, and the others of its unit are counted. Workers
are subprocesses, several forked from one: a script that scans needs no guard around it, and a
notebook can.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import IO, Any, cast

from multitok.core.errors import SourceError, UnexpectedError
from multitok.core.writing import named
from multitok.datasets.asked import Asked
from multitok.datasets.engines.fork_server import Forked, ForkServer, command, environment
from multitok.datasets.engines.worker import AT, about_of, units_of
from multitok.datasets.parts import About
from multitok.datasets.planning import Job, Plan, cut_here
from multitok.datasets.units import Form, Reading, Unit
from multitok.datasets.work import Place

TRIES = 3
"""Deaths of workers at one item until it is passed over, or before any until none is tried."""
LATE = 2
"""Times that an item may take too long: once, the machine may have slept."""
ENOUGH = 40
"""Deaths at one unit until the scan is given up."""
NOWHERE = (-1, 0.0)
"""Where a worker is between units."""
LOOKED = 0.2
"""Seconds between two looks at the workers."""


class Lost(Exception):
    """A worker died: at which item, and of what."""

    def __init__(self, row: int, why: str, *, late: bool) -> None:
        super().__init__(why)
        self.row, self.why, self.late = row, why, late

    @property
    def is_unable(self) -> bool:
        """Whether it ended by itself before any item: so will the next one."""
        return self.row < 0 and not self.why.startswith("signal")


def run(plan: Plan, asked: Asked, place: Place, *, workers: int, timeout: float) -> Iterator[About]:
    """Count the units in `workers` processes, none longer than `timeout` seconds at one item."""
    crew = Crew(plan, asked, place, timeout)
    try:
        yield from crew.work(workers)
    finally:
        crew.stop()


class Crew:
    """Workers, the threads that drive them, and the units they share."""

    def __init__(self, plan: Plan, asked: Asked, place: Place, timeout: float) -> None:
        self._jobs, self._lock = plan(self._cut), Lock()
        self._planner = 0
        self._starting = Lock()
        self._asked, self._place, self._timeout = asked, place, timeout
        self._workers: dict[int, Worker] = {}
        self._server: ForkServer | None = None
        self._found: SimpleQueue[About | BaseException | None] = SimpleQueue()
        self._stopped = False

    def work(self, workers: int) -> Iterator[About]:
        """What each part says, as it is written."""
        if workers > 1:
            self._server = ForkServer.started()
        for number in range(workers):
            Thread(target=self._drive, args=(number,), daemon=True).start()
        left = workers
        while left:
            try:
                found = self._found.get(timeout=LOOKED)
            except Empty:
                self._watch()
                continue
            if isinstance(found, BaseException):
                raise found
            if found is None:
                left -= 1
            else:
                yield found

    def stop(self) -> None:
        """End the workers, where they stand."""
        self._stopped = True
        if self._server is not None and self._starting.locked():
            self._server.kill()  # it may still import, and whoever starts a worker waits for it
        try:
            with self._starting:  # who is being started is among them
                workers = list(self._workers.values())
            for worker in workers:
                worker.end()
        finally:
            if self._server is not None:
                self._server.end()

    def _worker(self, number: int) -> Worker:
        """Who counts for this thread; nobody is started any more when all are stopped."""
        with self._starting:
            if self._stopped:
                raise Lost(-1, "stopped", late=False)
            if number not in self._workers:
                self._workers[number] = Worker(self._asked, self._place, self._process)
            return self._workers[number]

    def _process(self) -> Forked | subprocess.Popen[str]:
        """A process for a worker: forked where that is to be had."""
        forked = None if self._server is None else self._server.fork()
        if forked is None and self._stopped:
            raise Lost(-1, "stopped", late=False)
        return forked or _process()

    def _next(self, number: int) -> Job | None:
        """The next unit; whoever asks plans until there is one."""
        with self._lock:
            self._planner = number
            return None if self._stopped else next(self._jobs, None)

    def _cut(self, path: str, form: Form, reading: Reading) -> Iterable[Unit]:
        """The units of a file. A table is cut by the worker of whoever plans, which has nothing
        else to do: this process needs no pyarrow then, and lives on where a damaged table ends who
        reads it."""
        if form != "table":
            return cut_here(path, form, reading)
        late = 0
        for _ in range(TRIES):
            try:
                worker = self._worker(self._planner)
            except SourceError:  # none can be started, which whoever counts will say
                return cut_here(path, form, reading)
            try:
                return worker.cut(path, form)
            except Lost as lost:
                worker.end()
                del self._workers[self._planner]
                if self._stopped:
                    raise
                if lost.is_unable:  # as above
                    return cut_here(path, form, reading)
                late += lost.late
                if late >= LATE:
                    why = f"reading its columns took more than {self._timeout:g} s (--timeout)"
                    raise UnexpectedError(f"{path}: {why}", input=path) from None
                why = lost.why
        raise UnexpectedError(
            f"{path}: it ended the process that read its columns {TRIES} times ({why}): --jobs 0"
            " (workers=0) reads it in this one, and shows why",
            input=path,
        )

    def _watch(self) -> None:
        """Kill who is held up by an item: seen twice, for what is being written may be read."""
        now = monotonic()
        for worker in list(self._workers.values()):
            before, worker.seen = worker.seen, worker.at()
            row, since = worker.seen
            if row >= 0 and now - since > self._timeout and worker.seen == before:
                worker.late = True
                worker.process.kill()

    def _drive(self, number: int) -> None:
        try:
            while (job := self._next(number)) is not None:
                self._found.put(self._counted(job, number))
        except BaseException as error:
            if not self._stopped:
                self._found.put(error)
        else:
            self._found.put(None)

    def _counted(self, job: Job, number: int) -> About:
        """The part of a unit, however many workers it takes."""
        deaths: Counter[int] = Counter()
        unable = 0
        bad: dict[int, str] = {}
        while True:
            worker = self._worker(number)
            try:
                return worker.count(job, bad, deaths)
            except Lost as lost:
                worker.end()
                del self._workers[number]
                deaths[lost.row] += 1
                unable += lost.is_unable
                if self._stopped or unable >= TRIES or sum(deaths.values()) >= ENOUGH:
                    raise UnexpectedError(
                        f"{job.unit.source}: the processes that count it keep ending ({lost}):"
                        " --jobs 0 (workers=0) counts in this one, and shows why",
                        input=job.unit.source,
                    ) from None
                if lost.row < 0 or lost.row in bad:
                    continue
                if lost.late and deaths[lost.row] >= LATE:
                    bad[lost.row] = f"TimeoutError: took more than {self._timeout:g} s (--timeout)"
                elif not lost.late and deaths[lost.row] >= TRIES:
                    bad[lost.row] = f"UnexpectedError: it ended its process {TRIES} times ({lost})"


class Worker:
    """A process that counts units."""

    def __init__(
        self, asked: Asked, place: Place, start: Callable[[], Forked | subprocess.Popen[str]]
    ) -> None:
        self.late, self.place = False, place
        self.seen = NOWHERE
        self._shared = os.path.join(place.work, f"at-{os.urandom(6).hex()}")
        with named(self._shared), open(self._shared, "wb") as file:
            file.write(AT.pack(*NOWHERE))
        self.process = start()
        self._stdin = cast("IO[str]", self.process.stdin)  # pipes, both: asked for
        self._stdout = cast("IO[str]", self.process.stdout)
        told = {"asked": asked, "place": place, "at": self._shared}
        self._say(json.dumps(told))

    def at(self) -> tuple[int, float]:
        """The item that it is at, -1 for none, and since when. Asked by whoever watches, too, so
        that nothing is held open here whose place two would share, or one would close."""
        try:
            with open(self._shared, "rb") as file:
                row, since = AT.unpack(file.read(AT.size))
        except OSError:  # it was ended
            return NOWHERE
        return row, since

    def count(self, job: Job, bad: Mapping[int, str], suspects: Iterable[int]) -> About:
        """The part of a unit; Lost where the process dies on the way."""
        told = {"unit": job.unit, "key": job.key, "bad": bad, "suspects": list(suspects)}
        return about_of(self._answer(told), job.unit.source)

    def cut(self, path: str, form: Form) -> Iterator[Unit]:
        """The units of a file; Lost where the process dies on the way."""
        return units_of(self._answer({"cut": path, "form": form}), path)

    def _answer(self, told: Any) -> Any:
        self._say(json.dumps(told))
        answer = self._stdout.readline()
        if answer.endswith("\n"):
            return json.loads(answer)
        raise Lost(self.at()[0], _why(self.process.wait()), late=self.late)

    def _say(self, line: str) -> None:
        try:
            self._stdin.write(line + "\n")
            self._stdin.flush()
        except OSError:  # it is dead already, which its answer tells
            return

    def end(self) -> None:
        """Kill it, if it lives, and take its traces away."""
        self.process.kill()
        self.process.wait()
        for pipe in (self._stdin, self._stdout):
            with suppress(OSError):  # what was not written yet finds no reader
                pipe.close()
        with suppress(OSError):
            os.unlink(self._shared)


def _process() -> subprocess.Popen[str]:
    """A worker that imports for itself."""
    try:
        return subprocess.Popen(
            command("worker"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            text=True,
            encoding="utf-8",
        )
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise SourceError(
            f"no more processes can be started ({why}): ask for fewer, --jobs (workers=), 0"
            " for none",
            source=sys.executable,
        ) from error


def _why(code: int | None) -> str:
    """What ended a process; None where whoever forked it was gone."""
    if code is None:
        return "its end was not seen"
    return f"signal {-code}" if code < 0 else f"exit {code}"
