"""Models of time series: named like any other model, counted by shape."""

import pytest

from multitok.core.errors import MediaError
from multitok.core.info import SeriesInfo
from multitok.counting.door import count


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        ("amazon/chronos-t5-small", 3 * (512 + 1)),  # the last 512 steps and the end id
        ("amazon/chronos-bolt-base", 3 * (38 + 1)),  # 600 / 16 = 37.5, and REG
        ("amazon/chronos-2", 3 * (38 + 1)),
        ("google/timesfm-2.0-500m-pytorch", 3 * 64),  # always padded to 2,048
        ("AutonLab/MOMENT-1-large", 3 * 64),  # 512 / 8
    ],
)
def test_600_steps_of_three_channels(model, tokens):
    assert count(SeriesInfo(600, 3), model=model).tokens == tokens


def test_chronos_2_is_exact_once_its_horizon_is_told():
    """309 steps: 20 patches and REG; 64 steps ahead are 4 patches more, and one step is 1."""
    sunspots = SeriesInfo(309, 1)
    alone = count(sunspots, model="amazon/chronos-2")
    assert (alone.tokens, alone.kind) == (21, "estimate")
    assert alone.notes == (
        "the context alone: the model is fed a patch for every 16 steps ahead too, for each channel"
        " (horizon=...)",
    )
    for horizon, tokens in ((1, 22), (64, 25), (65, 26)):
        told = count(sunspots, model="amazon/chronos-2", options={"horizon": horizon})
        assert (told.tokens, told.kind, told.notes) == (tokens, "exact", ())


def test_each_channel_has_a_horizon_of_its_own():
    told = count(SeriesInfo(100, 3), model="amazon/chronos-2", options={"horizon": 64})
    assert told.parts == {"series": 21, "reg": 3, "horizon": 12}


def test_a_horizon_of_more_than_one_pass_is_refused():
    with pytest.raises(MediaError) as refused:
        count(SeriesInfo(100), model="amazon/chronos-2", options={"horizon": 1025})
    assert str(refused.value) == "option horizon must be at least 1 and at most 1024, got 1025"


@pytest.mark.parametrize(
    ("model", "options", "tokens"),
    [
        ("google/timesfm-2.5-200m-pytorch", {}, 512),  # padded to 16,384
        ("google/timesfm-2.5-200m-pytorch", {"max_context": 1024}, 32),
        ("google/timesfm-2.5-200m-pytorch", {"max_context": 1000}, 32),  # compiled as 1,024
        ("amazon/chronos-t5-small", {"context_length": 100}, 101),
        ("amazon/chronos-bolt-small", {"context_length": 64}, 5),
        ("amazon/chronos-2", {"context_length": 64, "horizon": 16}, 6),
    ],
)
def test_a_context_is_what_the_call_says(model, options, tokens):
    assert count(SeriesInfo(309), model=model, options=options).tokens == tokens
