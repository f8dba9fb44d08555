"""numpy arrays: `.npy` with the ids of all documents, `.ends.npy` with where each ends.

`numpy.load(path, mmap_mode="r")` reads either: document i is `ids[ends[i - 1]:ends[i]]`, the first
from 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

from multitok.datasets.shards import About
from multitok.datasets.shards.documents import Documents, documents
from multitok.datasets.shards.raw import RawWriter, unsigned as width

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SUFFIXES", "read", "width", "writer"]

SUFFIXES = (".npy", ".ends.npy")
HEADER = 128
"""Bytes of a header of version 1.0, of which the first ten say that it is one, and how long."""


def writer(files: Sequence[BinaryIO], about: About) -> RawWriter:
    import numpy as np

    data, index = files
    data.write(header(about.width, 0))

    def finish(lengths: NDArray[np.int64]) -> None:
        data.seek(0)
        data.write(header(about.width, int(lengths.sum())))
        np.save(index, np.cumsum(lengths), allow_pickle=False)

    return RawWriter(data, finish)


def header(width: str, n: int) -> bytes:
    """Of one length whatever n is: it is written again when n is known."""
    import numpy as np

    kind = np.dtype(width).newbyteorder("<").str
    told = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({n},), }}"
    return (
        b"\x93NUMPY\x01\x00"
        + (HEADER - 10).to_bytes(2, "little")
        + told.encode().ljust(HEADER - 11)
        + b"\n"
    )


def read(stem: str) -> Documents:
    import numpy as np

    ids = np.load(f"{stem}.npy", mmap_mode="r", allow_pickle=False)
    return documents(ids, np.load(f"{stem}.ends.npy", allow_pickle=False))
