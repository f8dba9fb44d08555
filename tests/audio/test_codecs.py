"""Neural codecs by their rate: ids a second as they are published, and how the end is cut."""

import pytest
from hypothesis import given, strategies as st

import multitok
from multitok import AudioInfo
from multitok.modalities.audio.codecs import CodecFramesCounter

HOUR = 3600


@pytest.mark.parametrize(
    ("model", "rate", "sample_rate", "options"),
    [
        ("snac_24khz", 82.03, 24_000, {}),
        ("mimi", 100, 24_000, {}),
        ("mimi", 400, 24_000, {"codebooks": 32}),
        ("encodec_24khz", 600, 24_000, {}),
        ("encodec_24khz", 150, 24_000, {"codebooks": 2}),
        ("encodec_32khz", 200, 32_000, {}),
        ("dac_16khz", 600, 16_000, {}),
        ("dac_24khz", 2400, 24_000, {}),
        ("dac_44khz", 775.2, 44_100, {}),
        ("xcodec2", 50, 16_000, {}),
        ("neucodec", 50, 16_000, {}),
        ("higgs-audio-v2-tokenizer", 200, 24_000, {}),
    ],
)
def test_the_ids_of_a_second_are_those_that_are_published(model, rate, sample_rate, options):
    """Of an hour, whose last frame is no second's worth."""
    hour = AudioInfo(samples=HOUR * sample_rate, sample_rate=sample_rate)
    assert multitok.count(hour, model=model, options=options).tokens / HOUR == pytest.approx(
        rate, abs=0.01
    )


@pytest.mark.parametrize(
    ("words", "samples", "ids"),
    [
        ({"hop": 320, "codebooks": 8}, 320, 8),
        ({"hop": 320, "codebooks": 8}, 321, 16),  # filled to a second frame
        ({"hop": 320, "codebooks": 8, "rounding": "down"}, 639, 8),
        ({"hop": 320, "padding": 1}, 320, 2),  # X-Codec2 puts a sample behind it
        ({"hop": 320, "padding": 1}, 319, 1),
        ({"hop": 320, "padding": 1}, 0, 0),
    ],
)
def test_the_end_is_filled_or_dropped(words, samples, ids):
    counter = CodecFramesCounter(sample_rate=16_000, **words)
    assert counter.count(AudioInfo(samples=samples, sample_rate=16_000)) == ids


@given(st.integers(0, 10**7), st.integers(1, 4000), st.integers(1, 32))
def test_a_frame_more_or_less_is_all_that_rounding_is(samples, hop, books):
    sound = AudioInfo(samples=samples, sample_rate=24_000)
    words = {"sample_rate": 24_000, "hop": hop, "codebooks": books}
    up, down = (CodecFramesCounter(**words, rounding=word).count(sound) for word in ("up", "down"))
    assert up - down == books * (samples % hop > 0)


def test_another_rate_is_resampled_first():
    """A second of CD sound is 24,000 samples to Mimi: 12.5 frames, filled to 13."""
    assert multitok.count(AudioInfo(44_100, 44_100), model="mimi").tokens == 13 * 8
