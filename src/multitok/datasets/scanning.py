"""`scan`: many items counted for many models by many processes, and again only what changed."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, Literal, NamedTuple

import multitok
from multitok.core.errors import MediaError, MultitokError, SourceError, UnknownNameError
from multitok.core.info import ImageInfo
from multitok.core.writing import named, writing
from multitok.counting.rules import files_of, several
from multitok.datasets import parts, planning
from multitok.datasets.asked import Asked, catalog_hash
from multitok.datasets.folder import Manifest, Writing
from multitok.datasets.parts import About, Row
from multitok.datasets.planning import Cut, Job, Shard
from multitok.datasets.scanned import Scan
from multitok.datasets.units import Reading, Unit
from multitok.datasets.work import called

Engine = Literal["local", "daft", "ray"]
ENGINES: tuple[Engine, ...] = ("local", "daft", "ray")


class Progress(NamedTuple):
    """How far a scan is: units that are done, of those planned so far, which is all once `planned`;
    items of this run, the errors among its rows, and seconds."""

    done: int
    units: int
    planned: bool
    items: int
    errors: int
    seconds: float

    @property
    def left(self) -> float | None:
        """Seconds that are left at this rate, where that can be said."""
        if not self.planned or not self.done:
            return None
        return self.seconds / self.done * (self.units - self.done)


def scan(
    sources: Any,
    *,
    models: str | Sequence[str] = (),
    tokenizer: str | None = None,
    out: str | Path | None = None,
    options: Mapping[str, Any] | None = None,
    assume_image: ImageInfo | None = None,
    catalog: str | Sequence[str] = (),
    text: str | Sequence[str] = (),
    image: str | Sequence[str] = (),
    id: str | None = None,
    by: str | None = None,
    read_as: str | None = None,
    workers: int | None = None,
    timeout: float = 60.0,
    shard: tuple[int, int] = (0, 1),
    engine: Engine = "local",
    address: str | None = None,
    fresh: bool = False,
    retry: bool = False,
    progress: Callable[[Progress], object] | None = None,
) -> Scan:
    """Count the items of data sets for many models: a table of rows, and its totals.

    sources     files, folders, patterns and URLs (JSON lines, Parquet, Arrow, tar archives, saved
                Hugging Face data sets, loose files); or a table in memory (pandas, Polars, DuckDB,
                Daft, PyArrow: anything with `__arrow_c_stream__`)
    models      names of the catalogue; without any, a request is counted for the model it names
    tokenizer   counts instead of models
    out         the folder of the table, kept and counted on when it is there; none: a temporary one
    options     the request's own words (detail, ...), or the parameters of the tokenizer
    assume_image the size to assume for pictures that a request names and does not hold
    text, image columns, or keys of a JSON line, that hold text, and that hold pictures
    id, by      the column that names each row, and that which groups them
    read_as     what each item is: a modality, or "request"
    workers     processes that count, as many as the machine has cores; 0 counts in this one
    timeout     seconds that an item may take
    shard       (k, n): count the k-th of n parts of the data, from 0, into the same folder
    engine      "local", or "daft" and "ray": the same units on Daft, on this machine or a cluster
    address     the Ray cluster
    fresh       count all of it anew
    retry       count the units anew in which an item has an error: a disk, or a store, may have
                failed
    progress    called with a Progress when a unit is done

    What is wrong with an item is a row with its `error`. A scan that is run again counts only the
    units in which something changed. A shard gives its own rows; `Scan(out)` those of all, when all
    are finished. SourceError where nothing is there to count.

    >>> import multitok, pyarrow
    >>> table = pyarrow.table({"text": ["hello world", "good morning"]})
    >>> multitok.scan(table, models="gpt-4o", workers=0).tokens
    4
    """
    asked = Asked(
        several(models, "models", "gpt-4o"), tokenizer, dict(options or {}), files_of(catalog),
        Reading(several(text, "text", "body"), several(image, "image", "picture"), id, by, read_as),
        None if assume_image is None else (assume_image.width, assume_image.height),
    )  # fmt: skip
    kept = out is not None
    out = os.fspath(out) if out is not None else _temporary()
    try:
        run(
            sources, asked, out, workers=workers, timeout=timeout, shard=shard, engine=engine,
            address=address, fresh=fresh, retry=retry, progress=progress,
        )  # fmt: skip
        return Scan(out, shard=shard, kept=kept)
    except BaseException:
        if not kept:
            shutil.rmtree(out, ignore_errors=True)
        raise


def _temporary() -> str:
    with named("a temporary folder"):
        return tempfile.mkdtemp(prefix="multitok-scan-")


def run(
    sources: Any,
    asked: Asked,
    out: str,
    *,
    workers: int | None,
    timeout: float,
    shard: tuple[int, int],
    engine: Engine,
    address: str | None,
    fresh: bool,
    retry: bool,
    progress: Callable[[Progress], object] | None,
) -> None:
    """Have all units done that are not, and write the manifest."""
    asked.check()
    if engine not in ENGINES:
        raise UnknownNameError.of("engine", engine, ENGINES, f"There are: {', '.join(ENGINES)}")
    if (workers is not None and workers < 0) or timeout <= 0:
        raise MediaError(
            f"workers must be 0 or more, and timeout over 0, got {workers!r} and {timeout!r}"
        )
    parts.check()
    counted = _engine(engine, workers, timeout, address)
    one = _Run(asked, Writing(out, Shard(*shard)), Shard(*shard), progress)
    try:
        if fresh:
            one.folder.fresh()
        one.count(one.named(sources), counted, retry)
    finally:
        one.folder.close()


class _Run:
    """One scan on its way."""

    def __init__(
        self,
        asked: Asked,
        folder: Writing,
        shard: Shard,
        progress: Callable[[Progress], object] | None,
    ) -> None:
        self.asked, self.folder, self.shard = asked, folder, shard
        self._progress = progress
        self._told = asked.told()
        self._unread: dict[str, MultitokError] = {}
        self._units: dict[str, tuple[int, int]] = {}  # by name: number in the data, first item
        self._all: set[str] = set()
        self._planned = False
        self._begun = monotonic()

    def named(self, sources: Any) -> list[str]:
        """The sources by their names; a table in memory is written down first, for it may be read
        only once, and others count it."""
        if isinstance(sources, str | Path):
            return [os.fspath(sources)]
        if hasattr(sources, "__arrow_c_stream__"):
            from multitok.datasets.sources.tables import spool

            return [spool(sources, self.folder.place.work)]
        if not isinstance(sources, Iterable):
            raise MediaError(
                f"sources must be paths, or a table with __arrow_c_stream__, got {sources!r}"
            )
        return [self._stdin() if source == "-" else os.fspath(source) for source in sources]

    def _stdin(self) -> str:
        """What is piped in, JSON lines, written down: it is read only once, and others count it."""
        path = os.path.join(self.folder.place.work, "stdin.jsonl")
        with writing(path) as file:
            shutil.copyfileobj(sys.stdin.buffer, file, 1 << 20)
        return path

    def count(
        self, sources: Sequence[str], engine: Callable[..., Iterator[About]], retry: bool
    ) -> None:
        """Count what is not done yet, and write the manifest."""
        done = self.folder.done()
        if retry:
            done = {key: about for key, about in done.items() if not about.errors}

        def plan(cut: Cut) -> Iterator[Job]:
            return self._todo(self._planning(sources, cut), done)

        items = errors = 0
        for about in engine(plan, self.asked, self.folder.place):
            self.folder.add(about)
            done[about.key] = about
            items, errors = items + about.items, errors + about.errors
            self._tell(done, items, errors)
        self._finish(sources, done)

    def _planning(self, sources: Sequence[str], cut: Cut) -> Iterator[Job]:
        work, reading = self.folder.place.work, self.asked.reading
        yield from planning.jobs(sources, reading, self._told, self._tell_of, cut, work)
        self._planned = True

    def _tell_of(self, path: str, error: MultitokError) -> None:
        self._unread.setdefault(path, error)

    def _todo(self, jobs: Iterable[Job], done: Mapping[str, About]) -> Iterator[Job]:
        """The units of this shard that are not done; the rest is remembered."""
        for job in jobs:
            self._all.add(job.key)
            if not self.shard.has(job.key):
                continue
            self._units[job.key] = job.number, job.unit.first
            if job.key not in done:
                yield job

    def _tell(self, done: Mapping[str, About], items: int, errors: int) -> None:
        if self._progress is not None:
            known = len(self._units.keys() & done.keys())
            seconds = monotonic() - self._begun
            self._progress(Progress(known, len(self._units), self._planned, items, errors, seconds))

    def _finish(self, sources: Sequence[str], done: dict[str, About]) -> None:
        if self._unread:
            self._write_unread(done)
        if not self._all:
            named = [called(source, self.folder.place) for source in sources]
            raise SourceError(f"nothing to scan in {', '.join(named) or 'no sources'}")
        units = []
        for key, (number, first) in self._units.items():
            about = done[key]
            units.append(
                (number, about if about.first == first else self.folder.moved(about, first))
            )
        manifest = Manifest(
            multitok.__version__, catalog_hash(self.asked.files), self.asked.models,
            self.asked.tokenizer, self.shard, tuple(units),
            tuple(called(source, self.folder.place) for source in sources),
            round(monotonic() - self._begun, 3),
        )  # fmt: skip
        self.folder.finish(manifest, self._all)

    def _write_unread(self, done: dict[str, About]) -> None:
        """What was named and cannot be read: rows like any others, in a part of their own."""
        stamp = repr([(path, str(error)) for path, error in self._unread.items()])
        unit = Unit("files", "", stamp)
        key = unit.key(self._told)
        self._all.add(key)
        if not self.shard.has(key):
            return
        rows = [
            Row(path, row, None, None, model, error=f"{type(error).__name__}: {error}")
            for row, (path, error) in enumerate(self._unread.items())
            for model in self.asked.names
        ]
        place = self.folder.place
        about = parts.write(place.part(key), unit, key, rows, len(self._unread), place.work)
        self.folder.add(about)
        done[key] = about
        self._units[key] = len(self._all), 0


def _engine(
    engine: Engine, workers: int | None, timeout: float, address: str | None
) -> Callable[..., Iterator[About]]:
    from functools import partial

    if engine == "local" and workers == 0:
        from multitok.datasets.engines import here

        return here.run
    if engine == "local":
        from multitok.datasets.engines import local

        return partial(local.run, workers=workers or os.cpu_count() or 1, timeout=timeout)
    from multitok.datasets.engines import distributed

    return partial(distributed.run, engine=engine, workers=workers, address=address)
