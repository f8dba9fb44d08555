"""Series by their steps alone: a token for so many of each channel."""

import pytest
from hypothesis import given, strategies as st

from multitok import SeriesInfo
from multitok.counting.door import count
from multitok.modalities.series.frames import SeriesFramesCounter


@pytest.mark.parametrize(
    ("model", "options", "tokens"),
    [
        ("google/timesfm-3.0-pytorch", {}, 2 * 32),  # ceil(1,000 / 32)
        ("google/timesfm-3.0-pytorch", {"horizon": 65}, 2 * (32 + 3)),
        ("Salesforce/moirai-2.0-R-small", {}, 2 * 63),  # ceil(1,000 / 16)
        ("Salesforce/moirai-2.0-R-small", {"horizon": 100}, 2 * (63 + 7)),
        ("Salesforce/moirai-2.0-R-small", {"context_length": 96, "horizon": 16}, 2 * (6 + 1)),
        ("Datadog/Toto-2.0-22m", {}, 2 * 32),
        ("Datadog/Toto-2.0-22m", {"horizon": 32}, 2 * 32),  # the last patch stands for it
        ("Datadog/Toto-2.0-22m", {"horizon": 33}, 2 * 33),
        ("NX-AI/TiRex", {}, 2 * 64),  # always filled to 2,048 steps
        ("thuml/sundial-base-128m", {}, 2 * 63),
        ("Maple728/TimeMoE-50M", {}, 2 * 1000),
        ("time-series-foundation-models/Lag-Llama", {}, 2 * 32),
        ("time-series-foundation-models/Lag-Llama", {"context_length": 512}, 2 * 512),
        ("ibm-granite/granite-timeseries-ttm-r2", {}, 2 * 8),  # 512 / 64
        ("totem", {}, 2 * 250),
        ("totem", {"compression_factor": 12}, 2 * 83),
    ],
)
def test_a_thousand_steps_of_two_channels(model, options, tokens):
    assert count(SeriesInfo(1000, 2), model=model, options=options).tokens == tokens


@pytest.mark.parametrize(
    ("steps", "channels", "horizon", "tokens"),
    [(100, 1, 64, 11), (96, 1, 16, 7), (97, 3, 17, 27), (600, 2, 100, 90)],
)
def test_moirai_2_is_fed_as_many_as_its_code_was_seen_to_feed(steps, channels, horizon, tokens):
    """The rows that the encoder of Moirai2Forecast (uni2ts 2.0.0, random weights) was given."""
    made = count(
        SeriesInfo(steps, channels),
        model="Salesforce/moirai-2.0-R-small",
        options={"horizon": horizon},
    )
    assert (made.tokens, made.kind) == (tokens, "documented")


@given(st.integers(0, 10**6), st.integers(1, 64), st.integers(1, 200), st.integers(1, 5))
def test_a_token_more_or_less_is_all_that_rounding_is(steps, hop, horizon, channels):
    info = SeriesInfo(steps, channels)
    up, down = (
        SeriesFramesCounter(hop=hop, rounding=word, horizon=horizon).count(info)
        for word in ("up", "down")
    )
    assert up - down == channels * (steps % hop > 0)


def test_what_is_not_seen_is_said():
    assert SeriesFramesCounter(hop=16, context=32).notes(SeriesInfo(100)) == [
        "only 32 of 100 steps are seen"
    ]
    assert SeriesFramesCounter(hop=12, rounding="down").notes(SeriesInfo(25)) == [
        "only 24 of 25 steps are seen"
    ]
