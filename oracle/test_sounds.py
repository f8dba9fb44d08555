"""Speech models: multitok against the published processors and encoders, over random lengths.

A processor runs without its tokenizer, whose words no placeholder needs. Hundreds of lengths go
through everything but Whisper's spectrogram; some go through that too, and on through the encoder
as published, small and of random weights: how many vectors it leaves does not depend on them.
"""

import tomllib
from collections.abc import Callable
from functools import cache
from importlib import import_module
from inspect import signature
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
import transformers

import multitok
from multitok.errors import MediaError

RATE = 16_000
HALF_A_MINUTE = 30 * RATE
LENGTHS, ENCODED = 300, 12
CATALOG = Path(__file__).parent.parent / "src" / "multitok" / "catalog" / "open.toml"
MODELS: dict[str, list[str]] = {}
for row in tomllib.loads(CATALOG.read_text("utf-8"))["model"]:
    if "audio" in row:
        MODELS.setdefault(row["audio"], []).append(row["id"])


class WithoutSpectrogram(transformers.WhisperFeatureExtractor):
    """Whisper's padding, cutting and masks; as many frames, but silent ones."""

    def _torch_extract_fbank_features(self, waveform: np.ndarray, device: str = "cpu"):
        frames = waveform.shape[-1] // self.hop_length
        return np.zeros((len(waveform), self.feature_size, frames), np.float32)


def made(processor: Any, wave: np.ndarray) -> tuple[dict[str, torch.Tensor], int]:
    """What the model is fed of a sound, and the placeholders that the processor writes for it."""
    settings = getattr(type(processor), "audio_kwargs", {"sampling_rate": RATE})
    inputs, written = processor._process_audio([wave], **settings)
    tensors = {key: torch.as_tensor(np.asarray(value)) for key, value in inputs.items()}
    return tensors, sum(text.count(".") for text in written)


def written(processor: Any, wave: np.ndarray) -> int:
    return made(processor, wave)[1]


def small(model: str, name: str, config: str, **settings: Any) -> Any:
    """An encoder of transformers, as published but for its size."""
    parts = (import_module(f"transformers.models.{model}.modeling_{model}"), transformers)
    make, describe = (
        next(getattr(part, wanted) for part in parts if hasattr(part, wanted))
        for wanted in (name, config)
    )
    return make(describe(**settings)).eval()


WHISPER = {
    "d_model": 8, "encoder_layers": 1, "encoder_attention_heads": 1, "encoder_ffn_dim": 8,
}  # fmt: skip
HIDDEN = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
GEMMA = {"hidden_size": 64, "num_attention_heads": 2}


@cache
def whisper(bands: int) -> Any:
    return small("whisper", "WhisperEncoder", "WhisperConfig", num_mel_bins=bands, **WHISPER)


def whisper_positions(processor: Any, wave: np.ndarray) -> int:
    frames = made(processor, wave)[0]["input_features"].shape[-1]
    return whisper(processor.feature_extractor.feature_size)._get_feat_extract_output_lengths(frames)


def whisper_vectors(processor: Any, wave: np.ndarray) -> int:
    encoder = whisper(processor.feature_extractor.feature_size)
    return encoder(made(processor, wave)[0]["input_features"]).last_hidden_state.shape[1]


@cache
def voxtral() -> Any:
    """Four positions of the encoder are a token: its inner width is four times the outer."""
    published = transformers.VoxtralEncoderConfig()
    grouped = HIDDEN["hidden_size"] * published.intermediate_size // published.hidden_size
    encoder = small(
        "voxtral", "VoxtralEncoder", "VoxtralEncoderConfig", intermediate_size=grouped, **HIDDEN
    )
    config = SimpleNamespace(audio_config=encoder.config, return_dict=True)
    return SimpleNamespace(
        audio_tower=encoder, config=config, multi_modal_projector=torch.nn.Identity()
    )


def voxtral_chunks(processor: Any, wave: np.ndarray) -> torch.Tensor:
    return processor._retrieve_input_features([wave], **type(processor).audio_kwargs)


def voxtral_groups(processor: Any, wave: np.ndarray) -> int:
    chunks, _, frames = voxtral_chunks(processor, wave).shape
    encoder = voxtral().audio_tower
    positions, _ = encoder._get_feat_extract_output_lengths(frames)
    return chunks * positions * encoder.config.hidden_size // encoder.config.intermediate_size


def voxtral_vectors(processor: Any, wave: np.ndarray) -> int:
    features = voxtral_chunks(processor, wave)
    return len(transformers.VoxtralModel.get_audio_features(voxtral(), features).pooler_output)


def qwen2_audio_vectors(processor: Any, wave: np.ndarray) -> int:
    """The model keeps this many of the vectors of the padded sound."""
    inputs, _ = made(processor, wave)
    encoder = small("qwen2_audio", "Qwen2AudioEncoder", "Qwen2AudioEncoderConfig", **WHISPER)
    _, kept = encoder._get_feat_extract_output_lengths(inputs["feature_attention_mask"].sum(-1))
    return min(int(kept), encoder(inputs["input_features"]).last_hidden_state.shape[1])


def omni_vectors(name: str, model: str, thinker: str, **settings: Any) -> Callable[..., int]:
    @cache
    def encoder() -> Any:
        parts = (f"{name}AudioEncoder", f"{name}AudioEncoderConfig")
        return small(model, *parts, output_dim=8, **WHISPER, **settings)

    def vectors(processor: Any, wave: np.ndarray) -> int:
        inputs, _ = made(processor, wave)
        features, mask = inputs["input_features"], inputs["feature_attention_mask"]
        heard = getattr(transformers, thinker).get_audio_features
        this = SimpleNamespace(audio_tower=encoder(), config=SimpleNamespace(return_dict=True))
        return len(heard(this, features, feature_attention_mask=mask).last_hidden_state)

    return vectors


def flamingo_vectors(processor: Any, wave: np.ndarray) -> int:
    inputs, _ = made(processor, wave)
    names = ("AudioFlamingo3Encoder", "AudioFlamingo3EncoderConfig")
    encoder = small("audioflamingo3", *names, intermediate_size=8, **HIDDEN)
    this = SimpleNamespace(
        audio_tower=encoder,
        multi_modal_projector=torch.nn.Identity(),
        config=SimpleNamespace(return_dict=True),
    )
    heard = import_module(
        "transformers.models.audioflamingo3.modeling_audioflamingo3"
    ).AudioFlamingo3Model.get_audio_features
    return len(heard(this, inputs["input_features"], inputs["input_features_mask"]).pooler_output)


def phi_vectors(processor: Any, wave: np.ndarray) -> int:
    names = ("Phi4MultimodalAudioModel", "Phi4MultimodalAudioConfig")
    encoder = small("phi4_multimodal", *names, num_blocks=1, intermediate_size=8)
    return encoder(made(processor, wave)[0]["audio_input_features"], None).shape[1]


def gemma3n_vectors(processor: Any, wave: np.ndarray) -> int:
    """Fewer vectors than placeholders are filled up; more there must not be."""
    inputs, _ = made(processor, wave)
    encoder = small(
        "gemma3n", "Gemma3nAudioEncoder", "Gemma3nAudioConfig",
        conf_num_hidden_layers=1, conf_num_attention_heads=2, hidden_size=64,
    )  # fmt: skip
    made_of_it = encoder(inputs["input_features"], ~inputs["input_features_mask"])
    length = transformers.Gemma3nConfig().audio_soft_tokens_per_image
    return max(made_of_it.last_hidden_state.shape[1], length)


def gemma4_vectors(processor: Any, wave: np.ndarray) -> int:
    inputs, _ = made(processor, wave)
    encoder = small(
        "gemma4", "Gemma4AudioModel", "Gemma4AudioConfig", num_hidden_layers=1, **GEMMA
    )
    return int(encoder(inputs["input_features"], inputs["input_features_mask"]).attention_mask.sum())


class Reference(NamedTuple):
    """A processor and its extractor, ways to count a sound, and a way to make vectors of it.

    `boundary` is a window, or the longest sound that is heard; lengths are drawn up to `longest`,
    and from `shortest` on, since fewer samples are refused.
    """

    processor: str
    extractor: Callable[[bool], Any]
    counted: tuple[Callable[[Any, np.ndarray], int], ...]
    vectors: Callable[[Any, np.ndarray], int]
    boundary: int = HALF_A_MINUTE
    longest: int = 2 * HALF_A_MINUTE
    shortest: int = 1


def mel(bands: int, seconds: int = 30) -> Callable[[bool], Any]:
    def extractor(spectrogram: bool) -> Any:
        kind = transformers.WhisperFeatureExtractor if spectrogram else WithoutSpectrogram
        return kind(feature_size=bands, chunk_length=seconds)

    return extractor


def own(name: str) -> Callable[[bool], Any]:
    return lambda spectrogram: getattr(transformers, name)()


REFERENCES = {
    "whisper": Reference("Whisper", mel(80), (whisper_positions,), whisper_vectors),
    "whisper-large-v3": Reference("Whisper", mel(128), (whisper_positions,), whisper_vectors),
    "voxtral": Reference(
        "Voxtral", mel(128), (voxtral_groups,), voxtral_vectors, longest=8 * HALF_A_MINUTE
    ),
    "qwen2-audio": Reference("Qwen2Audio", mel(128), (written,), qwen2_audio_vectors),
    "qwen2.5-omni-audio": Reference(
        "Qwen2_5Omni",
        mel(128, 300),
        (written, lambda processor, wave: processor._get_num_audio_tokens(len(wave))),
        omni_vectors("Qwen2_5Omni", "qwen2_5_omni", "Qwen2_5OmniThinkerForConditionalGeneration"),
        boundary=10 * HALF_A_MINUTE,
        longest=11 * HALF_A_MINUTE,
    ),
    "qwen3-omni-audio": Reference(
        "Qwen3OmniMoe",
        mel(128),
        (written, lambda processor, wave: processor._get_num_audio_tokens(len(wave))),
        omni_vectors(
            "Qwen3OmniMoe", "qwen3_omni_moe", "Qwen3OmniMoeThinkerForConditionalGeneration",
            downsample_hidden_size=8,
        ),
        boundary=RATE,
        longest=20 * HALF_A_MINUTE,
    ),
    "audio-flamingo-3": Reference(
        "AudioFlamingo3", mel(128), (written,), flamingo_vectors, longest=21 * HALF_A_MINUTE
    ),
    "phi-4-audio": Reference(
        "Phi4Multimodal",
        own("Phi4MultimodalFeatureExtractor"),
        (written,),
        phi_vectors,
        shortest=400,
    ),
    "gemma-3n-audio": Reference(
        "Gemma3n",
        own("Gemma3nAudioFeatureExtractor"),
        (
            lambda processor, wave: processor._get_num_multimodal_tokens(
                audio_lengths=[len(wave)]
            ).num_audio_tokens[0],
        ),
        gemma3n_vectors,
    ),
    "gemma-4-audio": Reference(
        "Gemma4",
        own("Gemma4AudioFeatureExtractor"),
        (written, lambda processor, wave: processor._compute_audio_num_tokens(wave, RATE)),
        gemma4_vectors,
    ),
}  # fmt: skip
