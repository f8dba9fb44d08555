"""The documents of a shard, as arrays that lie in the file itself."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, overload

from multitok.core.boundary import is_unforeseen
from multitok.core.errors import SourceError
from multitok.datasets.shards import Format, module

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Block = tuple[NDArray[Any], NDArray[np.int64]]
    """Ids one after another, and where each document ends among them."""


class Documents(Sequence["NDArray[Any]"]):
    """Ids of each document, in order: views, so that a shard of any size takes no memory."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._firsts = list(accumulate((len(ends) for _, ends in blocks), initial=0))

    @property
    def tokens(self) -> int:
        """Ids of all documents."""
        return sum(int(ends[-1]) for _, ends in self._blocks if len(ends))

    def __len__(self) -> int:
        return self._firsts[-1]

    @overload
    def __getitem__(self, at: int, /) -> NDArray[Any]: ...

    @overload
    def __getitem__(self, at: slice, /) -> list[NDArray[Any]]: ...

    def __getitem__(self, at: int | slice, /) -> NDArray[Any] | list[NDArray[Any]]:
        if isinstance(at, slice):
            return [self[i] for i in range(len(self))[at]]
        place = range(len(self))[at]
        block = bisect_right(self._firsts, place) - 1
        return self._document(block, place - self._firsts[block])

    def __iter__(self) -> Iterator[NDArray[Any]]:
        for block, (_, ends) in enumerate(self._blocks):
            for place in range(len(ends)):
                yield self._document(block, place)

    def _document(self, block: int, place: int) -> NDArray[Any]:
        ids, ends = self._blocks[block]
        return ids[int(ends[place - 1]) if place else 0 : int(ends[place])]


def read(stem: str, format: Format) -> Documents:
    """The documents of a shard, by the path of its files without what the format puts behind it.
    SourceError where it is none, or was not written to its end."""
    form = module(format)
    path = stem + form.SUFFIXES[-1]
    try:
        return form.read(stem)
    except FileNotFoundError as error:
        raise SourceError(f"{error.filename or path}: there is no such file", source=path) from None
    except BaseException as error:
        if not is_unforeseen(error):
            raise
        raise SourceError(
            f"{path}: no {format} shard is read from it: {error}", source=path
        ) from None


def documents(ids: NDArray[Any], ends: NDArray[np.int64]) -> Documents:
    """Those of one array; ValueError where they do not end in it, one after the other."""
    import numpy as np

    if len(ends) and (int(ends[0]) < 0 or (np.diff(ends) < 0).any() or int(ends[-1]) > len(ids)):
        raise ValueError(f"its index does not tell of {len(ids):,} ids")
    return Documents([(ids, ends)])


def mapped(path: str, width: str) -> NDArray[Any]:
    """A file of ids, mapped into memory; an empty file, which cannot be, is an empty array."""
    import os

    import numpy as np

    kind = np.dtype(width).newbyteorder("<")
    return np.memmap(path, kind, mode="r") if os.path.getsize(path) else np.empty(0, kind)
