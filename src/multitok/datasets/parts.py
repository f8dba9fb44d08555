"""The table of counts, a Parquet file a unit: written whole or not at all, and read by anything.

What a part holds beside its rows (items, errors, where it stands) is in its own metadata, so a part
that is there is a unit that is done.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from multitok.core.extras import installed, require
from multitok.core.writing import put, writing
from multitok.datasets.units import Unit


class Row(NamedTuple):
    """The count of an item for a model; where `error` says why there is none, `tokens` is None.

    id            the item's own name, or its source and its number in it (a number, until a part is
                  written: which of several in its place)
    row           its number in the source
    kind          how the tokens are known; "rejected" and "unknown" as of a request
    most          the most that they may be
    text_tokens   of them, and so on by what providers bill apart
    width, height, frames, seconds    the shape of a medium
    max_output    the most output that a request asks for
    images        pictures that it is, or that a request holds
    remark        why a request is open, or why the API would answer with an error
    """

    id: str | int | None
    row: int
    group: str | None
    modality: str | None
    model: str | None
    tokens: int | None = None
    kind: str | None = None
    most: int | None = None
    text_tokens: int | None = None
    media_tokens: int | None = None
    image_tokens: int | None = None
    audio_tokens: int | None = None
    video_tokens: int | None = None
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    seconds: float | None = None
    max_output: int | None = None
    images: int | None = None
    remark: str | None = None
    error: str | None = None


SUFFIX = ".parquet"
_ABOUT = b"multitok"
_NUMBERED = {"tokens", "most", "text_tokens", "media_tokens", "image_tokens", "audio_tokens",
             "video_tokens", "row", "frames", "max_output", "images"}  # fmt: skip
_FEW = ["source", "unit", "group", "modality", "model", "kind", "remark", "error"]
"""Columns of few values."""
COLUMNS = ("id", "source", "unit", *Row._fields[1:])


class About(NamedTuple):
    """What a part says of itself: the unit's name and place, its items, and how many of its rows
    are errors."""

    key: str
    source: str
    form: str
    first: int
    items: int
    rows: int
    errors: int
    tokens: int


def check() -> None:
    """MissingDependencyError where there is no pyarrow. It is not imported for that: a process that
    has others count may need none of it."""
    if not installed("pyarrow"):
        arrow()


def arrow() -> Any:
    """pyarrow, or what to type."""
    require("pyarrow", extra="parquet", purpose="a scan", package="pyarrow")
    import pyarrow
    import pyarrow.parquet

    return pyarrow


@cache
def schema() -> Any:
    """The columns and their types."""
    pa = arrow()
    types = {
        **dict.fromkeys(_NUMBERED, pa.int64()),
        **dict.fromkeys(("width", "height"), pa.int32()),
        "seconds": pa.float64(),
    }
    return pa.schema([(name, types.get(name, pa.string())) for name in COLUMNS])


def name_of(source: str, form: str, number: int, one: int | None = None) -> str:
    """What an item without a name of its own is called: its source and its number in it, of lines
    from 1 as editors have them, and which of several there it is.

    >>> name_of("a.jsonl", "lines", 0), name_of("a.parquet", "table", 0, 2)
    ('a.jsonl#1', 'a.parquet#0[2]')
    """
    place = f"{source}#{number + (form == 'lines')}"
    return place if one is None else f"{place}[{one}]"


def write(path: str, unit: Unit, key: str, rows: Sequence[Row], items: int, work: str) -> About:
    """Write the part of a unit: in the folder `work` first, then at its place."""
    pa = arrow()
    columns: dict[str, Any] = dict(zip(Row._fields, zip(*rows, strict=True), strict=True))
    if not columns:
        columns = dict.fromkeys(Row._fields, ())
    numbers = [unit.first + row for row in columns["row"]]
    columns["id"] = [
        name if isinstance(name, str) else name_of(unit.source, unit.form, number, name)
        for name, number in zip(columns["id"], numbers, strict=True)
    ]
    columns["row"] = numbers
    errors = sum(error is not None for error in columns["error"])
    tokens = sum(filter(None, columns["tokens"]))
    about = About(key, unit.source, unit.form, unit.first, items, len(rows), errors, tokens)
    alike = {"source": unit.source, "unit": key}
    arrays = [
        pa.repeat(_array(pa, [alike[field.name]], field.type)[0], len(rows))
        if field.name in alike
        else _array(pa, columns[field.name], field.type)
        for field in schema()
    ]
    _put(pa.table(arrays, schema=schema()), about, path, work)
    return about


def _array(pa: Any, values: Sequence[Any], kind: Any) -> Any:
    """The column; a name of a file that is no UTF-8 is written with those bytes escaped."""
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:
        return pa.array([None if value is None else printable(value) for value in values], kind)


def printable(text: str) -> str:
    r"""A text that is UTF-8: lone surrogates, which stand for bytes that are none, are escaped.

    >>> printable("a\udcff")
    'a\\udcff'
    """
    return text.encode("utf-8", "backslashreplace").decode()


def _put(table: Any, about: About, path: str, work: str) -> None:
    pa = arrow()
    told = {**about._asdict(), "source": printable(about.source)}
    table = table.replace_schema_metadata({_ABOUT: json.dumps(told).encode()})
    whole = os.path.join(work, os.path.basename(path))
    with writing(whole) as file:
        pa.parquet.write_table(table, file, compression="zstd", use_dictionary=_FEW)
    put(whole, path)


def about(path: str) -> About | None:
    """What a part says of itself; None for what is no part, or a damaged one."""
    try:
        return _told(path)
    except (OSError, arrow().ArrowInvalid, KeyError, TypeError, ValueError):
        return None


def _told(path: str) -> About:
    return About(**json.loads(arrow().parquet.read_metadata(path).metadata[_ABOUT]))


def read(path: str, columns: Sequence[str] | None = None) -> Any:
    """The table of a part, or some of its columns."""
    pa = arrow()
    return pa.parquet.read_table(path, columns=columns and list(columns), use_threads=False)


def move(path: str, first: int, work: str) -> About:
    """Number the items of a part anew, for lines before it came or went."""
    pa = arrow()
    import pyarrow.compute as pc

    old = _told(path)
    table = read(path)
    shift = first - old.first
    numbers = table.column("row").to_pylist()
    ids = [
        name_of(old.source, old.form, number + shift)
        if name == name_of(old.source, old.form, number)
        else name
        for name, number in zip(table.column("id").to_pylist(), numbers, strict=True)
    ]
    place = table.schema.get_field_index
    table = table.set_column(place("id"), "id", pa.array(ids, pa.string()))
    table = table.set_column(place("row"), "row", pc.add(table.column("row"), shift))
    new = old._replace(first=first)
    _put(table, new, path, work)
    return new
