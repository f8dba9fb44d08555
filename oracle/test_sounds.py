"""Speech models: multitok against the published processors and encoders, over random lengths.

A processor runs without its tokenizer, whose words no placeholder needs. Hundreds of lengths go
through all of it but Whisper's spectrogram; some go through that too, and through the encoder as
published, small and of random weights, on which the number of its vectors does not depend.
"""

import tomllib
from collections.abc import Callable
from functools import cache
from importlib import import_module
from inspect import Parameter, signature
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
import transformers

import multitok
from multitok.core.errors import MediaError

RATE = 16_000
WINDOW = 30 * RATE
RANDOM = 120
ELSEWHERE = {"nemotron-omni-audio"}
"""Rules whose reference is run by make_sound_goldens.py."""
CATALOG = Path(__file__).parent.parent / "src" / "multitok" / "catalog" / "open.toml"
MODELS = {
    model["audio"]: model["id"]
    for model in tomllib.loads(CATALOG.read_text("utf-8"))["model"]
    if "audio" in model and model["audio"] not in ELSEWHERE
}

Inputs = dict[str, torch.Tensor]


class WithoutSpectrogram(transformers.WhisperFeatureExtractor):
    """Whisper's padding, cutting and masks; as many frames, and nothing in them."""

    def _torch_extract_fbank_features(self, waveform: np.ndarray, device: str = "cpu"):
        frames = waveform.shape[-1] // self.hop_length
        return np.zeros((len(waveform), self.feature_size, frames), np.float32)


def fed(processor: Any, wave: np.ndarray) -> tuple[Inputs, int]:
    """What the model is fed of a sound, and the placeholders that the processor writes for it."""
    settings = {"sampling_rate": RATE, **getattr(type(processor), "audio_kwargs", {})}
    if isinstance(processor, transformers.VoxtralProcessor):
        return {"input_features": processor._retrieve_input_features([wave], **settings)}, 0
    made, placeholders = processor._process_audio([wave], **settings)
    inputs = {name: torch.as_tensor(np.asarray(array)) for name, array in made.items()}
    return inputs, sum(text.count(".") for text in placeholders)


def written(processor: Any, wave: np.ndarray) -> int:
    return fed(processor, wave)[1]


def promised(processor: Any, wave: np.ndarray) -> int:
    """The count that the processor makes of the length alone."""
    if isinstance(processor, transformers.Gemma4Processor):
        return processor._compute_audio_num_tokens(wave, RATE)
    if isinstance(processor, transformers.Gemma3nProcessor):
        return processor._get_num_multimodal_tokens(audio_lengths=[len(wave)]).num_audio_tokens[0]
    return processor._get_num_audio_tokens(len(wave))


def halved(processor: Any, wave: np.ndarray) -> int:
    """The frames halved by Whisper's convolution: its processor writes no placeholders."""
    frames = fed(processor, wave)[0]["input_features"].shape[-1]
    return encoder("whisper")._get_feat_extract_output_lengths(frames)


def grouped(processor: Any, wave: np.ndarray) -> int:
    """The frames halved, and so many of those a token as the published widths say."""
    chunks, _, frames = fed(processor, wave)[0]["input_features"].shape
    widths = transformers.VoxtralEncoderConfig()
    return chunks * (frames // 2) * widths.hidden_size // widths.intermediate_size


def all_vectors(model: Any, inputs: Inputs) -> int:
    return model(inputs["input_features"]).last_hidden_state.shape[1]


def grouped_vectors(model: Any, inputs: Inputs) -> int:
    vectors = model(inputs["input_features"]).last_hidden_state
    return len(vectors.reshape(-1, model.config.intermediate_size))


def unpadded_vectors(model: Any, inputs: Inputs) -> int:
    """Of each padded window, those that the model keeps."""
    fed_to_it = inputs.get("input_features_mask")
    mask = inputs["feature_attention_mask"] if fed_to_it is None else fed_to_it
    _, kept = model._get_feat_extract_output_lengths(mask.sum(-1))
    made = model(inputs["input_features"], fed_to_it).last_hidden_state
    return int(kept.clamp(max=made.shape[1]).sum())


def omni_vectors(model: Any, inputs: Inputs) -> int:
    frames = inputs["feature_attention_mask"].sum(-1)
    heard = inputs["input_features"][0, :, : int(frames)]
    return len(model(heard, feature_lens=frames).last_hidden_state)


def phi_vectors(model: Any, inputs: Inputs) -> int:
    return model(inputs["audio_input_features"], None).shape[1]


def filled_up_vectors(model: Any, inputs: Inputs) -> int:
    """Gemma 3n fills fewer vectors up to a fixed number; it cannot take more."""
    made = model(inputs["input_features"], ~inputs["input_features_mask"]).last_hidden_state
    return max(made.shape[1], transformers.Gemma3nConfig().audio_soft_tokens_per_image)


def masked_vectors(model: Any, inputs: Inputs) -> int:
    made = model(inputs["input_features"], inputs["input_features_mask"])
    return int(made.attention_mask.sum())


class Reference(NamedTuple):
    """A processor, its extractor and its counts of a sound; an encoder, and its vectors of it.

    `bound`: a window, or the longest sound that is heard; lengths are drawn up to `longest`.
    `shortest`, `encoded`: the fewest samples that the processor and that the encoder take.
    """

    processor: str
    extractor: Callable[[type], Any]
    counts: tuple[Callable[[Any, np.ndarray], int], ...]
    encoder: str
    settings: dict[str, Any]
    vectors: Callable[[Any, Inputs], int]
    bound: int = WINDOW
    longest: int = 2 * WINDOW
    shortest: int = 1
    encoded: int = 1


def mel(bands: int, seconds: int = 30) -> Callable[[type], Any]:
    return lambda whisper: whisper(feature_size=bands, chunk_length=seconds)


def own(name: str) -> Callable[[type], Any]:
    return lambda whisper: getattr(transformers, f"{name}FeatureExtractor")()


SMALL = {"d_model": 8, "encoder_layers": 1, "encoder_attention_heads": 1, "encoder_ffn_dim": 8}
NARROW = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
REFERENCES = {
    "whisper": Reference(
        "Whisper", mel(80), (halved,), "whisper.WhisperEncoder", SMALL, all_vectors
    ),
    "whisper-large-v3": Reference(
        "Whisper",
        mel(128),
        (halved,),
        "whisper.WhisperEncoder",
        {**SMALL, "num_mel_bins": 128},
        all_vectors,
    ),
    "voxtral": Reference(
        "Voxtral",
        mel(128),
        (grouped,),
        "voxtral.VoxtralEncoder",
        {**NARROW, "intermediate_size": 32},
        grouped_vectors,
        longest=8 * WINDOW,
    ),
    "qwen2-audio": Reference(
        "Qwen2Audio", mel(128), (written,), "qwen2_audio.Qwen2AudioEncoder", SMALL, unpadded_vectors
    ),
    "qwen2.5-omni-audio": Reference(
        "Qwen2_5Omni",
        mel(128, 300),
        (written, promised),
        "qwen2_5_omni.Qwen2_5OmniAudioEncoder",
        {**SMALL, "output_dim": 8},
        omni_vectors,
        bound=10 * WINDOW,
        longest=11 * WINDOW,
    ),
    "qwen3-omni-audio": Reference(
        "Qwen3OmniMoe",
        mel(128),
        (written, promised),
        "qwen3_omni_moe.Qwen3OmniMoeAudioEncoder",
        {**SMALL, "output_dim": 8, "downsample_hidden_size": 8},
        omni_vectors,
        bound=RATE,
        longest=20 * WINDOW,
        encoded=201,
    ),
    "audio-flamingo-3": Reference(
        "AudioFlamingo3",
        mel(128),
        (written,),
        "audioflamingo3.AudioFlamingo3Encoder",
        {**NARROW, "intermediate_size": 8},
        unpadded_vectors,
        longest=21 * WINDOW,
    ),
    "phi-4-audio": Reference(
        "Phi4Multimodal",
        own("Phi4Multimodal"),
        (written,),
        "phi4_multimodal.Phi4MultimodalAudioModel",
        {
            "hidden_size": 64,
            "num_blocks": 1,
            "ext_pw_out_channel": 64,
            "depthwise_separable_out_channel": 64,
            "nemo_conv_channels": 8,
        },
        phi_vectors,
        shortest=400,
        encoded=400,
    ),
    "gemma-3n-audio": Reference(
        "Gemma3n",
        own("Gemma3nAudio"),
        (promised,),
        "gemma3n.Gemma3nAudioEncoder",
        {
            "hidden_size": 64,
            "conf_num_hidden_layers": 1,
            "conf_num_attention_heads": 2,
            "sscp_conv_channel_size": (8, 8),
        },
        filled_up_vectors,
        encoded=513,
    ),
    "gemma-4-audio": Reference(
        "Gemma4",
        own("Gemma4Audio"),
        (written, promised),
        "gemma4.Gemma4AudioModel",
        {"hidden_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2},
        masked_vectors,
        encoded=129,
    ),
}

TOO_SHORT = {
    rule: (1, reference.encoded - 1)
    for rule, reference in REFERENCES.items()
    if reference.encoded > 1
}


def processor(rule: str, whisper: type) -> Any:
    """With the defaults of its constructor, a dot for a placeholder, and nothing around those."""
    reference = REFERENCES[rule]
    kind = getattr(transformers, f"{reference.processor}Processor")
    made = object.__new__(kind)
    for name, parameter in signature(kind.__init__).parameters.items():
        if parameter.default not in (None, Parameter.empty):
            setattr(made, name, parameter.default)
    made.feature_extractor = reference.extractor(whisper)
    made.boa_token = made.eoa_token = ""
    made.audio_token = "." if written in reference.counts else None
    return made


@cache
def encoder(rule: str) -> Any:
    reference = REFERENCES[rule]
    model, name = reference.encoder.split(".")
    kind = getattr(import_module(f"transformers.models.{model}.modeling_{model}"), name)
    return kind(kind.config_class(**reference.settings)).eval()


def wave(samples: int) -> np.ndarray:
    return np.full(samples, 0.1, np.float32)


def beside(marks: set[int], shortest: int) -> list[int]:
    return sorted({n + by for n in marks for by in (-1, 0, 1) if n + by >= shortest})


def lengths(reference: Reference) -> list[int]:
    """On and beside each border of the first frames, tokens and windows; and anywhere."""
    hops = {160 * k for k in range(1, 30)}
    frames = {400 + 160 * k for k in range(18)} | {160 + 640 * k for k in range(9)}
    windows = {n for k in range(1, 23) if (n := reference.bound * k) <= reference.longest}
    draw, (low, high) = Random(0), (reference.shortest, reference.longest)
    anywhere = [draw.randint(low, high) for _ in range(RANDOM // 2)]
    small = [draw.randint(low, RATE) for _ in range(RANDOM // 2)]
    return [low, *beside(hops | frames | windows, low), *small, *anywhere]


def ours(rule: str, samples: int) -> int:
    tokenizer = multitok.tokenizer_for_model(MODELS[rule], "audio")
    return tokenizer.breakdown(multitok.AudioInfo(samples, RATE))["audio"]


def test_every_open_rule_has_a_reference():
    assert REFERENCES.keys() == MODELS.keys()


@pytest.mark.parametrize("rule", REFERENCES)
def test_counts(rule):
    """What the processor writes, and what it promises of the length alone."""
    reference, theirs = REFERENCES[rule], processor(rule, WithoutSpectrogram)
    wrong = []
    for samples in lengths(reference):
        sound, got = wave(samples), ours(rule, samples)
        for count in reference.counts:
            if (expected := count(theirs, sound)) != got:
                wrong.append((count.__name__, samples, got, expected))
    assert wrong == []


@pytest.mark.parametrize("rule", REFERENCES)
@torch.no_grad()
def test_vectors(rule):
    """What the encoder makes of the extractor's whole work, as many as the placeholders."""
    reference = REFERENCES[rule]
    theirs = processor(rule, transformers.WhisperFeatureExtractor)
    draw, wrong = Random(1), []
    marks = {reference.encoded, 2000, reference.bound, reference.longest}
    anywhere = [draw.randint(reference.encoded, reference.bound) for _ in range(8)]
    for samples in [*beside(marks, reference.encoded), *anywhere]:
        inputs, placeholders = fed(theirs, wave(samples))
        made, got = reference.vectors(encoder(rule), inputs), ours(rule, samples)
        if made != got or (written in reference.counts and placeholders != got):
            wrong.append((samples, got, placeholders, made))
    assert wrong == []


@pytest.mark.parametrize("rule", TOO_SHORT)
@torch.no_grad()
def test_the_reference_fails_on_shorter_sounds(rule):
    """The extractor of Qwen3-Omni and Phi-4, whose frame is not full; the encoder of the Gemmas."""
    theirs = processor(rule, transformers.WhisperFeatureExtractor)
    for samples in TOO_SHORT[rule]:
        with pytest.raises(RuntimeError):
            REFERENCES[rule].vectors(encoder(rule), fed(theirs, wave(samples))[0])


@pytest.mark.xfail(strict=True, reason="counted by their lengths: 0 tokens, or 1, or 188")
@pytest.mark.parametrize("rule", TOO_SHORT)
def test_shorter_sounds_are_refused_here_too(rule):
    for samples in TOO_SHORT[rule]:
        with pytest.raises(MediaError):
            ours(rule, samples)
