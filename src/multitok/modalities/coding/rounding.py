"""Coefficients to whole numbers: divided by a step and rounded, small ones to 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEAD_ZONE = 0.17
"""What is nearer to 0 than 0.67 steps is 0: that saves more tokens than it costs error."""
TIE = 1e-4
"""Added before a level is rounded down: exact halves, which flat pictures have, then go the same
way whatever the last bit of a sum is on this machine."""


def whole(scaled: NDArray[np.float64]) -> NDArray[np.int32]:
    """Coefficients in steps as whole numbers; what is given is changed.

    >>> import numpy as np
    >>> whole(np.array([0.6, 0.7, -1.6, -1.7])).tolist()
    [0, 1, -1, -2]
    """
    import numpy as np

    scaled += np.copysign(0.5 - DEAD_ZONE + TIE, scaled)
    return scaled.astype(np.int32)


def between(low: float, high: float, times: int = 4) -> list[float]:
    """As many steps from the finer to the coarser, each as many times the one before."""
    return [low * (high / low) ** (k / (times - 1)) for k in range(times)]
