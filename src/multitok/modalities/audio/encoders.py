"""How many tokens a speech encoder leaves of a sound: published arithmetic on its length.

All of these resample to 16 kHz and take a frame every 10 ms; they differ in what becomes of the
frames. The count follows from the number of samples, never from what is heard. Encoders whose
convolutions alone say it are in convolutions.py.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import AudioInfo, info_of
from multitok.core.integers import ceil_div, round_up
from multitok.core.parameters import Natural, Positive
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.audio.rate import samples_at

if TYPE_CHECKING:
    from multitok.core.media import Audio


@dataclass(frozen=True, kw_only=True)
class SpeechEncoder(TokenCounter["Audio", AudioInfo]):
    """What they share: the rate, and the special tokens around the placeholders."""

    sample_rate: Positive = 16_000
    around: tuple[str, ...] = ()

    modality: ClassVar[str] = "audio"

    @abstractmethod
    def tokens(self, samples: int) -> int:
        """Placeholder tokens of so many samples at `sample_rate`."""

    def count(self, x: Audio | AudioInfo, /) -> int:
        return sum(self.breakdown(x).values())

    def breakdown(self, x: Audio | AudioInfo, /) -> dict[str, int]:
        tokens = self.tokens(samples_at(info_of(x), self.sample_rate))
        return {"audio": tokens, **dict.fromkeys(self.around, 1)}

    def notes(self, x: Audio | AudioInfo, /) -> list[str]:
        return list(filter(None, [self.left_out(x)]))


@dataclass(frozen=True, kw_only=True)
class MelEncoder(SpeechEncoder):
    """What those share that are fed a spectrogram: a frame every `hop` samples."""

    hop: Positive = 160

    def frames(self, samples: int) -> int:
        """Frames the encoder is fed."""
        return samples // self.hop

    def geometry(self, x: Audio | AudioInfo, /) -> Mapping[str, Any]:
        frames = self.frames(samples_at(info_of(x), self.sample_rate))
        return {"mel_frames": frames, "frames": frames}

    def explain(self, x: Audio | AudioInfo, /) -> list[str]:
        info: AudioInfo = info_of(x)
        samples = samples_at(info, self.sample_rate)
        return [
            f"{info.duration:.2f} s is {samples:,} samples at {self.sample_rate} Hz",
            f"{self.frames(samples):,} frames of {self.hop:,} samples",
            f"{self.tokens(samples):,} tokens",
        ]


def _halved(n: int) -> int:
    """The output of a stride-2 convolution (kernel 3, padding 1); nothing stays nothing."""
    return (n - 1) // 2 + 1 if n > 0 else 0


@dataclass(frozen=True, kw_only=True)
class PooledMelCounter(MelEncoder):
    """Frames halved by a convolution, and so many of those a token: 25 or 12.5 tokens a second.

    max_seconds   the longest sound that is heard; the rest is cut off
    bands         mel bands of a frame
    pool          halved frames of a token; fewer, at the end, are dropped
    Source: transformers 5.23.0, Qwen2AudioProcessor (30 s), Qwen2_5OmniProcessor (300 s),
    AudioFlamingo3Processor (600 s), MusicFlamingoProcessor (1,200 s), GlmAsrProcessor (630 s, by
    fours).

    >>> PooledMelCounter(max_seconds=30).count(AudioInfo(samples=480_000, sample_rate=16_000))
    750
    """

    max_seconds: Positive
    bands: Positive = 128
    pool: Positive = 2

    name: ClassVar[str] = "pooled-mel"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"max_seconds": 30},
        {"max_seconds": 630, "pool": 4},
    )

    def frames(self, samples: int) -> int:
        return min(ceil_div(samples, self.hop), self.max_seconds * self.sample_rate // self.hop)

    def geometry(self, x: Audio | AudioInfo, /) -> Mapping[str, Any]:
        """`input_features_shape` is padded to the longest sound, as the reference feeds it."""
        padded = self.max_seconds * self.sample_rate // self.hop
        return {**super().geometry(x), "input_features_shape": [1, self.bands, padded]}

    def tokens(self, samples: int) -> int:
        return _halved(self.frames(samples)) // self.pool

    def left_out(self, x: Audio | AudioInfo, /) -> str | None:
        return only_the_first(info_of(x), self.max_seconds)


@dataclass(frozen=True, kw_only=True)
class WindowedMelCounter(MelEncoder):
    """Windows of frames, each halved three times by itself: 13 tokens a second in Qwen3-Omni.

    window    half the frames of a window, as the reference counts it (`n_window` 50: 100 frames)
    shortest  samples that a shorter sound is filled up to with silence
    Source: transformers 5.23.0, Qwen3OmniMoeProcessor, Qwen3ASRProcessor.

    >>> WindowedMelCounter().count(AudioInfo(samples=480_000, sample_rate=16_000))
    390
    """

    window: Positive = 50
    shortest: Natural = 0

    name: ClassVar[str] = "windowed-mel"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"shortest": 8000})

    FULL_WINDOW: ClassVar[int] = 13
    """Tokens of a full window: fixed in the reference, whatever the window."""

    def frames(self, samples: int) -> int:
        return super().frames(max(samples, self.shortest) if samples else 0)

    def tokens(self, samples: int) -> int:
        whole, rest = divmod(self.frames(samples), 2 * self.window)
        return self.FULL_WINDOW * whole + _halved(_halved(_halved(rest)))


@dataclass(frozen=True, kw_only=True)
class StridedMelCounter(MelEncoder):
    """Frames of 20 ms every 10 ms, two stride-2 convolutions: a token every 40 ms, to a limit.

    The reference pads the samples to a multiple of `pad_to`, which no token comes of.
    Source: transformers 5.23.0, Gemma4Processor and Gemma4AudioFeatureExtractor.

    >>> StridedMelCounter().count(AudioInfo(samples=160_000, sample_rate=16_000))
    250
    """

    max_seconds: Positive = 30
    max_tokens: Positive = 750
    pad_to: Positive = 128

    name: ClassVar[str] = "strided-mel"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)

    def frames(self, samples: int) -> int:
        heard = min(samples, self.max_seconds * self.sample_rate)
        return max(0, ceil_div(heard, self.hop) - 1)

    def tokens(self, samples: int) -> int:
        return min(_halved(_halved(self.frames(samples))), self.max_tokens)

    def geometry(self, x: Audio | AudioInfo, /) -> Mapping[str, Any]:
        samples = samples_at(info_of(x), self.sample_rate)
        padded = self.frames(round_up(samples, self.pad_to))
        return {**super().geometry(x), "frames_padded": padded}

    def left_out(self, x: Audio | AudioInfo, /) -> str | None:
        return only_the_first(info_of(x), self.max_seconds)


@dataclass(frozen=True, kw_only=True)
class StackedMelCounter(MelEncoder):
    """Whole windows of 25 ms every 10 ms, `stack` of them a token: 12.5 tokens a second.

    Source: transformers 5.23.0, Phi4MultimodalFeatureExtractor.

    >>> StackedMelCounter().count(AudioInfo(samples=160_000, sample_rate=16_000))
    125
    """

    window: Positive = 400
    stack: Positive = 8

    name: ClassVar[str] = "stacked-mel"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)

    def frames(self, samples: int) -> int:
        return max(0, (samples - self.window) // self.hop + 1)

    def tokens(self, samples: int) -> int:
        return ceil_div(self.frames(samples), self.stack)


@dataclass(frozen=True, kw_only=True)
class FixedAudioCounter(MelEncoder):
    """The same number of tokens for a window, however little of it is filled.

    tokens_per_window   Whisper's encoder 1500, Voxtral 375, Gemma 3n 188
    seconds             the window; 0 stands for the whole sound
    max_windows         windows that are heard; None for as many as the sound needs
    Source: transformers 5.23.0, WhisperFeatureExtractor, VoxtralProcessor, Gemma3nProcessor.

    >>> FixedAudioCounter(tokens_per_window=1500).count(AudioInfo(1600, 16_000))
    1500
    """

    tokens_per_window: Positive
    seconds: Natural = 30
    max_windows: Positive | None = 1
    bands: int = 0

    name: ClassVar[str] = "fixed-audio"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"tokens_per_window": 1500, "bands": 80},
        {"tokens_per_window": 375, "max_windows": None},
        {"tokens_per_window": 188, "seconds": 0},
    )

    def windows(self, samples: int) -> int:
        if not self.seconds:
            return 1
        needed = max(1, ceil_div(samples, self.seconds * self.sample_rate))
        return needed if self.max_windows is None else min(needed, self.max_windows)

    def frames(self, samples: int) -> int:
        if not self.seconds:
            return samples // self.hop
        return self.windows(samples) * self.seconds * self.sample_rate // self.hop

    def tokens(self, samples: int) -> int:
        return self.windows(samples) * self.tokens_per_window

    def geometry(self, x: Audio | AudioInfo, /) -> Mapping[str, Any]:
        known = super().geometry(x)
        if not self.bands:
            return known
        return {**known, "input_features_shape": [1, self.bands, known["frames"]]}

    def explain(self, x: Audio | AudioInfo, /) -> list[str]:
        info: AudioInfo = info_of(x)
        n = self.windows(samples_at(info, self.sample_rate))
        window = f"{self.seconds} s" if self.seconds else "the whole sound"
        return [
            f"{info.duration:.2f} s in {n:,} x {window}, {self.tokens_per_window:,} tokens each",
            f"{n * self.tokens_per_window:,} tokens",
        ]

    def left_out(self, x: Audio | AudioInfo, /) -> str | None:
        if not self.seconds or self.max_windows is None:
            return None
        return only_the_first(info_of(x), self.seconds * self.max_windows)


def only_the_first(info: AudioInfo, max_seconds: int) -> str | None:
    """What is said of a sound that is cut."""
    if info.duration <= max_seconds:
        return None
    return f"only the first {max_seconds} s of {info.duration:.1f} s are heard"
