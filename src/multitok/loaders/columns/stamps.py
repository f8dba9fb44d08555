"""Which cells of a document are its clock: dates as text, and numbers that count since 1970."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from multitok.loaders.columns.dates import is_date, seconds
from multitok.loaders.columns.tables import TIME_NAMES, is_number, wrong

_SINCE_1970 = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""Numbers as large as this are nanoseconds, microseconds, milliseconds: 1e11 ms is in 1973."""


class Clock(NamedTuple):
    """Seconds since 1970 for dates, the numbers themselves otherwise; `told` are the cells."""

    name: str
    seconds: list[float]
    dated: bool
    told: Sequence[Any]


def clock_of(source: str, columns: Mapping[str, Sequence[Any]]) -> Clock | None:
    """The first column of dates, or one of numbers that is named as a clock, beside others."""
    for name, cells in columns.items():
        if cells and all(isinstance(cell, str) and is_date(cell) for cell in cells):
            return _clock(source, name, cells)
    for name, cells in columns.items():
        if name.lower() in TIME_NAMES and len(columns) > 1 and _numbers(cells):
            return _clock(source, name, cells)
    return None


def clock_of_labels(source: str, name: str, labels: Sequence[Any] | None) -> Clock | None:
    """The labels of the rows, where they are dates or numbers but no mere count of the rows."""
    if not labels:
        return None
    if all(isinstance(label, str) and is_date(label) for label in labels):
        return _clock(source, name, labels)
    if all(isinstance(label, str) and label.strip() and is_number(label) for label in labels):
        labels = [int(label) if label.isdecimal() else float(label) for label in labels]
    if not _numbers(labels) or [float(n) for n in labels] == list(range(len(labels))):
        return None
    return _clock(source, name, labels)


def _numbers(cells: Sequence[Any]) -> bool:
    return bool(cells) and all(type(cell) in (int, float) and abs(cell) < 1e300 for cell in cells)


def _clock(source: str, name: str, cells: Sequence[Any]) -> Clock:
    if isinstance(cells[0], str):
        times = []
        for row, cell in enumerate(cells):
            try:
                times.append(seconds(cell))
            except ValueError:
                raise wrong(
                    source, f"column {name!r} tells no time in row {row}: {cell[:40]!r}"
                ) from None
        return Clock(name, times, True, cells)
    least = min(abs(cell) for cell in cells)
    unit = next((unit for size, unit in _SINCE_1970 if least >= size), 1.0)
    return Clock(name, [cell / unit for cell in cells], unit > 1, cells)
