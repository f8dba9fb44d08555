"""Log-mel frames: what speech models are fed, 100 a second, as Whisper's extractor makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from multitok.core.errors import MediaError, UnknownNameError
from multitok.core.info import AudioInfo, info_of
from multitok.core.integers import ceil_div
from multitok.core.parameters import Above, AtLeast, AtMost, Rate
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.audio.encoders import only_the_first
from multitok.modalities.audio.rate import mono_at, samples_at

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Audio
    from multitok.core.sequence import TokenSequence

CHUNK = 512
"""Frames worked on at once: their spectrum stays in the processor's cache."""
ONE_THREAD = 4 * 65_536
"""Multiplications that OpenBLAS does on one thread (interface/gemm.c, SMP_THRESHOLD_MIN times
GEMM_MULTITHREAD_THRESHOLD)."""
MOST_PADDED = 1 << 25
QUIET = 1e-10
RANGE = 8.0
"""Decades below the loudest value of the sound that are told apart; the rest is silence."""


PRESETS: Mapping[str, Mapping[str, Any]] = {
    "whisper": {"pad": 30},
    "whisper-large-v3": {"pad": 30, "bands": 128},
    "vocos-24khz": {
        "sample_rate": 24_000, "window": 1024, "hop": 256, "bands": 100, "mel": "htk",
        "normalize": "none", "top": 12_000.0, "power": 1, "log": "ln", "floor": 1e-7, "last": True,
    },
}  # fmt: skip
"""Published features by name: WhisperFeatureExtractor of transformers 5.24.0 as it is; vocos 0.1.0,
feature_extractors.py (MelSpectrogramFeatures, padding="center", and safe_log), which F5-TTS and
others take over."""


@dataclass(frozen=True, kw_only=True)
class LogMelTokenizer(Tokenizer["Audio", AudioInfo]):
    """A spectrum every `hop` samples in `bands` mel bands, log10, one token each.

    The sound is resampled to one channel at `sample_rate`; a window of `window` samples (Hann)
    is centered on every frame, the ends mirrored. A value is (log10 + 4) / 4, after what lies more
    than 8 decades under the loudest is lifted there. `patch` (frames, bands) makes a token of a
    block of that size instead, the last frame and band repeated where it is not full.
    `inputs["input_features"]` is the whole as the reference has it, float32 (1, bands, frames).

    pad        seconds that a shorter sound is filled up to, with silence; a longer one is cut
    mel        where the bands lie: on Slaney's mel scale, or on HTK's
    normalize  triangles of equal area (Slaney), or "none": of equal height
    top        Hz that the bands reach up to
    power      2 sums squares, 1 magnitudes
    log        "whisper" as above, or "ln": the natural logarithm of what is above `floor`
    last       keep the frame at the end, which Whisper drops and torch.stft gives

    Equal to WhisperFeatureExtractor within 1e-4: with truncation=False, padding="longest", or, with
    pad=30, as it is. The waveform cannot be rebuilt: the phase is not kept.
    Source: Robust Speech Recognition via Large-Scale Weak Supervision (Radford et al. 2022);
    transformers 5.24.0, audio_utils.py.

    >>> LogMelTokenizer().count(AudioInfo(samples=16_000, sample_rate=16_000))
    100
    """

    bands: Annotated[int, AtMost(512)] = 80
    sample_rate: int = 16_000
    window: Annotated[int, AtMost(16_384)] = 400
    hop: int = 160
    patch: tuple[int, int] | None = None
    pad: Annotated[int, AtLeast(1), AtMost(600)] | None = None
    mel: Literal["slaney", "htk"] = "slaney"
    normalize: Literal["slaney", "none"] = "slaney"
    top: Rate = 8000.0
    power: Literal[1, 2] = 2
    log: Literal["whisper", "ln"] = "whisper"
    floor: Annotated[float, Above(0), AtMost(1)] = QUIET
    last: bool = False

    name: ClassVar[str] = "log-mel"
    modality: ClassVar[str] = "audio"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"bands": 128},
        PRESETS["vocos-24khz"],
        {"patch": (16, 16)},
        {"pad": 1, "mel": "htk", "normalize": "none", "power": 1, "log": "ln", "last": True},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("bands", "sample_rate", "hop"):
            if getattr(self, name) < 1:
                raise MediaError(f"{name} must be at least 1, got {getattr(self, name)!r}")
        if self.window < 2 or self.window % 2:
            raise MediaError(f"window must be an even number of samples, got {self.window!r}")
        samples = (self.pad or 0) * self.sample_rate
        if samples > MOST_PADDED:
            raise MediaError(
                f"pad={self.pad} s at {self.sample_rate} Hz are {samples:,} samples,"
                f" {MOST_PADDED:,} are filled up to at most"
            )
        if self.patch is not None and min(self.patch) < 1:
            raise MediaError(f"patch must be at least 1 x 1, got {self.patch!r}")

    @classmethod
    def preset(cls, name: str, /, **changes: Any) -> LogMelTokenizer:
        """Published features by name (whisper, whisper-large-v3, vocos-24khz), with your changes.

        >>> LogMelTokenizer.preset("vocos-24khz").count(AudioInfo(24_000, 24_000))
        94
        """
        if name not in PRESETS:
            then = f"Presets: {', '.join(PRESETS)}"
            raise UnknownNameError.of("log-mel preset", name, PRESETS, then)
        return cls(**{**PRESETS[name], **changes})

    def frames(self, info: AudioInfo) -> int:
        """Frames of the sound: one for every whole hop, and one at the end where it is kept."""
        samples = samples_at(info, self.sample_rate)
        if self.pad is not None:
            samples = self.pad * self.sample_rate
        return samples // self.hop + (self.last and samples > 0)

    def grid(self, info: AudioInfo) -> tuple[int, int]:
        """Tokens along time and along the bands."""
        long, high = self.patch or (1, self.bands)
        return ceil_div(self.frames(info), long), ceil_div(self.bands, high)

    def count(self, x: Audio | AudioInfo, /) -> int:
        along, across = self.grid(info_of(x))
        return along * across

    def geometry(self, x: Audio | AudioInfo, /) -> Mapping[str, Any]:
        info: AudioInfo = info_of(x)
        frames = self.frames(info)
        return {
            "mel_frames": frames,
            "input_features_shape": [1, self.bands, frames],
            "grid": list(self.grid(info)),
        }

    def explain(self, x: Audio | AudioInfo, /) -> list[str]:
        info: AudioInfo = info_of(x)
        along, across = self.grid(info)
        long, high = self.patch or (1, self.bands)
        return [
            f"{info.duration:.2f} s at {self.sample_rate} Hz: {self.frames(info):,} frames of"
            f" {self.bands} bands",
            f"{along} x {across} tokens of {long} x {high} values = {along * across:,} tokens",
        ]

    def left_out(self, x: Audio | AudioInfo, /) -> str | None:
        return None if self.pad is None else only_the_first(info_of(x), self.pad)

    def notes(self, x: Audio | AudioInfo, /) -> list[str]:
        return list(filter(None, [self.left_out(x)]))

    def prepare(self, media: Audio, /) -> Audio:
        """One channel at the rule's rate, as long as `pad` says."""
        from multitok.core.media import Audio

        whole = self.pad is None or len(media.samples) == self.pad * self.sample_rate
        if whole and (media.sample_rate, media.samples.shape[1]) == (self.sample_rate, 1):
            return media
        return Audio(self._wave(media), self.sample_rate)

    def _wave(self, media: Audio) -> NDArray[np.float32]:
        """One channel at the rule's rate, as long as `pad` says."""
        import numpy as np

        wave = mono_at(media, self.sample_rate)
        if self.pad is None:
            return wave
        length = self.pad * self.sample_rate
        return np.pad(wave[:length], (0, max(0, length - len(wave))))

    def encode(self, media: Audio, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        mel = self.features(self._wave(media))
        along, across = self.grid(media.info)
        long, high = self.patch or (1, self.bands)
        values = mel
        if self.patch is not None and len(mel):
            beyond = (0, along * long - len(mel)), (0, across * high - self.bands)
            full = np.pad(mel, beyond, mode="edge")
            # (along, long, across, high) -> a block a token, time by time, from the lowest band up
            values = full.reshape(along, long, across, high).transpose(0, 2, 1, 3)
        places = np.indices((along, across), dtype=np.int32).reshape(2, -1).T
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(along * across, np.bool_),
            values=np.ascontiguousarray(values.reshape(along * across, long * high)),
            inputs={"input_features": mel.T[None]},
            axes=("frame", "band"),
            positions=places.copy(),
            state={"grid": [along, across]},
        )

    def features(self, wave: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log-mel values of a mono wave at `sample_rate`: float32 (frames, bands)."""
        import numpy as np

        half = self.window // 2
        frames = len(wave) // self.hop + (self.last and len(wave) > 0)
        out = np.empty((frames, self.bands), np.float32)
        if not frames:
            return out
        mirrored = np.pad(wave, half, mode="reflect" if len(wave) > 1 else "edge")
        views = np.lib.stride_tricks.sliding_window_view(mirrored, self.window)[:: self.hop]
        hann = _hann(self.window)
        filters = _filters(
            self.window, self.bands, self.sample_rate, self.mel, self.normalize, self.top
        )
        for start in range(0, frames, CHUNK):
            power = _power(views[start : min(start + CHUNK, frames)] * hann)
            if self.power == 1:
                _magnitudes(power)
            _summed(power, filters, out[start : start + len(power)])
        np.maximum(out, np.float32(self.floor), out=out)
        if self.log == "ln":
            np.log(out, out=out)
            return out
        np.log10(out, out=out)
        np.maximum(out, out.max() - np.float32(RANGE), out=out)
        out += np.float32(4)
        out *= np.float32(0.25)
        return out


def _power(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squares of a real Fourier transform as OpenCV packs it: r0 r1 i1 r2 i2 ... r(n/2), summed by
    the filters, which hold each weight for both parts."""
    import cv2

    packed: NDArray[np.float32] = cv2.dft(rows, flags=cv2.DFT_ROWS)
    packed *= packed
    return packed


def _magnitudes(power: NDArray[np.float32]) -> None:
    """Roots of the squares of each bin, in place: all of it where the real part stands."""
    import numpy as np

    power[:, 1:-1:2] += power[:, 2::2]
    power[:, 2::2] = 0
    np.sqrt(power, out=power)


def _summed(
    power: NDArray[np.float32], filters: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    """power @ filters, in products so small that BLAS gives none of them to a second thread: how
    many threads there are would change the last bits. The last one is filled up, for a single row
    would be a product of a vector, which is shared far earlier."""
    import numpy as np

    rows = max(2, ONE_THREAD // filters.size)
    full = np.pad(power, ((0, -len(power) % rows), (0, 0)))
    sums = np.matmul(full.reshape(-1, rows, full.shape[1]), filters)
    out[:] = sums.reshape(-1, filters.shape[1])[: len(power)]


@lru_cache(maxsize=16)
def _hann(window: int) -> NDArray[np.float32]:
    """The periodic Hann window."""
    import numpy as np

    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)).astype(np.float32)


@lru_cache(maxsize=16)
def _filters(
    window: int, bands: int, sample_rate: int, mel: str, normalize: str, top: float
) -> NDArray[np.float32]:
    """Mel filters for packed squares, (window, bands): a triangle a band from 0 Hz to `top`.

    Slaney's mel is linear to 1000 Hz (3 mel per 200 Hz) and logarithmic above (27 mel per factor
    6.4); HTK's is 2595 log10(1 + Hz / 700).
    """
    import numpy as np

    if mel == "htk":
        mels = np.linspace(0, 2595 * np.log10(1 + top / 700), bands + 2)
        edges = 700 * (10 ** (mels / 2595) - 1)
    else:
        high = 15 + np.log(top / 1000) * 27 / np.log(6.4) if top >= 1000 else top * 3 / 200
        mels = np.linspace(0, high, bands + 2)
        edges = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp(np.log(6.4) / 27 * (mels - 15)))
    hertz = np.linspace(0, sample_rate // 2, window // 2 + 1)
    slopes = edges[None, :] - hertz[:, None]
    rising = -slopes[:, :-2] / np.diff(edges)[:-1]
    falling = slopes[:, 2:] / np.diff(edges)[1:]
    triangles = np.maximum(0, np.minimum(rising, falling))
    if normalize == "slaney":
        triangles *= 2 / (edges[2:] - edges[:-2])
    # r0, then each inner bin for its real and its imaginary part, then r(n/2)
    rows = [triangles[:1], np.repeat(triangles[1:-1], 2, axis=0), triangles[-1:]]
    packed: NDArray[np.float32] = np.concatenate(rows).astype(np.float32)
    return packed
