"""The tables and the arithmetic of Chronos: a scale per row, then the bin of every value.

Bit for bit what chronos-forecasting computes with torch on x86, and much faster: a linear guess
places a value within a thousandth of a bin, and only the few values that close to a boundary are
looked up in the table. Blocks of BLOCK values stay in the cache.

What numpy would warn of (NaN, inf, what float32 cannot hold) is looked for here, so the callers
work under `np.errstate(all="ignore")`, once for all of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK = 1 << 14
FEW = 2000
"""Values up to which one table look-up each is faster than the arithmetic's fixed cost."""

SMALLEST = 1e-37
"""A factor slope / scale below this would lose bits as a subnormal float32."""


@dataclass(frozen=True, eq=False, slots=True)
class BinTable:
    """`centers` (n,) and `boundaries` (n + 1,), float32; `slope`, `offset` map a scaled value to
    its bin number, from 1, and a fraction; within `margin` of a boundary the table decides."""

    centers: NDArray[np.float32]
    boundaries: NDArray[np.float32]
    slope: np.float32
    offset: np.float32
    margin: np.float32


@lru_cache(maxsize=32)
def bin_table(low: float, high: float, n: int) -> BinTable:
    """n centers from low to high, as torch.linspace fills them in float32.

    The step is float32; the lower half counts up from low and the upper half down from high, each
    by one fused multiply-add (a product in float64, rounded once). numpy.linspace differs in the
    last bit of every twentieth center. The outer boundaries are -1e20 and 1e20.
    """
    import numpy as np

    step = np.float64(np.float32((high - low) / (n - 1)))
    i = np.arange(n, dtype=np.float64)
    up, down = np.float64(low) + step * i, np.float64(high) - step * (n - 1 - i)
    centers = np.where(i < n // 2, up, down).astype(np.float32)
    edges = (centers[1:] + centers[:-1]) / np.float32(2)
    boundaries = np.concatenate(([np.float32(-1e20)], edges, [np.float32(1e20)]))
    for array in (centers, boundaries):
        array.flags.writeable = False
    slope = (n - 1) / (high - low)
    reach = n + 2 * slope * max(abs(low), abs(high))
    return BinTable(
        centers=centers,
        boundaries=boundaries.astype(np.float32),
        slope=np.float32(slope),
        offset=np.float32(1 - low * slope),
        margin=np.float32(reach * 2.0**-22),  # eight roundings of values as large as `reach`
    )


@lru_cache(maxsize=32)
def meanings_of(table: BinTable, n_tokens: int, missing: int | None) -> NDArray[np.float32]:
    """What each of n_tokens ids decodes to, before its scale: the last ids are the centers in
    order, ids below them the first; NaN for the id of a missing value."""
    import numpy as np

    special = n_tokens - len(table.centers)
    meanings: NDArray[np.float32] = table.centers[np.maximum(np.arange(n_tokens) - special, 0)]
    if missing is not None:
        meanings[missing] = np.nan
    meanings.flags.writeable = False
    return meanings


def values_of(
    ids: NDArray[Any], scale: Any, meanings: NDArray[np.float32], kind: Any
) -> NDArray[Any]:
    """What each id of (rows, steps) means times its row's scale, a float32 product, as `kind`. Of
    a long row the products of all that ids can mean are looked up."""
    import numpy as np

    scales = np.asarray(scale, dtype=np.float32).reshape(-1)
    with np.errstate(over="ignore", invalid="ignore"):
        if ids.ndim != 2 or ids.shape[1] < len(meanings):
            return (meanings.take(ids) * scales[:, None]).astype(kind, copy=False)
        out = np.empty(ids.shape, dtype=kind)
        for row, own, given in zip(out, np.broadcast_to(scales, len(ids)), ids, strict=True):
            values = (meanings * own).astype(kind)
            for start in range(0, len(given), BLOCK):
                part = slice(start, start + BLOCK)
                values.take(given[part], out=row[part], mode="clip")  # none lies outside
    return out


class Scaled(NamedTuple):
    """One number a row: its scale, its largest magnitude, and how many values are missing."""

    scale: NDArray[np.float32]
    peak: NDArray[np.float64]
    missing: NDArray[np.int64]


def scaled(rows: NDArray[Any]) -> Scaled:
    """The mean magnitude of what is not missing in each row, summed in float64; 1 where that is
    not above 0. An infinite value makes its row's scale infinite."""
    import numpy as np

    length = rows.shape[1]
    total, peak, missing = _sums(rows[:, :BLOCK])
    for start in range(BLOCK, length, BLOCK):
        added, top, absent = _sums(rows[:, start : start + BLOCK])
        total, peak, missing = total + added, np.maximum(peak, top), missing + absent
    scale = (total / (length - missing)).astype(np.float32)
    scale[~(scale > 0)] = 1.0
    return Scaled(scale, peak, missing)


def _sums(
    rows: NDArray[Any],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """The sum and the largest of the magnitudes, and how many values are missing, row by row."""
    import numpy as np

    magnitude = np.abs(rows, dtype=np.float32, casting="unsafe")
    total = magnitude.astype(np.float64).sum(axis=1)
    peak = magnitude.max(axis=1, initial=0.0).astype(np.float64)
    missing = np.zeros(len(rows), dtype=np.int64)
    holes = np.isnan(total)
    if np.count_nonzero(holes):
        absent = np.isnan(magnitude[holes])
        filled = np.where(absent, np.float32(0), magnitude[holes])
        total[holes] = filled.astype(np.float64).sum(axis=1)
        peak[holes] = filled.max(axis=1)
        missing[holes] = absent.sum(axis=1)
    return total, peak, missing


def overflowed(scale: NDArray[np.float32], rows: NDArray[Any]) -> NDArray[np.float32]:
    """The published scale is a float32 sum: where that is infinite, so is the scale."""
    import numpy as np

    largest = float(np.finfo(np.float32).max)
    present = np.maximum((~np.isnan(rows)).sum(axis=1), 1)
    return np.where(scale.astype(np.float64) * present > largest, np.float32(np.inf), scale)


def beyond(row: NDArray[Any], low: float, high: float) -> tuple[int, float]:
    """How many values lie outside low to high, and how far the farthest is."""
    import numpy as np

    past = np.fmax(row - high, low - row)
    number = int((past > 0).sum())
    return number, float(np.nanmax(past)) if number else 0.0


def bins_of(
    rows: NDArray[Any],
    scale: NDArray[np.float32],
    table: BinTable,
    out: NDArray[Any],
    *,
    shift: int,
    last: int,
    missing: int,
    tame: bool = False,
) -> None:
    """Write shift + (the number of boundaries at or below value / scale) into `out`, at most
    `last`; `missing` for NaN. rows (r, n) of any float type; out (r, n) of any integer type.

    `tame` promises that nothing is missing and nothing lies beyond the end bins.
    """
    import numpy as np

    count, length = rows.shape
    if rows.size <= FEW:
        few = rows.astype(np.float32, copy=False)
        _look_up(few, scale[:, None], table, out, shift, last, None if tame else missing)
        return
    factor = np.divide(table.slope, scale, dtype=np.float32)
    slow = table.margin > 0.1
    slow |= not ((factor > SMALLEST) & (factor < np.inf)).all()
    group = max(1, BLOCK // max(1, length))
    for r in range(0, count, group):
        some = slice(r, r + group)
        for start in range(0, length, BLOCK):
            part = (some, slice(start, start + BLOCK))
            values = rows[part].astype(np.float32, copy=False)
            if slow:
                _look_up(values, scale[some, None], table, out[part], shift, last, missing)
                continue
            guess = values * factor[some, None]
            guess += table.offset + np.float32(shift)
            if not tame:
                np.clip(guess, np.float32(shift), np.float32(last + 1), out=guess)
            number = np.rint(guess)
            np.copyto(out[part], number.astype(np.int32), casting="unsafe")
            guess -= number
            np.abs(guess, out=guess)
            if tame:
                near = guess > np.float32(0.5) - table.margin
            else:  # NaN, the ends and beyond are looked up as well
                near = ~(guess <= np.float32(0.5) - table.margin)
                near |= (number <= shift) | (number > last)
            flat = near.reshape(-1).nonzero()[0]  # five times as fast as in two dimensions
            if len(flat):
                where = np.divmod(flat, near.shape[1])
                fixed = np.empty(len(flat), dtype=out.dtype)
                scales = scale[some][where[0]]
                _look_up(values[where], scales, table, fixed, shift, last, missing)
                out[part][where] = fixed


def _look_up(
    values: NDArray[np.float32],
    scale: Any,
    table: BinTable,
    out: NDArray[Any],
    shift: int,
    last: int,
    missing: int | None,
) -> None:
    """The bin of each value by the table alone; `missing` None promises that there is no NaN."""
    import numpy as np

    scaled = values / scale
    found = table.boundaries.searchsorted(scaled, "right")
    found += shift
    np.minimum(found, last, out=out, casting="unsafe")
    if missing is not None and np.count_nonzero(holes := np.isnan(values)):
        out[holes] = missing
