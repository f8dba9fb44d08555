"""Uniform bins as RT-1, RT-2, OpenVLA and pi0.5 cut them."""

import json
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from multitok.core.errors import DecodeError, MediaError, UnknownNameError
from multitok.core.info import ActionsInfo
from multitok.core.media import Actions
from multitok.core.sequence import TokenSequence
from multitok.modalities.actions.bins import PRESETS, ActionBinsTokenizer
from multitok.modalities.actions.quantiles import QuantileNorm, Variant

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent.parent / "golden" / "action.jsonl").read_text().splitlines()
]


def rows(kind):
    found = [row for row in ROWS if row["kind"] == kind]
    assert found
    return found


def tokens(tokenizer, ids, info):
    """Ids that came from elsewhere: a model's output."""
    return TokenSequence(
        tokenizer=tokenizer.config(),
        info=info,
        special=np.zeros(len(ids), np.bool_),
        ids=np.array(ids, np.int64),
    )


def test_openvla_numbers_down_from_the_end_of_the_vocabulary():
    """-1 is bin 0 and the last id, 31999; 1 is bin 255, 31744; both ends decode to a center."""
    tokenizer = ActionBinsTokenizer.preset("openvla")
    made = tokenizer.encode(Actions([[-1.0, 0.0, 1.0]]))
    assert made.ids.tolist() == [31999, 31872, 31744]
    np.testing.assert_allclose(tokenizer.decode(made).values, [[-254 / 255, 0, 254 / 255]])


@pytest.mark.parametrize("kind", ["openvla", "openvla_edges"])
def test_openvla_rows(kind):
    for row in rows(kind):
        tokenizer = ActionBinsTokenizer.preset("openvla", vocab_size=row.get("vocab_size", 32000))
        made = tokenizer.encode(Actions(row["values"]))
        assert made.ids.tolist() == row["token_ids"]
        if "decoded" in row:
            decoded = tokenizer.decode(made).values[:, 0]
            np.testing.assert_allclose(decoded, row["decoded"], atol=1e-9)


def test_rt1_rows():
    for row in rows("rt1_formula"):
        tokenizer = ActionBinsTokenizer.preset(
            "rt1", low=float(row["low"]), high=float(row["high"]), bins=row["vocab"]
        )
        made = tokenizer.encode(Actions(row["values"]))
        assert made.ids.tolist() == row["tokens"]
        decoded = tokenizer.decode(made).values[:, 0]
        np.testing.assert_allclose(decoded, row["decoded"], rtol=1e-6)


def test_pi05_state_rows():
    """NaN is the one value of the published rule that is refused; there it becomes bin 255."""
    for row in rows("pi05_state_digitize"):
        pairs = [(v, b) for v, b in zip(row["values"], row["bins"], strict=True) if v is not None]
        values, bins = zip(*pairs, strict=True)
        made = ActionBinsTokenizer.preset("pi05-state").encode(Actions(list(values)))
        assert made.ids.tolist() == list(bins)


def test_quantile_normalization_rows():
    for row in rows("quantile_norm"):
        fitted = QuantileNorm.train([row["data"]])
        np.testing.assert_allclose([fitted.q01, fitted.q99], [[row["q01"]], [row["q99"]]])
        for variant, key in zip(
            get_args(Variant), ("openvla_clip", "openpi_noclip", "lerobot_noclip"), strict=True
        ):
            norm = QuantileNorm(q01=(row["q01"],), q99=(row["q99"],), variant=variant)
            made = norm.apply(np.array(row["data"])[:, None])[:, 0]
            np.testing.assert_allclose(made, row[key], atol=1e-9)


def test_the_text_of_pi05_has_minus_one_below_the_range():
    tokenizer = ActionBinsTokenizer.preset("pi05-state")
    made = tokenizer.encode(Actions([[-3.0, -1.0, 0.0]]))
    assert tokenizer.text(made) == "-1 0 128"


def test_a_dim_with_a_false_mask_stays_as_it_is():
    norm = QuantileNorm(q01=(0.0, 0.0), q99=(10.0, 10.0), mask=(True, False), variant="lerobot")
    assert norm.apply([[5.0, 1.0]]).tolist() == [[0.0, 1.0]]
    assert norm.invert([[0.0, 1.0]]).tolist() == [[5.0, 1.0]]


def test_a_dim_that_never_moves_comes_back():
    """q01 == q99 divides by 1e-8: noise is clipped, and the constant itself is exact."""
    tokenizer = ActionBinsTokenizer(q01=(0.3,), q99=(0.3,))
    made = tokenizer.encode(Actions([[0.3], [0.3]]))
    np.testing.assert_allclose(tokenizer.decode(made).values, [[0.3], [0.3]], atol=1e-8)


def test_clipping_is_counted_and_covered_by_the_bound():
    """2.5 is cut to 1, whose bin ends at 1 and has its center 1/255 below: 1.5 + 1/255 off."""
    tokenizer = ActionBinsTokenizer()
    made = tokenizer.encode(Actions([[2.5, 0.0]]))
    assert (made.state["clipped"], made.state["overshoot"]) == (1, 1.5)
    assert abs(tokenizer.decode(made).values[0, 0] - 2.5) == pytest.approx(1.5 + 1 / 255)
    assert tokenizer.error_bound(made) == pytest.approx(1.5 + 1 / 255, rel=1e-4)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-3, 3), st.sampled_from([-1.0, 1.0, 0.5])), min_size=1),
    st.sampled_from([{}, *PRESETS.values(), {"low": (-1.0, -2.0), "high": (1.0, 0.5)}]),
)
def test_what_lies_outside_the_range_is_what_is_clipped(values, options):
    """The look-up that finds the bins tells it too: as comparing each value with the ends does."""
    tokenizer, x = ActionBinsTokenizer(**options), np.array(values)
    outside = (x < tokenizer.low) | (x > tokenizer.high)
    made = tokenizer.encode(Actions(x))
    moved = np.abs(x - x.clip(tokenizer.low, tokenizer.high)).max()
    assert (made.state["clipped"], made.state["overshoot"]) == (outside.sum(), moved)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(-3, 3), min_size=1, max_size=20),
    st.integers(2, 300),
    st.sampled_from(["own", "shared"]),
    st.sampled_from(["edges", "truncate"]),
    st.sampled_from(["center", "left"]),
)
def test_decode_is_within_the_bound(values, bins, top, cut, point):
    tokenizer = ActionBinsTokenizer(bins=bins, top=top, cut=cut, point=point, low=-1.5, high=0.7)
    made = tokenizer.encode(Actions(values))
    off = np.abs(tokenizer.decode(made).values[:, 0] - values).max()
    assert off <= tokenizer.error_bound(made)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.floats(-3, 3), min_size=2, max_size=2), min_size=1, max_size=9),
    st.sampled_from(
        [
            *PRESETS.values(),
            {"low": (-1.0, -2.0), "high": (1.0, 0.5), "point": "left"},
            {"q01": (-0.3, -1.0), "q99": (0.4, 1.0), "mask": (True, False)},
        ]
    ),
)
def test_an_array_has_the_ids_and_the_values_of_a_sequence(values, options):
    tokenizer = ActionBinsTokenizer(**options)
    made = tokenizer.encode(Actions(values))
    ids = tokenizer.encode_array(values)
    assert ids.tolist() == made.ids.reshape(-1, 2).tolist()
    np.testing.assert_array_equal(tokenizer.decode_array(ids), tokenizer.decode(made).values)


def test_an_array_keeps_its_shape():
    """A batch of chunks (2, 3, 1), and a single action (1,)."""
    tokenizer = ActionBinsTokenizer(bins=3, low=0.0, high=2.0)
    assert tokenizer.encode_array([[[0], [1], [2]], [[9], [1], [-9]]]).tolist() == [
        [[0], [1], [2]],
        [[2], [1], [0]],
    ]
    assert tokenizer.encode_array([1.5]).tolist() == [1]
    assert tokenizer.decode_array([1]).tolist() == [1.5]


def test_an_array_is_refused_as_a_sequence_is():
    tokenizer = ActionBinsTokenizer(low=(0.0, 0.0))
    for call, message in (
        (
            lambda: tokenizer.encode_array([[0.0, 0.0], [0.0, float("nan")]]),
            "action-bins cannot encode nan (step 1, dim 'dim1', 1 such values):"
            " fill or drop these steps",
        ),
        (
            lambda: tokenizer.encode_array(0.5),
            "action-bins takes an array of numbers (..., dims), got float64 of shape ()",
        ),
        (
            lambda: tokenizer.encode_array([["a", "b"]]),
            "action-bins takes an array of numbers (..., dims), got <U1 of shape (1, 2)",
        ),
        (lambda: tokenizer.encode_array([0.5] * 3), "low holds 2 dims, the actions have 3"),
        (
            lambda: tokenizer.decode_array([[0, 1], [255, 256]]),
            "action-bins ids run from 0 to 255, got 256 at position 3",
        ),
        (
            lambda: tokenizer.decode_array([0.0, 1.0]),
            "action-bins takes an array of ids (..., dims), got float64 of shape (2,)",
        ),
    ):
        with pytest.raises((MediaError, DecodeError)) as error:
            call()
        assert str(error.value) == message


def test_a_value_that_float32_cannot_hold_is_clipped():
    """RT-1 cuts in float32: what that cannot hold lies outside the range all the same."""
    made = ActionBinsTokenizer.preset("rt1").encode(Actions([[1e300, -1e300]]))
    assert made.ids.tolist() == [255, 0]


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("options", [*PRESETS.values(), {"q01": (-1.0,), "q99": (1.0,)}])
def test_an_array_without_a_bin_is_refused_by_each_setting(value, options):
    """A normalization that clips would make of inf the largest action."""
    with pytest.raises(MediaError, match="cannot encode"):
        ActionBinsTokenizer(**options).encode_array([[float(value)]])


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_a_value_without_a_bin_is_refused(value):
    with pytest.raises(MediaError) as error:
        ActionBinsTokenizer().encode(Actions([[0.0, 0.0], [0.0, float(value)]]))
    assert str(error.value) == (
        f"action-bins cannot encode {value} (step 1, dim 'dim1', 1 such values):"
        " fill or drop these steps"
    )


def test_an_id_outside_the_vocabulary_is_refused():
    tokenizer = ActionBinsTokenizer.preset("openvla")
    with pytest.raises(DecodeError) as error:
        tokenizer.decode(tokens(tokenizer, [31999, 31743], ActionsInfo(1, 2)))
    assert str(error.value) == "action-bins ids run from 31744 to 31999, got 31743 at position 1"


def test_an_id_under_minus_one_is_refused():
    tokenizer = ActionBinsTokenizer.preset("pi05-state")
    with pytest.raises(DecodeError) as error:
        tokenizer.decode(tokens(tokenizer, [0, -2], ActionsInfo(1, 2)))
    assert str(error.value) == "action-bins ids run from -1 to 255, got -2 at position 1"


def test_a_cut_sequence_is_refused():
    tokenizer = ActionBinsTokenizer()
    made = tokenizer.encode(Actions(np.zeros((3, 7))))
    with pytest.raises(DecodeError) as error:
        tokenizer.decode(tokens(tokenizer, made.ids[:-1], made.info))
    assert str(error.value) == (
        "action-bins: 3 x 7 actions are 21 tokens, got 20: the sequence is cut, or of another shape"
    )


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"bins": 1}, "bins must be at least 2, got 1"),
        ({"low": 1.0}, "low must be below high, got 1.0 and 1.0 (dim 0)"),
        ({"top": "both"}, "top must be own or shared, got 'both'"),
        (
            {"vocab_size": 300, "skip": 128},
            "vocab_size must be at least 384 (256 codes, 128 skipped), got 300",
        ),
        ({"skip": 3}, "skip counts ids at the end of vocab_size, got skip=3 without one"),
        ({"q01": (0.0,)}, "q01 and q99 go together, got one of them"),
        (
            {"q01": (0.0,), "q99": (1.0, 2.0)},
            "q01 and q99 need one number a dim, got 1 and 2",
        ),
        (
            {"q01": (3.0,), "q99": (1.0,)},
            "q01 must not be above q99, got 3.0 and 1.0 (dim 0)",
        ),
        (
            {"normalization": "z", "q01": (0.0,), "q99": (1.0,)},
            "normalization must be openvla, openpi or lerobot, got 'z'",
        ),
    ],
)
def test_wrong_parameters(params, message):
    with pytest.raises(MediaError) as error:
        ActionBinsTokenizer(**params)
    assert str(error.value) == message


def test_quantiles_of_another_number_of_dims():
    tokenizer = ActionBinsTokenizer(q01=(0.0, 0.0), q99=(1.0, 1.0))
    with pytest.raises(MediaError) as error:
        tokenizer.count(ActionsInfo(5, 3))
    assert str(error.value) == "q01 and q99 hold 2 dims, the actions have 3"


def test_an_unknown_preset():
    with pytest.raises(UnknownNameError) as error:
        ActionBinsTokenizer.preset("openvlaa")
    assert str(error.value) == (
        "unknown action-bins preset 'openvlaa'. Did you mean 'openvla'?"
        f" Presets: {', '.join(PRESETS)}"
    )


def test_quantiles_need_data():
    with pytest.raises(MediaError) as error:
        QuantileNorm.train([[[1.0, 2.0]]])
    assert str(error.value) == "quantiles need at least 2 steps, got 1: pass more trajectories"


def test_quantiles_of_a_lerobot_statistics_file():
    stats = {"action": {"q01": [0.0, -1.0], "q99": [1.0, 1.0]}, "observation.state": {"min": [0]}}
    assert QuantileNorm.from_stats(stats).q99 == (1.0, 1.0)
    with pytest.raises(MediaError) as error:
        QuantileNorm.from_stats(stats, key="observation.state")
    assert str(error.value) == (
        "the statistics hold no q01 and q99 for 'observation.state'."
        " They hold: action, observation.state"
    )


def test_fitted_takes_the_quantiles_of_the_data():
    walk = np.linspace(0, 100, 101)[:, None]
    tokenizer = ActionBinsTokenizer().trained([walk])
    assert (tokenizer.q01, tokenizer.q99) == ((1.0,), (99.0,))


def test_a_normalization_of_another_variant_is_refused():
    with pytest.raises(MediaError, match="openvla, openpi or lerobot, got 'openpy'"):
        QuantileNorm(q01=(0.0,), q99=(1.0,), variant="openpy")
