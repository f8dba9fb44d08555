"""Packing: which items share a row of a training batch, so that few of its places stay empty.

Best fit decreasing: the longest item first, each into the row with the least room that holds it.
Items of one length go through together, and rows of one room: a million lengths take as many steps
as there are distinct lengths and rooms, not items.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from multitok.core.errors import MediaError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UNPLACED = -1
"""The row, and the place in it, of what is left out."""


@dataclass(frozen=True, eq=False)
class PackingPlan:
    """Where each item lies.

    size        tokens a row holds
    rows        the row of each item, from 0; -1 where it is left out
    order       its place in the row, from 0; -1 where it is left out
    count       how many rows there are
    tokens      tokens of all that is placed
    longest     the longest item that was given
    left_out    the items that no row holds: longer than it, or of more images than it may have
    """

    size: int
    rows: NDArray[np.int64]
    order: NDArray[np.int64]
    count: int
    tokens: int
    longest: int
    left_out: NDArray[np.int64]

    @property
    def fill(self) -> float:
        """The share of places that hold a token; 0.0 where there is no row."""
        return self.tokens / (self.count * self.size) if self.count else 0.0

    def contents(self) -> list[NDArray[np.int64]]:
        """The items of each row, in their order."""
        import numpy as np

        placed = np.lexsort((self.order, self.rows))[len(self.left_out) :]
        starts = np.searchsorted(self.rows[placed], np.arange(1, self.count))
        return np.split(placed, starts) if self.count else []


def pack(
    lengths: Sequence[int] | NDArray[Any],
    size: int,
    *,
    images: Sequence[int] | NDArray[Any] | None = None,
    max_images: int | None = None,
) -> PackingPlan:
    """Rows of at most `size` tokens, and of at most `max_images` images, of items of `lengths`.

    Nothing is cut: an item that no row holds is in `left_out`.

    >>> plan = pack([5, 3, 9, 2, 4], size=8)
    >>> plan.rows.tolist(), plan.order.tolist(), plan.left_out.tolist()
    ([0, 0, -1, 1, 1], [0, 1, -1, 1, 0], [2])
    """
    import numpy as np

    if size < 1:
        raise MediaError(f"size must be at least 1, got {size!r}")
    if max_images is not None and images is None:
        raise MediaError("max_images needs the images of each item: pass images=[...]")
    tokens = _numbers(lengths, "lengths")
    pictures = np.zeros_like(tokens)
    if max_images is not None:
        pictures = _numbers(images, "images")
    if len(pictures) != len(tokens):
        raise MediaError(f"images must be one a length, got {len(pictures)} for {len(tokens)}")
    table = _Table(size, max_images or 0, len(tokens))
    fits = (tokens <= size) & (pictures <= table.images)
    _place(table, tokens, pictures, np.flatnonzero(fits))
    return PackingPlan(
        size=size,
        rows=table.rows,
        order=table.order,
        count=table.count,
        tokens=int(tokens[fits].sum()),
        longest=int(tokens.max(initial=0)),
        left_out=np.flatnonzero(~fits),
    )


def _numbers(given: Any, what: str) -> NDArray[np.int64]:
    """Whole numbers from 0, one an item."""
    import numpy as np

    found = np.asarray(given)
    if found.ndim != 1 or (found.size and found.dtype.kind not in "iu"):
        raise MediaError(
            f"{what} must be whole numbers, one an item, got {found.dtype} of shape {found.shape}"
        )
    found = found.astype(np.int64)
    if found.size and found.min() < 0:
        place = int(found.argmin())
        raise MediaError(f"{what} must be at least 0, got {found[place]} (item {place})")
    return found


def _place(
    table: _Table, tokens: NDArray[np.int64], pictures: NDArray[np.int64], items: NDArray[np.int64]
) -> None:
    """Every one of the items into a row, those first that take the larger share of one."""
    import numpy as np

    share = tokens[items] / table.size
    if table.images:
        share = np.maximum(share, pictures[items] / table.images)
    items = items[np.lexsort((-pictures[items], -tokens[items], -share))]
    alike = np.stack([tokens[items], pictures[items]])
    borders = np.flatnonzero((alike[:, 1:] != alike[:, :-1]).any(axis=0)) + 1
    for group in np.split(items, borders) if len(items) else ():
        table.add(group, int(tokens[group[0]]), int(pictures[group[0]]))


class _Table:
    """Rows by what they have left: of images, and of those the rooms in order, and of each room the
    numbers of the rows."""

    def __init__(self, size: int, images: int, items: int) -> None:
        import numpy as np

        self.size, self.images, self.count = size, images, 0
        self.rows = np.full(items, UNPLACED, dtype=np.int64)
        self.order = np.full(items, UNPLACED, dtype=np.int64)
        self.held = np.zeros(items, dtype=np.int64)  # items in each row
        self.left: dict[int, _Rooms] = {}

    def add(self, group: NDArray[np.int64], tokens: int, pictures: int) -> None:
        """Items of one length and as many images: as many into a row as it holds, for what room
        that leaves is the least that holds the next of them."""
        while len(group):
            room, images, rows = self._best(tokens, pictures, len(group))
            each = len(group)
            if tokens:
                each = min(each, room // tokens)
            if pictures:
                each = min(each, images // pictures)
            many = min(len(rows), len(group) // each)
            taken = rows[-many:]
            del rows[-many:]
            if not rows:
                self._emptied(room, images)
            self._fill(group[: many * each], taken, each)
            self._keep(room - each * tokens, images - each * pictures, taken)
            group = group[many * each :]

    def _best(self, tokens: int, pictures: int, items: int) -> tuple[int, int, list[int]]:
        """The least room that holds an item: what it has left, and its rows; else new ones."""
        found = [
            (room, images)
            for images, rooms in self.left.items()
            if images >= pictures and (room := rooms.least(tokens)) is not None
        ]
        if found:
            room, images = min(found)
            return room, images, self.left[images].rows[room]
        fitting = min(
            self.size // tokens if tokens else items, self.images // pictures if pictures else items
        )
        new = list(range(self.count, self.count + max(1, items // fitting)))
        self.count += len(new)
        self._keep(self.size, self.images, new)
        return self.size, self.images, self.left[self.images].rows[self.size]

    def _fill(self, items: NDArray[np.int64], taken: list[int], each: int) -> None:
        import numpy as np

        rows = np.array(taken)
        self.rows[items] = np.repeat(rows, each)
        self.order[items] = (self.held[rows][:, None] + np.arange(each)).ravel()
        self.held[rows] += each

    def _keep(self, room: int, images: int, rows: list[int]) -> None:
        self.left.setdefault(images, _Rooms()).add(room, rows)

    def _emptied(self, room: int, images: int) -> None:
        self.left[images].drop(room)
        if not self.left[images].rows:
            del self.left[images]


@dataclass
class _Rooms:
    """Rows by the tokens that they have room for."""

    rows: dict[int, list[int]] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)

    def least(self, tokens: int) -> int | None:
        """The least room that holds so many; None where none does."""
        at = bisect_left(self.order, tokens)
        return self.order[at] if at < len(self.order) else None

    def add(self, room: int, rows: list[int]) -> None:
        if room in self.rows:
            self.rows[room] += rows
        else:
            self.rows[room] = rows
            insort(self.order, room)

    def drop(self, room: int) -> None:
        del self.rows[room]
        del self.order[bisect_left(self.order, room)]
