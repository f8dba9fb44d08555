"""Integer arithmetic on sizes, shared by every rule that counts from a size.

Plain ints, no numpy. Python's own `round` (half to even) is what the reference processors use, so
it is used wherever they round; this module holds only what several rule families share.
"""

from __future__ import annotations


def ceil_div(a: int, b: int) -> int:
    """How many pieces of size `b` cover `a`; a partial piece counts as one.

    >>> ceil_div(17, 16), ceil_div(16, 16), ceil_div(0, 16)
    (2, 1, 0)
    """
    return -(-a // b)


_DIGITS = 18


def decimal(text: str) -> int | None:
    """The number that digits write, at most 10**18: nothing that is read here is larger, and Python
    reads no text of 4,300 digits. None for anything else.

    >>> decimal("042"), decimal("-1"), decimal("9" * 5000) == 10**18
    (42, None, True)
    """
    if not text.isdecimal():
        return None
    return int(text) if len(text) <= _DIGITS else 10**_DIGITS


def round_up(a: int, multiple: int) -> int:
    """The smallest multiple that is not below `a`.

    >>> round_up(17, 16)
    32
    """
    return -(-a // multiple) * multiple


def round_half_even(numerator: int, denominator: int) -> int:
    """The nearest integer to a fraction of positive ints, ties to even, without a float.

    >>> round_half_even(1, 2), round_half_even(3, 2), round_half_even(7, 3)
    (0, 2, 2)
    """
    whole, rest = divmod(numerator, denominator)
    twice = 2 * rest
    if twice > denominator or (twice == denominator and whole % 2):
        whole += 1
    return whole


def scale_to(side: int, numerator: int, denominator: int) -> int:
    """`side * numerator / denominator`, rounded half to even, at least 1 pixel."""
    return max(1, round_half_even(side * numerator, denominator))
