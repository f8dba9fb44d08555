"""Columns of pyarrow as arrays of numpy, from their buffers: pyarrow's own `to_numpy` imports
pandas where that is installed, which takes longer than the reading of many a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multitok.loaders.columns.tables import wrong

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def listed(source: str, name: str, column: Any) -> list[Any]:
    """The cells of a column, or a table, as Python has them; SourceError where it has none: for a
    moment in the year 300,000 of a damaged file."""
    try:
        found: list[Any] = column.to_pylist()
    except (OverflowError, ValueError) as error:
        why = f"column {name!r} holds what is no moment of any calendar ({error})"
        raise wrong(source, f"{why}: leave it out (columns=, --columns)") from None
    return found


def floats(column: Any) -> NDArray[np.float64]:
    """The numbers of a column or an array of any numeric type as float64, NaN where one is missing.

    Whole numbers beyond 2**53 are rounded to the next float64, as numpy does."""
    import numpy as np

    chunks = column.chunks if hasattr(column, "chunks") else [column]
    return np.concatenate([_floats(chunk) for chunk in chunks]) if chunks else np.empty(0)


def _floats(chunk: Any) -> NDArray[np.float64]:
    import numpy as np

    kind = str(chunk.type)
    if not kind.startswith(("int", "uint", "float", "double")):  # booleans, halves, decimals
        cells = chunk.to_pylist()
        return np.array([np.nan if cell is None else float(cell) for cell in cells], np.float64)
    if kind != "double":
        chunk = chunk.cast("float64", safe=False)
    known, data = chunk.buffers()
    if not len(chunk):
        return np.empty(0)
    end = chunk.offset + len(chunk)
    numbers = np.frombuffer(data, np.float64, end)[chunk.offset :]
    if known is None or not chunk.null_count:
        return numbers
    bits = np.unpackbits(np.frombuffer(known, np.uint8), count=end, bitorder="little")
    return np.where(bits[chunk.offset :], numbers, np.nan)


def texts(column: Any) -> NDArray[np.bytes_]:
    """The cells of a column of bytes, empty where one is missing; at once where all are of one
    length."""
    import numpy as np

    array = column.combine_chunks()
    array = array.chunk(0) if hasattr(array, "chunks") else array
    _, ends, data = array.buffers()
    at = np.frombuffer(ends, np.int32)[array.offset : array.offset + len(array) + 1]
    lengths = np.diff(at)
    if len(lengths) and lengths[0] and (lengths == lengths[0]).all() and not array.null_count:
        return np.frombuffer(data, np.uint8)[at[0] : at[-1]].view(f"S{lengths[0]}")
    return np.array([cell or b"" for cell in array.to_pylist()], np.bytes_)
