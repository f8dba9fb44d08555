"""A neural codec of sound of the user's own: an encoder and a decoder as ONNX."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from multitok.core.errors import DecodeError
from multitok.core.info import AudioInfo, info_of
from multitok.core.integers import ceil_div
from multitok.core.parameters import Codes, Positive
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.audio.rate import mono_at, samples_at
from multitok.modalities.coding.neural import Codec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Audio
    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class OnnxCodecTokenizer(Tokenizer["Audio", AudioInfo]):
    """A frame every `hop` samples of one channel, and in each an id of every codebook.

    encoder    a network that takes float32 (1, 1, samples), whole hops, and gives ids, (1, layers,
               frames) whole numbers, or vectors, (1, width, frames)
    decoder    one that takes what the encoder gives, and makes float32 (1, 1, samples) of it; None
               where nothing is turned back
    sample_rate   what it hears: any other sound is resampled to it
    hop        samples of a frame
    codebook, key   the codes of vectors, as in `rvq`; without, `layers` and `codes` tell the ids
    rounding   "up" where the end is filled with silence to a whole frame, "down" where it is
               dropped

    The id of layer l is l x codes more than its code, so it says its layer. A count follows from
    the length and runs no network. Needs the extra `onnx`; what a network does is its own, so
    there is no bound of the error.
    """

    encoder: str
    decoder: str | None = None
    sample_rate: Positive
    hop: Positive
    codebook: str | None = None
    key: str | None = None
    layers: Positive | None = None
    codes: Codes | None = None  # of a layer; `ids_below` counts all
    rounding: Literal["up", "down"] = "up"

    lenient: ClassVar[tuple[str, ...]] = ("encoder", "decoder", "codebook", "key")
    name: ClassVar[str] = "onnx-codec"
    modality: ClassVar[str] = "audio"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        self.codec().check()

    def codec(self) -> Codec:
        """The files and numbers."""
        return Codec(
            self.name, self.encoder, self.decoder, self.codebook, self.key, self.layers, self.codes
        )

    @property
    def ids_below(self) -> int:
        depth, codes = self.codec().size()
        return depth * codes

    def frames(self, info: AudioInfo) -> int:
        """Frames of a sound."""
        samples = samples_at(info, self.sample_rate)
        return ceil_div(samples, self.hop) if self.rounding == "up" else samples // self.hop

    def count(self, x: Audio | AudioInfo, /) -> int:
        return self.frames(info_of(x)) * self.codec().size()[0]

    def geometry(self, x: Audio | AudioInfo, /) -> Mapping[str, Any]:
        return {"frames": self.frames(info_of(x)), "codebooks": self.codec().size()[0]}

    def explain(self, x: Audio | AudioInfo, /) -> list[str]:
        info: AudioInfo = info_of(x)
        frames, depth = self.frames(info), self.codec().size()[0]
        return [
            f"{samples_at(info, self.sample_rate):,} samples at {self.sample_rate} Hz",
            f"{frames:,} frames of {self.hop:,} samples x {depth} = {frames * depth:,} ids",
        ]

    def prepare(self, media: Audio, /) -> Audio:
        """One channel at the codec's rate, in whole frames: filled with silence, or cut."""
        import numpy as np

        from multitok.core.media import Audio

        wave, length = mono_at(media, self.sample_rate), self.frames(media.info) * self.hop
        return Audio(np.pad(wave[:length], (0, max(0, length - len(wave)))), self.sample_rate)

    def encode(self, media: Audio, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        codec, frames = self.codec(), self.frames(media.info)
        ids = np.empty(0, np.int64)
        if frames:
            ids = codec.encode(self.prepare(media).samples.T[None], (frames,))
        places = np.indices((frames, codec.size()[0]), dtype=np.int32).reshape(2, -1).T
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(len(ids), np.bool_),
            ids=ids,
            axes=("frame", "layer"),
            positions=places.copy(),
            state={"vocabulary": codec.digest()},
        )

    def decode(self, tokens: TokenSequence, /) -> Audio:
        """What the decoder makes of the ids. DecodeError where it makes another length."""
        from multitok.core.media import Audio

        codec, info = self.codec(), tokens.info_as(AudioInfo)
        frames = self.frames(info)
        if tokens.state.get("vocabulary", codec.digest()) != codec.digest():
            raise DecodeError(f"{self.name} tokens were made with another codebook")
        wave: NDArray[np.float32] = codec.decode(tokens.ids, (frames,)).reshape(-1)
        if len(wave) != frames * self.hop:
            raise DecodeError(
                f"{self.decoder}: the decoder makes {len(wave):,} samples of {frames:,} frames,"
                f" hop={self.hop} makes {frames * self.hop:,}"
            )
        return Audio(wave, self.sample_rate)

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """Nothing is known of a network."""
        return float("inf")
