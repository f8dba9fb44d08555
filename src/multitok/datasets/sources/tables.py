"""Tables: Parquet, Arrow files and streams, Feather, and data sets that Hugging Face saved.

A unit is a run of rows, which begins and ends with a row group or a batch, but in very large ones.
Only the columns that are counted are read, and never more of them than a few megabytes at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from multitok.core.errors import MultitokError, SourceError
from multitok.core.writing import put, writing
from multitok.datasets.parts import arrow
from multitok.datasets.places import stamp_of
from multitok.datasets.sources import files
from multitok.datasets.sources.arrow_cells import cells, names
from multitok.datasets.sources.columns import Column, about_column, columns_of
from multitok.datasets.sources.saved import is_saved_dataset, saved_files
from multitok.datasets.sources.table_files import Piece, TableFile, table_file, told
from multitok.datasets.units import Item, Reading, Unit
from multitok.loaders.columns.tables import check_apart

LEAST, MANY = 2000, 20_000
"""Rows of a unit: at least, where they are `HEAVY`, and when it ends, however light they are."""
HEAVY, HEAVIEST = 64 << 20, 1 << 30
"""Bytes of a unit that is no longer light, and of one that ends with any number of rows."""
MOST = 131_072
"""Rows of a unit at most: what comes before it in its row group is read again, and passed over."""
_WHOLE = ("series", "actions")
"""Read as these, a file of a table is one item, as it is for `count`."""
SPOOLED = 65_536
"""Rows of a batch of a table that is written down."""


class _Chosen(NamedTuple):
    """The columns that are read: those that are counted, and those that name and group the rows."""

    columns: list[Column]
    id: str | None
    by: str | None

    @property
    def names(self) -> list[str]:
        counted = [name for column in self.columns for name in (column.name, *column.beside)]
        told = [*counted, self.id, self.by]
        return list(dict.fromkeys(name for name in told if name is not None))

    @classmethod
    def of(cls, schema: Any, reading: Reading, source: str) -> _Chosen:
        check_apart(source, schema.names)
        return cls(
            columns_of(schema, reading, source),
            about_column(schema, reading.id, source, "id"),
            about_column(schema, reading.by, source),
        )


def units(source: str, reading: Reading) -> Iterator[Unit]:
    """The units of a table, or of all files of a data set that Hugging Face saved."""
    if is_saved_dataset(source):
        for path in saved_files(source):
            yield from units(path, reading)
        return
    if reading.read_as in _WHOLE:
        yield from files.units(source, reading)
        return
    stamp = stamp_of(source)
    with table_file(source) as table:
        _Chosen.of(table.schema, reading, source)  # or it is said here, and once
        for start, stop in _runs(table.pieces()):
            yield Unit("table", source, f"{stamp} {start}-{stop}", start, stop, start)


def _runs(pieces: Sequence[Piece]) -> Iterator[tuple[int, int]]:
    """The rows of the units: runs of pieces; a very large piece is several."""
    start = stop = size = 0
    for piece in pieces:
        if piece.rows > MOST and stop > start:
            yield start, stop
            start, size = stop, 0
        stop, size = stop + piece.rows, size + piece.bytes
        while stop - start > MOST:
            yield start, start + MOST
            start += MOST
        if _is_full(stop - start, size):
            yield start, stop
            start, size = stop, 0
    if stop > start:
        yield start, stop


def _is_full(rows: int, size: int) -> bool:
    return rows >= MANY or (rows >= LEAST and size >= HEAVY) or (rows > 0 and size >= HEAVIEST)


def items(unit: Unit, reading: Reading) -> Iterator[Item]:
    """The cells of a unit's rows. Of a row group that is damaged one error."""
    with table_file(unit.source) as table:
        chosen = _Chosen.of(table.schema, reading, unit.source)
        for row, found in _batches(table, unit, chosen.names):
            if isinstance(found, MultitokError):
                yield Item(row, None, None, found)
            else:
                yield from _of_batch(row, found, chosen, unit.source)


def _batches(
    table: TableFile, unit: Unit, columns: Sequence[str]
) -> Iterator[tuple[int, Any | MultitokError]]:
    """The batches of a unit with the number of their first row in it, or what is wrong."""
    end = 0
    for number, piece in enumerate(table.pieces()):
        at, end = end, end + piece.rows
        if end <= unit.start:
            continue
        if at >= unit.stop:
            return
        try:
            for batch in table.read(number, piece, columns):
                first, at = at, at + batch.num_rows
                if at > unit.start and first < unit.stop:
                    skip = max(unit.start - first, 0)
                    wanted = batch.slice(skip, unit.stop - first - skip)
                    yield first + skip - unit.start, wanted
                if at >= unit.stop:
                    break
        except _damages() as error:
            yield max(at - unit.start, 0), _damaged(unit.source, error)


def _damages() -> tuple[type[BaseException], ...]:
    """What pyarrow raises where data is damaged."""
    return arrow().ArrowException, OSError, EOFError, ValueError


def _damaged(source: str, error: BaseException) -> SourceError:
    return SourceError(
        f"the rows from here to the next row group or batch cannot be read: {told(error)}",
        source=source,
    )


def _of_batch(row: int, batch: Any, chosen: _Chosen, source: str) -> Iterator[Item]:
    """The items of a batch, row by row."""
    rows = batch.num_rows
    try:
        found = [cells(one, batch, source) for one in chosen.columns]
        ids = names(batch.column(chosen.id)) if chosen.id is not None else [None] * rows
        groups = names(batch.column(chosen.by)) if chosen.by is not None else [None] * rows
    except _damages() as error:
        yield Item(row, None, None, _damaged(source, error))
        return
    told = [
        (one.modality, one.many, column) for one, column in zip(chosen.columns, found, strict=True)
    ]
    for place, (name, group) in enumerate(zip(ids, groups, strict=True)):
        for modality, many, column in told:
            if not many:
                yield Item(row + place, name, modality, column[place], group)
                continue
            for one, content in column[place]:
                called = name if one is None else one if name is None else f"{name}[{one}]"
                yield Item(row + place, called, modality, content, group)


def spool(stream: Any, folder: str) -> str:
    """Write a table that is in memory, or comes as it is read (anything with `__arrow_c_stream__`),
    into a folder; its path. The same content has the same name and time, so that it is not counted
    again; items are called by the name's stem, `table`."""
    pa = arrow()
    path = os.path.join(folder, "table.arrow")
    reader = pa.RecordBatchReader.from_stream(stream)
    schema = pa.schema([_spelled(field) for field in reader.schema], reader.schema.metadata)
    with writing(path) as file, pa.ipc.new_file(pa.PythonFile(file, "w"), schema) as out:
        for batch in reader:
            for start in range(0, batch.num_rows, SPOOLED):
                out.write_batch(batch.slice(start, SPOOLED).cast(schema))
    whole = os.path.join(folder, f"table.{_hash(path)}.arrow")
    put(path, whole)
    os.utime(whole, (0, 0))
    return whole


def _spelled(field: Any) -> Any:
    """A column of categories as one of their words: a file has one list of them, and frames that
    came together have several."""
    if arrow().types.is_dictionary(field.type):
        return field.with_type(field.type.value_type)
    return field


def _hash(path: str) -> str:
    told = blake2b(digest_size=10)
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            told.update(piece)
    return told.hexdigest()
