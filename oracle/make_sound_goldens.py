"""Write tests/golden/sounds.csv: how many tokens published code leaves of sounds of many lengths.

    python oracle/make_sound_goldens.py > tests/golden/sounds.csv

transformers 5.23.0 (with torchaudio for Granite and AST) and mistral-common 1.13.1. A processor
runs without its tokenizer, an encoder with few and random weights: neither decides a length. Where
the code raises, the tokens are empty.
"""

import csv
import logging
import sys
import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from inspect import Parameter, signature
from typing import Any

import numpy as np
import torch
import transformers

RATE = 16_000
LENGTHS = [
    1, 126, 159, 160, 161, 399, 400, 401, 560, 879, 880, 881, 1039, 1040, 1199, 1200, 1280, 1281,
    2560, 3200, 7999, 8000, 8001, 8160, 16_000, 16_001, 16_159, 48_123, 160_000, 164_079, 164_080,
    164_240, 164_241, 479_999, 480_000, 480_001, 1_234_567,
]  # fmt: skip
SMALL = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 8,
}

Count = Callable[[np.ndarray], int]


def module(model: str, kind: str, name: str) -> Any:
    return getattr(import_module(f"transformers.models.{model}.{kind}_{model}"), name)


@cache
def small(model: str, name: str, **settings: Any) -> Any:
    made = module(model, "modeling", name)
    return made(made.config_class(**settings)).eval()


def waveform(x: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(x)[None]


def convolutional(model: str, name: str) -> Count:
    """The convolutions of wav2vec2 and those that took them over."""
    narrow = {
        "conv_dim": (8,) * 7,
        "num_conv_pos_embeddings": 4,
        "num_conv_pos_embedding_groups": 1,
    }
    return lambda x: small(model, name, **SMALL, **narrow).feature_extractor(waveform(x)).shape[-1]


def moonshine(x: np.ndarray) -> int:
    settings = {"encoder_num_hidden_layers": 1, "encoder_num_attention_heads": 2}
    encoder = small("moonshine", "MoonshineEncoder", hidden_size=16, **settings)
    return encoder(waveform(x)).last_hidden_state.shape[1]


def moonshine_streaming(x: np.ndarray) -> int:
    """Padded to a frame of 5 ms, as the processor says."""
    processor = module("moonshine_streaming", "processing", "MoonshineStreamingProcessor")
    extract = transformers.Wav2Vec2FeatureExtractor()
    fed = extract(x, sampling_rate=RATE, **processor.audio_kwargs)["input_values"]
    windows = {"sliding_windows": ((16, 4),)}
    encoder = small("moonshine_streaming", "MoonshineStreamingEncoder", **SMALL, **windows)
    return encoder.embedder(fed)[0].shape[1]


def masked(model: str, extractor: str, encoder: str, **settings: Any) -> Count:
    """An encoder that says by a mask which of its vectors are heard."""

    def count(x: np.ndarray) -> int:
        extract = module(extractor.lower(), "feature_extraction", f"{extractor}FeatureExtractor")()
        fed = extract(x, sampling_rate=RATE, return_attention_mask=True, return_tensors="pt")
        run = small(model, encoder, **SMALL, **settings)
        made = run(fed["input_features"], fed["attention_mask"], output_attention_mask=True)
        return int(made.attention_mask.sum())

    return count


def granite(x: np.ndarray) -> int:
    return module("granite_speech", "feature_extraction", "GraniteSpeechFeatureExtractor")()(x)[
        "audio_embed_sizes"
    ][0]


def granite_5(x: np.ndarray) -> int:
    extract = module("granite_speech5", "feature_extraction", "GraniteSpeech5FeatureExtractor")()
    fed = extract(x, sampling_rate=RATE, return_tensors="pt")
    encoder = small(
        "granite_speech5", "GraniteSpeech5Encoder", **{**SMALL, "num_hidden_layers": 16}
    )
    made = encoder(fed["input_features"], fed["attention_mask"], output_attention_mask=True)
    return int(made.attention_mask.sum())


def seamless(x: np.ndarray) -> int:
    fed = transformers.SeamlessM4TFeatureExtractor()(x, sampling_rate=RATE, return_tensors="pt")
    return int(fed["attention_mask"].sum())


def ast(frames: int) -> Count:
    def count(x: np.ndarray) -> int:
        extract = transformers.ASTFeatureExtractor(max_length=frames)
        fed = extract(x, sampling_rate=RATE, return_tensors="pt")["input_values"]
        model = small("audio_spectrogram_transformer", "ASTModel", **SMALL, max_length=frames)
        return model(fed).last_hidden_state.shape[1]

    return count


@cache
def bare(name: str, extractor: Any) -> Any:
    """A processor with the defaults of its constructor, no tokenizer, and a letter for a token."""
    kind = getattr(transformers, f"{name}Processor")
    made = object.__new__(kind)
    for key, parameter in signature(kind.__init__).parameters.items():
        if parameter.default not in (None, Parameter.empty):
            setattr(made, key, parameter.default)
    made.feature_extractor = extractor()
    for key in ("audio_token", "audio_bos_token", "audio_eos_token"):
        setattr(made, key, ".")
    return made


class Silent(transformers.WhisperFeatureExtractor):
    """Whisper's padding and masks, whose spectrogram no length hangs on."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(feature_size=128, **settings)

    def _torch_extract_fbank_features(self, waveform: np.ndarray, device: str = "cpu"):
        frames = waveform.shape[-1] // self.hop_length
        return np.zeros((len(waveform), 1, frames), np.float32)


def written(name: str, extractor: Any) -> Count:
    """All that the processor writes for a sound."""

    def count(x: np.ndarray) -> int:
        processor = bare(name, extractor)
        settings = {"sampling_rate": RATE, **getattr(type(processor), "audio_kwargs", {})}
        return processor._process_audio([x], **settings)[1][0].count(".")

    return count


def realtime(x: np.ndarray) -> int:
    """The whole sound between its silence; 480 ms and 32 pads as in the model's tekken.json."""
    from mistral_common.tokens.tokenizers.audio import (
        AudioConfig,
        AudioEncoder,
        AudioSpectrogramConfig,
        SpecialAudioIDs,
        TranscriptionFormat,
    )

    config = AudioConfig(
        sampling_rate=RATE,
        frame_rate=12.5,
        encoding_config=AudioSpectrogramConfig(num_mel_bins=128, hop_length=160, window_size=400),
        transcription_format=TranscriptionFormat.STREAMING,
        transcription_delay_ms=480,
        streaming_look_ahead_ms=2.5,
        streaming_look_back_ms=52.5,
        streaming_n_left_pad_tokens=32,
    )
    padded = AudioEncoder(config, SpecialAudioIDs(*[None] * 5)).pad(x, RATE)
    return config.num_audio_tokens(len(padded))


def nemotron(x: np.ndarray) -> int:
    made = object.__new__(transformers.NemotronH_Omni_Reasoning_V3Processor)
    made.audio_hop_length, made.audio_subsampling_factor = 160, 8
    made.audio_token = made.audio_start_token = made.audio_end_token = "."
    tokens = max(1, made._estimate_audio_num_embeddings(len(x)))
    return len(made.replace_audio_token({"num_tokens": [tokens]}, 0))


HF, MISTRAL = "transformers 5.23.0", "mistral-common 1.13.1"
PARAKEET = masked("parakeet", "Parakeet", "ParakeetEncoder", layerdrop=0.0)
REFERENCES: dict[str, tuple[str, Count, int]] = {
    "facebook/wav2vec2-base-960h": (HF, convolutional("wav2vec2", "Wav2Vec2Model"), RATE),
    "facebook/hubert-base-ls960": (HF, convolutional("hubert", "HubertModel"), RATE),
    "microsoft/wavlm-base": (HF, convolutional("wavlm", "WavLMModel"), RATE),
    "facebook/w2v-bert-2.0": (HF, seamless, RATE),
    "UsefulSensors/moonshine-tiny": (HF, moonshine, RATE),
    "UsefulSensors/moonshine-streaming-tiny": (HF, moonshine_streaming, RATE),
    "nvidia/parakeet-ctc-1.1b": (HF, PARAKEET, RATE),
    "google/medasr": (HF, masked("lasr", "Lasr", "LasrEncoder", layerdrop=0.0), RATE),
    "ibm-granite/granite-speech-3.3-8b": (HF, granite, RATE),
    "ibm-granite/granite-speech-5.0-470m-turboctc": (HF, granite_5, RATE),
    "MIT/ast-finetuned-audioset-10-10-0.4593": (HF, ast(1024), RATE),
    "MIT/ast-finetuned-speech-commands-v2": (HF, ast(128), RATE),
    "Qwen/Qwen3-ASR-1.7B": (
        HF,
        written("Qwen3ASR", module("qwen3_asr", "feature_extraction", "Qwen3ASRFeatureExtractor")),
        RATE,
    ),
    "zai-org/GLM-ASR-Nano-2512": (HF, written("GlmAsr", Silent), RATE),
    "nvidia/audio-flamingo-3-hf": (HF, written("AudioFlamingo3", Silent), RATE),
    "nvidia/music-flamingo-2601-hf": (HF, written("MusicFlamingo", Silent), RATE),
    "microsoft/VibeVoice-ASR-HF": (
        HF,
        written(
            "VibeVoiceAsr",
            module(
                "vibevoice_acoustic_tokenizer",
                "feature_extraction",
                "VibeVoiceAcousticTokenizerFeatureExtractor",
            ),
        ),
        24_000,
    ),
    "mistralai/Voxtral-Mini-4B-Realtime-2602": (MISTRAL, realtime, RATE),
    "nvidia/Nemotron-3-Nano-Omni-30B-A3B-Reasoning-BF16": (HF, nemotron, RATE),
}  # fmt: skip


def tokens(count: Count, samples: int) -> int | str:
    try:
        return count(np.full(samples, 0.1, np.float32))
    except (RuntimeError, ValueError, AssertionError):
        return ""


@torch.no_grad()
def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["model", "rate", "samples", "tokens", "reference"])
    beyond = {"zai-org/GLM-ASR-Nano-2512": 630, "nvidia/audio-flamingo-3-hf": 600}
    beyond |= {"nvidia/music-flamingo-2601-hf": 1200}
    named = {name: REFERENCES[name] for name in sys.argv[1:]} or REFERENCES
    for model, (reference, count, rate) in named.items():
        longest = RATE * beyond.get(model, 0)
        more = [longest - 1, longest, longest + 1, longest + 48_000] if longest else []
        for samples in [*LENGTHS, *more]:
            out.writerow([model, rate, samples, tokens(count, samples), reference])


if __name__ == "__main__":
    main()
