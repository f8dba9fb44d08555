"""Ids in bulk: the uint32 bytes that engines hand over become arrays, without an int for each."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def flattened(ids: list[int]) -> bytes:
    """The bytes of ids that an engine gives as a list."""
    return array("I", ids).tobytes()


def whole(flat: bytes) -> NDArray[np.int64]:
    """The ids of one text."""
    import numpy as np

    return np.frombuffer(flat, np.uint32).astype(np.int64)


def each(flats: Iterable[bytes]) -> list[NDArray[np.int64]]:
    """The ids of many texts, read in one go: views of one array."""
    flats = list(flats)
    ids = whole(b"".join(flats))
    ends = accumulate((len(flat) // 4 for flat in flats), initial=0)
    return [ids[start:stop] for start, stop in pairwise(ends)]
