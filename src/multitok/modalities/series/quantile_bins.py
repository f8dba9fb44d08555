"""Quantile bins: edges where the data is, so that every id is used about equally often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import SeriesInfo, info_of
from multitok.core.media import Series
from multitok.core.parameters import Codes
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.series.layout import refuse_infinite, restored
from multitok.modalities.series.pointwise import Order, clipping, codes_of, sequence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class QuantileBinsTokenizer(Tokenizer["Series", SeriesInfo]):
    """One id per value: the number of its bin, from 1, among bins that hold equal shares of data.

    edges   bins + 1 rising numbers, from `trained(your series)`; None: each channel's own
            quantiles, which travel in state (a series then decodes, but ids of two series do not
            compare)

    A value on an edge goes up. An id decodes to the middle of its bin. A missing value is id 0; inf
    is refused. Beyond given edges values are clipped: counted, and covered by `error_bound`.

    >>> from multitok import Series
    >>> QuantileBinsTokenizer(bins=4).encode(Series([1.0, 2.0, 3.0, 4.0, 100.0])).ids
    array([1, 2, 3, 4, 4])
    """

    bins: Codes = 256
    edges: tuple[float, ...] | None = None
    channels: Order = "separate"

    name: ClassVar[str] = "quantile-bins"
    modality: ClassVar[str] = "series"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"bins": 4, "channels": "interleaved"},
        {"bins": 3, "edges": (-1.0, 0.0, 0.5, 4.0)},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.edges is not None:
            if len(self.edges) != self.bins + 1:
                raise MediaError(
                    f"{self.bins} bins need {self.bins + 1} edges, got {len(self.edges)}"
                )
            for low, high in pairwise(self.edges):
                if not low <= high:
                    raise MediaError(f"edges must not fall, got {low!r} before {high!r}")

    def trained(self, series: Sequence[Any]) -> QuantileBinsTokenizer:
        """The same tokenizer with edges at the quantiles of your own series, all channels alike."""
        import numpy as np

        given = [s.values if isinstance(s, Series) else s for s in series]
        flat = [np.asarray(values, dtype=np.float64).reshape(-1) for values in given]
        data = np.concatenate(flat) if flat else np.empty(0)
        data = data[np.isfinite(data)]
        if len(data) < self.bins:
            raise MediaError(f"{self.bins} bins need at least as many values, got {len(data)}")
        return replace(self, edges=tuple(_quantiles(data, self.bins).tolist()))

    @property
    def codes(self) -> int:
        """Ids a token may be."""
        return self.bins + 1

    def count(self, x: Series | SeriesInfo, /) -> int:
        info: SeriesInfo = info_of(x)
        return info.steps * info.channels

    def encode(self, media: Series, /) -> TokenSequence:
        import numpy as np

        refuse_infinite(media, self.name)
        values = media.values
        if self.edges is None:
            edges = np.stack([_quantiles(column, self.bins) for column in values.T])
        else:
            edges = np.tile(np.array(self.edges), (values.shape[1], 1))
        codes = np.empty(values.shape, dtype=np.int64)
        for c, column in enumerate(values.T):
            codes[:, c] = np.searchsorted(edges[c, 1:-1], column, side="right") + 1
        codes[np.isnan(values)] = 0
        state = {"edges": edges, **clipping(values, edges[:, 0], edges[:, -1])}
        return sequence(self, media, codes, self.channels, state)

    def decode(self, tokens: TokenSequence, /) -> Series:
        """The middle of each bin."""
        import numpy as np

        codes = codes_of(tokens, self.name, self.channels, first=0, last=self.bins)
        edges = np.asarray(tokens.state["edges"])
        middles = edges[:, :-1] + (edges[:, 1:] - edges[:, :-1]) / 2
        points = np.concatenate([np.full((len(edges), 1), np.nan), middles], axis=1)
        return restored(tokens, np.take_along_axis(points, codes.T, axis=1).T)

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """Half of the widest bin in use, and the clipping."""
        import numpy as np

        edges = np.asarray(tokens.state["edges"])
        used = np.unique(np.asarray(tokens.ids))
        used = used[used > 0] - 1
        wide = np.diff(edges, axis=1)[:, used].max(initial=0.0)
        largest = np.abs(edges).max(initial=0.0)
        return float(wide / 2 + largest * 1e-15) + float(tokens.state["overshoot"])


def _quantiles(data: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """bins + 1 edges from the smallest value to the largest; zeros where there is no value."""
    import numpy as np

    present = data[~np.isnan(data)]
    if not len(present):
        return np.zeros(bins + 1)
    edges: NDArray[np.float64] = np.quantile(present, np.linspace(0.0, 1.0, bins + 1))
    return edges
