"""Encoders of sound that are convolutions: by hand, by the published code, and for any of them."""

import csv
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

import multitok
from multitok import AudioInfo
from multitok.core.errors import MediaError
from multitok.modalities.audio.convolutions import (
    SpectrogramPatchesCounter,
    StridedConvolutionsCounter,
    convolved,
)

with (Path(__file__).parent.parent / "golden" / "sounds.csv").open(encoding="utf-8") as file:
    GOLDEN = {
        model: [(int(row["rate"]), int(row["samples"]), row["tokens"]) for row in rows]
        for model, rows in groupby(csv.DictReader(file), lambda row: row["model"])
    }
LAYERS = st.tuples(st.integers(1, 400), st.integers(1, 400)).flatmap(
    lambda pair: st.tuples(*map(st.just, pair), st.integers(0, pair[0] - 1))
)


@pytest.mark.parametrize("model", GOLDEN)
def test_the_row_counts_as_the_published_code_counted(model):
    """Where the code raises, nothing is counted, and a note says so."""
    rule = multitok.tokenizer_for_model(model, "audio")
    for rate, samples, tokens in GOLDEN[model]:
        sound = AudioInfo(samples=samples, sample_rate=rate)
        assert rule.count(sound) == int(tokens or 0), f"{samples} samples"
        assert tokens or "the encoder makes nothing of so short a sound" in rule.notes(sound)[0]


def test_every_rule_of_speech_has_its_rows():
    """A golden model for each, but the one whose code was not executed."""
    heard = {m.id: m.rules["audio"] for m in multitok.models() if "audio" in m.rules}
    ours = ("strided-convolutions", "spectrogram-patches")
    rules = {str(rule.params) for rule in heard.values() if rule.tokenizer in ours}
    held = {str(heard[model].params) for model in GOLDEN}
    assert rules - held == {str(heard["m-a-p/MERT-v1-95M"].params)}


@pytest.mark.parametrize(
    ("model", "samples", "lengths", "tokens"),
    [
        # (16,000 - 10) // 5 + 1, then (n - 3) // 2 + 1 four times, then n // 2 twice
        ("facebook/wav2vec2-base", 16_000, [3199, 1599, 799, 399, 199, 99, 49], 49),
        # (16,000 - 127) // 64 + 1, (249 - 7) // 3 + 1, (81 - 3) // 2 + 1
        ("UsefulSensors/moonshine-tiny", 16_000, [249, 81, 40], 40),
        # 100 frames, (n - 1) // 2 + 1 three times
        ("nvidia/parakeet-ctc-1.1b", 16_000, [100, 50, 25, 13], 13),
        # 101 frames with the one at the end, 50 pairs, 4 blocks of 15, 3 queries each
        ("ibm-granite/granite-speech-3.3-8b", 16_000, [101, 50, 4], 12),
        # 12.5 steps of 80 ms, the last filled up, between 32 and 6 + 1 + 10 of silence
        ("mistralai/Voxtral-Mini-4B-Realtime-2602", 16_000, [13], 62),
    ],
)
def test_a_second_by_hand(model, samples, lengths, tokens):
    rule = multitok.tokenizer_for_model(model, "audio")
    second = AudioInfo(samples=samples, sample_rate=16_000)
    assert (rule.geometry(second)["lengths"], rule.count(second)) == (lengths, tokens)


@pytest.mark.parametrize(
    ("model", "samples", "tokens"),
    [
        ("Qwen/Qwen3-ASR-1.7B", 1, 7),  # filled to 8,000 samples: 50 frames, halved three times
        ("Qwen/Qwen3-ASR-1.7B", 24_000, 13 + 7),  # a window of 100 frames and one of 50
        ("zai-org/GLM-ASR-Nano-2512", 16_000, 12),  # 100 frames, 50, whole fours of them
        ("zai-org/GLM-ASR-Nano-2512", 700 * 16_000, 21 * 375),  # 21 windows of 30 s at most
        ("nvidia/music-flamingo-2601-hf", 16_000, 25 + 2),  # its two marks are the processor's own
    ],
)
def test_models_of_speech_by_hand(model, samples, tokens):
    assert multitok.count(AudioInfo(samples, 16_000), model=model).tokens == tokens


def test_a_second_of_another_rate_is_resampled_first():
    """VibeVoice hears 24 kHz: a second of CD sound is 24,000 samples, 7.5 of its steps."""
    assert multitok.count(AudioInfo(44_100, 44_100), model="microsoft/VibeVoice-ASR-HF").tokens == 8


@given(st.integers(1, 10_000), LAYERS)
def test_a_convolution_has_a_vector_where_its_kernel_lies(length, layer):
    kernel, stride, padding = layer
    places = range(-padding, length + padding - kernel + 1, stride)
    assert convolved(length, layer) == len(places)


@given(st.lists(LAYERS, min_size=1, max_size=4), st.integers(0, 10**6), st.integers(0, 1000))
def test_more_of_a_sound_is_never_less(layers, samples, more):
    rule = StridedConvolutionsCounter(layers=tuple(layers))
    short, long = (rule.count(AudioInfo(n, 16_000)) for n in (samples, samples + more))
    assert short <= long


def test_the_spectrogram_transformer_has_one_number():
    """(128 - 16) // 10 + 1 rows and (1,024 - 16) // 10 + 1 columns, and two more."""
    assert SpectrogramPatchesCounter().count(AudioInfo(16_000, 16_000)) == 12 * 101 + 2


@pytest.mark.parametrize(("samples", "told"), [(164_239, []), (164_240, ["10.26"])])
def test_what_comes_after_the_last_frame_is_said(samples, told):
    """Frame 1,024 ends with sample 1,023 * 160 + 400 = 164,080; another begins 160 later."""
    notes = SpectrogramPatchesCounter().notes(AudioInfo(samples, 16_000))
    seconds = told and [f"only the first {told[0]} s of 10.3 s are heard"]
    assert notes == seconds


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((), "layers must list at least one (kernel, stride, padding), got none"),
        (
            ((3, 0, 0),),
            "layers must each be a kernel and a stride of at least 1 and a padding shorter than the"
            " kernel, got [3, 0, 0]",
        ),
    ],
)
def test_layers_that_are_none_are_refused(layers, message):
    with pytest.raises(MediaError) as refused:
        StridedConvolutionsCounter(layers=layers)
    assert str(refused.value) == message
