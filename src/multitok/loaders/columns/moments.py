"""A column of dates at once: where all are written in one way, by arithmetic on their bytes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitok.loaders.columns.dates import seconds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_DAY = re.compile(
    r"((?P<year>\d{4})(?P<a>[-/.]?)(?P<month>\d\d)(?P=a)(?P<day>\d\d)"
    r"|(?P<one>\d\d)(?P<b>[-/.])(?P<two>\d\d)(?P=b)(?P<late>\d{4}))"
    r"([T ](?P<hour>\d\d):(?P<minute>\d\d)(:(?P<second>\d\d)(\.(?P<part>\d{1,9}))?)?)?Z?",
    re.ASCII,
)
"""Dates whose every field has its place: 2024-01-31 10:00:00.5, 20240131, 31.01.2024 10:00."""


def stamps(cells: NDArray[np.bytes_], day_first: bool | None) -> NDArray[np.float64]:
    """Seconds of each cell, as `dates.seconds` gives them, NaN where it is empty; ValueError with
    the place of the first that tells no time as its only argument."""
    import numpy as np

    found = _at_once(cells, day_first)
    if found is not None:
        return found
    found = np.empty(len(cells))
    for place, cell in enumerate(cells.tolist()):
        try:
            told = cell.decode("utf-8", "replace")
            found[place] = seconds(told, day_first) if told else np.nan
        except ValueError:
            raise ValueError(place) from None
    return found


def _at_once(cells: NDArray[np.bytes_], day_first: bool | None) -> NDArray[np.float64] | None:
    """None where a cell differs from the first in more than its digits, or is no day."""
    import numpy as np

    first = cells[0]
    form = _DAY.fullmatch(first.decode("latin-1")) if len(first) else None
    if form is None:
        return None
    width = cells.dtype.itemsize
    bytes_ = np.ascontiguousarray(cells).view(np.uint8).reshape(len(cells), width)
    digits = bytes_ - np.uint8(48)
    are = digits < 10
    fixed = np.frombuffer(first.ljust(width, b"\0"), np.uint8)
    places = (fixed >= 48) & (fixed < 58)
    if not (are[:, places].all() and (bytes_[:, ~places] == fixed[~places]).all()):
        return None

    def field(name: str) -> NDArray[np.int64]:
        start, stop = form.span(name)
        if start < 0:
            return np.zeros(len(cells), np.int64)
        return digits[:, start:stop].astype(np.int64) @ 10 ** np.arange(stop - start)[::-1]

    if form["one"]:
        year, day, month = field("late"), field("one"), field("two")
        if day_first is None and form["b"] != ".":
            return None
        if day_first is False:
            day, month = month, day
    else:
        year, month, day = field("year"), field("month"), field("day")
    hour, minute, second = field("hour"), field("minute"), field("second")
    told = (month >= 1) & (month <= 12) & (hour < 24) & (minute < 60) & (second < 60)
    last = 2255 if form["one"] or form["a"] else 2200  # 22000101 is a number, not a compact date
    if not (told & (year > 1685) & (year < last)).all():  # microseconds in whole float64
        return None
    months = (year - 1970) * 12 + month - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]") + (day - 1)
    if not ((day >= 1) & (days.astype("datetime64[M]").astype(np.int64) == months)).all():
        return None
    whole = ((days.astype(np.int64) * 24 + hour) * 60 + minute) * 60 + second
    micro = np.rint(field("part") / 10.0 ** (len(form["part"] or "") - 6)).astype(np.int64)
    return (whole * 1_000_000 + micro) / 1e6
