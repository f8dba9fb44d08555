"""A sound is drawn as its spectrogram, with the stretch of time that each token stands for."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

import multitok
from multitok import Audio, AudioInfo
from multitok.core.errors import MediaError
from multitok.drawing import spectrogram

RULES = {
    "down": multitok.get_tokenizer("audio-rate", per_second=10),
    "up": multitok.get_tokenizer("audio-rate", per_second=10, rounding="up"),
    "heard": multitok.tokenizer_for_model("Qwen/Qwen2-Audio-7B-Instruct", "audio"),
    "mel": multitok.get_tokenizer("log-mel"),
}


def edges(rule, seconds):
    info = AudioInfo(round(16_000 * seconds), 16_000)
    counter = RULES[rule]
    return spectrogram.raster_of(info, counter, spectrogram.row_seconds(info, counter))


@pytest.mark.parametrize("rule", ["down", "up"])
def test_ten_tokens_a_second_end_a_tenth_apart(rule):
    """Whether a token is counted when it is full or when it begins."""
    found = edges(rule, 3)
    assert found.edges == pytest.approx([i / 10 for i in range(31)])
    assert found.each == 1


def test_what_a_model_does_not_hear_has_no_tokens():
    """It hears 30 of 100 seconds."""
    assert edges("heard", 100).edges[-1] == pytest.approx(30, abs=0.05)


@given(st.sampled_from(sorted(RULES)), st.floats(0.3, 900))
def test_cells_follow_each_other_within_the_sound_and_hold_all_tokens_of_what_is_drawn(rule, s):
    info = AudioInfo(round(s * 16_000), 16_000)
    found = edges(rule, s)
    assert found.edges == sorted(found.edges)
    assert found.edges[-1] <= s + 1 / 16_000
    rows = spectrogram.ROWS * spectrogram.row_seconds(info, RULES[rule])
    drawn = RULES[rule].count(AudioInfo(round(min(s, rows) * 16_000), 16_000))
    assert -(-drawn // found.each) == len(found.edges) - 1


def tone(seconds, hertz=1000, rate=16_000):
    wave = np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)
    return Audio(wave.astype(np.float32)[:, None], rate)


def test_a_higher_tone_lies_higher():
    def row(hertz):
        drawn = spectrogram.strips(tone(1, hertz), RULES["down"]).image
        bright = np.asarray(drawn)[..., :3].sum(axis=2)[: spectrogram.TALL, 600]
        return int(bright.argmax())

    assert row(4000) < row(1000) < row(300)


def test_rows_are_of_equal_length():
    assert spectrogram.row_seconds(tone(25).info, RULES["down"]) == 12.5
    assert spectrogram.strips(tone(25), RULES["down"]).seconds == 25


def test_a_longer_sound_is_drawn_as_far_as_six_rows():
    """A frame is 6 pixels of 1,344 wide, 100 a second: 10 s a row at least."""
    found = spectrogram.strips(tone(200), RULES["mel"])
    assert found.seconds == 60
    assert found.raster.words == "each cell below is 5 tokens"


def test_an_empty_sound_is_not_drawn():
    with pytest.raises(MediaError, match="the sound is empty: there is nothing to draw"):
        spectrogram.overlay(tone(0), RULES["down"])


def test_the_command_draws_it(tmp_path):
    from click.testing import CliRunner
    from PIL import Image as Pillow

    from multitok.cli import multitok as command

    out = tmp_path / "seen.png"
    words = [
        "inspect",
        "samples/melody.flac",
        "-m",
        "gemini-3-flash-preview",
        "--overlay",
        str(out),
    ]
    assert CliRunner().invoke(command, words).exit_code == 0
    with Pillow.open(out) as drawn:
        assert drawn.width == 1400


def test_tokens_that_the_sound_decides_stand_where_they_begin():
    """Half a second of silence, which is six words of four frames, then noise."""
    wave = np.zeros(16_000)
    wave[8000:] = np.random.default_rng(0).standard_normal(8000) / 4
    drawn = spectrogram.strips(Audio(wave, 16_000), multitok.get_tokenizer("mdct-bpe", step=0.1))
    edges = np.array(drawn.raster.edges)
    assert edges[-1] == pytest.approx(1.0)
    assert (edges < 0.48).sum() <= 7
    assert (edges > 0.52).sum() > 50


def test_ends_of_tokens_follow_each_other_and_the_last_ends_with_the_sound():
    for rate in (None, 8_000):
        tokenizer = multitok.get_tokenizer("mdct-bpe", sample_rate=rate)
        sound = tone(0.7, rate=22_050)
        ends = tokenizer.ends(tokenizer.encode(sound))
        assert ends.tolist() == sorted(ends.tolist())
        assert ends[-1] == sound.info.samples
