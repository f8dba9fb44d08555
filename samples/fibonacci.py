"""The Fibonacci numbers, four ways, from the obvious to the fast."""

from functools import cache
from itertools import islice
from math import sqrt


@cache
def by_definition(n: int) -> int:
    """Each number is the sum of the two before it."""
    return n if n < 2 else by_definition(n - 1) + by_definition(n - 2)


def sequence():
    """0, 1, 1, 2, 3, 5, 8, ... without end."""
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


def by_doubling(n: int) -> int:
    """Two numbers at twice the place follow from the two at this place: log2(n) steps."""
    a, b = 0, 1
    for bit in f"{n:b}":
        a, b = a * (2 * b - a), a * a + b * b
        if bit == "1":
            a, b = b, a + b
    return a


def by_rounding(n: int) -> int:
    """Binet's formula; right as long as a float is, up to n = 70."""
    golden = (1 + sqrt(5)) / 2
    return round(golden**n / sqrt(5))


if __name__ == "__main__":
    for n, number in enumerate(islice(sequence(), 71)):
        assert number == by_definition(n) == by_doubling(n) == by_rounding(n)
        print(f"{n:2d}  {number:,}")
