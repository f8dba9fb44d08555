"""Dates and times as people and databases write them, as seconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_DATE = re.compile(r"\d{4}[-/]\d{1,2}([-/]\d{1,2})?([T ]\d{1,2}:\d{2}.*)?$")
_COMPACT = re.compile(r"(1[6-9]|2[01])\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$")
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(:(?P<second>\d\d)([.,](?P<part>\d+))?)?"
    r"( ?(?P<half>[AP]M))?"
    r"( ?(?P<zone>Z|UTC|GMT|[+-]\d\d(:?\d\d(:\d\d)?)?))?",
    re.IGNORECASE | re.ASCII,
)


def is_date(cell: str) -> bool:
    """Written as 2024-01-31, 2024/1/31 or 31.1.2024, with a time or not: whether there is such a
    day, `seconds` tells. 1/2/2024 is one of two days: no."""
    return bool(_DATE.match(_DOTTED.sub(r"\3-\2-\1", cell.strip(), count=1)))


def is_compact_date(cell: str) -> bool:
    """20240131: a date only in a column that is named as the clock."""
    return bool(_COMPACT.match(cell.strip()))


def seconds(cell: str) -> float:
    """A date or a number as seconds since 1970, UTC where no zone is named; ValueError if neither.

    >>> seconds("1970-01-01 01:00:00 UTC"), seconds("1970-01-01 12:30 AM"), seconds("7.5")
    (3600.0, 1800.0, 7.5)
    """
    text = _DOTTED.sub(r"\3-\2-\1", cell.strip(), count=1).replace("/", "-")
    if _COMPACT.match(text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    if not _DATE.match(text):
        return float(text)
    day, *rest = re.split("[T ]", text, maxsplit=1)
    year, month, *days = (int(part) for part in day.split("-"))
    moment = datetime(year, month, days[0] if days else 1, tzinfo=UTC)
    try:
        return (moment + sum(map(_since_midnight, rest), timedelta())).timestamp()
    except OverflowError as error:
        raise ValueError(str(error)) from None


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
