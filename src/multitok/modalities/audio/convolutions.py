"""Encoders that shorten a sound by convolutions: their shapes tell what they leave of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import AudioInfo, info_of
from multitok.core.parameters import Natural, Positive
from multitok.modalities.audio.encoders import SpeechEncoder
from multitok.modalities.audio.rate import samples_at

if TYPE_CHECKING:
    from multitok.core.media import Audio

Layer = tuple[int, int, int]


def convolved(length: int, layer: Layer) -> int:
    """How many vectors a convolution leaves of so many: one for each place where its kernel lies
    within them and their padding, `stride` apart; none where it is longer.

    >>> convolved(16_000, (10, 5, 0)), convolved(9, (10, 5, 0)), convolved(1, (3, 2, 1))
    (3199, 0, 1)
    """
    kernel, stride, padding = layer
    return max(0, (length + 2 * padding - kernel) // stride + 1) if length else 0


def too_short(samples: int) -> str:
    """Where the reference raises: a count of 0 stands for no answer."""
    return f"the encoder makes nothing of so short a sound: {samples:,} samples"


@dataclass(frozen=True, kw_only=True)
class StridedConvolutionsCounter(SpeechEncoder):
    """Samples, then what is left of them by one convolution after the other.

    layers     (kernel, stride, padding) of each. The window of a spectrogram is one of them, and a
               kernel of 1 leaves a vector of a step that is not full
    each       tokens of a vector of the last
    silence    tokens of the silence that is put around the sound
    shortest   samples that the reference needs; of fewer it makes nothing
    Source: the catalogue row that names the encoder.

    >>> parakeet = StridedConvolutionsCounter(layers=((160, 160, 0), *((3, 2, 1),) * 3))
    >>> parakeet.count(AudioInfo(samples=160_000, sample_rate=16_000))  # 1,000 frames, 500, 250
    125
    """

    layers: tuple[Layer, ...]
    each: Positive = 1
    silence: Natural = 0
    shortest: Natural = 0

    name: ClassVar[str] = "strided-convolutions"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"layers": ((10, 5, 0), (3, 2, 0), (3, 2, 0), (3, 2, 0), (3, 2, 0), (2, 2, 0), (2, 2, 0))},
        {"layers": ((160, 160, 80), (2, 2, 0), (1, 15, 0)), "each": 3, "shortest": 257},
        {"layers": ((1, 1280, 0),), "silence": 49, "around": ("<s>",)},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.layers:
            raise MediaError("layers must list at least one (kernel, stride, padding), got none")
        for layer in self.layers:
            kernel, stride, padding = layer
            if kernel < 1 or stride < 1 or not 0 <= padding < kernel:
                raise MediaError(
                    "layers must each be a kernel and a stride of at least 1 and a padding shorter"
                    f" than the kernel, got {list(layer)}"
                )

    def lengths(self, samples: int) -> list[int]:
        """Samples, and the vectors that each convolution leaves."""
        heard = samples if samples >= self.shortest else 0
        return list(accumulate(self.layers, convolved, initial=heard))

    def tokens(self, samples: int) -> int:
        return self.lengths(samples)[-1] * self.each + (self.silence if samples else 0)

    def geometry(self, x: Audio | AudioInfo, /) -> Mapping[str, Any]:
        return {"lengths": self.lengths(samples_at(info_of(x), self.sample_rate))[1:]}

    def explain(self, x: Audio | AudioInfo, /) -> list[str]:
        info: AudioInfo = info_of(x)
        samples = samples_at(info, self.sample_rate)
        lengths = self.lengths(samples)
        left = ", then ".join(f"{n:,}" for n in lengths)
        each = f" x {self.each}" if self.each > 1 else ""
        silence = f" + {self.silence} of silence" if self.silence and samples else ""
        of = f"{lengths[-1]:,}{each}{silence} = " if each or silence else ""
        return [
            f"{info.duration:.2f} s is {samples:,} samples at {self.sample_rate} Hz",
            f"{left} in steps of {', '.join(f'{stride:,}' for _, stride, _ in self.layers)}",
            f"{of}{self.tokens(samples):,} tokens",
        ]

    def left_out(self, x: Audio | AudioInfo, /) -> str | None:
        samples = samples_at(info_of(x), self.sample_rate)
        if not samples or self.lengths(samples)[-1]:
            return None
        return too_short(samples)


@dataclass(frozen=True, kw_only=True)
class SpectrogramPatchesCounter(SpeechEncoder):
    """Square patches of a spectrogram that is padded or cut to one length.

    frames, bands    size of the spectrogram; a frame of `window` samples every `hop`
    patch, stride    side of a patch, and how far they are apart: less than a side, they overlap
    extra            tokens beside the patches: AST has one of its class and one of distillation
    Source: transformers 5.23.0, ASTFeatureExtractor and ASTEmbeddings.

    >>> SpectrogramPatchesCounter().count(AudioInfo(samples=16_000, sample_rate=16_000))
    1214
    """

    frames: Positive = 1024
    bands: Positive = 128
    patch: Positive = 16
    stride: Positive = 10
    extra: Natural = 2
    window: Positive = 400
    hop: Positive = 160

    name: ClassVar[str] = "spectrogram-patches"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"frames": 128})

    def __post_init__(self) -> None:
        super().__post_init__()
        for what, side in (("frames", self.frames), ("bands", self.bands)):
            if side < self.patch:
                raise MediaError(f"{what} must be at least a patch of {self.patch}, got {side}")

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of patches; what is left at an edge is in none."""
        rows, columns = ((n - self.patch) // self.stride + 1 for n in (self.bands, self.frames))
        return rows, columns

    def tokens(self, samples: int) -> int:
        rows, columns = self.grid
        return rows * columns + self.extra if samples >= self.window else 0

    def geometry(self, x: Audio | AudioInfo, /) -> Mapping[str, Any]:
        return {"grid": list(self.grid), "input_values_shape": [1, self.frames, self.bands]}

    def explain(self, x: Audio | AudioInfo, /) -> list[str]:
        info: AudioInfo = info_of(x)
        rows, columns = self.grid
        return [
            f"{info.duration:.2f} s as {self.frames:,} frames of {self.bands} bands",
            f"{rows} x {columns} patches + {self.extra}: {self.count(info):,} tokens",
        ]

    def left_out(self, x: Audio | AudioInfo, /) -> str | None:
        """What comes after the last frame that is kept, or all of a sound without a frame."""
        info: AudioInfo = info_of(x)
        samples = samples_at(info, self.sample_rate)
        if 0 < samples < self.window:
            return too_short(samples)
        if (samples - self.window) // self.hop < self.frames:
            return None
        kept = ((self.frames - 1) * self.hop + self.window) / self.sample_rate
        return f"only the first {kept:.2f} s of {info.duration:.1f} s are heard"
