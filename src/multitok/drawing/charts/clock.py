"""Ticks of an axis of dates, as matplotlib finds and writes them."""

from __future__ import annotations

from multitok.drawing.charts.axes import Axis


def dates(axis: Axis, most: int) -> list[tuple[float, str]]:
    """Where years, months, days or hours begin: seconds since 1970."""
    from datetime import UTC, datetime, timedelta

    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    try:
        low, high = (epoch + timedelta(seconds=end) for end in axis.ends)
        locator = AutoDateLocator(minticks=min(3, most), maxticks=max(2, most) + 1, tz=UTC)
        values = locator.tick_values(low, high)
        texts = ConciseDateFormatter(locator, tz=UTC, show_offset=False).format_ticks(values)
    except (OverflowError, ValueError):  # beyond the years 1 to 9999
        return axis.marked(most)
    ticks = [(float(day) * 86_400, text) for day, text in zip(values, texts, strict=True)]
    return [(value, text) for value, text in ticks if axis.ends[0] <= value <= axis.ends[1]]
