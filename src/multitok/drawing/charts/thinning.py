"""A long curve with no more points than a plot has room for. numpy only."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


def thinned(x: Sequence[float], y: Sequence[float], columns: int) -> tuple[Values, Values]:
    """At most four points a pixel column, the first, lowest, highest and last of as many steps, so
    that a spike among a million stays; a stretch that is missing stays missing.

    >>> values = [0.0] * 500 + [9.0] + [0.0] * 500
    >>> _, kept = thinned(range(1001), values, 10)
    >>> len(kept), float(max(kept))
    (40, 9.0)
    """
    import numpy as np

    across, up = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if len(up) <= 6 * columns:
        return across, up
    kept: list[int] = []
    edges = np.linspace(0, len(up), columns + 1).astype(np.int64)
    for start, end in pairwise(edges.tolist()):
        part = up[start:end]
        inner = [start, end - 1]
        if np.isfinite(part).any():
            inner += [start + int(np.nanargmin(part)), start + int(np.nanargmax(part))]
        kept += sorted(inner)
    return across[kept], up[kept]
