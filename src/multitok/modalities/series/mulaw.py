"""Mu-law: logarithmic steps, fine near zero, as WaveNet cuts sound; here for any series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import SeriesInfo, info_of
from multitok.core.parameters import Codes
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.series.layout import refuse_infinite, restored
from multitok.modalities.series.pointwise import Order, clipping, codes_of, sequence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Series
    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class SeriesMuLawTokenizer(Tokenizer["Series", SeriesInfo]):
    """One id per value: divide by the peak, take the logarithm, round to one of q codes.

    q      codes; mu is q - 1
    peak   what becomes 1; None: each channel's own largest magnitude (1 for a channel of zeros)

    Beyond a given peak values are clipped: counted in state and covered by `error_bound`. A missing
    value is the id q. inf is refused. Not the 8-bit code of G.711, which has segments.
    Source: torchaudio's mu_law_encoding, van den Oord et al. 2016 (WaveNet).

    >>> from multitok import Series
    >>> SeriesMuLawTokenizer(peak=1.0).encode(Series([0.0, 1.0, -1.0, 0.1])).ids
    array([128, 255,   0, 203])
    """

    q: Codes = 256
    peak: float | None = None
    channels: Order = "separate"

    name: ClassVar[str] = "series-mulaw"
    modality: ClassVar[str] = "series"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"q": 16, "peak": 1.0, "channels": "interleaved"},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.peak is not None and not 0 < self.peak < float("inf"):
            raise MediaError(f"peak must be above 0, got {self.peak!r}")

    @property
    def codes(self) -> int:
        """Ids a token may be."""
        return self.q + 1

    def count(self, x: Series | SeriesInfo, /) -> int:
        info: SeriesInfo = info_of(x)
        return info.steps * info.channels

    def encode(self, media: Series, /) -> TokenSequence:
        import numpy as np

        refuse_infinite(media, self.name)
        values, mu = media.values, self.q - 1
        if self.peak is None:
            peaks = np.fmax.reduce(np.abs(values), axis=0, initial=0.0)
            peaks[~(peaks > 0)] = 1.0
        else:
            peaks = np.full(values.shape[1], self.peak)
        x = np.clip(values / peaks, -1.0, 1.0)
        y = np.sign(x) * np.log1p(mu * np.abs(x)) / np.log1p(mu)
        holes = np.isnan(y)
        codes = ((np.where(holes, 0.0, y) + 1.0) / 2.0 * mu + 0.5).astype(np.int64)
        codes[holes] = self.q
        state = {"peak": peaks, **clipping(values, -peaks, peaks)}
        return sequence(self, media, codes, self.channels, state)

    def decode(self, tokens: TokenSequence, /) -> Series:
        """The middle of each code, on the logarithmic scale, times the peak."""
        import numpy as np

        codes = codes_of(tokens, self.name, self.channels, first=0, last=self.q)
        points = np.append(self._expanded(np.arange(self.q)), np.nan)
        return restored(tokens, points[codes] * np.asarray(tokens.state["peak"]))

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """The widest half code in use times the largest peak, and the clipping."""
        import numpy as np

        ids = np.asarray(tokens.ids)
        used = np.unique(ids[ids < self.q]).astype(np.float64)
        points = self._expanded(used)
        ends = (self._expanded(np.clip(used + d, 0, self.q - 1)) for d in (-0.5, 0.5))
        far = max((np.abs(end - points).max(initial=0.0) for end in ends), default=0.0)
        peak = float(np.max(tokens.state["peak"], initial=0.0))
        return float(far) * peak * (1 + 1e-9) + peak * 1e-12 + float(tokens.state["overshoot"])

    def _expanded(self, codes: NDArray[Any]) -> NDArray[np.float64]:
        import numpy as np

        mu = self.q - 1
        y = codes / mu * 2.0 - 1.0
        x: NDArray[np.float64] = np.sign(y) * np.expm1(np.abs(y) * np.log1p(mu)) / mu
        return x
