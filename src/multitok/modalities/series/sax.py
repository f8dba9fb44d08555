"""SAX: a few segments per channel, each the symbol of its mean under a Gaussian."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import SeriesInfo, info_of
from multitok.core.parameters import Codes, Positive
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.series.layout import (
    flags,
    ids_of,
    positions,
    refuse_ids,
    refuse_infinite,
    restored,
    unlaid,
)
from multitok.modalities.series.pointwise import Order

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Series
    from multitok.core.sequence import TokenSequence

FLAT = 1e-8
"""A standard deviation up to which a channel counts as constant and is not divided."""


@dataclass(frozen=True, kw_only=True)
class SaxTokenizer(Tokenizer["Series", SeriesInfo]):
    """Symbolic aggregate approximation: z-normalize, average `segments` runs, one symbol each.

    The breakpoints cut a standard normal into `alphabet` equal shares; a mean on a breakpoint goes
    up. When the length does not divide, the first segments are one step longer; a series shorter
    than `segments` has one segment a step. `normalize=False` when the data is normalized already
    (the default of aeon). A segment with no value present is the id `alphabet`; otherwise missing
    values are left out of the mean. inf is refused.

    Decoding draws each segment at the middle of its symbol's share. The error of that depends on
    the data: encode measures it, and `error_bound` tells it.
    Source: Lin et al. 2003; order and ties as aeon 1.6 (pyts sends ties down).

    >>> from multitok import Series
    >>> SaxTokenizer(segments=3, alphabet=4).text(SaxTokenizer(segments=3).encode(Series(range(9))))
    'acd'
    """

    segments: Positive = 8
    alphabet: Codes = 4
    normalize: bool = True
    channels: Order = "separate"

    name: ClassVar[str] = "sax"
    modality: ClassVar[str] = "series"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"segments": 20, "alphabet": 26, "channels": "interleaved"},
        {"segments": 5, "alphabet": 3, "normalize": False},
    )

    @property
    def codes(self) -> int:
        """Ids a token may be."""
        return self.alphabet + 1

    def count(self, x: Series | SeriesInfo, /) -> int:
        info: SeriesInfo = info_of(x)
        return min(self.segments, info.steps) * info.channels

    def explain(self, x: Series | SeriesInfo, /) -> list[str]:
        info: SeriesInfo = info_of(x)
        n = min(self.segments, info.steps)
        return [f"{n:,} segments x {info.channels} channels = {self.count(info):,} symbols"]

    def breakpoints(self) -> tuple[float, ...]:
        """alphabet - 1 numbers that cut a standard normal into equal shares."""
        return _shares(self.alphabet, 0)

    def encode(self, media: Series, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        refuse_infinite(media, self.name)
        mean, std = self._moments(media.values)
        means = segment_means((media.values - mean) / std, self.segments)
        codes = np.searchsorted(np.array(self.breakpoints()), means, side="right")
        codes[np.isnan(means)] = self.alphabet
        n, width = codes.shape
        drawn = self._drawn(codes, len(media.values), mean, std)
        gap = np.abs(drawn - media.values)
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=flags(n, width, self.channels),
            ids=(codes.T if self.channels == "separate" else codes).reshape(-1).astype(np.int64),
            axes=("segment", "channel"),
            positions=positions(n, width, self.channels),
            state={
                "mean": mean,
                "std": std,
                "missing": np.isnan(media.values) if np.isnan(media.values).any() else None,
                "error": float(np.nanmax(gap, initial=0.0, where=~np.isnan(gap))),
                "grid": [n, width],
                "names": list(media.names),
            },
        )

    def decode(self, tokens: TokenSequence, /) -> Series:
        """Each segment flat, at the middle of its symbol; missing steps stay missing."""
        import numpy as np

        info = tokens.info_as(SeriesInfo)
        ids = ids_of(tokens, self.name, self.count(info))
        wrong = (ids < 0) | (ids > self.alphabet)
        refuse_ids(ids, wrong, self.name, f"symbols are 0 to {self.alphabet - 1}")
        n = min(self.segments, info.steps)
        codes = unlaid(ids, n, info.channels, self.channels)
        mean, std = (np.asarray(tokens.state[key]) for key in ("mean", "std"))
        values = self._drawn(codes, info.steps, mean, std)
        if tokens.state["missing"] is not None:
            values[tokens.state["missing"]] = np.nan
        return restored(tokens, values)

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """What encode measured."""
        return float(tokens.state["error"]) * (1 + 1e-12) + 1e-12

    def spans(self, tokens: TokenSequence, column: int, /) -> list[tuple[int, int, str]]:
        """The segments of a channel, each with its letter."""
        info = tokens.info_as(SeriesInfo)
        short, longer = divmod(info.steps, tokens.state["grid"][0])
        ids, where = tokens.ids, tokens.positions
        symbols = [] if ids is None or where is None else ids[where[:, 1] == column].tolist()
        runs, at = [], 0
        for i, symbol in enumerate(symbols):
            end = at + short + (i < longer)
            runs.append((at, end, chr(97 + symbol) if symbol < 26 else str(symbol)))
            at = end
        return runs

    def levels(self, tokens: TokenSequence, column: int, /) -> list[float]:
        mean, std = tokens.state["mean"][column], tokens.state["std"][column]
        return [float(edge * std + mean) for edge in self.breakpoints()]

    def text(self, tokens: TokenSequence, /) -> str:
        """The symbols as letters, 'a' the lowest; '?' for a segment without a value."""
        if self.alphabet > 26:
            raise MediaError(f"letters go to 26 symbols, this alphabet has {self.alphabet}")
        letters = "abcdefghijklmnopqrstuvwxyz"[: self.alphabet] + "?"
        return "".join(letters[i] for i in (tokens.ids.tolist() if tokens.ids is not None else ()))

    def _moments(
        self, values: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        import numpy as np

        width = values.shape[1]
        if not self.normalize:
            return np.zeros(width), np.ones(width)
        seen = np.maximum((~np.isnan(values)).sum(axis=0), 1)
        mean = np.nansum(values, axis=0) / seen
        std = np.sqrt(np.nansum((values - mean) ** 2, axis=0) / seen)
        return mean, np.where(std <= FLAT, 1.0, std)

    def _drawn(
        self,
        codes: NDArray[Any],
        steps: int,
        mean: NDArray[np.float64],
        std: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        import numpy as np

        middles = np.append(np.array(_shares(self.alphabet, 1)), np.nan)
        lengths = np.diff(cuts(steps, self.segments))
        drawn: NDArray[np.float64] = np.repeat(middles[codes], lengths, axis=0) * std + mean
        return drawn


def cuts(steps: int, segments: int) -> NDArray[np.int64]:
    """Where segments begin, and the end: the first steps % segments of them are one longer."""
    import numpy as np

    n = max(1, min(segments, steps))
    short, longer = divmod(steps, n)
    lengths = np.full(n, short, dtype=np.int64)
    lengths[:longer] += 1
    return np.concatenate([[0], np.cumsum(lengths)])[: 1 if steps == 0 else None]


def segment_means(values: NDArray[np.float64], segments: int) -> NDArray[np.float64]:
    """(segments, channels) means of what is present; NaN where nothing is (piecewise aggregate
    approximation)."""
    import numpy as np

    edges = cuts(len(values), segments)
    if not len(values):
        return np.empty((0, values.shape[1]))
    present = ~np.isnan(values)
    sums = np.add.reduceat(np.where(present, values, 0.0), edges[:-1], axis=0)
    seen = np.add.reduceat(present.astype(np.int64), edges[:-1], axis=0)
    return np.where(seen > 0, sums / np.maximum(seen, 1), np.nan)


@lru_cache(maxsize=64)
def _shares(alphabet: int, odd: int) -> tuple[float, ...]:
    """Breakpoints between equal shares of a standard normal (odd=0), or their middles (odd=1)."""
    normal = NormalDist()
    if odd:
        return tuple(normal.inv_cdf((2 * s + 1) / (2 * alphabet)) for s in range(alphabet))
    return tuple(normal.inv_cdf(i / alphabet) for i in range(1, alphabet))
