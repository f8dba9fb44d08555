"""What is told along a curve: every token once, every step of it, and the numbers of the curve."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from multitok import Actions, Series, get_tokenizer
from multitok.core.tokenizer import Trainable
from multitok.drawing.charts import curves
from multitok.drawing.charts.axes import Axis
from multitok.drawing.charts.steps import moments
from multitok.drawing.charts.told import FINEST, STOPS, Told, runs_of

STEPS = 120
ANGLES = np.arange(STEPS) / 9
WALK = np.stack([np.sin(ANGLES), np.cos(ANGLES / 2)], axis=1)
SERIES, MOTION = Series(WALK), Actions(WALK, hz=50.0)
PLACED = [
    ("chronos", {}), ("chronos", {"context_length": 50}), ("gato", {}), ("series-mulaw", {}),
    ("sax", {"segments": 9}), ("abba", {}), ("series-bpe", {}), ("series-patch", {}),
    ("series-vq", {"codebook": (((0.0,) * 7, (0.5,) * 7), ((0.1,) * 7, (0.2,) * 7))}),
    ("series-patch", {"preset": "patchtst"}), ("action-bins", {}), ("fast", {}), ("beast", {}),
    ("fsq", {"levels": (8, 5)}), ("fsq", {"levels": (64,)}),
    ("kmeans", {"codebook": ((0.0,) * 10, (0.5,) * 10), "horizon": 5}),
    ("rvq", {"codebooks": (((0.0,) * 2, (0.5,) * 2), ((0.1,) * 2, (0.2,) * 2))}),
]  # fmt: skip
"""Tokenizers whose tokens stand for runs of steps."""
NOWHERE = [("llmtime", {"text": "bytes"}), ("dwt-bins", {})]


def made(name, params):
    """A tokenizer with what it tokenizes."""
    tokenizer = get_tokenizer(name, **params)
    media = SERIES if tokenizer.modality == "series" else MOTION
    if name == "fast" and isinstance(tokenizer, Trainable):
        tokenizer = tokenizer.trained([media])
    return tokenizer, media


def told(name, params):
    """What the chart says of each channel, with the tokens and the steps that are kept."""
    tokenizer, media = made(name, params)
    tokens = tokenizer.encode(media)
    kept = len(tokenizer.prepare(media).values)
    return tokenizer, tokens, media, kept, curves.overlay_chart(media, tokenizer).tracks()


@pytest.mark.parametrize(("name", "params"), PLACED)
def test_every_token_with_content_stands_over_a_run_of_steps(name, params):
    """Runs follow each other over all steps that are kept, and no token is left out."""
    tokenizer, media = made(name, params)
    tokens = tokenizer.encode(media)
    kept = len(tokenizer.prepare(media).values)
    seen = set()
    for c in range(2):
        runs = runs_of(tokens, tokenizer, c, STEPS - kept, kept)
        assert runs.starts[0] == 0
        assert runs.ends[-1] == kept
        assert (runs.starts[1:] == runs.ends[:-1]).all()
        assert runs.offsets[-1] == len(runs.numbers)
        assert (np.diff(runs.offsets) > 0).all()
        seen |= set(runs.numbers.tolist())
    assert seen == set(np.flatnonzero(~tokens.special).tolist())


@pytest.mark.parametrize(("name", "params"), NOWHERE)
def test_tokens_without_a_place_are_not_told(name, params):
    *_, tracks = told(name, params)
    assert [line.split()[0] for line in tracks[0].stops[0]] == ["step", "input", "decoded", "error"]


@pytest.mark.parametrize(("name", "params"), PLACED + NOWHERE)
def test_what_is_told_are_the_numbers_of_the_curve(name, params):
    """At each step: its input, its decoded value, the ids of the tokens that are named there."""
    tokenizer, tokens, media, kept, tracks = told(name, params)
    back = tokenizer.decode(tokens).values
    values = tokenizer.prepare(media).values
    for c, track in enumerate(tracks):
        assert len(track.stops) == kept
        for step, stop in enumerate(track.stops):
            said = {line.split()[0].rstrip("s"): line for line in stop}
            assert said["step"].split(",")[0] == f"step {STEPS - kept + step}"
            assert float(said["input"].split()[1]) == pytest.approx(values[step, c], abs=1e-5)
            assert float(said["decoded"].split()[1]) == pytest.approx(back[step, c], abs=1e-5)
            if "id" in said:
                number = int(re.search(r"tokens? (\d+)", said["token"])[1])
                assert said["id"].split()[1].rstrip(",") == str(tokens.ids[number - 1])


def test_a_token_of_many_steps_tells_them_all():
    """SAX: 120 steps in 9 segments, the first three of 14 steps, the others of 13."""
    *_, tracks = told("sax", {"segments": 9})
    assert tracks[0].stops[0][0] == "token 1 of 18, steps 0 to 13"
    assert tracks[1].stops[-1][0] == "token 18 of 18, steps 107 to 119"


def test_tokens_of_a_chunk_are_told_together():
    """beast: 10 control points a dim and chunk of 50 steps, dims by turns."""
    *_, tracks = told("beast", {})
    assert tracks[1].stops[60][0] == "tokens 22, 24, ... 40 of 60, steps 50 to 99"
    assert tracks[1].stops[60][2] == "step 60, 1.2 s"


def test_a_missing_value_is_told_as_such():
    values = WALK[:, :1].copy()
    values[7] = np.nan
    (track,) = curves.overlay_chart(Series(values), get_tokenizer("chronos")).tracks()
    assert track.stops[7][-3:] == ("input missing", "decoded missing", "error unknown")


@pytest.mark.parametrize("channels", [1, 8])
def test_stops_of_a_long_series_are_no_more_than_a_pointer_tells_apart(channels):
    """A hundred thousand steps: so many stops are told, each with the ends of its steps."""
    many = 100_000
    values = np.tile((np.arange(many) % 1000)[:, None] / 1000.0, channels)
    tracks = curves.overlay_chart(Actions(values), get_tokenizer("action-bins")).tracks()
    assert len(tracks) == channels
    assert sum(len(track.stops) for track in tracks) <= max(FINEST, STOPS)
    assert len(tracks[0].stops) > 300
    assert tracks[0].stops[0][1].startswith("ids from ")
    assert tracks[0].stops[0][2].startswith("steps 0 to ")
    assert tracks[0].stops[0][3].startswith("input 0 to 0.")
    assert tracks[0].stops[0][5].startswith("largest error ")


numbers = st.floats(-1e6, 1e6) | st.just(float("nan"))


@settings(max_examples=50, deadline=None)
@given(values=st.lists(numbers, min_size=1, max_size=30), many=st.integers(1, 2000))
def test_stops_hold_every_step_once_and_their_edges_rise(values, many):
    x = [float(n) for n in range(len(values))]
    axis = Axis(label="step", low=-0.5, high=len(values) - 0.5)
    tokenizer = get_tokenizer("gato")
    series = Series(np.array(values)[:, None])
    chart = Told(tokenizer.encode(series), tokenizer, x, axis, 0, None, most=many)
    track = chart.track(0, "a", series.values[:, 0], series.values[:, 0])
    assert len(track.edges) == len(track.stops) + 1
    assert track.edges[0] == 0
    assert track.edges[-1] == 1
    assert sorted(set(track.edges)) == list(track.edges)
    assert len({len(stop) for stop in track.stops}) == 1
    assert all(line for stop in track.stops for line in stop)


def test_both_plots_of_a_channel_share_what_is_told():
    chart = curves.overlay_chart(SERIES, get_tokenizer("sax"))
    assert [left.track is right.track for left, right in chart.panels] == [True, True]
    assert len(chart.tracks()) == 2


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        ([0.0, 86_400.0], ["1970-01-01", "1970-01-02"]),
        ([0.0, 5400.0], ["1970-01-01 00:00", "1970-01-01 01:30"]),
        ([1.0, 2.25], ["1970-01-01 00:00:01.000", "1970-01-01 00:00:02.250"]),
    ],
)
def test_a_date_is_told_as_finely_as_the_clock_is_read(seconds, said):
    assert moments(seconds, Axis(dates=True), None) == said


def test_years_are_told_without_a_point():
    assert moments([1700.0], Axis(ticks=((1700.0, "1700"),)), None) == ["1700"]
    assert moments([0.5], replace(Axis(), label="time"), None) == ["time 0.5"]
