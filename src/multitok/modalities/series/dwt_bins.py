"""Wavelet bins: the coefficients of a wavelet transform, coarse to fine, one id each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import SeriesInfo, info_of
from multitok.core.parameters import AtLeast, AtMost
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.series.layout import (
    ids_of,
    refuse_ids,
    refuse_infinite,
    restored,
)
from multitok.modalities.series.patch_norm import without_gaps
from multitok.modalities.series.wavelets import Edge, Wavelet, band_lengths, wavedec, waverec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Series
    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class DwtBinsTokenizer(Tokenizer["Series", SeriesInfo]):
    """z-normalize each channel, take its wavelet transform, cut the coefficients into equal bins.

    wavelet, level   haar, db2 or bior2.2, so many times
    mode     how the ends are extended: "periodization" keeps the number of values (odd lengths gain
             one a level), "symmetric" adds some
    bins     an odd number: the middle bin holds 0 and decodes to it
    limit    the largest coefficient the bins reach, in standard deviations of the channel
    threshold   smaller coefficients (same unit) become 0: fewer different ids, more error

    `prepare` fills missing values by straight lines: a transform has no gaps. Coefficients beyond
    the limit are clipped and counted. The error depends on the data: encode measures it.
    Source: after WaveToken (Masserano et al. 2024), whose trained bins are not public; transforms
    equal PyWavelets 1.9.

    >>> DwtBinsTokenizer(level=3, mode="symmetric").count(SeriesInfo(64))  # 12 + 12 + 19 + 34
    77
    """

    wavelet: Wavelet = "bior2.2"
    mode: Edge = "periodization"
    level: Annotated[int, AtLeast(1), AtMost(64)] = 3
    bins: int = 1023
    limit: float = 12.0
    threshold: float = 0.0

    name: ClassVar[str] = "dwt-bins"
    modality: ClassVar[str] = "series"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"wavelet": "haar", "level": 1},
        {"wavelet": "db2", "mode": "symmetric", "bins": 31, "threshold": 0.2},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.bins < 3 or self.bins % 2 == 0:
            raise MediaError(f"bins must be odd and at least 3, got {self.bins!r}")
        if not 0 < self.limit < float("inf"):
            raise MediaError(f"limit must be above 0, got {self.limit!r}")
        if not self.threshold >= 0:
            raise MediaError(f"threshold must not be negative, got {self.threshold!r}")

    @property
    def codes(self) -> int:
        """Ids a token may be."""
        return self.bins

    def lengths(self, steps: int) -> list[int]:
        """Coefficients of each band of a channel, coarse to fine."""
        if not steps:
            return [0] * (self.level + 1)
        return band_lengths(steps, self.wavelet, self.mode, self.level)

    def count(self, x: Series | SeriesInfo, /) -> int:
        info: SeriesInfo = info_of(x)
        return sum(self.lengths(info.steps)) * info.channels

    def explain(self, x: Series | SeriesInfo, /) -> list[str]:
        info: SeriesInfo = info_of(x)
        bands = " + ".join(map(str, self.lengths(info.steps)))
        return [f"({bands}) coefficients x {info.channels} channels = {self.count(info):,} ids"]

    def prepare(self, media: Series, /) -> Series:
        """Missing values on straight lines between their neighbors; nothing at all is zeros."""
        return without_gaps(media)

    def coefficients(self, media: Series) -> list[NDArray[np.float64]]:
        """The bands of the values as they are, each (coefficients, channels), coarse to fine."""
        return wavedec(self.prepare(media).values, self.wavelet, self.mode, self.level)

    def encode(self, media: Series, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        refuse_infinite(media, self.name)
        values = self.prepare(media).values
        steps, width = values.shape
        mean = values.mean(axis=0) if steps else np.zeros(width)
        std = values.std(axis=0) if steps else np.ones(width)
        std = np.where(std <= 1e-8 * np.maximum(np.abs(mean), 1e-300), 1.0, std)
        middle = self.bins // 2
        codes = np.empty((0, width), np.int64)
        clipped = 0
        if steps:
            bands = wavedec((values - mean) / std, self.wavelet, self.mode, self.level)
            rows = np.concatenate(bands)
            rows[np.abs(rows) < self.threshold] = 0.0
            numbers = np.rint(rows / self.limit * middle)
            clipped = int((np.abs(numbers) > middle).sum())
            codes = (np.clip(numbers, -middle, middle) + middle).astype(np.int64)
        back = self._values(codes, steps, mean, std)
        n = len(codes)
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(n * width, dtype=np.bool_),
            ids=codes.T.reshape(-1).copy(),
            axes=("coefficient", "channel"),
            positions=np.indices((width, n), dtype=np.int32)[::-1].reshape(2, -1).T.copy(),
            state={
                "mean": mean,
                "std": std,
                "clipped": clipped,
                "error": float(np.abs(back - values).max(initial=0.0)),
                "bands": self.lengths(steps),
                "grid": [n, width],
                "names": list(media.names),
            },
        )

    def decode(self, tokens: TokenSequence, /) -> Series:
        """The inverse transform of the bin centers."""
        import numpy as np

        info = tokens.info_as(SeriesInfo)
        ids = ids_of(tokens, self.name, self.count(info))
        refuse_ids(ids, (ids < 0) | (ids >= self.bins), self.name, f"ids are 0 to {self.bins - 1}")
        mean, std = (np.asarray(tokens.state[key]) for key in ("mean", "std"))
        codes = ids.reshape(info.channels, -1).T
        return restored(tokens, self._values(codes, info.steps, mean, std))

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """What encode measured."""
        return float(tokens.state["error"]) * (1 + 1e-9) + 1e-12

    def _values(
        self,
        codes: NDArray[np.int64],
        steps: int,
        mean: NDArray[np.float64],
        std: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        import numpy as np

        if not steps:
            return np.empty((0, len(mean)))
        middle = self.bins // 2
        rows = (codes - middle) * (self.limit / middle)
        bands = np.split(rows, np.cumsum(self.lengths(steps))[:-1])
        return waverec(bands, steps, self.wavelet, self.mode) * std + mean
