"""Data frames of any package, by what they offer to others; none of these is imported to tell.

    to_numpy                                pandas and polars
    __arrow_c_stream__, __arrow_c_array__   Arrow's: pyarrow reads them, where it is installed
    __dataframe__                           the interchange protocol: buffers, copied where they lie

Sources: https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html and
https://data-apis.org/dataframe-protocol/latest/API.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.core.errors import MediaError
from multitok.core.extras import installed, require
from multitok.core.widening import widened

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ARROW = ("__arrow_c_stream__", "__arrow_c_array__")
_INTEGER, _UNSIGNED, _FLOAT, _BOOLEAN, _MOMENT = 0, 1, 2, 20, 22
"""Kinds of a column, as the interchange protocol numbers them."""
_LETTERS = {_INTEGER: "i", _UNSIGNED: "u", _FLOAT: "f"}
_UNITS = {"tss": "s", "tsm": "ms", "tsu": "us", "tsn": "ns", "tdD": "D", "tdm": "ms"}
_SENTINEL, _BITS, _BYTES = 2, 3, 4
"""How a column marks what is missing: a value, a bit or a byte beside each."""
_CPU = 1


class Columns(NamedTuple):
    """The columns of a frame, or the one that was given, and its index where it has one."""

    names: tuple[str, ...]
    columns: list[NDArray[Any]]
    index: Any = None


def is_frame(source: Any) -> bool:
    """Whether it is a data frame, or a column of one: its class tells."""
    if _packages(source) & {"pandas", "polars"}:
        return hasattr(source, "to_numpy")
    return _offers(source, *_ARROW, "__dataframe__")


def columns_of(source: Any) -> Columns:
    """Its columns as arrays; one that holds neither numbers nor moments is an array of texts."""
    if _packages(source) & {"pandas", "polars"}:
        return _by_numpy(source)
    arrow = _offers(source, *_ARROW)
    if arrow and (installed("pyarrow") or not _offers(source, "__dataframe__")):
        return _by_arrow(source)
    return _by_interchange(source.__dataframe__())


def _packages(source: Any) -> set[str]:
    return {base.__module__.partition(".")[0] for base in type(source).__mro__}


def _offers(source: Any, *words: str) -> bool:
    return any(hasattr(type(source), word) for word in words)


def _by_numpy(source: Any) -> Columns:
    import numpy as np

    named = source.columns if hasattr(source, "columns") else (source.name or "value",)
    names = tuple(str(name) for name in named)
    if hasattr(source, "get_columns"):  # polars: all of them at once would have one type
        return Columns(names, [column.to_numpy() for column in source.get_columns()])
    cells = np.asarray(source.to_numpy()).reshape(len(source), len(names))
    index = getattr(source, "index", None)
    return Columns(names, list(cells.T), None if callable(index) else index)


def _by_arrow(source: Any) -> Columns:
    pa: Any = require("pyarrow", extra="parquet", purpose="reading Arrow")
    try:
        table = pa.table(source)
    except (TypeError, ValueError):  # a lone column: no struct of columns
        stream = _offers(source, "__arrow_c_stream__")
        column = pa.chunked_array(source) if stream else pa.chunked_array([pa.array(source)])
        table = pa.table({"value": column})
    return Columns(tuple(table.column_names), [column.to_numpy() for column in table.columns])


def _by_interchange(frame: Any) -> Columns:
    import numpy as np

    names = tuple(frame.column_names())
    chunks = list(frame.get_chunks())
    columns = [np.concatenate([_column(chunk, name) for chunk in chunks]) for name in names]
    return Columns(names, columns)


def _column(frame: Any, name: str) -> NDArray[Any]:
    """One column of a chunk: floats with NaN, or moments with NaT, for what is missing."""
    import numpy as np

    try:
        column = frame.get_column_by_name(name)
        kind, _, form, _ = column.dtype
    except ValueError:  # a type that the package has no word for in the protocol
        return np.full(frame.num_rows(), "no number")
    if kind not in (*_LETTERS, _BOOLEAN, _MOMENT):
        return np.full(frame.num_rows(), "no number")
    buffers = column.get_buffers()
    cells = _cells(buffers["data"], column)
    missing = _missing(column, buffers["validity"], cells)
    if kind == _MOMENT:
        unit = _UNITS[form[:3]]
        nothing = np.array("NaT", f"datetime64[{unit}]")
        return np.where(missing, nothing, cells.astype(f"datetime64[{unit}]"))
    return np.where(missing, np.nan, widened(cells))


def _missing(column: Any, validity: Any, cells: NDArray[Any]) -> Any:
    """Where a cell is missing, or False where none is."""
    how, mark = column.describe_null
    if how in (_BITS, _BYTES) and validity is not None:
        return _cells(validity, column) == mark
    return cells == mark if how == _SENTINEL else False


def _cells(held: Any, column: Any) -> NDArray[Any]:
    """A buffer's part of a column, copied."""
    import ctypes

    import numpy as np

    buffer, (kind, bits, _, order) = held
    if buffer.__dlpack_device__()[0] != _CPU:
        raise MediaError("a data frame on a device: bring it into the memory of the CPU first")
    raw = ctypes.string_at(buffer.ptr, buffer.bufsize)
    begin, end = column.offset, column.offset + column.size()
    if kind == _BOOLEAN and bits == 1:
        return np.unpackbits(np.frombuffer(raw, "u1"), bitorder="little")[begin:end]
    # a moment is a whole number of its unit, a boolean of whole bytes is 0 or 1
    letter = _LETTERS.get(kind, "u" if kind == _BOOLEAN else "i")
    return np.frombuffer(raw, np.dtype(f"{letter}{bits // 8}").newbyteorder(order))[begin:end]
