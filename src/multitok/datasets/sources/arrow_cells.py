"""Cells of Arrow as Python's: texts, bytes, and conversations with what stands beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from multitok.core.errors import MediaError, MultitokError, PayloadError
from multitok.datasets.parts import arrow
from multitok.datasets.sources.cells import medium_in, text_in
from multitok.datasets.sources.columns import Column
from multitok.datasets.sources.turns import conversation, said, with_beside
from multitok.datasets.units import REQUEST

Several = list[tuple[int | None, Any]]
"""What is in a cell of a list: (which of them, content), or an error for all."""


def values(column: Any) -> list[Any]:
    """The cells of a column: str, bytes, dict, list, None. Texts that are no UTF-8 are bytes.

    ArrowInvalid where the column is damaged: what it holds is looked at before it is read."""
    pa = arrow()
    column = _stored(column)
    if pa.types.is_dictionary(column.type):
        return _decoded(column)
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:  # no cast, which trusts what it reads
        column = column.view(_as_bytes(column.type))
        column.validate(full=True)
    try:
        found: list[Any] = column.to_pylist()
    except (OverflowError, ValueError) as error:
        raise pa.ArrowInvalid(f"a cell that is no moment of any calendar: {error}") from None
    return found


def _stored(column: Any) -> Any:
    """The column of an extension as it is stored."""
    while isinstance(column.type, arrow().BaseExtensionType):
        column = column.storage
    return column


def _decoded(column: Any) -> list[Any]:
    """The cells of a column whose words stand in a dictionary: of that those that are met, for it
    may be far longer than the column."""
    words, numbers = column.dictionary, values(column.indices)
    words.validate()
    met: dict[int | None, Any] = {None: None}
    for number in set(numbers) - {None}:
        if not 0 <= number < len(words):
            raise arrow().ArrowInvalid(f"number {number} of {len(words)} words")
        [met[number]] = values(words.slice(number, 1))
    return [met[number] for number in numbers]


def _as_bytes(told: Any) -> Any:
    """The type of the same layout with bytes where it has texts."""
    pa = arrow()
    types = pa.types
    if types.is_string(told):
        return pa.binary()
    if types.is_large_string(told):
        return pa.large_binary()
    if types.is_string_view(told):
        return pa.binary_view()
    if types.is_list(told):
        return pa.list_(_as_bytes(told.value_type))
    if types.is_large_list(told):
        return pa.large_list(_as_bytes(told.value_type))
    if types.is_struct(told):
        return pa.struct([(field.name, _as_bytes(field.type)) for field in told])
    return told


def names(column: Any) -> list[str | None]:
    """The cells of a column that names rows, or groups them."""
    return [None if value is None else str(value) for value in values(column)]


def cells(column: Column, batch: Any, source: str) -> list[Any]:
    """What is in each cell of a column to count; where cells are lists, `Several` of each."""
    found = _cells(column, batch.column(column.name), source)
    if not column.beside:
        return found
    beside = zip(*(values(batch.column(name)) for name in column.beside), strict=True)
    told = (dict(zip(column.beside, row, strict=True)) for row in beside)
    return [with_beside(one, row) for one, row in zip(found, told, strict=True)]


def _cells(column: Column, array: Any, source: str) -> list[Any]:
    read = _reader(column, source)
    if column.many:
        return [_several(value, column.name, read) for value in values(array)]
    if column.kind == "medium":
        return list(map(read, _media(array)))
    return list(map(read, values(array)))


def _several(value: Any, name: str, read: Callable[[Any], Any]) -> Several:
    if value:
        return [(number, read(one)) for number, one in enumerate(value)]
    why = "the list is empty" if value is not None else "there is no list (null)"
    return [(None, MediaError(f"{name}: {why}"))]


def _media(array: Any) -> list[Any]:
    """The bytes of structs of bytes and path; their paths where there are none."""
    array = _stored(array)
    array.validate()
    fields = dict(zip((field.name for field in array.type), array.flatten(), strict=True))
    found = values(fields["bytes"])
    if "path" in fields and None in found:
        paths = values(fields["path"])
        return [path if data is None else data for data, path in zip(found, paths, strict=True)]
    return found


def _reader(column: Column, source: str) -> Callable[[Any], Any]:
    """What makes content of a value."""
    name = column.name
    if column.kind == "messages":
        return lambda value: conversation(value, name)
    if column.modality == REQUEST:
        return lambda value: _request(value, name)
    if column.modality == "text":
        # most of what is counted
        return lambda value: value if type(value) is str and value else text_in(value, name)
    return lambda value: medium_in(value, name, source)


def _request(value: Any, name: str) -> Any:
    """A request that is written as JSON, or lies in a struct."""
    if isinstance(value, Mapping):
        return said(value)
    text = text_in(value, name)
    if isinstance(text, MultitokError):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        return PayloadError(f"{name}: not JSON: {error}", path="")
