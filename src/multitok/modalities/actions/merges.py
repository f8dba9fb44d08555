"""Byte-pair merges over many rows at once: what `tokenizers` does to one text, on numpy columns.

A BPE model takes the pair of lowest rank in a text, merges it, and looks again. Rows do not touch
each other, so each round does this in every row together: about seventy rounds for a thousand FAST
chunks, where a loop makes a call a chunk. The ids equal those of `tokenizers`; `Merges.of` returns
None for the files where that is not certain (a rank below the merges that make its parts).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from multitok.core.integers import round_up

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LARGEST_TABLE = 4096
"""Symbols whose pairs fit a table in memory (32 MB); larger vocabularies go to `tokenizers`."""
NONE = 65535
"""The rank of a pair that never merges."""
ROWS_AT_ONCE = 1024
DENSE = 0.7
"""When fewer of the symbols live, the columns are packed again."""
SHORT = 24
"""Columns not worth packing again."""


@dataclass(frozen=True, eq=False)
class Merges:
    """The merge table of one vocabulary.

    ranks    uint16 (symbols, symbols) flattened: the rank of a pair, or NONE
    made     int32: the id that the merge of each rank makes
    doubles  the leading merges of a symbol with itself, as (symbol, id): long runs of zeros
    wall     an id that merges with nothing: it keeps two words apart
    """

    ranks: NDArray[np.uint16]
    made: NDArray[np.int32]
    doubles: tuple[tuple[int, int], ...]
    wall: int

    @property
    def pad(self) -> int:
        """An id that stands for no symbol at all."""
        return self.wall + 1

    @property
    def end(self) -> int:
        """An id that ends a row."""
        return self.wall + 2

    @classmethod
    def of(cls, vocab: Mapping[str, int], merges: Sequence[Sequence[str]]) -> Merges | None:
        """The table, or None where only `tokenizers` itself is sure to be right."""
        import numpy as np

        size = max(vocab.values(), default=-1) + 1
        if size > LARGEST_TABLE or len(merges) >= NONE:
            return None
        side = size + 3
        ranks = np.full(side * side, NONE, np.uint16)
        born: dict[str, int] = {}
        made = []
        for rank, (left, right) in enumerate(merges):
            whole = left + right
            if whole not in vocab or left not in vocab or right not in vocab or whole in born:
                return None
            if max(born.get(left, -1), born.get(right, -1)) >= rank:
                return None
            born[whole] = rank
            ranks[vocab[left] * side + vocab[right]] = rank
            made.append(vocab[whole])
        if any(
            part in born and born[part] > rank for rank, pair in enumerate(merges) for part in pair
        ):
            return None
        doubles = []
        for left, right in merges:
            if left != right:
                break
            doubles.append((vocab[left], vocab[left + right]))
        return cls(ranks, np.array([*made, 0], np.int32), tuple(doubles), size)

    def encode(self, rows: NDArray[np.integer[Any]]) -> list[NDArray[np.int16]]:
        """The ids of each row of symbols (rows, width); walls and pads leave no id.

        A pad is no symbol, what stands on either side of it is adjacent; nothing crosses a wall.
        """
        out: list[NDArray[np.int16]] = []
        for start in range(0, len(rows), ROWS_AT_ONCE):
            out += self._block(rows[start : start + ROWS_AT_ONCE])
        return out

    def _block(self, rows: NDArray[np.integer[Any]]) -> list[NDArray[np.int16]]:
        import numpy as np

        fenced = np.full((len(rows), rows.shape[1] + 1), self.end, np.int16)
        fenced[:, :-1] = rows
        flat = fenced.reshape(-1)
        flat = flat[flat != self.pad]
        for symbol, double in self.doubles:
            flat = _double(flat, symbol, double)
        last = flat == self.end
        columns = _columns(flat[~last], np.diff(np.flatnonzero(last), prepend=-1) - 1, self.pad)
        while True:
            columns, finished = self._rounds(columns)
            inner = columns[1:-1].T
            content = (inner >= 0) & (inner != self.pad)
            if finished:
                content &= inner != self.wall
            lengths = content.sum(axis=1)[: len(rows)]
            if finished:
                return np.split(inner[content], np.cumsum(lengths)[:-1])
            columns = _columns(inner[content], lengths, self.pad)

    def _rounds(self, columns: NDArray[np.int16]) -> tuple[NDArray[np.int16], bool]:
        """Merge in place until nothing merges (True), or many symbols are gone (False).

        columns is (width + 2, rows): a text runs down its column, so that one comparison looks at
        the same place of all of them. A symbol merged away is -1; `after` and `before` link the
        living. Top and bottom rows are pads.
        """
        import numpy as np

        side = self.wall + 3
        height, n = columns.shape
        flat = columns.reshape(-1)
        rank = np.full(height * n, NONE, np.uint16)
        rank[:-n] = self.ranks[flat[:-n].astype(np.int32) * side + flat[n:]]
        by_row = rank.reshape(height, n)
        after = np.arange(n, height * n + n, dtype=np.int32)
        before = np.arange(-n, height * n - n, dtype=np.int32)
        started = living = int(np.count_nonzero(flat != self.pad))
        while living > DENSE * started or height < SHORT:
            lowest = by_row.min(axis=0)
            lowest[lowest == NONE] = NONE - 1  # no merge has this rank: such a column rests
            left = _where(by_row == lowest)
            if not len(left):
                return columns, True
            right = after[left]
            same = flat[left] == flat[right]
            if same.any():
                keep = _first_of_runs(left, same, after, n)
                left, right = left[keep], right[keep]
            made = self.made[rank[left]]
            flat[left], flat[right] = made, -1
            rank[right] = NONE
            beyond = after[right]
            after[left], before[beyond] = beyond, left
            follows, leads = after[left], before[left]
            rank[left] = self.ranks[made * side + flat[follows]]
            rank[leads] = self.ranks[flat[leads].astype(np.int32) * side + made]
            living -= len(left)
        return columns, False


def _where(hits: NDArray[np.bool_]) -> NDArray[np.int64]:
    """np.flatnonzero of few hits, eight places at a look; the size is a multiple of eight."""
    import numpy as np

    eights = hits.reshape(-1, 8)
    some = np.flatnonzero(eights.view(np.uint64))
    within = np.flatnonzero(eights[some])
    made: NDArray[np.int64] = some[within >> 3] * 8 + (within & 7)
    return made


def _columns(flat: NDArray[np.int16], lengths: NDArray[np.int64], pad: int) -> NDArray[np.int16]:
    """Rows laid end to end, as columns of one height between a top and a bottom row of pads.

    Empty columns make their number a multiple of eight.
    """
    import numpy as np

    width = int(lengths.max(initial=0)) + 2
    rows = np.full((round_up(len(lengths), 8), width), pad, np.int16)
    at = np.arange(width)
    rows[: len(lengths)][(at > 0) & (at <= lengths[:, None])] = flat
    return np.ascontiguousarray(rows.T)


def _double(flat: NDArray[np.int16], symbol: int, double: int) -> NDArray[np.int16]:
    """Merge a symbol with itself, pairs from the left of each run; the last place is no symbol."""
    import numpy as np

    here = np.zeros(len(flat) + 1, np.bool_)
    here[1:] = flat == symbol
    edges = np.flatnonzero(here[1:] != here[:-1])
    starts, pairs = edges[::2], (edges[1::2] - edges[::2]) >> 1
    before = np.cumsum(pairs) - pairs
    first = np.repeat(starts - 2 * before, pairs) + 2 * np.arange(int(pairs.sum()))
    flat[first] = double
    keep = np.ones(len(flat), np.bool_)
    keep[first + 1] = False
    return flat[keep]


def _first_of_runs(
    left: NDArray[np.int64], same: NDArray[np.bool_], after: NDArray[np.int32], n: int
) -> NDArray[np.bool_]:
    """Which merges stand where pairs of one symbol overlap: every second one, from the left."""
    import numpy as np

    at = np.flatnonzero(same)
    places = left[at]
    order = np.lexsort((places, places % n))
    places = places[order]
    joined = np.zeros(len(places), np.bool_)
    joined[1:] = after[places[:-1]] == places[1:]
    number = np.arange(len(places))
    first = np.maximum.accumulate(np.where(joined, 0, number))
    keep = np.ones(len(left), np.bool_)
    keep[at[order[((number - first) & 1).astype(np.bool_)]]] = False
    return keep
