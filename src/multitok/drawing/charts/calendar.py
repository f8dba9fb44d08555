"""Ticks of an axis of dates: where years, months, days or hours begin. Standard library only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import ceil

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEARS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
MONTHS = (1, 2, 3, 6)
SECONDS = (
    (0.001, "%H:%M:%S.%f"), (0.01, "%H:%M:%S.%f"), (0.1, "%H:%M:%S.%f"), (1, "%H:%M:%S"),
    (5, "%H:%M:%S"), (15, "%H:%M:%S"), (60, "%H:%M"), (300, "%H:%M"), (900, "%H:%M"),
    (3600, "%m-%d %H:%M"), (10_800, "%m-%d %H:%M"), (21_600, "%m-%d %H:%M"),
    (43_200, "%m-%d %H:%M"), (86_400, "%Y-%m-%d"), (172_800, "%Y-%m-%d"), (604_800, "%Y-%m-%d"),
)  # fmt: skip
"""Steps below a month, and how a tick of each is written."""


def dates(low: float, high: float, most: int = 6) -> tuple[tuple[float, str], ...]:
    """At most so many ticks from low to high, seconds since 1970 in UTC: the finest step that
    gives no more.

    >>> dates(-662_688_000, -504_921_600)  # 1949 to 1953
    ((-662688000.0, '1949'), (-631152000.0, '1950'), (-599616000.0, '1951'), (-568080000.0, '1952'), (-536457600.0, '1953'), (-504921600.0, '1954'))
    """  # noqa: E501
    for step, form in SECONDS:
        if (high - low) / step <= most:
            first = ceil(low / step)
            found = [i * step for i in range(first, int(high // step) + 1)]
            return tuple((t, _written(t, form)) for t in found[:most])
    start, end = _day(low), _day(high)
    for months in (*MONTHS, *(12 * years for years in YEARS)):
        ticks = [(t, text) for t, text in _months(start, end, months) if low <= t <= high]
        if len(ticks) <= most:
            return tuple(ticks)
    return ()


def _months(start: datetime, end: datetime, step: int) -> Iterator[tuple[float, str]]:
    """The first of every so many months, from the year of `start` on: counted from year 0."""
    number = start.year * 12 // step * step
    while (year := number // 12) <= min(end.year, 9999):
        if year >= 1:
            first = datetime(year, number % 12 + 1, 1, tzinfo=UTC)
            text = f"{year:04d}" if step >= 12 else f"{year:04d}-{number % 12 + 1:02d}"
            yield (first - EPOCH).total_seconds(), text
        number += step


def _day(seconds: float) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


def _written(seconds: float, form: str) -> str:
    text = f"{_day(seconds):{form}}"
    return text[:-3] if form.endswith("%f") else text  # milliseconds
