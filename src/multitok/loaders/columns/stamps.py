"""Which cells of a document are its clock: dates as text, and numbers under a name for time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from multitok.core.schema import shown
from multitok.loaders.columns.clocks import SECONDS, epoch_unit, speaks_of_time, told_by, unit_of
from multitok.loaders.columns.dates import is_date, seconds
from multitok.loaders.columns.tables import is_number, wrong


class Clock(NamedTuple):
    """Seconds since 1970 for dates, the numbers themselves otherwise; `told` are the cells."""

    name: str
    seconds: list[float]
    dated: bool
    told: Sequence[Any]


def clock_of(
    source: str, columns: Mapping[str, Sequence[Any]], wanted: str | None = None
) -> tuple[Clock | None, frozenset[str]]:
    """The column that is named, or the first of dates, or one of numbers that is named as a clock,
    beside others; and the columns that are no channels: the clock, and where none is wanted the
    dates."""
    dates = [name for name, cells in columns.items() if cells and all(map(_is_date, cells))]
    named = (name for name, cells in columns.items() if _tells_time(name, cells, len(columns)))
    found = told_by(source, wanted, list(columns), next(iter(dates), None) or next(named, None))
    if found is None:
        return None, frozenset(dates if wanted is not None else ())
    return _clock(source, found, columns[found]), frozenset({found})


def _is_date(cell: Any) -> bool:
    return isinstance(cell, str) and is_date(cell)


def _tells_time(name: str, cells: Sequence[Any], beside: int) -> bool:
    return (speaks_of_time(name) or name == "index") and beside > 1 and _numbers(cells)


def clock_of_labels(source: str, name: str, labels: Sequence[Any] | None) -> Clock | None:
    """The labels of the rows, where they are dates or numbers but no mere count of the rows."""
    if not labels:
        return None
    if all(map(_is_date, labels)):
        return _clock(source, name, labels)
    if all(isinstance(label, str) and label.strip() and is_number(label) for label in labels):
        labels = [
            int(label) if label.isdecimal() and len(label) < 300 else float(label)
            for label in labels
        ]
    if not _numbers(labels) or [float(n) for n in labels] == list(range(len(labels))):
        return None
    return _clock(source, name, labels)


def _numbers(cells: Sequence[Any]) -> bool:
    return bool(cells) and all(type(cell) in (int, float) and abs(cell) < 1e300 for cell in cells)


def _clock(source: str, name: str, cells: Sequence[Any]) -> Clock:
    if cells and all(isinstance(cell, str) for cell in cells):
        times = []
        for row, cell in enumerate(cells):
            try:
                times.append(seconds(cell))
            except ValueError:
                raise wrong(
                    source, f"column {name!r} tells no time in row {row}: {cell[:40]!r}"
                ) from None
        return Clock(name, times, True, cells)
    if not _numbers(cells):
        odd = next((cell for cell in cells if not _numbers([cell])), None)
        raise wrong(source, f"column {name!r} tells no time: it holds {shown(odd)}")
    unit = SECONDS.get(unit_of(name, cells), 1.0)
    return Clock(name, [cell * unit for cell in cells], bool(epoch_unit(cells)), cells)
