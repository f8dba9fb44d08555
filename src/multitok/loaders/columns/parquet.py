"""Parquet tables and the episodes of LeRobot; lists of numbers in a cell become columns."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal

from multitok.core.boundary import foreign
from multitok.core.extras import require
from multitok.core.widening import widened
from multitok.loaders.columns import many
from multitok.loaders.columns.arrow_arrays import floats, listed
from multitok.loaders.columns.bounds import loadable
from multitok.loaders.columns.clocks import in_seconds, speaks_of_time, told_by
from multitok.loaders.columns.dates import seconds
from multitok.loaders.columns.tables import (
    WATCHED,
    Table,
    check_apart,
    checked_clock,
    chosen,
    rate,
    wrong,
)
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

MOMENTS = ("timestamp", "date")
"""Types of pyarrow that tell the time."""

BOOKKEEPING = ("frame_index", "episode_index", "index", "task_index", "next.done", "next.reward")
"""Columns of LeRobot that number the rows; no channels."""


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """Columns of numbers, and fixed-size lists as name[0], name[1], ...

    A LeRobot file gives its `action` column unless others are asked for, by name
    ("observation.state"). A file of several episodes is refused: motion does not run from one into
    the next; the option `episode` picks one, or takes all of them as episodes."""
    pq: Any = require(
        "pyarrow.parquet", extra="parquet", purpose="reading Parquet", package="pyarrow"
    )
    with source.open() as file:
        with _readable(source.name):
            parquet = pq.ParquetFile(file)
            schema = parquet.schema_arrow
        names = list(schema.names)
        check_apart(source.name, names)
        robot = "episode_index" in names and "action" in names
        if options.episode not in (None, "all") and not robot:
            raise wrong(
                source.name, "no episodes in it (LeRobot's episode_index): leave out episode"
            )
        moments = [field.name for field in schema if str(field.type).startswith(MOMENTS)]
        asked = options.columns or ("action",) * robot
        if options.id is not None:
            return _long(source.name, parquet, moments, options, values=values)
        wanted, clock = _wanted(source.name, names, moments, asked, options.time)
        read_names = [*wanted, *([clock] if clock else []), *(["episode_index"] * robot)]
        episodes: tuple[int, ...] = ()
        rows = parquet.metadata.num_rows
        if not values and not robot:
            table = _first_rows(source.name, parquet, read_names)
        else:
            loadable(source.name, rows, len(read_names))
            table = _read(source.name, parquet, read_names)
            if robot and rows:
                table, episodes = _episodes(source.name, table, options.episode)
            rows = table.num_rows
    numbers, columns = flat(source.name, table, wanted)
    stamps = None
    notes: tuple[str, ...] = ()
    if clock:
        stamps = _clock(source.name, clock, table.column(clock))
        if not episodes:  # the clock of each begins again
            notes = checked_clock(clock, stamps, lambda row: (row, str(stamps[row])))
    return Table(
        names=columns,
        rows=rows,
        values=numbers if values else None,
        time=clock,
        timestamps=stamps if values else None,
        hz=rate(stamps) if values or robot else None,
        episodes=episodes,
        facts={"layout": "LeRobot"} if robot else {},
        notes=notes,
    )


def _long(
    source: str, parquet: Any, moments: list[str], options: ReadOptions, *, values: bool
) -> Table:
    """The series of the rows that have one name in the column that the option `id` tells."""
    names = list(parquet.schema_arrow.names)
    [place] = chosen(source, names, (str(options.id),))
    asked, series = many.asked(names, options.columns)
    wanted, clock = _wanted(source, names, moments, asked, options.time)
    wanted = [name for name in wanted if name != names[place]]
    loadable(source, parquet.metadata.num_rows, len(wanted))
    read_names = [*wanted, *([clock] if clock else []), names[place]]
    table = _read(source, parquet, read_names)
    numbers, columns = flat(source, table, wanted)
    long = many.Long(
        ids=list(map(str, listed(source, names[place], table.column(names[place])))),
        rows=numbers.tolist(),
        names=columns,
        stamps=_clock(source, clock, table.column(clock)) if clock else None,
        time=clock,
        dated=clock in moments,
    )
    facts = {"named by": names[place]}
    return many.apart(source, long, series, options.modality, facts, values=values)


def _first_rows(source: str, parquet: Any, names: list[str]) -> Any:
    """A table of the first rows, in which a count meets most of what a load would refuse."""
    import pyarrow as pa

    with _readable(source):
        batch = next(parquet.iter_batches(batch_size=WATCHED, columns=names), None)
    return _read(source, parquet, names) if batch is None else pa.Table.from_batches([batch])


def _read(source: str, parquet: Any, names: list[str]) -> Any:
    """These columns, and as many rows as the footer tells, by which a count goes."""
    with _readable(source):
        table = parquet.read(columns=names)
    told = parquet.metadata.num_rows
    if table.num_rows != told:
        raise wrong(source, f"damaged Parquet file (of {told:,} rows it has {table.num_rows:,})")
    return table


def _readable(source: str) -> AbstractContextManager[None]:
    """Errors of pyarrow, whose classes are not there without it, under the name of the file."""
    return foreign(lambda error: wrong(source, f"damaged Parquet file ({error})"))


def _wanted(
    source: str, names: list[str], moments: list[str], asked: Sequence[str], time: str | None
) -> tuple[list[str], str | None]:
    """The columns to read, and the clock beside them: that of a name, else one of moments."""
    found = next((n for n in names if speaks_of_time(n)), next(iter(moments), None))
    clock = told_by(source, time, names, found)
    wanted = [names[p] for p in chosen(source, names, asked)]
    if not asked:
        left = (clock, *BOOKKEEPING, *(moments if clock is None else ()))
        wanted = [name for name in wanted if name not in left]
    return wanted, None if clock in wanted else clock


def _episodes(
    source: str, table: Any, episode: int | Literal["all"] | None
) -> tuple[Any, tuple[int, ...]]:
    """The rows of the episode that is asked for; or all rows, and those of each episode."""
    import numpy as np

    index = floats(table.column("episode_index")).astype(np.int64)
    found, sizes = np.unique(index, return_counts=True)
    if episode == "all":
        runs = 1 + np.count_nonzero(np.diff(index))
        if runs != len(found):
            raise wrong(source, f"{len(found)} episodes in {runs} pieces: each must be in one")
        order = np.argsort(np.unique(index, return_index=True)[1])
        return table, tuple(sizes[order].tolist())
    if episode is None and len(found) > 1:
        raise wrong(
            source,
            f"{len(found)} episodes, {found[0]} to {found[-1]}: name one (episode=, --episode)",
        )
    if episode is None:
        return table, ()
    if episode not in found:
        raise wrong(source, f"no episode {episode}: there are {found[0]} to {found[-1]}")
    return table.filter(index == episode), ()


def flat(source: str, table: Any, wanted: list[str]) -> tuple[Any, tuple[str, ...]]:
    """(rows, columns) float64 and the names; a list column is as many columns as it is long."""
    import numpy as np

    parts: list[Any] = []
    names: list[str] = []
    for name in wanted:
        column = table.column(name).combine_chunks()
        kind = str(column.type)
        try:
            if kind.startswith("fixed_size_list") and not column.null_count:
                parts.append(floats(column.flatten()).reshape(len(column), -1))
                names += [f"{name}[{i}]" for i in range(parts[-1].shape[1])]
            elif "list" in kind:
                rows = [widened(row) for row in listed(source, name, column)]
                block = np.stack(rows) if rows else np.empty((0, 1))
                parts.append(block.reshape(len(rows), -1))
                names += [f"{name}[{i}]" for i in range(parts[-1].shape[1])]
            elif kind.startswith(("int", "uint", "float", "double", "half", "bool", "decimal")):
                parts.append(floats(column)[:, None])
                names.append(name)
            else:
                raise TypeError(kind)
        except (TypeError, ValueError) as error:
            first = str(listed(source, name, column[:1])[0])[:40] if len(column) else kind
            raise wrong(
                source, f"column {name!r} is not numeric ({error}): row 0 holds {first!r}"
            ) from None
    if not parts:
        raise wrong(source, "no numeric columns in it")
    return np.concatenate(parts, axis=1), tuple(names)


def _clock(source: str, name: str, column: Any) -> Any:
    """Seconds of moments, days, dates as text and numbers."""
    import numpy as np

    column = column.combine_chunks()
    kind = str(column.type)
    if not column.null_count and kind.startswith(MOMENTS):
        micros = column.cast("timestamp[us]", safe=False).cast("int64")
        return floats(micros) / 1e6
    if not column.null_count and kind.startswith(("int", "uint", "float", "double")):
        return in_seconds(name, floats(column))
    values = listed(source, name, column)
    stamps = np.empty(len(values))
    for i, value in enumerate(values):
        try:
            stamps[i] = seconds(str(value))
        except ValueError:
            raise wrong(
                source, f"column {name!r} tells no time in row {i}: {str(value)[:40]!r}"
            ) from None
    return stamps
