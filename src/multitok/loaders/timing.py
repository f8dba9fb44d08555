"""Times of frames: the part of a clip that is asked for, its rate, and whether that is steady."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from multitok.core.errors import MediaError
from multitok.loaders.probed import ReadOptions

TOLERANCE = 0.1
"""A frame is shown for another time than most when it is by this share,"""
TICKS = 0.0021
"""and by more than the rounding of two stamps to a container's milliseconds."""
_CLOSE = 1e-9
_OTHERWISE = 0.04
"""Seconds of a frame of which nothing tells how long it is shown."""


class Pace(NamedTuple):
    """How fast frames follow each other; `fps` times `duration` is their number.

    gaps     frames that are shown longer or shorter than most
    uneven   whether there are so many that no rate is the clip's own
    usual    frames a second but for the gaps
    """

    fps: float
    duration: float
    gaps: int
    uneven: bool
    usual: float


class Section(NamedTuple):
    """The frames that are asked for: their seconds from the first frame of the clip, their pace,
    and from when to when they were asked for."""

    times: list[float]
    pace: Pace
    start: float
    end: float


def section(
    times: Sequence[float], tail: float, read: ReadOptions, clock: float = TICKS
) -> Section:
    """The frames from `start` to `end` of a clip whose last frame is shown for `tail` seconds.

    A steady clip's frames keep their length in every part of it; the parts of another are as long
    as they were asked for.
    """
    zero = times[0]
    times = [time - zero for time in times]
    pace = pace_of(times, tail, clock)
    start = read.start or 0.0
    end = min(read.end, pace.duration) if read.end is not None else pace.duration
    if start < 0 or end <= start:
        raise MediaError(
            f"start and end must lie in the clip's {pace.duration:.2f} s, start first: got"
            f" {start:g} and {end:g}"
        )
    if read.start is None and read.end is None:
        return Section(times, pace, start, end)
    chosen = [time for time in times if start - _CLOSE <= time < end - _CLOSE]
    if not chosen:
        raise MediaError(f"no frame between {start:g} and {end:g} s")
    fps = len(chosen) / (end - start) if pace.gaps else pace.fps
    return Section(chosen, pace._replace(fps=fps, duration=len(chosen) / fps), start, end)


def pace_of(times: Sequence[float], tail: float, clock: float = TICKS) -> Pace:
    """The pace of frames at these seconds, in order, the last shown for `tail`; 0: not told.

    The rate is that of the whole: frames by seconds. A steady clip's last frame is as long as the
    others, and a rate within 0.02 % of a whole one or of 24000/1001 and its like, or within two
    roundings to the `clock` of the stamps, is that rate.

    >>> pace_of([0.0, 0.033, 0.067, 0.1], 0.033).fps
    30.0
    >>> pace_of([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 19.0], 1.0)
    Pace(fps=0.35, duration=20.0, gaps=1, uneven=False, usual=1.0)
    """
    count, span = len(times), times[-1] - times[0]
    steps = [b - a for a, b in pairwise(times)]
    moving = [step for step in steps if step > 0]
    usual = _median(moving) if moving else tail or _OTHERWISE
    lasting = tail or usual
    off = max(TOLERANCE * usual, clock)
    gaps = sum(abs(step - usual) > off for step in steps)
    longer = lasting - usual > off
    if not moving or gaps or longer:
        uneven = gaps > max(2, len(steps) // 50) or gaps * 5 >= len(steps) > 0
        duration = span + lasting
        return Pace(count / duration, duration, gaps + longer, uneven, 1 / usual)
    fps = len(steps) / span
    slack = max(2e-4 * fps, 0.5 * clock * fps / span)
    known = min(float(round(fps)), round(fps * 1.001) / 1.001, key=lambda rate: abs(rate - fps))
    fps = known if known and abs(fps - known) <= slack else fps
    return Pace(fps, count / fps, 0, False, fps)


def _median(values: Sequence[float]) -> float:
    """The `statistics` module takes longer to import than a clip to read."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


__all__ = ["TICKS", "Pace", "Section", "pace_of", "section"]
