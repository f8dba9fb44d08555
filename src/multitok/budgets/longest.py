"""The longest start of a clip or a sound that fits, to the frame or the sample."""

from __future__ import annotations

from collections.abc import Callable


def longest(fits: Callable[[int], bool], low: int, high: int) -> int:
    """The largest number from `low`, which fits, to below `high`, which does not, where a longer
    start never costs less; elsewhere one that fits, and whose next does not.

    >>> longest(lambda n: n * n <= 5000, 0, 1000)
    70
    """
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low
