"""The range that movement is numbered in: named, stated, the tokenizer's own, or of the data."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings, strategies as st

import multitok
from multitok import Actions
from multitok.cli import multitok as program
from multitok.modalities.actions.fast import FastTokenizer
from multitok.train import train_fast

SAID = (
    "numbered in the range of {} (1st to 99th percentile): ids compare with others of the same"
    " range only, which the saved tokens keep"
)


def waves(degrees, steps=400):
    t = np.arange(steps)[:, None] / 50
    return Actions(degrees * np.sin(t * [1.0, 2.0, 3.0]), hz=50)


@pytest.mark.parametrize("name", ["action-bins", "beast", "fast"])
def test_degrees_come_back_as_degrees(name):
    """Clipped to -1..1 they would be off by 89 of 90."""
    motion = waves(90.0)
    tokens = multitok.encode(motion, tokenizer=name)
    assert np.abs(multitok.decode(tokens).values - motion.values).max() < 9
    assert multitok.count(motion, tokenizer=name).tokens == len(tokens)
    assert SAID.format("this input") in multitok.count(motion, tokenizer=name).notes


@pytest.mark.parametrize("name", ["action-bins", "beast", "fast"])
def test_movement_inside_the_range_of_a_tokenizer_is_numbered_in_it(name):
    motion = waves(0.9)
    counted = multitok.count(motion, tokenizer=name)
    ids = multitok.get_tokenizer(name).encode(motion).ids
    assert multitok.encode(motion, tokenizer=name).ids.tolist() == ids.tolist()
    assert counted.notes == ()


@pytest.mark.parametrize(
    ("name", "options"),
    [("action-bins", {"low": -1.0, "high": 1.0}), ("beast", {"low": -1.0, "high": 1.0})],
)
def test_a_range_that_is_named_holds_and_what_it_clips_is_said(name, options):
    counted = multitok.count(waves(90.0), tokenizer=name, options=options)
    [note] = counted.notes
    assert note.endswith(" % lie outside the range and are clipped")
    assert float(note.split()[0]) > 95


def test_a_tokenizer_that_is_given_is_taken_as_it_is():
    bins = multitok.get_tokenizer("action-bins")
    ids = multitok.encode(waves(90.0), tokenizer=bins).ids
    assert ids.tolist() == bins.encode(waves(90.0)).ids.tolist()


def test_what_a_data_set_states_holds_before_the_data():
    motion = Actions([[0.0], [0.5]], quantiles=((0.0,), (10.0,)))
    tokens = multitok.encode(motion, tokenizer="action-bins")
    assert (tokens.tokenizer["q01"], tokens.tokenizer["q99"]) == ([0.0], [10.0])
    assert multitok.count(motion, tokenizer="action-bins").notes == (SAID.format("the data set"),)


def test_episodes_of_one_data_set_are_numbered_alike():
    """A value has one id, whichever episode it stands in."""
    stated = ((-50.0,), (50.0,))
    first, second = (
        multitok.encode(Actions([[20.0], [x]], quantiles=stated), tokenizer="action-bins")
        for x in (-40.0, 30.0)
    )
    assert first.ids[0] == second.ids[0]


def test_the_notes_of_a_count_are_those_of_its_tokens_at_the_shell(tmp_path):
    np.save(tmp_path / "m.npy", waves(90.0).values)
    words = ["encode", str(tmp_path / "m.npy"), "--as", "actions", "-t", "action-bins"]
    done = CliRunner().invoke(program, [*words, "-o", str(tmp_path / "t.npz")])
    assert done.stderr.splitlines() == [
        "note: " + SAID.format("this input"),
        "note: 2.0 % lie outside the range and are clipped",
        f"wrote {tmp_path / 't.npz'}: 1,200 tokens",
    ]
    back = multitok.decode(multitok.TokenSequence.load(tmp_path / "t.npz"))
    assert np.abs(back.values - waves(90.0).values).max() < 9


def test_encode_says_what_count_says_of_a_context_window(tmp_path):
    np.save(tmp_path / "s.npy", np.arange(600.0))
    words = [str(tmp_path / "s.npy"), "-t", "chronos"]
    counted = CliRunner().invoke(program, ["count", *words])
    encoded = CliRunner().invoke(program, ["encode", *words])
    [note] = encoded.stderr.splitlines()
    assert note.removeprefix("note: ") in " ".join(counted.stderr.split())


def test_inspect_draws_and_measures_the_tokenizer_that_it_counts(tmp_path):
    np.save(tmp_path / "m.npy", waves(90.0).values)
    found = multitok.inspect(tmp_path / "m.npy", tokenizer="action-bins", modality="actions")
    assert found.curve()[1] == found.counter() != multitok.get_tokenizer("action-bins")
    assert found.distortion[0].worst < 5
    assert SAID.format("this input") in found.rows[0].count.notes


class TestFast:
    def test_a_vocabulary_keeps_the_quantiles_it_was_trained_with(self, tmp_path):
        motions = [waves(degrees) for degrees in (60.0, 80.0, 90.0)]
        train_fast(motions, tmp_path / "t.json", vocab_size=230)
        kept = json.loads((tmp_path / "t.processor_config.json").read_text())
        low, high = np.quantile(np.concatenate([m.values for m in motions]), [0.01, 0.99], axis=0)
        assert (kept["q01"], kept["q99"]) == (low.tolist(), high.tolist())
        tokenizer = FastTokenizer(path=str(tmp_path / "t.json"))
        back = tokenizer.decode(tokenizer.encode(motions[0])).values
        assert np.abs(back - motions[0].values).max() < 9
        bound = tokenizer.error_bound(tokenizer.encode(motions[0]))
        assert np.abs(back - motions[0].values).max() <= bound

    def test_movement_within_range_is_trained_on_as_it_is(self, tmp_path):
        train_fast([waves(0.9)], tmp_path / "t.json", vocab_size=200)
        assert "q01" not in json.loads((tmp_path / "t.processor_config.json").read_text())

    def test_tokens_of_other_quantiles_are_refused(self, tmp_path):
        motion = waves(90.0)
        train_fast([motion], tmp_path / "t.json", vocab_size=215)
        tokens = multitok.encode(
            motion, tokenizer="fast", options={"path": str(tmp_path / "t.json")}
        )
        beside = tmp_path / "t.processor_config.json"
        beside.write_text(beside.read_text().replace('"q99"', '"q99": [1, 1, 1], "was"'))
        with pytest.raises(multitok.DecodeError, match="made with other quantiles than those that"):
            multitok.decode(tokens)

    @pytest.mark.parametrize("still", [[0.0], [5.0]])
    def test_a_dim_that_never_moves_comes_back(self, still):
        motion = Actions(np.hstack([waves(90.0).values, np.repeat([still], 400, axis=0)]))
        back = multitok.decode(multitok.encode(motion, tokenizer="fast")).values
        np.testing.assert_allclose(back[:, 3], still[0], atol=1e-6)

    def test_a_gripper_that_closes_once_is_not_stretched(self):
        """Its percentiles are both 0: its smallest and largest value are taken."""
        gripper = np.zeros((400, 1))
        gripper[200:202] = 1.0
        motion = Actions(np.hstack([waves(90.0).values, gripper]))
        back = multitok.decode(multitok.encode(motion, tokenizer="fast")).values
        assert np.abs(back[:, 3] - gripper[:, 0]).max() < 0.5

    @given(
        scale=st.floats(1e-3, 1e6),
        offset=st.floats(-1e6, 1e6),
        seed=st.integers(0, 9),
        by=st.sampled_from(["lerobot", "openpi"]),
    )
    @settings(max_examples=40, deadline=None)
    def test_any_unit_comes_back_within_the_bound(self, scale, offset, seed, by):
        values = np.random.default_rng(seed).uniform(-1, 1, (60, 2)) * scale + offset
        tokenizer = FastTokenizer(normalization=by).trained([values])
        tokens = tokenizer.encode(Actions(values))
        off = np.abs(tokenizer.decode(tokens).values - values).max()
        assert off <= tokenizer.error_bound(tokens)

    @pytest.mark.parametrize(
        ("params", "message"),
        [
            ({"q01": (0.0,)}, "q01 and q99 go together, got one of them"),
            ({"mask": (True,)}, "mask says which dims q01 and q99 normalize: give those too"),
            ({"q01": (1.0,), "q99": (0.0,)}, "q01 must not be above q99, got 1.0 and 0.0 (dim 0)"),
        ],
    )
    def test_wrong_quantiles(self, params, message):
        with pytest.raises(multitok.MediaError) as error:
            FastTokenizer(**params)
        assert str(error.value) == message

    def test_quantiles_of_another_number_of_dims(self):
        with pytest.raises(multitok.MediaError) as error:
            FastTokenizer(q01=(0.0, 0.0), q99=(1.0, 1.0)).encode(waves(0.9))
        assert str(error.value) == "q01 and q99 hold 2 dims, the actions have 3"


def test_a_sidecar_with_quantiles_is_ours_to_replace(tmp_path):
    for _ in range(2):
        train_fast([waves(90.0)], tmp_path / "t.json", vocab_size=215)
    assert Path(tmp_path / "t.json").exists()


def test_a_range_for_each_dim_is_written_with_commas(tmp_path):
    np.save(tmp_path / "m.npy", waves(90.0).values)
    words = [str(tmp_path / "m.npy"), "--as", "actions", "-t", "action-bins", "-o"]
    for low, high in (("-90,", "90,"), ("-90,-90.5,-9e1", "90,90,90")):
        given = ["-s", f"q01={low}", "-s", f"q99={high}"]
        done = CliRunner().invoke(program, ["encode", *words, str(tmp_path / "t.npz"), *given])
        assert done.stderr == f"wrote {tmp_path / 't.npz'}: 1,200 tokens\n"
