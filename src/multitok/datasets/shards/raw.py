"""What formats share whose data is ids and nothing else: only their indexes differ."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

from multitok.datasets.shards import Width

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UINT16 = 1 << 16
"""What ids of two bytes lie below."""


class RawWriter:
    """Ids as they come, and the lengths of the documents for what is written at the end."""

    def __init__(self, data: BinaryIO, finish: Callable[[NDArray[np.int64]], None]) -> None:
        self._data, self._finish = data, finish
        self._lengths = array("q")

    def write(self, ids: NDArray[np.integer], lengths: list[int]) -> None:
        self._data.write(ids.tobytes())
        self._lengths.extend(lengths)

    def finish(self) -> None:
        import numpy as np

        self._finish(np.array(self._lengths, dtype=np.int64))


def unsigned(ids_below: int | None) -> Width:
    """Two bytes where they hold every id, else four."""
    return "uint16" if ids_below is not None and ids_below <= UINT16 else "uint32"
