"""Ids at the end of a language model's vocabulary: counted down from it, or up to it."""

import numpy as np
import pytest

from multitok.core.errors import DecodeError, MediaError
from multitok.core.media import Actions
from multitok.core.registry import get_tokenizer
from multitok.modalities.actions.beast import BeastTokenizer

MOTION = Actions(np.random.default_rng(0).uniform(-0.9, 0.9, (12, 2)))
KINDS = [
    ("action-bins", {"bins": 16}),
    ("beast", {"bins": 16}),
    ("fast", {}),
    ("fsq", {"levels": (4, 4)}),
    ("kmeans", {"codebook": tuple((i / 8 - 1, i / 8 - 1) for i in range(16))}),
    ("rvq", {"codebooks": (((-0.5, 0.0), (0.5, 0.0)), ((0.0, 0.1), (0.1, 0.0)))}),
]


@pytest.mark.parametrize(("name", "options"), KINDS)
def test_up_and_down_are_the_two_ways_through_the_same_ids(name, options):
    """Code c is the c-th from one end of the same run of ids, which ends before those skipped."""
    codes = get_tokenizer(name, **options).encode(MOTION).ids
    down, up = (
        get_tokenizer(name, **options, vocab_size=5000, skip=10, placement=way)
        for way in ("down", "up")
    )
    high = down.encode(MOTION).ids
    low = up.encode(MOTION).ids
    assert (high == 4989 - codes).all()
    assert len(set((high + low).tolist())) == 1
    assert low.max() <= 4989
    back = [tokenizer.decode(tokenizer.encode(MOTION)).values for tokenizer in (down, up)]
    np.testing.assert_array_equal(*back)


def test_the_first_and_last_id_upwards():
    """256 bins before the end of 32,000: -1 is 31,744, 1 is 31,999."""
    up = get_tokenizer("action-bins", vocab_size=32000, placement="up")
    assert up.encode(Actions([[-1.0, 1.0]])).ids.tolist() == [31744, 31999]
    made = up.encode(Actions([[0.0]]))
    made.ids[0] = 31743
    with pytest.raises(DecodeError) as error:
        up.decode(made)
    assert str(error.value) == "action-bins ids run from 31744 to 31999, got 31743 at position 0"


def test_upwards_needs_an_end():
    with pytest.raises(MediaError) as error:
        get_tokenizer("fsq", placement="up")
    assert str(error.value) == "placement='up' counts ids up to vocab_size: give that too"


def test_joints_come_before_grippers_where_that_is_asked():
    """Two control points of dims 0..2, dim 1 a gripper: at each point 0, 2, then 1."""
    motion = Actions([[0.0, 1.0, -1.0], [0.5, -1.0, 1.0]])
    settings = {"basis": 2, "degree": 1, "grippers": (1,)}
    plain, first = (BeastTokenizer(**settings, order=o) for o in ("dims", "joints-first"))
    ids = plain.encode(motion).ids.reshape(2, 3)
    made = first.encode(motion)
    assert made.ids.reshape(2, 3).tolist() == ids[:, [0, 2, 1]].tolist()
    assert made.positions[:3, 2].tolist() == [0, 2, 1]
    np.testing.assert_array_equal(
        first.decode(made).values, plain.decode(plain.encode(motion)).values
    )
