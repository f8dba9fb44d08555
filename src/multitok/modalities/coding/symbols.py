"""Blocks of whole numbers as symbols, and back: runs of zeros, values, an end.

A block is a run of zeros and a value, again and again, and an end after the last value that is not
0. There are 128 symbols, so that a picture, or a sound, is an ASCII text:

    0           end of a block
    1, 2        add 46 to the value that follows, or take 46 off it: any whole number can be written
    3 .. 35     1 to 33 zeros; a longer run has several
    36 .. 127   the values -46 to -1, then 1 to 46
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from multitok.core.errors import DecodeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]

SYMBOLS = 128
END, UP, DOWN = 0, 1, 2
FIRST_RUN = DOWN + 1
RUN = 33
"""Zeros that one symbol stands for at most."""
FIRST_VALUE = FIRST_RUN + RUN
FAR = 46
"""The largest value of one symbol."""


def most(size: int, magnitude: float) -> int:
    """Symbols that a block of `size` values has at most, whose magnitudes sum to `magnitude`: one a
    value or run, one for each full 46 of a value, the end."""
    return size + int(magnitude // FAR) + 1


def write(quantized: NDArray[np.int32], sizes: Whole) -> NDArray[np.uint8]:
    """The symbols of whole numbers, one block after another, which are as long as `sizes` says."""
    import numpy as np

    at = np.flatnonzero(quantized != 0)  # numpy looks for True three times as fast as for a number
    values = quantized[at].astype(np.int64)
    edges = np.concatenate([[0], np.cumsum(sizes)])
    # how many values there are before each edge
    before = np.searchsorted(at, edges)
    times = before[1:] - before[:-1]
    block = np.repeat(np.arange(len(times)), times)
    size = np.abs(values)
    # zeros before each value: back to the last one, or to the start of its block
    gap = at.copy()
    gap[1:] -= at[:-1] + 1
    filled = times > 0
    first = before[:-1][filled]
    gap[first] = at[first] - edges[:-1][filled]
    far, runs = np.zeros_like(size), np.minimum(gap, 1)
    large, long = size > FAR, gap > RUN
    far[large] = (size[large] - 1) // FAR
    runs[long] = -(-gap[long] // RUN)
    # a block's end stands behind it, so values come later by the blocks before theirs
    place = np.cumsum(runs + far + 1) + block - 1
    made = np.full(int((runs + far).sum()) + len(at) + len(sizes), END, np.uint8)
    rest = values - (values > 0)
    rest[large] -= np.sign(values[large]) * far[large] * FAR
    made[place] = FIRST_VALUE + FAR + rest
    _repeat(made, place - far, far, lambda some, k: np.where(values[some] > 0, UP, DOWN))
    _repeat(
        made, place - far - runs, runs,
        lambda some, k: FIRST_RUN - 1 + np.minimum(gap[some] - k * RUN, RUN),
    )  # fmt: skip
    return made


def _repeat(
    made: NDArray[np.uint8], first: Whole, times: Whole, of: Callable[[Whole, int], Whole]
) -> None:
    """Write from `first` on as many symbols as `times` says, the k-th of all of them at once."""
    import numpy as np

    some, k = np.flatnonzero(times > 0), 0
    while len(some):
        made[first[some] + k] = of(some, k)
        k += 1
        some = some[times[some] > k]


def refuse_blocks(symbols: NDArray[np.uint8], blocks: int, name: str, medium: str) -> None:
    """DecodeError where symbols do not spell as many blocks as a medium ("picture") has."""
    import numpy as np

    spelled = int(np.count_nonzero(symbols == END))
    if spelled != blocks or (len(symbols) and symbols[-1] != END):
        raise DecodeError(
            f"{name}: the tokens spell {spelled:,} blocks, the {medium} has {blocks:,}: the"
            f" sequence is cut, or of a {medium} of another size"
        )


def read(symbols: NDArray[np.uint8], sizes: Whole, name: str, first: int = 0) -> NDArray[np.int32]:
    """The whole numbers that symbols spell, one block after another: as many as there are sizes.

    first   the number of the first block, to be told

    DecodeError where a block spells more than it has."""
    import numpy as np

    ends = np.flatnonzero(symbols == END)
    if not len(sizes):
        return np.empty(0, np.int32)
    zeros, adds = (table[symbols] for table in _tables())
    reached = np.cumsum(zeros)
    lengths = np.diff(ends, prepend=-1)
    before = np.repeat(np.concatenate([[0], reached[ends[:-1]]]), lengths)
    place = reached - zeros - before
    beyond = place + np.maximum(zeros, adds != 0) > np.repeat(sizes, lengths)
    if beyond.any():
        block = int(np.searchsorted(ends, beyond.argmax()))
        raise DecodeError(
            f"{name}: the tokens of block {first + block:,} spell more than its {int(sizes[block])}"
            " coefficients: an id is wrong, or missing"
        )
    some = np.flatnonzero(adds)
    where = (np.repeat(np.cumsum(sizes) - sizes, lengths) + place)[some]
    made = np.bincount(where, adds[some], minlength=int(sizes.sum()))
    return made.astype(np.int32)


@lru_cache(maxsize=1)
def _tables() -> tuple[Any, Any]:
    """Places that each symbol goes on by, and what it adds to the value at its place."""
    import numpy as np

    zeros, adds = np.zeros(SYMBOLS, np.int64), np.zeros(SYMBOLS)
    zeros[FIRST_RUN:FIRST_VALUE] = np.arange(1, RUN + 1)
    zeros[FIRST_VALUE:] = 1
    adds[FIRST_VALUE:] = [*range(-FAR, 0), *range(1, FAR + 1)]
    adds[UP], adds[DOWN] = FAR, -FAR
    return zeros, adds
