"""Times of frames: the part of a clip that is asked for, its rate, and whether that is steady."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from multitok.core.errors import MediaError
from multitok.loaders.probed import ReadOptions

TOLERANCE = 0.1
"""A clip is of variable rate when a frame is shown longer or shorter than most by this share,"""
TICKS = 0.0021
"""and by more than the rounding of two stamps to a container's milliseconds."""
_CLOSE = 1e-9


def section(
    times: Sequence[float], tail: float, read: ReadOptions
) -> tuple[list[float], float, float]:
    """The frames from `start` to `end`, and those two, in seconds from the first frame."""
    zero = times[0]
    times = [time - zero for time in times]
    whole = times[-1] + (tail or typical(times))
    start = read.start or 0.0
    end = min(read.end, whole) if read.end is not None else whole
    if start < 0 or end <= start:
        raise MediaError(
            f"start and end must lie in the clip's {whole:.2f} s, start first: got {start:g} and"
            f" {end:g}"
        )
    chosen = [time for time in times if start - _CLOSE <= time < end - _CLOSE]
    if not chosen:
        raise MediaError(f"no frame between {start:g} and {end:g} s")
    return chosen, start, end


def typical(times: Sequence[float]) -> float:
    """How long most frames are shown; 1/25 s where there is only one."""
    steps = [b - a for a, b in pairwise(times) if b > a]
    return _median(steps) if steps else 0.04


def _median(values: Sequence[float]) -> float:
    """The `statistics` module takes longer to import than a clip to read."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


def rate(times: Sequence[float], tail: float) -> tuple[float, bool]:
    """Average frames a second, and whether they are unevenly spread.

    A steady clip's rate comes from its whole length, and a rate within 0.02 % of a whole one or of
    24000/1001 and its like is that rate: containers round stamps to their ticks. A gap or two of
    frames that were dropped make no variable rate.

    >>> rate([0.0, 0.033, 0.067, 0.1], 0.033)
    (30.0, False)
    """
    if len(times) > 1 and times[-1] <= times[0]:
        raise MediaError(f"{len(times)} frames have one time stamp: their rate is not told")
    length = tail or typical(times)
    steps = [b - a for a, b in pairwise(times)]
    if not steps:
        return 1 / length, False
    middle = _median(steps)
    gaps = sum(abs(step - middle) > max(TOLERANCE * middle, TICKS) for step in steps)
    if gaps > max(2, len(steps) // 50) or gaps * 5 >= len(steps):
        return len(times) / (times[-1] - times[0] + length), True
    fps = len(steps) / (times[-1] - times[0]) if not gaps else 1 / middle
    slack = max(2e-4 * fps, 0.5 * TICKS * fps / (times[-1] - times[0]))
    known = min(float(round(fps)), round(fps * 1.001) / 1.001, key=lambda rate: abs(rate - fps))
    return (known if known and abs(fps - known) <= slack else fps), False
