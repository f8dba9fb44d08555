"""The error of a round trip, measured, and what the tokens cost."""

import math

import numpy as np
import pytest

from multitok.core.media import Actions, Series
from multitok.core.registry import get_tokenizer
from multitok.counting.distortion import MOTION, compare_tokenizers, reconstruction_error
from multitok.modalities.actions.bins import ActionBinsTokenizer
from multitok.modalities.actions.codebook import KmeansTokenizer
from multitok.report.distortion import render


def test_a_hand_worked_error():
    """Codes 0 and 1: 0.5 goes to 0 (0.5 off), 1.25 to 1 (0.25 off); rms = sqrt(0.3125 / 2)."""
    tokenizer = KmeansTokenizer(codebook=((0.0,), (1.0,)))
    made = reconstruction_error(tokenizer, Actions([[0.4999], [1.25]], hz=4.0))
    assert made.tokens == 2
    assert made.rmse == pytest.approx(math.sqrt((0.4999**2 + 0.25**2) / 2))
    assert made.worst == pytest.approx(0.4999)
    assert (made.seconds, made.tokens_per_second, made.bits_per_step) == (0.5, 4.0, 1.0)


def test_the_worst_error_is_within_the_bound():
    motion = Actions(np.random.default_rng(0).uniform(-2, 2, (60, 3)))
    made = reconstruction_error(ActionBinsTokenizer(), motion)
    assert 1 / 255 < made.worst <= made.bound


def test_compare_shows_that_precision_costs_tokens():
    t = np.arange(200)[:, None] / 50
    rows = {row.label: row for row in compare_tokenizers(Actions(np.sin(t * [1, 2, 3]), hz=50.0))}
    assert list(rows) == [label for label, _, _ in MOTION]
    assert rows["action-bins, q01..q99"].tokens == 600
    assert rows["fast, scale 5"].tokens < rows["fast, scale 40"].tokens < 600
    assert rows["fast, scale 5"].rmse > rows["fast, scale 40"].rmse


def test_what_refuses_the_motion_is_left_out():
    """One step: nothing to fit; values of 1e6: no FAST coefficient."""
    assert compare_tokenizers(Actions([[1e6]])) == []


def test_the_table():
    motion = Actions(np.zeros((4, 1)), hz=2.0)
    made = render([reconstruction_error(KmeansTokenizer(codebook=((0.0,), (1.0,))), motion)])
    assert [line.split() for line in made.splitlines() if "kmeans" in line] == [
        ["kmeans", "4", "2.0", "1.0", "0", "0"]
    ]


def test_a_gap_that_is_filled_is_told_and_only_what_was_there_is_measured():
    wave = np.sin(np.arange(64) / 5)
    wave[10:14] = np.nan
    made = reconstruction_error(get_tokenizer("dwt-bins"), Series(wave[:, None]))
    assert made.label == "dwt-bins, gaps filled"
    assert 0 < made.rmse < 0.1


def test_few_tokens_a_step_are_no_zero():
    row = reconstruction_error(get_tokenizer("sax"), Series(np.arange(2000.0)[:, None]))
    assert next(
        line.split()[:3] for line in render([row]).splitlines() if line.startswith("sax")
    ) == ["sax", "8", "0.004"]


def test_channels_of_different_units_are_measured_by_themselves():
    """A dim of 0 and 2 is off by 1 each, its deviation 1; one of 0 and 2,000 is off by 10, of
    1,000: the second has the larger error, the first comes back worst. A dim at rest has none."""
    tokenizer = KmeansTokenizer(codebook=((1.0, 10.0, 5.0), (1.0, 1990.0, 5.0)))
    made = reconstruction_error(tokenizer, Actions([[0.0, 0.0, 5.0], [2.0, 2000.0, 5.0]]))
    assert made.worst == 10.0
    assert made.nrmse == {"dim0": 1.0, "dim1": 0.01}
    assert made.worst_channel == ("dim0", 1.0)
    assert render([made]).splitlines()[-1].split()[-2:] == ["1", "dim0"]


def test_the_share_that_is_clipped_stands_beside_the_error():
    """One of four values lies outside -1 to 1; what was clipped is a column only where some was."""
    [inside, clipped] = [
        reconstruction_error(ActionBinsTokenizer(), Actions([[0.0], [0.5], [-1.0], [last]]))
        for last in (1.0, 3.0)
    ]
    assert (inside.clipped, clipped.clipped) == (0.0, 0.25)
    assert "clipped" not in render([inside])
    assert [line.split()[-1] for line in render([inside, clipped]).splitlines()] == [
        "clipped", "0.00398", "%",
    ]  # fmt: skip
    assert "25.0 %" in render([clipped])


def test_control_points_are_clipped_and_not_values():
    """Ten control points stand for 50 values, and all lie outside."""
    made = reconstruction_error(get_tokenizer("beast"), Actions(np.full((50, 1), 7.0)))
    assert made.clipped == 1.0
