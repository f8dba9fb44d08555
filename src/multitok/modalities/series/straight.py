"""Straight pieces of a curve, each as long as its squared error lets it be: the first half of ABBA.

Where a piece ends hangs on where it begins, and on nothing else. So a long series is worked at from
many places at once, a step of each at a time, and what they find is kept by where it begins: the
chain from the first step then mostly looks up. Whatever it does not find there it works out alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CLOSE = 1e-12
"""An error this near to its limit, for the size of its terms, is summed anew."""
EPSILON = 2.0**-52
"""What the reference adds to a limit, so that tol=0 keeps straight lines."""
MANY = 50_000
"""Steps from which on many places at once are faster than one."""
APART = 150
"""Steps between those places."""
FEW = 64
"""Places at once that are not worth going on with."""


def pieces(row: NDArray[np.float64], tol: float, longest: int) -> NDArray[np.float64]:
    """(pieces, 2): the steps and the rise of each piece, at most `longest` steps."""
    import numpy as np

    values, made, start = row.tolist(), [], 0
    known = found_ahead(row, tol, longest).tolist() if len(row) >= MANY else [0] * len(row)
    while start < len(values) - 1:
        n = known[start] or steps_of(values, start, tol, longest)
        made.append((n, values[start + n] - values[start]))
        start += n
    return np.array(made, dtype=np.float64).reshape(-1, 2)


def steps_of(row: list[float], start: int, tol: float, longest: int) -> int:
    """The steps of the piece that begins at `start`.

    The squared error against the line from end to end comes from running sums; they are of the
    distance to the line of the first interval, so that few digits cancel."""
    import numpy as np

    origin, slope = row[start], row[start + 1] - row[start]
    squares = cross = 0.0
    steps = 1  # the sum of the squares of 1 to m
    most = min(longest, len(row) - 1 - start)
    for m in range(2, most + 1):
        y = row[start + m] - origin - slope * m
        squares += y * y
        cross += y * m
        steps += m * m
        tilt = y / m
        over = squares - tilt * (cross + cross - tilt * steps) - tol * (m - 1) - EPSILON
        near = CLOSE * squares + EPSILON
        if over <= -near:
            continue
        if over <= near:
            over = _over(np.array(row[start : start + m + 1]), tol)
        if over > 0:
            return m - 1
    return most


def found_ahead(
    row: NDArray[np.float64], tol: float, longest: int, apart: int = APART, few: int = FEW
) -> NDArray[np.int64]:
    """The steps of the pieces that begin here and there, by where they begin; 0 elsewhere.

    The sums of `steps_of`, a row of them: each place goes from piece to piece until it comes to one
    that is known."""
    import numpy as np

    last = len(row) - 1
    known = np.zeros(len(row), np.int64)
    start = np.arange(0, last, apart)
    m, steps, squares, cross = np.array([[1.0], [1.0], [0.0], [0.0]]).repeat(len(start), axis=1)
    with np.errstate(all="ignore"):
        while len(start) >= few:
            m += 1
            at = start + m.astype(np.int64)
            inside = (at <= last) & (m <= longest)
            origin = row[start]
            y = row[np.minimum(at, last)] - origin - (row[start + 1] - origin) * m
            squares += y * y
            cross += y * m
            steps += m * m
            tilt = y / m
            over = squares - tilt * (cross + cross - tilt * steps) - tol * (m - 1) - EPSILON
            near = CLOSE * squares + EPSILON
            for i in np.flatnonzero((over > -near) & (over <= near) & inside).tolist():
                over[i] = _over(row[start[i] : at[i] + 1], tol)
            ended = np.flatnonzero((over > 0) | ~inside)
            if not len(ended):
                continue
            known[start[ended]] = m[ended] - 1
            start[ended] += known[start[ended]]
            m[ended], steps[ended], squares[ended], cross[ended] = 1.0, 1.0, 0.0, 0.0
            going = start < last
            going[going] = (known[start[going]] == 0) | (m[going] > 1)
            start, m, steps = start[going], m[going], steps[going]
            squares, cross = squares[going], cross[going]
    return known


def _over(values: NDArray[np.float64], tol: float) -> float:
    """How far the squared error of the line from the first value to the last, summed in order, is
    over its limit."""
    import numpy as np

    m = len(values) - 1
    line = values[0] + (values[-1] - values[0]) / m * np.arange(m + 1.0)
    return float(np.cumsum((line - values) ** 2)[-1]) - tol * (m - 1) - EPSILON
