"""Data frames in JSON as pandas writes them (`to_json`), in every orient.

    records   [{"a": 1}, ...]                       columns   {"a": {"0": 1, ...}}
    values    [[1, 2], ...]                         index     {"0": {"a": 1}, ...}
    split     {"columns", "index", "data"}          table     {"schema", "data"}

A Series is {"0": 1, ...}, [1, ...], {"name", "index", "data"} or a table. Whether the outer or the
inner keys of {"a": {"0": 1}} are the rows, pandas does not write: rows are those that look like an
index (numbers, or dates), and the inner ones where both do or neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from multitok.loaders.columns.dates import is_date
from multitok.loaders.columns.tables import is_number, wrong


class Frame(NamedTuple):
    """Columns by name, the labels of the rows and their name, and what the layout is called."""

    columns: Mapping[str, Sequence[Any]]
    labels: Sequence[Any] | None = None
    orient: str = ""
    label: str = "index"


def frame(source: str, found: Any) -> Frame | None:
    """The frame that a document holds; None where it is none of pandas."""
    if isinstance(found, list):
        if found and all(isinstance(row, dict) for row in found):
            return Frame(_by_column(found), orient="records")
        return None
    if not isinstance(found, dict) or not found:
        return None
    if isinstance(found.get("schema"), dict) and isinstance(found.get("data"), list):
        return _table(source, found)
    if isinstance(found.get("data"), list) and isinstance(found.get("index"), list):
        return _split(source, found)
    if all(isinstance(row, dict) and row for row in found.values()):
        return _keyed(found)
    flat = all(cell is None or isinstance(cell, int | float) for cell in found.values())
    if flat and index_like(found):
        return Frame({"value": [*found.values()]}, [*found], "index")
    return None


def _by_column(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(key for row in rows for key in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _table(source: str, found: Mapping[str, Any]) -> Frame:
    rows = found["data"]
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise wrong(source, "no rows in its data")
    columns = _by_column(rows)
    keys = found["schema"].get("primaryKey")
    key = keys[0] if isinstance(keys, list) and len(keys) == 1 else None
    index = columns.pop(key, None) if isinstance(key, str) else None
    return Frame(columns, index, "table", str(key))


def _split(source: str, found: Mapping[str, Any]) -> Frame:
    rows, index = found["data"], found["index"]
    if "columns" not in found:
        return Frame({str(found.get("name") or "value"): rows}, index, "split")
    names = found["columns"]
    if not isinstance(names, list):
        raise wrong(source, f"columns must be a list, got {type(names).__name__}")
    labels = [".".join(map(str, n)) if isinstance(n, list) else str(n) for n in names]
    for r, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(labels):
            many = len(row) if isinstance(row, list) else 1
            raise wrong(source, f"row {r} has {many} values, {len(labels)} columns are named")
    return Frame({n: [row[i] for row in rows] for i, n in enumerate(labels)}, index, "split")


def _keyed(found: Mapping[str, Mapping[str, Any]]) -> Frame:
    """{"a": {"0": 1}} by columns or by rows; a row that lacks a cell misses it."""
    inner = dict.fromkeys(key for row in found.values() for key in row)
    if index_like(found) and not index_like(inner):
        return Frame({n: [row.get(n) for row in found.values()] for n in inner}, [*found], "index")
    columns = {n: [column.get(key) for key in inner] for n, column in found.items()}
    return Frame(columns, [*inner], "columns")


def index_like(keys: Iterable[str]) -> bool:
    return all((key and is_number(key)) or is_date(key) for key in keys)
