"""Arrow IPC files and streams, and Feather 1 and 2, as pyarrow, pandas and GluonTS write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from multitok.core.extras import require
from multitok.core.widening import widened
from multitok.loaders.columns import many
from multitok.loaders.columns.arrow_arrays import floats, listed
from multitok.loaders.columns.clocks import in_seconds, speaks_of_time, told_by
from multitok.loaders.columns.parquet import MOMENTS
from multitok.loaders.columns.series_json import gluonts
from multitok.loaders.columns.stacking import stacked
from multitok.loaders.columns.tables import Table, check_apart, chosen, rate, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NUMBERS = ("int", "uint", "float", "double", "halffloat", "bool", "decimal")


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """Columns of numbers, and lists of one length as name[0], name[1], ...

    The first column of moments is the clock, or one of numbers that is named as one.
    A table with a column `target` of lists is of GluonTS: a row a series."""
    found = _opened(source)
    names = list(found.column_names)
    check_apart(source.name, names)
    kinds = {name: str(found.schema.field(name).type) for name in names}
    if "list" in kinds.get("target", ""):
        records, facts = gluonts(source.name, listed(source.name, "start", found))
        return stacked(source.name, records, options.columns, values=values, facts=facts)
    key, asked, series = options.id, tuple(options.columns), tuple[str, ...]()
    if key is not None:
        [place] = chosen(source.name, names, (key,))
        key = names[place]
        asked, series = many.asked(names, asked)
    wanted, clock = _wanted(source.name, kinds, asked, options.time)
    numbers, columns = _numbers(source.name, found, kinds, [n for n in wanted if n != key])
    stamps = _seconds(source.name, clock, found.column(clock), kinds[clock]) if clock else None
    dated = clock is not None and kinds[clock].startswith(MOMENTS)
    if key is not None:
        ids = list(map(str, listed(source.name, key, found.column(key))))
        long = many.Long(ids, numbers.tolist(), columns, stamps, clock, dated)
        facts = {"named by": key}
        return many.apart(source.name, long, series, options.modality, facts, values=values)
    return Table(
        names=columns,
        rows=found.num_rows,
        values=numbers if values else None,
        time=clock,
        timestamps=stamps if values else None,
        dated=dated,
        hz=rate(stamps),
    )


def _wanted(
    source: str, kinds: Mapping[str, str], asked: Sequence[str], time: str | None
) -> tuple[list[str], str | None]:
    """The columns to read, and the clock beside them."""
    names = list(kinds)
    moments = [name for name in names if kinds[name].startswith(MOMENTS)]
    named = next((name for name in names if _tells_time(name, kinds[name])), None)
    clock = told_by(source, time, names, next(iter(moments), named))
    wanted = [names[place] for place in chosen(source, names, asked)]
    if asked and clock in wanted:
        return wanted, None  # asked for, it is a column like any other
    left = moments if clock is None and not asked else [clock]
    return [name for name in wanted if name not in left], clock


def _numbers(
    source: str, found: Any, kinds: Mapping[str, str], wanted: Sequence[str]
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """(rows, columns) and the names: a column of lists is as many columns as they are long."""
    import numpy as np

    if not wanted:
        raise wrong(source, "no columns of numbers in it")
    blocks = {name: _block(source, name, found, kinds) for name in wanted}
    columns = tuple(
        name if "list" not in kinds[name] else f"{name}[{i}]"
        for name, block in blocks.items()
        for i in range(block.shape[1])
    )
    return np.concatenate(list(blocks.values()), axis=1), columns


def _opened(source: Source) -> Any:
    """The whole table, checked: what its buffers say of lengths and offsets is not to be trusted,
    and pyarrow reads beyond their ends where they are wrong."""
    pa: Any = require("pyarrow", extra="parquet", purpose="reading Arrow")
    try:
        with source.open() as file:
            table = _table(pa, source.head(), file)
        table.validate(full=True)
        list(table.column_names)  # names that are no UTF-8 are told when they are asked for
    except (pa.ArrowException, OSError, ValueError) as error:
        raise wrong(source.name, f"damaged Arrow file ({error})") from None
    return table


def _table(pa: Any, head: bytes, file: Any) -> Any:
    if head.startswith(b"FEA1"):
        feather: Any = require(
            "pyarrow.feather", extra="parquet", purpose="reading Feather", package="pyarrow"
        )
        return feather.read_table(file)
    opened = pa.ipc.open_file if head.startswith(b"ARROW1") else pa.ipc.open_stream
    with opened(file) as reader:
        return reader.read_all()


def _tells_time(name: str, kind: str) -> bool:
    return speaks_of_time(name) and kind.startswith(_NUMBERS)


def _block(source: str, name: str, found: Any, kinds: Mapping[str, str]) -> NDArray[np.float64]:
    """(rows, columns) of one column; lists are as many columns as they are long."""
    import numpy as np

    kind, column = kinds[name], found.column(name)
    if kind.startswith(_NUMBERS):
        return floats(column)[:, None]
    if "list" in kind:
        try:
            rows = [widened(row).reshape(-1) for row in listed(source, name, column)]
            return np.stack(rows) if rows else np.empty((0, 1))
        except (TypeError, ValueError):
            raise wrong(
                source, f"column {name!r} holds no lists of numbers of one length: leave it out"
            ) from None
    others = [n for n in found.column_names if kinds[n].startswith(_NUMBERS)]
    then = f": name those that are: {', '.join(others)} (columns=, --columns)" if others else ""
    raise wrong(source, f"column {name!r} is not numeric ({kind}){then}")


_UNITS = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}


def _seconds(source: str, name: str, column: Any, kind: str) -> NDArray[np.float64]:
    """Seconds since 1970 of moments and days; numbers as they stand."""
    if column.null_count:
        raise wrong(source, f"column {name!r} is the clock, and {column.null_count} are missing")
    if not kind.startswith(MOMENTS):
        return in_seconds(name, floats(column))
    if kind.startswith("date32"):
        return floats(column.cast("int32")) * 86400.0
    unit = "ms" if kind.startswith("date64") else str(column.type.unit)
    return floats(column.cast("int64")) / _UNITS[unit]
