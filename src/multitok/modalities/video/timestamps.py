"""How the references write the time of a frame."""

from __future__ import annotations


def clock(seconds: float) -> str:
    """Minutes and seconds, cut off and not rounded.

    >>> clock(61.9)
    '01:01'
    """
    return f"{int(seconds // 60):02d}:{int(seconds % 60):02d}"


def day_clock(seconds: float) -> str:
    """Hours of the day, minutes, seconds and milliseconds, cut off and not rounded.

    >>> day_clock(3723.5)
    '01:02:03.500'
    """
    whole = int(seconds)
    hours, minutes = whole // 3600 % 24, whole // 60 % 60
    return f"{hours:02d}:{minutes:02d}:{whole % 60:02d}.{int(seconds % 1 * 1000):03d}"
