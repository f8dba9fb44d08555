"""Finite scalar quantization: digits and mixed-radix ids as published."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from multitok.core.errors import DecodeError, MediaError
from multitok.core.info import ActionsInfo
from multitok.core.media import Actions
from multitok.modalities.actions.fsq import FsqTokenizer
from multitok.modalities.coding.levels import digits_of, joined, points_of, split

GOLDEN = Path(__file__).parent.parent / "golden" / "action.jsonl"
ROWS = [json.loads(line) for line in GOLDEN.read_text().splitlines()]


def test_published_rows():
    found = [row for row in ROWS if row["kind"] == "fsq"]
    assert found
    for row in found:
        tokenizer = FsqTokenizer(levels=tuple(row["bins"]), squash="tanh")
        digits = digits_of(np.array(row["z"]), tokenizer.levels, "tanh")
        assert digits.tolist() == row["digits"]
        assert tokenizer.encode(Actions(row["z"])).ids.tolist() == row["tokens"]


def test_the_first_level_counts_ones():
    """Levels 3 and 4: digits (2, 1) are 2 + 1 x 3 = 5."""
    tokenizer = FsqTokenizer(levels=(3, 4))
    made = tokenizer.encode(Actions([[1.0, -1 / 3]]))
    assert made.ids.tolist() == [5]
    np.testing.assert_allclose(tokenizer.decode(made).values, [[1.0, -1 / 3]])


def test_every_id_encodes_to_itself():
    for squash in ("clip", "tanh"):
        levels = (8, 6, 5)
        digits = split(np.arange(8 * 6 * 5), levels)
        assert (digits_of(points_of(digits, levels, squash), levels, squash) == digits).all()
        assert joined(digits, levels).tolist() == list(range(8 * 6 * 5))


def test_clipping_is_measured():
    tokenizer = FsqTokenizer(levels=(5,))
    made = tokenizer.encode(Actions([[3.0], [0.1]]))
    assert made.state["clipped"] == 1
    assert tokenizer.error_bound(made) == pytest.approx(2.0)


def test_dims_that_are_not_whole_groups():
    with pytest.raises(MediaError) as error:
        FsqTokenizer().count(ActionsInfo(5, 7))
    assert str(error.value) == (
        "fsq levels (8, 5, 5, 5) take 4 dims a token, the actions have 7: give a level for each dim"
    )


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"levels": ()}, "levels must each be at least 2, got ()"),
        ({"levels": (8, 1)}, "levels must each be at least 2, got (8, 1)"),
        ({"squash": "sigmoid"}, "squash must be clip or tanh, got 'sigmoid'"),
        (
            {"vocab_size": 100},
            "vocab_size must be at least 1000 (1000 codes, 0 skipped), got 100",
        ),
    ],
)
def test_wrong_parameters(params, message):
    with pytest.raises(MediaError) as error:
        FsqTokenizer(**params)
    assert str(error.value) == message


def test_nan_a_cut_sequence_and_a_wrong_id_are_refused():
    tokenizer = FsqTokenizer(levels=(5,))
    with pytest.raises(MediaError) as refused:
        tokenizer.encode(Actions([[float("inf")]]))
    assert str(refused.value) == (
        "fsq cannot encode inf (step 0, dim 'dim0', 1 such values): fill or drop these steps"
    )
    made = tokenizer.encode(Actions(np.zeros((4, 1))))
    with pytest.raises(DecodeError) as cut:
        tokenizer.decode(replace(made, ids=made.ids[1:], special=made.special[1:], positions=None))
    assert str(cut.value) == (
        "fsq: 4 x 1 actions are 4 tokens, got 3: the sequence is cut, or of another shape"
    )
    with pytest.raises(DecodeError) as wrong:
        tokenizer.decode(replace(made, ids=made.ids - 3))
    assert str(wrong.value) == "fsq ids run from 0 to 4, got -1 at position 0"
