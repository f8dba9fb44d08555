"""Which column of a table tells the time, and in what unit: by its values first, then by its name.

Nothing else is evidence enough: a channel that happens to grow is no clock. What counts as such,
from strongest to weakest, each in the order of the columns:

    1  all cells are dates; a column of times of day beside one of days belongs to it
    2  columns named year and month (day, hour, ..., or quarter) together
    3  all cells are times of day, or months of counted years
    4  numbers under a word for time (time, timestamp, ds, t), with a unit or not
    5  numbers that only grow under a word that may mean time (year, seconds, step, index)
    6  a first column that counts by one and has no name, or that of a row number
    7  a first column of no name that starts at 0 and goes on in even steps
    8  a first column of epoch size in even steps, whatever its name
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from multitok.core.errors import UnknownNameError
from multitok.loaders.columns.dates import (
    count_months,
    has_time_of_day,
    is_compact_date,
    is_date,
    is_month,
    is_time_of_day,
)
from multitok.loaders.columns.tables import MISSING, by_one, is_number, number, spelled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAMPLE = 50
"""Rows that decide how a table is written and what its columns are."""

_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("ms", "msec", "millis", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("us", "µs", "μs", "usec", "micros", "microsecond", "microseconds"), "us"),
    **dict.fromkeys(("ns", "nsec", "nanos", "nanosecond", "nanoseconds"), "ns"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
}
SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "min": 60.0, "h": 3600.0, "d": 86400.0}
"""How long each unit of a clock is. Any other unit counts: its numbers are kept as they are."""

_EPOCHS = (("s", 1e9, 1e10), ("ms", 1e11, 1e13), ("us", 1e14, 1e16), ("ns", 1e17, 1e19))

NONE = "none"
"""In place of a column's name: no column is the clock."""

_UNSAID = "not said: read as seconds"
_COUNTS = ("year", "row")
"""Units that have no length in seconds."""

_TIME = frozenset({"time", "timestamp", "timestamps", "datetime", "date", "ds", "t"})
_MAYBE = frozenset({"month", "week", "index", "step", "timestep", "frame"})
_ROW = frozenset(
    {"", "no", "nr", "num", "number", "row", "obs", "observation", "id", "seq", "rownames"}
)
_DATE = "date"
_BESIDE = frozenset(
    {"unix", "epoch", "utc", "gmt", "local", "gps", "elapsed", "relative", "absolute", "system",
     "host", "sensor", "sample", "stamp", "in", "the", "of", "since", "start"}
)  # fmt: skip
"""Words beside one for time that leave it one: "elapsed time [ms]"; a response time is none."""

_PARTS = {
    **dict.fromkeys(("year", "yr", "yyyy"), "year"),
    **dict.fromkeys(("month", "mon", "mm"), "month"),
    **dict.fromkeys(("quarter", "qtr"), "quarter"),
    **dict.fromkeys(("day", "dd", "mday"), "day"),
    **dict.fromkeys(("hour", "hr", "hh"), "hour"),
    **dict.fromkeys(("minute", "min"), "minute"),
}
_RANGES = {"year": (1000, 2999), "month": (1, 12), "quarter": (1, 4), "day": (1, 31),
           "hour": (0, 24), "minute": (0, 59)}  # fmt: skip


class Clock(NamedTuple):
    """The columns that tell the time together.

    kind   "dates", "times of day" or "numbers"
    parts  what each column tells: ("year", "month"), ("date", "time"), else nothing
    unit   of numbers: one of SECONDS, "year", "row" for what counts them, or "" where unsaid
    """

    places: tuple[int, ...]
    kind: str
    parts: tuple[str, ...] = ()
    unit: str = ""

    @property
    def timed(self) -> bool:
        """Its steps have a length in seconds: those that count rows or years have none."""
        return self.kind != "numbers" or self.unit not in _COUNTS

    def name(self, names: Sequence[str]) -> str:
        return " + ".join(names[c] for c in self.places)

    def facts(self, first: str, last: str, step: float | None) -> dict[str, str]:
        """What to tell of it; `step` in seconds, or in what it counts."""
        told = {}
        if self.kind == "numbers" and self.timed:
            told["time unit"] = self.unit or _UNSAID
        if step is None:
            return told
        return {**told, "from": first, "to": last, "step": self.spelled(step)}

    def spelled(self, step: float) -> str:
        if self.timed:
            return spelled(step)
        return f"{step:.4g} {self.unit}" + ("" if step == 1 else "s")

    def joined(self, cells: Sequence[str]) -> str:
        """The cells of one row as one moment: 1959 and 3 are 1959-3."""
        if len(cells) == 1:
            return cells[0].strip()
        if not all(cell.strip() for cell in cells):
            return ""
        told = dict(zip(self.parts, (cell.strip() for cell in cells), strict=True))
        if "date" in told:
            return f"{told['date']} {told['time']}".strip()
        whole = {part: cell.removesuffix(".0") for part, cell in told.items()}
        if "quarter" in whole:
            return f"{whole['year']}Q{whole['quarter']}"
        day = "-".join(whole[part] for part in ("year", "month", "day") if part in whole)
        if "hour" not in whole:
            return day
        return f"{day} {whole['hour']:0>2}:{whole.get('minute', '0'):0>2}"


def clock_of(
    names: Sequence[str], units: Sequence[str], body: Sequence[Sequence[str]], bare: bool
) -> Clock | None:
    """The clock of a table by the cells of its first rows; `bare` where it has no header."""
    width = len(names)
    if not body:
        return None
    columns = [
        [cell for row in body if (cell := row[c]).lower() not in MISSING] if _may(body, c) else []
        for c in range(width)
    ]
    found = _written(names, columns)
    if found is not None or width == 1:
        return found
    whole = [c for c in range(width) if len(columns[c]) == len(body) and _numbers(columns[c])]
    for c in whole:
        if not bare and (unit := _named(names[c], units[c], columns[c])) is not None:
            return Clock((c,), "dates") if unit == _DATE else Clock((c,), "numbers", unit=unit)
    if whole[:1] == [0] and (unit := _counted(names[0], columns, whole, bare)) is not None:
        return Clock((0,), "numbers", unit=unit)
    return None


def clock_named(
    name: str,
    wanted: str,
    names: Sequence[str],
    units: Sequence[str],
    body: Sequence[Sequence[str]],
) -> Clock:
    """The clock that the user names."""
    if wanted not in names:
        raise unknown_column(name, wanted, names)
    c = list(names).index(wanted)
    cells = [row[c] for row in body if row[c].lower() not in MISSING]
    if cells and all(map(is_number, cells)) and not all(map(is_compact_date, cells)):
        return Clock((c,), "numbers", unit=unit_of(wanted, list(map(number, cells)), units[c]))
    timed = bool(cells) and all(map(is_time_of_day, cells))
    return Clock((c,), "times of day" if timed else "dates")


def numbers_rows(name: str, cells: Sequence[str]) -> bool:
    """A column that counts the rows and has no name, as pandas writes its index, or says so."""
    unnamed = re.fullmatch(r"(column|unnamed: ?)\d+", name, re.IGNORECASE)
    return (bool(unnamed) or _numbering(name)) and by_one(cells)


def _numbering(name: str) -> bool:
    return name.strip().lower().rstrip(".") in _ROW


def _may(body: Sequence[Sequence[str]], c: int) -> bool:
    """A column whose first cell may be a moment, to leave the words of wide tables alone."""
    return bool(body[0][c]) or any(row[c] for row in body)


def _written(names: Sequence[str], columns: Sequence[Sequence[str]]) -> Clock | None:
    """Told by how the cells are written, or by names for the parts of a date."""
    dates = next((c for c, cells in enumerate(columns) if cells and all(map(is_date, cells))), None)
    times = [c for c, cells in enumerate(columns) if cells and all(map(is_time_of_day, cells))]
    if dates is not None:
        if times and not any(map(has_time_of_day, columns[dates])):
            return Clock((dates, times[0]), "dates", ("date", "time"))
        return Clock((dates,), "dates")
    parts: dict[str, int] = {}
    for c, name in enumerate(names):
        part = _PARTS.get(name.strip().lower())
        if part and columns[c] and all(_within(cell, part) for cell in columns[c]):
            parts.setdefault(part, c)
    if "year" in parts and ("month" in parts or "quarter" in parts):
        kept = ["year", "quarter"] if "month" not in parts else ["year", "month"]
        if "month" in parts and "day" in parts:
            kept += ["day", *(("hour",) if "hour" in parts else ())]
            kept += ["minute"] if "hour" in parts and "minute" in parts else []
        return Clock(tuple(parts[part] for part in kept), "dates", tuple(kept))
    if times:
        return Clock((times[0],), "times of day")
    for c, cells in enumerate(columns):
        if count_months(cells):
            return Clock((c,), "dates")
    return None


def _within(cell: str, part: str) -> bool:
    if part == "month" and is_month(cell):
        return True
    low, high = _RANGES[part]
    return is_number(cell) and low <= number(cell) <= high and number(cell).is_integer()


def _numbers(cells: Sequence[str]) -> bool:
    return all(map(is_number, cells))


def _words(name: str) -> list[str]:
    """timestampMs, "Time (s)", t_sec: the words of a name, in lower case."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"[a-zµμ]+", apart.lower())


def unit_of(name: str, values: Sequence[float], told: str = "") -> str:
    """The unit of a clock of numbers by its name, or by the cell of a row of units; else by the
    size of an epoch; "" where nothing says it."""
    words = [word for word in (*_words(name)[1:], *_words(told), *_words(name)) if word in _UNITS]
    return _UNITS[words[0]] if words else epoch_unit(values)


def in_seconds(name: str, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """A clock of numbers whose name, or whose first values, say the unit; else as it stands."""
    return numbers * SECONDS.get(unit_of(name, numbers[:SAMPLE].tolist()), 1.0)


def speaks_of_time(name: str) -> bool:
    """Whether a column of this name is a clock, whatever stands in it: time, "elapsed time [ms]",
    timestampMs, year. A response time is none, and T is a temperature.

    >>> speaks_of_time("t_sec"), speaks_of_time("time in bed")
    (True, False)
    """
    words = _words(name)
    plain = [word for word in words if word not in _BESIDE and word not in _UNITS]
    if len(plain) != 1 or name.strip() == "T":
        return False
    return plain[0] in _TIME or words in (["year"], ["month"])


def told_by(source: str, wanted: str | None, names: Sequence[str], found: str | None) -> str | None:
    """The clock of a table of typed columns: the one that is named, none, or the one found."""
    if wanted is None or wanted in names:
        return found if wanted is None else wanted
    if wanted == NONE:
        return None
    raise unknown_column(source, wanted, names)


def unknown_column(source: str, wanted: str, names: Sequence[str]) -> UnknownNameError:
    return UnknownNameError.because(
        f"{source}: no column {wanted!r}", wanted, names, f"There are: {', '.join(names)}"
    )


def epoch_unit(values: Sequence[float]) -> str:
    """The unit in which these count since 1970, "" where they do not: seconds from 2001 on, smaller
    units from 1973 on, up to 2286.

    >>> epoch_unit([1.7e12]), epoch_unit([5.0])
    ('ms', '')
    """
    for unit, least, most in _EPOCHS:
        if values and all(least <= value < most for value in values):
            return unit
    return ""


def _named(name: str, told: str, cells: Sequence[str]) -> str | None:
    """The unit of a column whose name speaks of time; None for any other."""
    words = _words(name)
    values = [number(cell) for cell in cells]
    if speaks_of_time(name) and words not in (["year"], ["month"]):
        return _DATE if all(map(is_compact_date, cells)) else unit_of(name, values, told)
    if not words or not _grows(values):
        return None
    if words in (["year"], ["yr"]):
        return "year"
    if all(word in _BESIDE or word in _UNITS for word in words):
        said = any(word in _UNITS or word in ("unix", "epoch") for word in words)
        return unit_of(name, values, told) if said and len(name.strip()) > 1 else None
    if len(words) == 1 and (words[0] in (*_MAYBE, "ts") or name.strip() == "T"):
        return epoch_unit(values) or ("row" if words[0] in _MAYBE else "")
    return None


def _counted(
    name: str, columns: Sequence[Sequence[str]], whole: Sequence[int], bare: bool
) -> str | None:
    """The unit of a first column that numbers the rows, or is an epoch; None for any other."""
    cells = columns[0]
    others = any(c != 0 and not by_one(columns[c]) for c in whole) or len(columns) > len(whole)
    if not bare and numbers_rows(name, cells):
        return "row"
    values = [number(cell) for cell in cells]
    if bare and others and len(cells) > 3 and values[0] == 0 and _even(values):
        return "row" if by_one(cells) else ""
    unit = epoch_unit(values)
    return unit if unit and len(cells) > 2 and _grows(values) and _even(values, 1.0) else None


def _grows(values: Sequence[float]) -> bool:
    return len(values) > 1 and all(a < b for a, b in pairwise(values))


def _even(values: Sequence[float], slack: float = 0.01) -> bool:
    """Steps that are all as long as the middle one, up to a share of it."""
    steps = [b - a for a, b in pairwise(values)]
    middle = sorted(steps)[len(steps) // 2]
    return middle > 0 and all(abs(step - middle) <= slack * middle for step in steps)
