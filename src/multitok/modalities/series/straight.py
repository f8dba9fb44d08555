"""Straight pieces of a curve, each as long as its squared error lets it be: the first half of ABBA.

Where a piece ends hangs on where it begins, and on nothing else. So the pieces from many places are
worked out together, a row of sums each, and kept by where they begin: the chain from the first step
then mostly looks up. Whatever it does not find there it works out alone.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CLOSE = 1e-12
"""An error this near to its limit, for the size of its terms, is summed anew."""
EPSILON = 2.0**-52
"""What the reference adds to a limit, so that tol=0 keeps straight lines."""
SAMPLE = 8
"""Pieces by which the length of those after them is judged."""
STRETCH = 1 << 16
"""Steps for which that judgment holds."""
SHORTEST = 16
"""Steps up to which a piece is worked out together with others at least: more cost little."""
FEW = 24
"""Places together that are no faster than one after the other."""
TOGETHER = 1 << 14
"""Sums that are worked on together: they stay in the cache."""
APART = 2, 20
"""Pieces between the places, at least and at most: of few, most are worked out twice."""
MEETING = 8
"""Pieces beyond the next place until a chain has met another, or never does."""


def pieces(row: NDArray[np.float64], tol: float, longest: int) -> NDArray[np.float64]:
    """(pieces, 2): the steps and the rise of each piece, at most `longest` steps."""
    import numpy as np

    values, made = row.tolist(), []
    known = [0] * len(values)
    start = judged = 0
    sample: list[int] = []
    while start < len(values) - 1:
        n = known[start] or steps_of(values, start, tol, longest)
        made.append(n)
        start += n
        if start < judged:
            continue
        sample.append(n)
        if len(sample) == SAMPLE:
            mean, width = sum(sample) / SAMPLE, max(SHORTEST, ceil(1.5 * max(sample)))
            judged, sample = start + STRETCH, []
            ahead = found_ahead(row[start : judged + width], tol, longest, mean, width)
            known[start : start + len(ahead)] = ahead.tolist()
    steps = np.array(made, dtype=np.int64)
    ends = np.cumsum(steps)
    return np.stack([steps, row[ends] - row[ends - steps]], axis=1)


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
    row: NDArray[np.float64], tol: float, longest: int, mean: float, width: int
) -> NDArray[np.int64]:
    """The steps of the pieces that begin here and there, by where they begin; 0 elsewhere.

    From places some pieces of `mean` steps apart, piece after piece, to one that is known already.
    Pieces of more than `width` steps, and those near the end of the row, are left out."""
    import numpy as np

    known = np.zeros(len(row), np.int64)
    width = min(width, longest)
    last = len(row) - 1 - width  # where a piece may begin that has all its steps in the row
    group = max(FEW, TOGETHER // max(1, width))
    least, most = APART
    apart = min(max(len(row) / mean / group, least), most)
    places = np.arange(0, last + 1, apart * mean).astype(np.int64)
    if len(places) < FEW or width < 2:
        return known
    windows = np.lib.stride_tricks.sliding_window_view(row, width + 1)
    for first in range(0, len(places), group):
        start = places[first : first + group]
        for _ in range(ceil(apart) + MEETING):
            start = start[known[start] == 0]
            if not len(start):
                break
            n = _lengths(windows[start], tol, longest)
            known[start] = n
            start = (start + n)[n > 0]
            start = start[start <= last]
    return known


def _lengths(rows: NDArray[np.float64], tol: float, longest: int) -> NDArray[np.int64]:
    """The sums of `steps_of` for the steps of many pieces (pieces, width + 1), each from its
    beginning on; 0 for one that is longer than that, or ends too near to its limit."""
    import numpy as np

    width = rows.shape[1] - 1
    m = np.arange(2.0, width + 1)
    steps, limit = 1 + np.cumsum(m * m), tol * (m - 1)
    with np.errstate(all="ignore"):
        y = rows[:, 2:] - rows[:, :1]
        y -= (rows[:, 1:2] - rows[:, :1]) * m
        squares, twice_cross = np.cumsum(y * y, axis=1), np.cumsum(y * (m + m), axis=1)
        tilt = y / m
        twice_cross -= tilt * steps
        error = squares - tilt * twice_cross
        stops = error + 2 * CLOSE * squares > limit
        at, each = stops.argmax(axis=1), np.arange(len(rows))
        over = error[each, at] - limit[at] - EPSILON
        sure = stops[each, at] & (over > CLOSE * squares[each, at] + EPSILON)
    whole = width if width == longest else 0
    found: NDArray[np.int64] = np.where(sure, at + 1, np.where(stops[each, at], 0, whole))
    return found


def _over(values: NDArray[np.float64], tol: float) -> float:
    """How far the squared error of the line from the first value to the last, summed in order, is
    over its limit."""
    import numpy as np

    m = len(values) - 1
    line = values[0] + (values[-1] - values[0]) / m * np.arange(m + 1.0)
    return float(np.cumsum((line - values) ** 2)[-1]) - tol * (m - 1) - EPSILON
