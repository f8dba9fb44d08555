"""How many ids a neural codec makes of a sound: frames times codebooks, which no weights decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from multitok.core.info import AudioInfo, info_of
from multitok.core.integers import ceil_div
from multitok.core.parameters import Natural, Positive
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.audio.rate import samples_at

if TYPE_CHECKING:
    from multitok.core.media import Audio


@dataclass(frozen=True, kw_only=True)
class CodecFramesCounter(TokenCounter["Audio", AudioInfo]):
    """A frame every `hop` samples, and in each an id of every codebook.

    sample_rate   what the codec hears: any other sound is resampled to it
    hop           samples of a frame, the product of the encoder's strides
    codebooks     ids of a frame; SNAC's 1 + 2 + 4 of three rates are 7
    rounding      "up" where the end is filled to a whole frame, "down" where it is dropped
    padding       samples of silence that are put behind the sound before it is cut
    Source: the catalogue row that names the codec.

    >>> mimi = CodecFramesCounter(sample_rate=24_000, hop=1920, codebooks=8)
    >>> mimi.count(AudioInfo(samples=240_000, sample_rate=24_000))
    1000
    """

    sample_rate: Positive
    hop: Positive
    codebooks: Positive = 1
    rounding: Literal["up", "down"] = "up"
    padding: Natural = 0

    name: ClassVar[str] = "codec-frames"
    modality: ClassVar[str] = "audio"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"sample_rate": 24_000, "hop": 320, "codebooks": 8},
        {"sample_rate": 44_100, "hop": 512, "codebooks": 9, "rounding": "down"},
        {"sample_rate": 16_000, "hop": 320, "padding": 1},
    )

    def frames(self, info: AudioInfo) -> int:
        """Frames of a sound; silence behind nothing is no frame."""
        samples = samples_at(info, self.sample_rate)
        heard = samples + self.padding if samples else 0
        return ceil_div(heard, self.hop) if self.rounding == "up" else heard // self.hop

    def count(self, x: Audio | AudioInfo, /) -> int:
        return self.frames(info_of(x)) * self.codebooks

    def geometry(self, x: Audio | AudioInfo, /) -> Mapping[str, Any]:
        return {"frames": self.frames(info_of(x)), "codebooks": self.codebooks}

    def explain(self, x: Audio | AudioInfo, /) -> list[str]:
        info: AudioInfo = info_of(x)
        samples, frames = samples_at(info, self.sample_rate), self.frames(info)
        return [
            f"{info.duration:.2f} s is {samples:,} samples at {self.sample_rate} Hz",
            f"{frames:,} frames of {self.hop:,} samples",
            f"{self.codebooks} codebook{'s' * (self.codebooks != 1)}: {self.count(info):,} ids",
        ]
