"""Dates and times as people and databases write them, as seconds since 1970."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = "(jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\\.?"
_DAYS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})",
        r"(?P<year>\d{4})\.(?P<month>\d{1,2})\.(?P<day>\d{1,2})",
        r"(?P<year>\d{4})[-/](?P<month>\d{1,2})",
        r"(?P<one>\d{1,2})([-/.])(?P<two>\d{1,2})\2(?P<year>\d{4}|\d\d)",
        r"(?P<month>\d{1,2})/(?P<year>\d{4})",
        rf"(?P<day>\d{{1,2}})[-/ .]*(?P<name>{_NAME})[-/ ,]*(?P<year>\d{{4}}|\d\d)",
        rf"(?P<name>{_NAME})[-/ ]*(?P<day>\d{{1,2}})[-/ ,]+(?P<year>\d{{4}})",
        rf"(?P<name>{_NAME})[-/ ,]*(?P<year>\d{{4}}|\d\d)",
        rf"(?P<year>\d{{4}})[-/ ]*(?P<name>{_NAME})([-/ ]*(?P<day>\d{{1,2}}))?",
        r"(?P<year>\d{4})[- ]?Q(?P<quarter>[1-4])",
        r"Q(?P<quarter>[1-4])[-/ ]?(?P<year>\d{4})",
        r"(?P<year>\d{4})M(?P<month>\d{1,2})",
        r"(?P<year>\d{4})-?W(?P<week>\d\d)",
    )
)
"""One day, month, quarter or week; `one` and `two` are a day and a month in either order."""

_WEEKDAY = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +", re.IGNORECASE)
_AND_CLOCK = re.compile(r"[T ] *(?=\d{1,2}:\d\d)")
_COUNTED = re.compile(r"(?P<year>\d{1,2})-(?P<month>0[1-9]|1[0-2])", re.ASCII)
_COMPACT = re.compile(r"(1[6-9]|2[01])\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", re.ASCII)
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(:(?P<second>\d\d)([.,](?P<part>\d+))?)?"
    r"( ?(?P<half>[AP]M))?"
    r"( ?(?P<zone>Z|UTC|GMT|[+-]\d\d(:?\d\d(:\d\d)?)?))?",
    re.IGNORECASE | re.ASCII,
)


def is_date(cell: str) -> bool:
    """Written as a day (2024-01-31, 1/31/24, 31.1.2024, Jan 31 2024), a month (2024-01, 1991 Jul),
    a quarter (1974Q1) or a week, with a time or not: whether there is such a day, `seconds` tells.

    >>> is_date("2024-01-31 10:00"), is_date("1974 Q1"), is_date("1.5"), is_date("May")
    (True, True, False, False)
    """
    day, _ = _cut(cell)
    return _matched(day) is not None


def is_compact_date(cell: str) -> bool:
    """20240131: a date only in a column that is named as the clock."""
    return bool(_COMPACT.fullmatch(cell.strip()))


def is_time_of_day(cell: str) -> bool:
    """11:34, 11:34:05.5 or 10:00 AM, without a day."""
    return bool(_CLOCK.fullmatch(cell.strip()))


def has_time_of_day(cell: str) -> bool:
    """Written with one, after its day."""
    return bool(_cut(cell)[1])


def count_months(cells: Iterable[str]) -> bool:
    """1-01, 1-02, ..., 1-12, 2-01: months of counted years, one after the other."""
    months = []
    for cell in cells:
        found = _COUNTED.fullmatch(cell.strip())
        if found is None:
            return False
        months.append(12 * int(found["year"]) + int(found["month"]))
    return len(months) > 1 and months == list(range(months[0], months[0] + len(months)))


def is_month(cell: str) -> bool:
    """A name of a month: Jan, january."""
    return bool(re.fullmatch(_NAME, cell.strip(), re.IGNORECASE))


def day_first(cells: Iterable[str]) -> bool | None:
    """Whether 1/2/2024 is in February, told by the first cell with a number above 12; None where
    no cell tells, or none is of this form."""
    for cell in cells:
        found = _matched(_cut(cell)[0])
        if found is not None and found.re is _EITHER:
            if int(found["one"]) > 12:
                return True
            if int(found["two"]) > 12:
                return False
    return None


def either(cell: str) -> bool:
    """Written as 1/2/2024 or 1-2-24, where the day or the month comes first; 1.2.2024 is no
    question: where dots stand the day comes first."""
    found = _matched(_cut(cell)[0])
    return found is not None and found.re is _EITHER and found[2] != "."


def seconds(cell: str, day_first: bool | None = None) -> float:
    """A date, a time of day or a number as seconds since 1970, UTC where no zone is named;
    ValueError if neither, or if either of two days is meant and `day_first` does not say. A month,
    a quarter or a week is its first day; years of two digits are those from 1969 to 2068.

    >>> seconds("1970-01-01 01:00:00 UTC"), seconds("12:30 AM"), seconds("7.5")
    (3600.0, 1800.0, 7.5)
    >>> seconds("2/1/1970", day_first=True), seconds("2/1/1970", day_first=False)
    (86400.0, 2678400.0)
    """
    day, clock = _cut(cell)
    if is_time_of_day(day):
        return _since_midnight(day).total_seconds()
    moment = _midnight(day, day_first)
    if moment is None:
        return _plain(day)
    if not clock:
        return moment.timestamp()
    try:
        return (moment + _since_midnight(clock)).timestamp()
    except OverflowError as error:
        raise ValueError(str(error)) from None


def _plain(text: str) -> float:
    if "_" in text:  # Python reads 1_000
        raise ValueError(f"neither a date nor a number: {text!r}")
    return float(text)


def _cut(cell: str) -> tuple[str, str]:
    """The day and the time of day of a cell."""
    day, *clock = _AND_CLOCK.split(cell.strip(), maxsplit=1)
    return day, clock[0] if clock else ""


_EITHER = _DAYS[3]


@lru_cache(maxsize=4096)
def _matched(day: str) -> re.Match[str] | None:
    text = _WEEKDAY.sub("", day, count=1)
    return next((found for form in _DAYS if (found := form.fullmatch(text))), None)


@lru_cache(maxsize=4096)
def _midnight(day: str, day_first: bool | None) -> datetime | None:
    """Where the day begins; None for what is no day."""
    if _COMPACT.fullmatch(day):
        day = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    found = _matched(day) or _COUNTED.fullmatch(day)
    if found is None:
        return None
    told = found.groupdict()
    year = int(told["year"])
    if len(told["year"]) == 2 and found.re is not _COUNTED:
        year += 1900 if year >= 69 else 2000
    if told.get("week"):
        monday = date.fromisocalendar(year, int(told["week"]), 1)
        return datetime(monday.year, monday.month, monday.day, tzinfo=UTC)
    number = int(told.get("day") or 1)
    if told.get("one"):
        number, month = int(told["one"]), int(told["two"])
        if day_first is None and found[2] != "." and number <= 12 and month <= 12:
            raise ValueError(f"the day or the month may come first: {day!r}")
        if not (found[2] == "." or number > 12 if day_first is None else day_first):
            number, month = month, number
    elif told.get("name"):
        month = _MONTHS.index(told["name"][:3].lower()) + 1
    elif told.get("quarter"):
        month = 3 * int(told["quarter"]) - 2
    else:
        month = int(told["month"])
    return datetime(year, month, number, tzinfo=UTC)


def _since_midnight(clock: str) -> timedelta:
    """In UTC. 24:00 is the end of the day, 12:30 AM its first hour."""
    found = _CLOCK.fullmatch(clock.strip())
    if found is None:
        raise ValueError(f"no time of day: {clock!r}")
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(f"no hour of a half day: {clock!r}")
        hour = hour % 12 + 12 * (found["half"].upper() == "PM")
    part = float(f"0.{found['part'] or 0}")
    if minute > 59 or second > 59 or (hour, minute, second, part) > (24, 0, 0, 0):
        raise ValueError(f"no time of day: {clock!r}")
    since = timedelta(hours=hour, minutes=minute, seconds=second, microseconds=round(part * 1e6))
    return since - _offset(found["zone"] or "Z")


def _offset(zone: str) -> timedelta:
    """Of a zone from UTC: +01:00, +0100, +01."""
    if zone.upper() in ("Z", "UTC", "GMT"):
        return timedelta()
    digits = zone[1:].replace(":", "")
    hours, minutes, seconds = (int(digits[i : i + 2] or 0) for i in (0, 2, 4))
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(f"no time zone: {zone!r}")
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -size if zone[0] == "-" else size
