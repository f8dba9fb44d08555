"""A checkpoint's feature extractor to the rule and the numbers of its sounds.

One extractor feeds several models (Whisper's does ten), so the type of the model decides with it.
What a published class has in its code, and no file says, stands here.
"""

from __future__ import annotations

from math import log2, prod
from typing import Any

from multitok.catalog.checkpoint import (
    CONFIG,
    PREPROCESSOR,
    PROCESSOR,
    Folder,
    Made,
    Params,
    Readers,
)
from multitok.core.integers import ceil_div

HALVED = (3, 2, 1)
"""A convolution of kernel 3 and stride 2, padded by 1."""


def _sampled(folder: Folder, rule: str) -> Params:
    return {"sample_rate": folder.whole(rule, (PREPROCESSOR, "sampling_rate"))}


def _convolved(folder: Folder, layers: list[list[int]], **more: Any) -> Made:
    rule = "strided-convolutions"
    return rule, {**_sampled(folder, rule), "layers": layers, **more}


def _hop(folder: Folder) -> int:
    return folder.whole("strided-convolutions", (PREPROCESSOR, "hop_length"))


def _stranger(folder: Folder, known: Any) -> Exception:
    kinds = ", ".join(sorted(known))
    return folder.error(CONFIG, f"model_type {folder.model_type()!r} is none of {kinds}")


POOLED: dict[str, Params] = {
    "qwen2_audio": {}, "qwen2_5_omni": {}, "audioflamingo3": {}, "glmasr": {"pool": 4},
    "musicflamingo": {"around": ["<|sound_bos|>", "<|sound_eos|>"]},
}  # fmt: skip
"""What is particular to a model whose halved frames are pooled; the last three cut windows."""
IN_WINDOWS = ("audioflamingo3", "glmasr", "musicflamingo")


def whisper(folder: Folder) -> Made:
    """Whisper, and the models that are fed its spectrogram."""
    kind = folder.model_type()
    seconds = folder.whole("fixed-audio", (PREPROCESSOR, "chunk_length"))
    if kind in POOLED:
        rule = "pooled-mel"
        longest = seconds
        if kind in IN_WINDOWS:
            longest = folder.whole(rule, (PROCESSOR, "max_audio_len")) // seconds * seconds
        return rule, {**_sampled(folder, rule), "max_seconds": longest, **POOLED[kind]}
    if kind == "qwen3_omni_moe":
        rule, place = "windowed-mel", (CONFIG, "thinker_config", "audio_config", "n_window")
        return rule, {**_sampled(folder, rule), "window": folder.whole(rule, place)}
    rule = "fixed-audio"
    if kind == "whisper":
        tokens = folder.whole(rule, (CONFIG, "max_source_positions"))
        bands = folder.whole(rule, (PREPROCESSOR, "feature_size"))
        return rule, {"tokens_per_window": tokens, "seconds": seconds, "bands": bands}
    if kind == "voxtral":
        names = ("max_source_positions", "hidden_size", "intermediate_size")
        places, wide, wider = (folder.whole(rule, (CONFIG, "audio_config", n)) for n in names)
        return rule, {
            "tokens_per_window": places * wide // wider,
            "seconds": seconds,
            "max_windows": 1000,
        }
    raise _stranger(folder, {*POOLED, "qwen3_omni_moe", "whisper", "voxtral"})


KBPS = 1e6
"""Kilobits a second that a codec may be said to make: published are 24."""
DEEPEST = 64
"""Adapter layers that a file may ask for: published are three."""
MOONSHINE = [[127, 64, 0], [7, 3, 0], [3, 2, 0]]
CONVOLVED = (
    "wav2vec2", "wav2vec2-conformer", "hubert", "wavlm", "unispeech", "unispeech-sat",
    "data2vec-audio",
)  # fmt: skip


def wav2vec2(folder: Folder) -> Made:
    """wav2vec2 and those that took its convolutions over, and Moonshine."""
    kind, rule = folder.model_type(), "strided-convolutions"
    if kind == "moonshine":
        return _convolved(folder, MOONSHINE)
    if kind not in CONVOLVED:
        raise _stranger(folder, {*CONVOLVED, "moonshine"})
    kernels = folder.value(list[int], CONFIG, "conv_kernel")
    strides = folder.value(list[int], CONFIG, "conv_stride")
    for key, found in (("conv_kernel", kernels), ("conv_stride", strides)):
        if not found:
            raise folder.lacks(CONFIG, key, rule)
    if len(kernels) != len(strides):
        raise folder.error(CONFIG, "conv_kernel and conv_stride must be as many as each other")
    layers = [[kernel, stride, 0] for kernel, stride in zip(kernels, strides, strict=True)]
    if folder.find(CONFIG, "add_adapter"):
        step = folder.whole(rule, (CONFIG, "adapter_stride"))
        more = folder.whole(rule, (CONFIG, "num_adapter_layers"))
        if more > DEEPEST:
            raise folder.error(CONFIG, f"num_adapter_layers must be at most {DEEPEST}, got {more}")
        layers += [[1, step, 0]] * more
    return _convolved(folder, layers)


def parakeet(folder: Folder) -> Made:
    """Parakeet and Canary: frames halved until the factor is reached."""
    rule, hop = "strided-convolutions", _hop(folder)
    nested = (CONFIG, "encoder_config", "subsampling_factor")
    factor = folder.whole(rule, nested, (CONFIG, "subsampling_factor"))
    layers = [[hop, hop, 0], *[list(HALVED)] * (factor.bit_length() - 1)]
    return _convolved(folder, layers)


def lasr(folder: Folder) -> Made:
    window = folder.whole("strided-convolutions", (PREPROCESSOR, "win_length"))
    return _convolved(folder, [[window, _hop(folder), 0], [5, 2, 0], [5, 2, 0]])


def granite_speech(folder: Folder) -> Made:
    rule = "strided-convolutions"
    hop = folder.whole(rule, (PREPROCESSOR, "melspec_kwargs", "hop_length"))
    fft = folder.whole(rule, (PREPROCESSOR, "melspec_kwargs", "n_fft"))
    block = folder.whole(rule, (PREPROCESSOR, "projector_window_size"))
    rate = folder.whole(rule, (PREPROCESSOR, "projector_downsample_rate"))
    layers = [[hop, hop, hop // 2], [2, 2, 0], [1, block, 0]]
    return _convolved(folder, layers, each=block // rate, shortest=fft // 2 + 1)


def granite_speech_5(folder: Folder) -> Made:
    hop = _hop(folder)
    return _convolved(folder, [[hop, hop, 0], [1, 2, 0], [2, 2, 0], [2, 2, 0]])


def seamless(folder: Folder) -> Made:
    """w2v-BERT: frames of 25 ms every 10 ms, so many of them stacked."""
    stride = folder.whole("strided-convolutions", (PREPROCESSOR, "stride"))
    return _convolved(folder, [[400, 160, 0], [stride, stride, 0]])


def vibevoice(folder: Folder) -> Made:
    step = folder.whole("strided-convolutions", (PREPROCESSOR, "pad_to_multiple_of"))
    return _convolved(folder, [[1, step, 0]])


def qwen3_asr(folder: Folder) -> Made:
    rule = "windowed-mel"
    return rule, {
        **_sampled(folder, rule),
        "window": folder.whole(rule, (PREPROCESSOR, "n_window")),
        "shortest": folder.whole(rule, (PREPROCESSOR, "min_length")),
    }


def ast(folder: Folder) -> Made:
    rule = "spectrogram-patches"
    steps = [folder.whole(rule, (CONFIG, f"{way}_stride")) for way in ("frequency", "time")]
    if steps[0] != steps[1]:
        raise folder.error(CONFIG, f"frequency_stride and time_stride must be equal, got {steps}")
    return rule, {
        **_sampled(folder, rule),
        "frames": folder.whole(rule, (PREPROCESSOR, "max_length")),
        "bands": folder.whole(rule, (PREPROCESSOR, "num_mel_bins")),
        "patch": folder.whole(rule, (CONFIG, "patch_size")),
        "stride": steps[0],
    }


def phi4(folder: Folder) -> Made:
    rule = "stacked-mel"
    window = folder.whole(rule, (PREPROCESSOR, "win_length"))
    stack = folder.whole(rule, (PREPROCESSOR, "audio_compression_rate"))
    return rule, {**_sampled(folder, rule), "window": window, "stack": stack}


def gemma3n(folder: Folder) -> Made:
    """Gemma 3n: so many tokens whatever the sound, between one that begins it and one that ends."""
    rule = "fixed-audio"
    places = (PROCESSOR, "audio_seq_length"), (CONFIG, "audio_soft_tokens_per_image")
    around = ["<start_of_audio>", "<end_of_audio>"]
    return rule, {"tokens_per_window": folder.whole(rule, *places), "around": around}


def gemma4(folder: Folder) -> Made:
    """Gemma 4: its processor says the most tokens, 750 unless it is saved with others."""
    most = folder.value(int, PROCESSOR, "audio_seq_length")
    return "strided-mel", {} if most is None else {"max_tokens": most}


def _frames(folder: Folder, hop: int, books: int) -> Made:
    rule = "codec-frames"
    return rule, {**_sampled(folder, rule), "hop": hop, "codebooks": books}


def dac(folder: Folder) -> Made:
    rule = "codec-frames"
    hop, books = (PREPROCESSOR, "hop_length"), (CONFIG, "n_codebooks")
    return _frames(folder, folder.whole(rule, hop), folder.whole(rule, books))


def encodec(folder: Folder) -> Made:
    """EnCodec and Mimi, with the books that their classes make where nobody asks for others: those
    of the first bandwidth, and all."""
    kind, rule = folder.model_type(), "codec-frames"
    if kind not in ("encodec", "mimi"):
        raise _stranger(folder, {"encodec", "mimi"})
    strides = folder.value(list[int], CONFIG, "upsampling_ratios")
    if not strides or min(strides) < 1:
        raise folder.lacks(CONFIG, "upsampling_ratios", rule)
    hop = prod(strides)
    if kind == "mimi":  # its frames are halved once more, behind the convolutions
        return _frames(folder, 2 * hop, folder.whole(rule, (CONFIG, "num_quantizers")))
    rates = folder.value(list[float], CONFIG, "target_bandwidths")
    if not rates:
        raise folder.lacks(CONFIG, "target_bandwidths", rule)
    if not 0 < rates[0] <= KBPS:
        raise folder.error(CONFIG, f"target_bandwidths must be kbit/s, 24.0, got {rates[0]!r}")
    rate = folder.whole(rule, (PREPROCESSOR, "sampling_rate"))
    codes = folder.whole(rule, (CONFIG, "codebook_size"))
    if codes < 2:
        raise folder.error(CONFIG, f"codebook_size must be at least 2, got {codes}")
    return _frames(folder, hop, max(1, int(1000 * rates[0] / (ceil_div(rate, hop) * log2(codes)))))


AUDIO_READERS: Readers = {
    "ASTFeatureExtractor": ast,
    "DacFeatureExtractor": dac,
    "EncodecFeatureExtractor": encodec,
    "Gemma3nAudioFeatureExtractor": gemma3n,
    "Gemma4AudioFeatureExtractor": gemma4,
    "GraniteSpeech5FeatureExtractor": granite_speech_5,
    "GraniteSpeechFeatureExtractor": granite_speech,
    "LasrFeatureExtractor": lasr,
    "ParakeetFeatureExtractor": parakeet,
    "Phi4MultimodalFeatureExtractor": phi4,
    "Qwen3ASRFeatureExtractor": qwen3_asr,
    "SeamlessM4TFeatureExtractor": seamless,
    "VibeVoiceAcousticTokenizerFeatureExtractor": vibevoice,
    "Wav2Vec2FeatureExtractor": wav2vec2,
    "WhisperFeatureExtractor": whisper,
}
