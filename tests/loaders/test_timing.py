"""The pace of a clip: its rate is frames by seconds, whatever its time stamps are."""

from math import isfinite

import pytest
from hypothesis import given, strategies as st

from multitok.core.errors import MediaError
from multitok.loaders.probed import ReadOptions
from multitok.loaders.timing import pace_of, section

SECONDS = st.floats(0, 1e5, allow_subnormal=False)
STAMPS = st.lists(SECONDS, min_size=1, max_size=60).map(sorted)
MILLISECONDS = st.lists(st.integers(0, 200), min_size=1, max_size=60).map(
    lambda stamps: [stamp / 1000 for stamp in sorted(stamps)]
)
TAILS = st.sampled_from([0.0, 0.001, 0.033, 1 / 30, 5.0])


@given(STAMPS | MILLISECONDS, TAILS)
def test_the_rate_times_the_seconds_is_the_number_of_frames(times, tail):
    pace = pace_of(times, tail)
    assert pace.duration > 0
    assert isfinite(pace.fps)
    assert pace.fps * pace.duration == pytest.approx(len(times), rel=1e-9)


@given(STAMPS | MILLISECONDS, TAILS, SECONDS, SECONDS)
def test_so_it_is_of_every_part(times, tail, start, end):
    try:
        part = section(times, tail, ReadOptions(start=start, end=end))
    except MediaError:
        return
    assert part.pace.fps * part.pace.duration == pytest.approx(len(part.times), rel=1e-9)


@given(st.sampled_from([24, 25, 30, 50, 60, 24000 / 1001, 30000 / 1001]), st.integers(60, 400))
def test_a_steady_clip_on_a_clock_of_milliseconds_has_its_rate(fps, frames):
    pace = pace_of([round(1000 * i / fps) / 1000 for i in range(frames)], round(1000 / fps) / 1000)
    assert (pace.fps, pace.gaps) == (pytest.approx(fps, rel=1e-9), 0)


@given(st.floats(0.02, 1), st.integers(2, 50))
def test_a_clock_that_is_exact_is_believed(step, frames):
    """Delays of a GIF are its frames' lengths: 30 ms is 33.3 frames a second, not 33."""
    assert pace_of([i * step for i in range(frames)], step, 0).fps == pytest.approx(1 / step, 3e-4)


def test_frames_at_one_time_are_as_fast_as_the_last_is_shown():
    """3 frames in the 0.5 s of the last."""
    assert pace_of([1.0, 1.0, 1.0], 0.5).fps == 6


def test_a_last_frame_that_stands_is_a_gap():
    """10 frames of 0.1 s, the last for 9.1 s: 1 a second."""
    pace = pace_of([i / 10 for i in range(10)], 9.1)
    assert (pace.fps, pace.gaps) == (pytest.approx(1), 1)


def test_a_last_frame_without_a_length_is_as_long_as_the_others():
    assert pace_of([0.0, 0.1, 0.2, 0.3], 0.0).duration == pytest.approx(0.4)


def test_a_part_of_a_clip_with_gaps_is_as_long_as_it_was_asked_for():
    """Seconds 4 to 14 of a clip that stands from 5 to 19 hold the frames at 4 and 5."""
    times = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 19.0]
    part = section(times, 1.0, ReadOptions(start=4.0, end=14.0))
    assert (part.times, part.pace.duration, part.pace.fps) == ([4.0, 5.0], 10, 0.2)
