"""Whisper: half a minute of log-mel frames, two of them a token of its encoder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from multitok.core.info import AudioInfo
from multitok.core.parameters import MOST_CODES, AtLeast, AtMost, Positive
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.audio.encoders import FixedAudioCounter
from multitok.modalities.audio.log_mel import LogMelTokenizer

if TYPE_CHECKING:
    from multitok.core.media import Audio
    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class WhisperMelTokenizer(FixedAudioCounter, Tokenizer["Audio", AudioInfo]):
    """30 s, filled with silence or cut, as the encoder is fed them: 1,500 tokens.

    `inputs["input_features"]` is float32 (1, bands, 3000): a frame every 10 ms. A convolution of
    stride 2 makes a token of two of them, so `positions` count 20 ms each.
    Source: transformers 5.24.0, WhisperFeatureExtractor, to which it is equal within 1e-4.

    >>> WhisperMelTokenizer(bands=128).count(AudioInfo(1600, 16_000))
    1500
    """

    tokens_per_window: Annotated[int, AtLeast(1), AtMost(MOST_CODES)] = 1500
    seconds: Positive = 30
    bands: Positive = 80

    name: ClassVar[str] = "whisper-mel"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"bands": 128})

    def frames_of(self) -> LogMelTokenizer:
        """What makes the frames."""
        return LogMelTokenizer(
            bands=self.bands, sample_rate=self.sample_rate, hop=self.hop, pad=self.seconds
        )

    def prepare(self, media: Audio, /) -> Audio:
        """One channel at 16 kHz, filled with silence or cut."""
        return self.frames_of().prepare(media)

    def encode(self, media: Audio, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        tokens = self.count(media.info)
        places = np.arange(tokens, dtype=np.int32)[:, None]
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(tokens, np.bool_),
            inputs=self.frames_of().encode(media).inputs,
            axes=("frame",),
            positions=places,
        )
