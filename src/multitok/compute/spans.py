"""A number with the range in which it lies, and how people write one: 15T, 300B, 40%, $2-$4."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import TypeAlias

from multitok.core.errors import MediaError

Given: TypeAlias = "int | float | Decimal | str"
Ranged: TypeAlias = "Given | tuple[Given, Given] | Span"

MOST = 1e30
"""No data set, model or price is beyond it."""
_UNITS = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "g": 1e9, "t": 1e12}
_NUMBER = re.compile(r"(\d{1,40}(?:\.\d{1,40})?|\.\d{1,40})(e\+?\d{1,3})?\s?([kmbgt]?)", re.I)


@dataclass(frozen=True, slots=True)
class Span:
    """A number and its range, all above 0: low <= value <= high.

    Arithmetic takes the ends that make the result least and most: what is made of two spans holds
    for any two numbers in them.

    >>> Span(1, 2, 3) * 2 / Span(1, 1, 2)
    Span(low=1.0, value=4.0, high=6.0)
    """

    low: float
    value: float
    high: float

    @classmethod
    def of(cls, value: float | Span) -> Span:
        """A number without a range, as a span of no length."""
        return value if isinstance(value, Span) else cls(value, value, value)

    @property
    def exact(self) -> bool:
        return self.low == self.high

    def __add__(self, other: float | Span) -> Span:
        more = Span.of(other)
        return Span(self.low + more.low, self.value + more.value, self.high + more.high)

    def __mul__(self, other: float | Span) -> Span:
        by = Span.of(other)
        return Span(self.low * by.low, self.value * by.value, self.high * by.high)

    def __truediv__(self, other: float | Span) -> Span:
        by = Span.of(other)
        return Span(self.low / by.high, self.value / by.value, self.high / by.low)

    def or_more(self, other: Span) -> Span:
        """The larger of two, at each end: of two things done at once, the longer one."""
        return Span(
            max(self.low, other.low), max(self.value, other.value), max(self.high, other.high)
        )


def number(text: str) -> float | None:
    """What `15e12`, `15T`, `1,000` and `300 B` say; None for anything else.

    >>> number("15T"), number("1.5e12"), number("300B"), number("3 apples")
    (15000000000000.0, 1500000000000.0, 300000000000.0, None)
    """
    found = _NUMBER.fullmatch(re.sub(r"(?<=\d)[,_](?=\d{3})", "", text.strip()))
    if found is None:
        return None
    return float(found[1] + (found[2] or "")) * _UNITS[found[3].lower()]


def amount(given: Given, name: str, write: str) -> float:
    """A number above 0; `write` is what to type instead.

    >>> amount("70B", "parameters", "70B")
    70000000000.0
    """
    value = number(given) if isinstance(given, str) else _plain(given)
    if value is None or not isfinite(value) or not 0 < value <= MOST:
        raise MediaError(
            f"{name} must be a number above 0 and up to 1e30, got {given!r}: write {write}"
        )
    return value


def whole(given: Given, name: str, write: str) -> int:
    """A whole number from 1 on."""
    value = amount(given, name, write)
    if value != int(value):
        raise MediaError(f"{name} must be a whole number, got {given!r}: write {write}")
    return int(value)


def share(given: Ranged, name: str, usual: str) -> Span:
    """A share above 0 and up to 1, or a range of them.

    >>> share("38%-43%", "utilization", "0.4")
    Span(low=0.38, value=0.405, high=0.43)
    """
    found = _span(given, _share)
    if found is None or not 0 < found.low <= found.high <= 1:
        raise MediaError(
            f"{name} must be a share above 0 and up to 1, or a range of two, got {given!r}: write"
            f" {usual}, {float(usual):.0%} or 0.3-0.5"
        )
    return found


def dollars(given: Ranged, name: str) -> Span:
    """Dollars above 0, or a range of them.

    >>> dollars("$2-$4", "price")
    Span(low=2.0, value=3.0, high=4.0)
    """
    found = _span(given, lambda one: number(one.strip().removeprefix("$")))
    if found is None or not 0 < found.low <= found.high <= MOST:
        raise MediaError(
            f"{name} must be dollars above 0, or a range of two, got {given!r}: write 2.50 or 2-4"
        )
    return found


def _span(given: Ranged, read: Callable[[str], float | None]) -> Span | None:
    """One number, or two as a tuple or `LOW-HIGH`; the value of two is their middle."""
    if isinstance(given, Span):
        return given
    parts = given if isinstance(given, tuple) else _halves(given)
    read_or_plain = (read(one) if isinstance(one, str) else _plain(one) for one in parts)
    found = [value for value in read_or_plain if value is not None]
    if len(found) != len(parts) or len(found) not in (1, 2):
        return None
    low, high = found[0], found[-1]
    return Span(low, (low + high) / 2, high)


def _halves(given: Given) -> tuple[Given, ...]:
    return tuple(given.split("-", 1)) if isinstance(given, str) and "-" in given[1:] else (given,)


def _share(text: str) -> float | None:
    bare = text.strip()
    value = number(bare.removesuffix("%"))
    return value / 100 if value is not None and bare.endswith("%") else value


def _plain(given: object) -> float | None:
    """A number of Python's as a float: no boolean, and nothing else."""
    if isinstance(given, bool) or not isinstance(given, int | float | Decimal):
        return None
    try:
        return float(given)
    except OverflowError:
        return None
