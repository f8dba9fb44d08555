"""Numbers of any type as float64, without a word about what they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def widened(numbers: Any) -> NDArray[np.float64]:
    """As float64, itself where it is that already.

    A NaN that signals, which a damaged file has and C leaves in memory, becomes one that does not:
    numpy would warn of it."""
    import numpy as np

    with np.errstate(invalid="ignore"):
        return np.asarray(numbers, np.float64)
