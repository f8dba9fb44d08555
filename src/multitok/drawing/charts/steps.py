"""The steps of a curve: where they lie on x, and when each of them was, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from multitok.drawing.charts.axes import Axis

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UNITS = {"D": 86_400_000, "m": 60_000, "s": 1000}
"""The coarsest unit that all moments are whole in says them: milliseconds of each."""


def clock(times: Any, steps: NDArray[np.int64]) -> tuple[list[float], Axis]:
    """x by the clock where it shows years, dates or plain numbers that rise; else by the step."""
    import numpy as np

    if times is None or len(times) < 2 or (np.diff(times) <= 0).any():
        low, high = float(steps[0]), float(steps[-1])
        return [float(s) for s in steps], Axis(label="step", low=low - 0.5, high=high + 0.5)
    x = [float(t) for t in times]
    room = (x[-1] - x[0]) / (len(x) - 1) / 2
    plain = Axis(low=x[0] - room, high=x[-1] + room)
    if x[0] >= 1000 and x[-1] <= 3000 and all(v == int(v) for v in (x[0], x[-1])):
        years = tuple((v, f"{v:.0f}") for v, _ in plain.marked(6) if v == int(v))
        return x, replace(plain, ticks=years)
    if abs(x[-1]) > 1e8:
        return x, replace(plain, dates=True)
    return x, replace(plain, label="time")


def edge(x: Sequence[float], step: int) -> float:
    """Half a step before a step, so that a run holds its steps whole."""
    if len(x) < 2:
        return x[0] - 0.5 + step
    if step <= 0:
        return x[0] + (x[1] - x[0]) * (step - 0.5)
    if step >= len(x):
        return x[-1] + (x[-1] - x[-2]) * (step - len(x) + 0.5)
    return (x[step - 1] + x[step]) / 2


def moments(x: Sequence[float], axis: Axis, hz: float | None) -> list[str]:
    """What the clock of an axis says of places on it; nothing where all that is known is the step.

    >>> moments([0.0, 86_400.0], Axis(dates=True), None)
    ['1970-01-01', '1970-01-02']
    >>> moments([0.0, 3.0], Axis(label="step"), 50.0)
    ['0 s', '0.06 s']
    """
    import numpy as np

    if axis.dates:
        whole = [round(value * 1000) for value in x]
        fits = (unit for unit, of in UNITS.items() if not any(value % of for value in whole))
        unit = next(fits, "ms")
        days = np.array(whole, "datetime64[ms]").astype(f"datetime64[{unit}]")
        return [str(day).replace("T", " ") for day in days]
    if axis.label == "step":
        return [f"{value / hz:.6g} s" if hz else "" for value in x]
    return [f"{value:.0f}" if axis.ticks else f"time {value:.6g}" for value in x]
