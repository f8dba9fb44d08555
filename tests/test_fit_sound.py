"""Fit for sound: the longest start that stays within a budget."""

import json

import pytest
from click.testing import CliRunner
from hypothesis import given, strategies as st

from multitok import AudioInfo, fit, get_tokenizer, load
from multitok.budgets.sounds import fit_sound
from multitok.cli import multitok
from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo
from multitok.counting.rules import resolve
from multitok.counting.subject import subject_of

RATE = 16_000
MODELS = ("gemini-2.5-flash", "Qwen/Qwen2.5-Omni-7B", "openai/whisper-large-v3")


@given(st.sampled_from(MODELS), st.integers(1, 40 * RATE), st.integers(1, 2000))
def test_what_fits_costs_at_most_the_budget_and_a_sample_more_costs_more(model, samples, most):
    info = AudioInfo(samples, RATE)
    found = fit(info, model=model, max_tokens=most)
    count = resolve("audio", model=model).counter.count
    if found.length is None:
        assert count(AudioInfo(1, RATE)) > most
        return
    assert count(AudioInfo(found.length.samples, RATE)) == found.length.tokens <= most
    assert (
        found.length.samples == samples or count(AudioInfo(found.length.samples + 1, RATE)) > most
    )


def test_a_sound_that_fits_is_left_alone():
    """10 s at 32 tokens a second."""
    found = fit(AudioInfo(10 * RATE, RATE), model="gemini-2.5-flash", max_tokens=320)
    assert (found.length, found.notes) == (found.now, ("it fits as it is",))


def test_where_every_sound_is_padded_nothing_shorter_fits():
    """Whisper pads to 30 s, which are 1,500 tokens."""
    found = fit(AudioInfo(10 * RATE, RATE), model="openai/whisper-large-v3", max_tokens=100)
    assert (found.fits, found.notes) == (False, ("nothing of it fits 100 tokens",))


def test_a_picture_is_for_the_other_fit():
    with pytest.raises(MediaError) as refused:
        fit_sound(subject_of(ImageInfo(8, 8)), 100, model="gemini-2.5-flash")
    assert str(refused.value) == "fit_sound works on sounds, got image"


def run(*words):
    return CliRunner().invoke(multitok, ["fit", "samples/melody.flac", *words])


def test_the_command_says_where_to_cut():
    """50 tokens at 32 a second are 1.5625 s: cut at 1.562."""
    words = ("-m", "gemini-2.5-flash", "--max-tokens", "50")
    assert run(*words, "-q").output == "length 1.562\n"
    assert "1.562 s of it: 50 tokens" in run(*words).output
    assert json.loads(run(*words, "--json").output)["length"]["tokens"] == 50


def test_of_a_sound_nothing_is_written(tmp_path):
    out = run("-m", "gemini-2.5-flash", "--max-tokens", "50", "-o", str(tmp_path / "a.flac"))
    assert out.exit_code == 2
    assert "--out writes the fitted picture: of audio nothing is written" in out.stderr


@pytest.mark.parametrize("budget", [500, 3000, 20_000])
def test_what_is_written_as_tokens_keeps_its_length_and_takes_the_finest_step(budget):
    melody = load("samples/melody.flac")
    found = fit(melody, tokenizer="mdct-bpe", max_tokens=budget)
    step = float(found.notes[0].rsplit("=", 1)[1])
    assert found.length.samples == melody.info.samples
    assert get_tokenizer("mdct-bpe", step=step).count(melody) == found.length.tokens <= budget
    assert get_tokenizer("mdct-bpe", step=step / 1.012).count(melody) > budget


def test_silence_of_its_length_is_the_least():
    """Ten seconds are 130 words of four frames."""
    found = fit(load("samples/melody.flac"), tokenizer="mdct-bpe", max_tokens=20)
    assert (found.length, found.fits) == (None, False)
    assert found.notes == ("no step fits 20 tokens: silence of this length has more",)
