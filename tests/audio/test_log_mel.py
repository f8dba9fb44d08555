"""Log-mel frames: Whisper's own values, and shapes that the length alone tells."""

import json
from pathlib import Path

import numpy as np
import pytest

from multitok import encode
from multitok.core.errors import MediaError, NotInvertibleError, UnknownNameError
from multitok.core.info import AudioInfo
from multitok.core.media import Audio
from multitok.modalities.audio.log_mel import PRESETS, LogMelTokenizer

GOLDEN = json.loads((Path(__file__).parent.parent / "golden" / "log_mel.json").read_text("utf-8"))

MORE = json.loads((Path(__file__).parent.parent / "golden" / "log_mels.json").read_text("utf-8"))


def louder(samples, rate):
    """The formula of oracle/make_log_mels.py."""
    t = np.arange(samples) / rate
    tones = 0.5 * np.sin(2 * np.pi * 440 * t) + 0.01 * np.sin(2 * np.pi * 0.37 * rate * t)
    hiss = (np.arange(samples) ** 2 * 0.6180339887498949) % 1 - 0.5
    sweep = 0.1 * np.sin(2 * np.pi * (1234 + 500 * t) * t)
    return (tones + sweep + 0.01 * hiss).astype(np.float32)


@pytest.mark.parametrize(
    "case", MORE["cases"], ids=lambda c: f"{c['params']['bands']}-{c['samples']}"
)
def test_padded_cut_and_on_other_scales(case):
    """Whisper's half a minute, and natural logarithms of other sums."""
    tokenizer = LogMelTokenizer(**case["params"])
    sound = Audio(louder(case["samples"], tokenizer.sample_rate), tokenizer.sample_rate)
    made = tokenizer.encode(sound)
    features = made.inputs["input_features"]
    assert list(features.shape) == case["shape"]
    assert np.abs(features.ravel()[case["index"]] - case["values"]).max() < 1e-4
    assert len(made) == tokenizer.count(sound.info) == case["shape"][2]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_held_against_the_reference(name):
    assert any(case["params"] == {"bands": 80, **PRESETS[name]} for case in MORE["cases"])
    assert LogMelTokenizer.preset(name, bands=7).bands == 7


def test_an_unknown_preset_names_those_there_are():
    with pytest.raises(UnknownNameError, match="Presets: whisper, whisper-large-v3, vocos-24khz"):
        LogMelTokenizer.preset("vocos")


def test_what_is_cut_is_said():
    tokenizer = LogMelTokenizer(pad=30)
    assert tokenizer.notes(AudioInfo(16_000 * 31, 16_000)) == [
        "only the first 30 s of 31.0 s are heard"
    ]
    assert tokenizer.notes(AudioInfo(16_000, 16_000)) == []
    assert tokenizer.count(AudioInfo(0, 16_000)) == 3000


def test_whisper_is_fed_what_its_extractor_makes():
    """1,500 tokens of 3,000 frames, by the name of a model."""
    case = MORE["cases"][1]
    sound = Audio(louder(case["samples"], 16_000), 16_000)
    made = encode(sound, model="openai/whisper-large-v3")
    features = made.inputs["input_features"]
    assert (len(made), features.shape) == (1500, (1, 128, 3000))
    assert np.abs(features.ravel()[case["index"]] - case["values"]).max() < 1e-4
    assert made.positions[:, 0].tolist() == list(range(1500))


def signal(samples):
    """The formula of the golden file."""
    t = np.arange(samples) / 16_000
    tones = 0.5 * np.sin(2 * np.pi * 440 * t) + 0.01 * np.sin(2 * np.pi * 6001 * t)
    return (tones + 0.1 * np.sin(2 * np.pi * (1234 + 500 * t) * t)).astype(np.float32)


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda c: f"{c['bands']}-{c['samples']}")
def test_values_are_whispers_own(case):
    """Within 1e-4; the bound is set by float32 near the quietest value."""
    made = LogMelTokenizer(bands=case["bands"]).encode(Audio(signal(case["samples"]), 16_000))
    features = made.inputs["input_features"]
    assert list(features.shape) == case["shape"]
    assert np.abs(features.ravel()[case["index"]] - case["values"]).max() < 1e-4


def test_a_frame_is_a_token():
    """15,999 samples are 99 whole hops of 160."""
    assert LogMelTokenizer().count(AudioInfo(15_999, 16_000)) == 99


def test_another_rate_is_resampled_first():
    """A second at 44.1 kHz is a second at 16 kHz, and a tone stays in its band."""
    t = np.arange(44_100) / 44_100
    high = LogMelTokenizer().encode(Audio(np.sin(2 * np.pi * 440 * t).astype(np.float32), 44_100))
    low = LogMelTokenizer().encode(
        Audio(np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000).astype(np.float32), 16_000)
    )
    assert len(high) == len(low) == 100
    assert (high.values[50].argmax(), low.values[50].argmax()) == (11, 11)


def test_patches_of_frames_and_bands():
    """98 frames and 80 bands in 16 x 16: 7 x 5 tokens of 256 values, the last frames repeated."""
    tokenizer = LogMelTokenizer(patch=(16, 16))
    made = tokenizer.encode(Audio(signal(98 * 160), 16_000))
    frames = LogMelTokenizer().encode(Audio(signal(98 * 160), 16_000)).values
    assert made.values.shape == (35, 256)
    assert np.array_equal(made.values[6].reshape(16, 16), frames[16:32, 16:32])
    assert np.array_equal(made.values[34].reshape(16, 16)[2:], np.tile(frames[97, 64:], (14, 1)))


def test_the_wave_cannot_be_rebuilt():
    made = LogMelTokenizer().encode(Audio(signal(1600), 16_000))
    with pytest.raises(NotInvertibleError) as refused:
        LogMelTokenizer().decode(made)
    assert str(refused.value) == "log-mel tokens cannot be turned back into audio"


def test_an_odd_window_is_refused():
    with pytest.raises(MediaError) as refused:
        LogMelTokenizer(window=401)
    assert str(refused.value) == "window must be an even number of samples, got 401"
