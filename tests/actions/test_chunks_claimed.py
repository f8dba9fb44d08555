"""A shape that a file only claims costs nothing: its chunks are counted, not listed."""

from dataclasses import replace

import numpy as np
import pytest

from multitok import Actions, ActionsInfo, get_tokenizer
from multitok.core.errors import DecodeError
from multitok.modalities.actions.chunks import chunks_in, spans

MOST = 10**12
TOKENIZERS = {
    "fast": {"horizon": 4},
    "beast": {"horizon": 4},
    "kmeans": {"codebook": ((0.0,) * 8, (1.0,) * 8), "horizon": 4},
}


@pytest.mark.parametrize("horizon", [None, 1, 3, 4, 50])
@pytest.mark.parametrize("episodes", [(), (4, 3, 1), (8,)])
def test_chunks_are_as_many_as_their_spans(horizon, episodes):
    info = ActionsInfo(8, 2, episodes=episodes)
    assert chunks_in(info, horizon) == len(spans(8, horizon, episodes))


@pytest.mark.parametrize("name", TOKENIZERS)
def test_a_million_million_steps_are_refused_by_the_ids_that_are_there(name):
    tokenizer = get_tokenizer(name, **TOKENIZERS[name])
    tokens = tokenizer.encode(Actions(np.zeros((8, 2))))
    claimed = replace(tokens, info=ActionsInfo(MOST, 2))
    with pytest.raises(DecodeError, match="token"):
        tokenizer.decode(claimed)


def test_a_count_of_a_million_million_steps_is_arithmetic():
    assert get_tokenizer("beast", horizon=10, basis=5).count(ActionsInfo(MOST, 2)) == MOST
