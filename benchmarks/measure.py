"""How a row of the table is measured: two pieces of work, in turn, the best time of each.

The figure that counts is the ratio: both sides see the same machine, the same load and the same
caches, so it holds where a clock does not.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

Row = dict[str, Any]


def best(
    ours: Callable[[], object], peer: Callable[[], object], seconds: float = 1.0
) -> tuple[float, float]:
    """The shortest time of one call of each, in seconds; each is given `seconds` to run in all.

    A call that is too short for the clock is repeated; the rounds alternate.
    """
    repeats = [_repeats(work) for work in (ours, peer)]
    shortest = [float("inf")] * 2
    spent = [0.0] * 2
    while any(time < seconds for time in spent):
        for i, work in enumerate((ours, peer)):
            if spent[i] >= seconds:
                continue
            start = perf_counter()
            for _ in range(repeats[i]):
                work()
            time = perf_counter() - start
            spent[i] += time
            shortest[i] = min(shortest[i], time / repeats[i])
    return shortest[0], shortest[1]


def _repeats(work: Callable[[], object]) -> int:
    """Calls that take about 2 ms together; the first call warms the caches."""
    work()
    start = perf_counter()
    work()
    return max(1, round(0.002 / max(perf_counter() - start, 1e-7)))


def row(
    work: str, *, ours: float, peer: float, against: str, faster: float | None = None,
    within: float | None = None, note: str = "",
) -> Row:  # fmt: skip
    """A measured row: times in seconds, and the target, one of
    faster   the peer's time is at least so many times ours
    within   ours is at most so many times the peer's
    """
    if faster is not None:
        target = f"{faster:,g} times faster" if faster > 1 else "not slower"
        ok = peer >= faster * ours
    elif within is not None:
        target, ok = f"within {within:g} times", ours <= within * peer
    else:
        target, ok = "", True
    ratio = (
        f"{peer / ours:,.3g} times faster" if peer >= ours else f"{ours / peer:.2f} times as long"
    )
    if peer / ours >= 1000:
        ratio = f"{peer / ours:,.0f} times faster"
    return {
        "work": work,
        "ours": duration(ours),
        "peer": f"{against}: {duration(peer)}",
        "ratio": ratio,
        "target": target,
        "ok": ok,
        "note": note,
    }


def skipped(work: str, target: str, why: str) -> Row:
    """A row whose peer is not installed, or whose input is not there."""
    return {"work": work, "ours": "", "peer": why, "ratio": "", "target": target, "ok": None}


def duration(seconds: float) -> str:
    """
    >>> duration(0.0000153)
    '15.3 µs'
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
