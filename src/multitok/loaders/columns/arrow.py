"""Arrow IPC files and streams, and Feather 1 and 2, as pyarrow, pandas and GluonTS write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multitok.core.extras import require
from multitok.loaders.columns.series_json import gluonts
from multitok.loaders.columns.stacking import stacked
from multitok.loaders.columns.tables import TIME_NAMES, Table, chosen, rate, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NUMBERS = ("int", "uint", "float", "double", "halffloat", "bool", "decimal")
_MOMENTS = ("timestamp", "date")


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """Columns of numbers, and lists of one length as name[0], name[1], ...

    The first column of moments is the clock, or one of numbers that is named as one.
    A table with a column `target` of lists is of GluonTS: a row a series."""
    found = _opened(source)
    names = list(found.column_names)
    kinds = {name: str(found.schema.field(name).type) for name in names}
    if "list" in kinds.get("target", ""):
        series, facts = gluonts(source.name, found.to_pylist())
        return stacked(source.name, series, options.columns, values=values, facts=facts)
    clock = next((n for n in names if kinds[n].startswith(_MOMENTS)), None)
    clock = clock or next((n for n in names if _tells_time(n, kinds[n])), None)
    wanted = [names[place] for place in chosen(source.name, names, options.columns)]
    if clock in wanted and options.columns:
        clock = None  # asked for, it is a column like any other
    wanted = [name for name in wanted if name != clock]
    if not wanted:
        raise wrong(source.name, "no columns of numbers in it")
    blocks = {name: _block(source.name, name, found, kinds) for name in wanted}
    columns = tuple(
        name if "list" not in kinds[name] else f"{name}[{i}]"
        for name, block in blocks.items()
        for i in range(block.shape[1])
    )
    import numpy as np

    stamps = _seconds(source.name, clock, found.column(clock), kinds[clock]) if clock else None
    return Table(
        names=columns,
        rows=found.num_rows,
        values=np.concatenate(list(blocks.values()), axis=1) if values else None,
        time=clock,
        timestamps=stamps if values else None,
        dated=clock is not None and kinds[clock].startswith(_MOMENTS),
        hz=rate(stamps),
    )


def _opened(source: Source) -> Any:
    """The whole table, checked: what its buffers say of lengths and offsets is not to be trusted,
    and pyarrow reads beyond their ends where they are wrong."""
    pa: Any = require("pyarrow", extra="parquet", purpose="reading Arrow")
    try:
        with source.open() as file:
            table = _table(pa, source.head(), file)
        table.validate(full=True)
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
    return name.lower() in TIME_NAMES - {"index"} and kind.startswith(_NUMBERS)


def _block(source: str, name: str, found: Any, kinds: dict[str, str]) -> NDArray[np.float64]:
    """(rows, columns) of one column; lists are as many columns as they are long."""
    import numpy as np

    kind, column = kinds[name], found.column(name)
    if kind.startswith(_NUMBERS):
        array = column.to_numpy()
        if array.dtype == object:  # booleans with gaps, decimals
            array = np.array(column.to_pylist(), np.float64)
        numbers: NDArray[np.float64] = array.astype(np.float64)[:, None]
        return numbers
    if "list" in kind:
        try:
            rows = [np.asarray(row, np.float64).reshape(-1) for row in column.to_pylist()]
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
    import numpy as np

    if column.null_count:
        raise wrong(source, f"column {name!r} is the clock, and {column.null_count} are missing")
    if not kind.startswith(_MOMENTS):
        return np.asarray(column.to_numpy(), np.float64)
    if kind.startswith("date32"):
        return np.asarray(column.cast("int32").to_numpy() * 86400.0, np.float64)
    unit = "ms" if kind.startswith("date64") else str(column.type.unit)
    return np.asarray(column.cast("int64").to_numpy() / _UNITS[unit], np.float64)
