"""Mu-law: telephone companding, 8 bits a sample, finer for quiet sounds than for loud ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log1p
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import DecodeError
from multitok.core.info import AudioInfo, info_of
from multitok.core.parameters import Codes, Positive
from multitok.core.tokenizer import Tokenizer

if TYPE_CHECKING:
    from multitok.core.media import Audio
    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class MuLawTokenizer(Tokenizer["Audio", AudioInfo]):
    """One id a sample: sign(x) log(1 + mu |x|) / log(1 + mu), cut into `codes` equal steps.

    Channels alternate, sample by sample. `sample_rate` resamples to one channel first; without it
    the sound is taken as it is. mu = codes - 1. Decoding gives the middle of the step in the
    companded scale: silence comes back as 0.00009, full scale is off by at most 0.022.
    Source: ITU-T G.711's curve with WaveNet's (van den Oord et al. 2016) and torchaudio's rounding.

    >>> from multitok import Audio
    >>> MuLawTokenizer().encode(Audio([-1.0, -0.01, 0.0, 0.01, 1.0], 16_000)).ids
    array([  0,  98, 128, 157, 255])
    """

    codes: Codes = 256
    sample_rate: Positive | None = None

    name: ClassVar[str] = "mulaw"
    modality: ClassVar[str] = "audio"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"codes": 16},
        {"sample_rate": 12_000},
    )

    def _shape(self, info: AudioInfo) -> tuple[int, int]:
        """Samples and channels of the prepared sound."""
        if self.sample_rate is None:
            return info.samples, info.channels
        from multitok.modalities.audio.rate import samples_at

        return samples_at(info, self.sample_rate), 1

    def count(self, x: Audio | AudioInfo, /) -> int:
        samples, channels = self._shape(info_of(x))
        return samples * channels

    def geometry(self, x: Audio | AudioInfo, /) -> Mapping[str, Any]:
        samples, channels = self._shape(info_of(x))
        return {"grid": [samples, channels]}

    def explain(self, x: Audio | AudioInfo, /) -> list[str]:
        samples, channels = self._shape(info_of(x))
        return [f"{samples:,} samples x {channels} channels = {samples * channels:,} tokens"]

    def prepare(self, media: Audio, /) -> Audio:
        """Clipped to -1..1; one channel at `sample_rate`, where one is asked for."""
        import numpy as np

        from multitok.core.media import Audio
        from multitok.modalities.audio.rate import mono_at

        if self.sample_rate is None:
            return Audio(np.clip(media.samples, -1, 1), media.sample_rate)
        return Audio(np.clip(mono_at(media, self.sample_rate), -1, 1), self.sample_rate)

    def encode(self, media: Audio, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        prepared = self.prepare(media)
        samples, channels = prepared.samples.shape
        mu = self.codes - 1
        x = prepared.samples.astype(np.float64).ravel()
        companded = np.sign(x) * np.log1p(mu * np.abs(x)) / np.log1p(mu)
        places = np.indices((samples, channels), dtype=np.int32).reshape(2, -1).T
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(x.size, np.bool_),
            ids=((companded + 1) / 2 * mu + 0.5).astype(np.int64),
            axes=("sample", "channel"),
            positions=places.copy(),
            state={"grid": [samples, channels], "sample_rate": prepared.sample_rate},
        )

    def decode(self, tokens: TokenSequence, /) -> Audio:
        """The sound within `error_bound`. DecodeError for an id outside 0..codes - 1."""
        import numpy as np

        from multitok.core.media import Audio

        if tokens.ids is None:
            raise DecodeError("mulaw tokens hold ids, got a sequence without them")
        if tokens.ids.size and (tokens.ids.min() < 0 or tokens.ids.max() >= self.codes):
            raise DecodeError(
                f"mulaw ids are 0 to {self.codes - 1}, got {tokens.ids.min()} to {tokens.ids.max()}"
            )
        wave = self.levels()[tokens.ids].reshape(tokens.state["grid"])
        return Audio(wave.astype(np.float32), tokens.state["sample_rate"])

    def levels(self) -> Any:
        """The value of every code, float64."""
        import numpy as np

        mu = self.codes - 1
        companded = np.arange(self.codes) / mu * 2 - 1
        return np.sign(companded) * (np.exp(np.abs(companded) * np.log1p(mu)) - 1) / mu

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """Half a step at full scale, where steps are widest."""
        mu = self.codes - 1
        widest = 1 - (exp((1 - 1 / mu) * log1p(mu)) - 1) / mu
        return widest + 1e-6
