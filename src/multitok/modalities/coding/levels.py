"""Finite scalar quantization: each number rounded to levels of its own, all as one mixed radix id.

The last axis of every array is one number a level. Source: Finite Scalar Quantization (Mentzer et
al. 2023); "tanh" as openpi's models/utils/fsq_tokenizer.py has it.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Literal, TypeAlias

from multitok.core.errors import MediaError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Levels: TypeAlias = tuple[int, ...]
Squash: TypeAlias = Literal["clip", "tanh"]


def check_levels(levels: Levels) -> None:
    """MediaError for levels that make no id."""
    if not levels or min(levels) < 2:
        raise MediaError(f"levels must each be at least 2, got {levels!r}")
    if prod(levels) > 2**62:
        raise MediaError(f"levels make more ids than 64 bits hold, got {levels!r}")


def digits_of(
    values: NDArray[np.float64], levels: Levels, squash: Squash = "clip"
) -> NDArray[np.int64]:
    """The level of each value, half to even."""
    import numpy as np

    inside = np.tanh(values) if squash == "tanh" else np.clip(values, -1, 1)
    steps = np.array(levels) - 1
    made: NDArray[np.int64] = np.rint((inside + 1) * steps / 2).astype(np.int64)
    return made


def points_of(
    digits: NDArray[np.int64], levels: Levels, squash: Squash = "clip"
) -> NDArray[np.float64]:
    """The value each level stands for."""
    import numpy as np

    steps = np.array(levels) - 1
    inside: NDArray[np.float64] = 2 * digits / steps - 1
    if squash == "clip":
        return inside
    return np.arctanh(np.clip(inside, -1 + 0.5 / steps, 1 - 0.5 / steps))


def joined(digits: NDArray[np.int64], levels: Levels) -> NDArray[np.int64]:
    """One number for each row of digits, the first of them the ones."""
    import numpy as np

    made: NDArray[np.int64] = (digits * np.cumprod([1, *levels[:-1]])).sum(axis=-1)
    return made


def split(numbers: NDArray[np.int64], levels: Levels) -> NDArray[np.int64]:
    """The digits of each number: the inverse of `joined`."""
    import numpy as np

    made: NDArray[np.int64] = numbers[..., None] // np.cumprod([1, *levels[:-1]]) % np.array(levels)
    return made
