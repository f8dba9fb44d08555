"""One frame on its way out of a clip."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Frame(NamedTuple):
    """One frame of a clip: its number, its seconds from the first frame, (height, width, 3) RGB."""

    number: int
    time: float
    pixels: NDArray[np.uint8]


class Undrawn(NamedTuple):
    """A frame that is decoded and whose RGB pixels are made only if it is chosen."""

    number: int
    time: float
    draw: Callable[[], NDArray[np.uint8]]
