"""BEAST: control points of a B-spline, as published, with constant dims guarded."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from multitok.core.errors import DecodeError, MediaError
from multitok.core.info import ActionsInfo
from multitok.core.media import Actions
from multitok.modalities.actions.beast import BeastTokenizer, basis_matrix, knots
from multitok.testing import check

GOLDEN = Path(__file__).parent.parent / "golden" / "beast.jsonl"
ROWS = [json.loads(line) for line in GOLDEN.read_text().splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['T']}x{row['D']}p{row['degree']}")
def test_published_rows(row):
    n, p, steps = row["num_basis"], row["degree"], row["T"]
    np.testing.assert_allclose(knots(n, p), row["knots"], atol=1e-12)
    np.testing.assert_allclose(basis_matrix(steps, n, p), row["basis"], atol=1e-12)
    tokenizer = BeastTokenizer(
        basis=n,
        degree=p,
        bins=row["vocab"],
        low=float(row["w_min"]),
        high=float(row["w_max"]),
        horizon=steps,
    )
    actions = np.array(row["actions"])
    np.testing.assert_allclose(tokenizer.weights(actions), row["weights"], atol=1e-6)
    made = tokenizer.encode(Actions(actions))
    assert made.ids.tolist() == row["tokens"]
    decoded = tokenizer.decode(made).values
    np.testing.assert_allclose(decoded, row["decoded"], atol=1e-9)
    assert np.sqrt(((decoded - actions) ** 2).mean()) == pytest.approx(row["rmse"], abs=1e-9)


def test_a_straight_line_has_evenly_spaced_control_points():
    """Degree 1 with 3 points on 0..1: the curve passes through 0, 0.5 and 1."""
    line = np.linspace(0, 1, 9)[:, None]
    tokenizer = BeastTokenizer(basis=3, degree=1, horizon=9)
    np.testing.assert_allclose(tokenizer.weights(line)[:, 0], [0, 0.5, 1], atol=1e-8)


def test_a_gripper_is_a_staircase():
    """Ten steps of -1, ten of 1, two control points: the jump is kept, the arm stays smooth."""
    motion = np.stack([np.linspace(0, 1, 20), np.repeat([-1.0, 1.0], 10)], axis=1)
    tokenizer = BeastTokenizer(basis=2, degree=1, grippers=(1,), horizon=20)
    decoded = tokenizer.decode(tokenizer.encode(Actions(motion))).values
    np.testing.assert_allclose(decoded[:, 1], motion[:, 1], atol=1e-6)


def test_the_last_chunk_may_be_short():
    """120 steps: chunks of 50, 50 and 20, each 10 x 7 tokens."""
    motion = Actions(np.sin(np.arange(840).reshape(120, 7) / 90))
    tokenizer = BeastTokenizer()
    made = tokenizer.encode(motion)
    assert len(made) == 210
    assert np.abs(tokenizer.decode(made).values - motion.values).max() <= tokenizer.error_bound(
        made
    )


def test_fitted_takes_percentiles_of_each_control_point():
    rng = np.random.default_rng(0)
    chunks = [np.cumsum(rng.standard_normal((50, 2)), 0) for _ in range(40)]
    fitted = BeastTokenizer().trained(chunks)
    assert len(fitted.low) == len(fitted.high) == 20
    check(fitted, [Actions(chunks[0]), Actions(chunks[1][:23])])
    worse = BeastTokenizer()
    off = [
        np.abs(t.decode(t.encode(Actions(chunks[0]))).values - chunks[0]).max()
        for t in (fitted, worse)
    ]
    assert off[0] < off[1]


def test_a_dim_that_never_moves_has_no_nan():
    """Its percentiles are equal: the published formula divides 0 by 0."""
    chunks = [np.stack([np.full(50, 0.3), np.linspace(0, i, 50)], axis=1) for i in range(1, 6)]
    fitted = BeastTokenizer().trained(chunks)
    decoded = fitted.decode(fitted.encode(Actions(chunks[2]))).values
    np.testing.assert_allclose(decoded[:, 0], 0.3, atol=1e-6)


def test_fit_on_too_little_data():
    with pytest.raises(MediaError) as error:
        BeastTokenizer().trained([np.zeros((60, 2))])
    assert str(error.value) == "beast is trained on at least 2 whole chunks of 50 steps, got 1"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"basis": 4}, "degree 4 needs a basis of at least 5, got 4"),
        ({"degree": -1}, "degree must be at least 0, got -1"),
        ({"bins": 1}, "bins must be at least 2, got 1"),
        ({"low": 2.0}, "low must not be above high, got 2.0 and 1.0"),
        (
            {"low": (0.0, 0.0, 0.0), "high": (1.0, 1.0)},
            "low and high need as many numbers, got 3 and 2",
        ),
    ],
)
def test_wrong_parameters(params, message):
    with pytest.raises(MediaError) as error:
        BeastTokenizer(**params)
    assert str(error.value) == message


def test_bounds_of_another_number_of_dims():
    tokenizer = BeastTokenizer(low=(0.0, 0.0), high=(1.0, 1.0))
    with pytest.raises(MediaError) as error:
        tokenizer.count(ActionsInfo(50, 3))
    assert str(error.value) == "low holds 2 numbers: actions of 3 dims need 1, 3 or 30"


def test_a_gripper_that_is_not_there():
    with pytest.raises(MediaError) as error:
        BeastTokenizer(grippers=(6,)).count(ActionsInfo(50, 3))
    assert str(error.value) == "gripper dim 6 is not one of the 3 dims, 0 to 2"


def test_nan_a_cut_sequence_and_a_wrong_id_are_refused():
    tokenizer = BeastTokenizer()
    with pytest.raises(MediaError) as refused:
        tokenizer.encode(Actions([[float("nan")]]))
    assert str(refused.value) == (
        "beast cannot encode nan (step 0, dim 'dim0', 1 such values): fill or drop these steps"
    )
    made = tokenizer.encode(Actions(np.zeros((50, 1))))
    with pytest.raises(DecodeError) as cut:
        tokenizer.decode(replace(made, ids=made.ids[1:], special=made.special[1:], positions=None))
    assert str(cut.value) == (
        "beast: 50 x 1 actions are 10 tokens, got 9: the sequence is cut, or of another shape"
    )
    with pytest.raises(DecodeError) as wrong:
        tokenizer.decode(replace(made, ids=made.ids + 256))
    assert str(wrong.value) == "beast ids run from 0 to 255, got 384 at position 0"
