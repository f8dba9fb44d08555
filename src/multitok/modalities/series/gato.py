"""Gato: mu-law companding, then 1,024 uniform bins placed after the text vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from multitok.core.errors import MediaError
from multitok.core.info import SeriesInfo, info_of
from multitok.core.parameters import Codes, Natural
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.series.layout import refuse_infinite, restored
from multitok.modalities.series.pointwise import Order, clipping, codes_of, sequence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Series
    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class GatoTokenizer(Tokenizer["Series", SeriesInfo]):
    """One id per value: compand to [-1, 1], clip, number one of `bins` equal bins, add `shift`.

    compand   sgn(x) log(|x| mu + 1) / log(M mu + 1) for observations; False for values that lie in
              [-1, 1] already, as Gato's actions do
    point     an id decodes to the "center" of its bin or to its "left" edge (zero is an edge)
    channels  "interleaved": step by step, as the paper flattens; "separate": channel by channel

    Values beyond M are clipped: counted in state and covered by `error_bound`. The paper has no id
    for a missing value; here it is shift + bins, the one after the last. inf is refused.
    Source: A Generalist Agent (Reed et al. 2022), section 2.1 and appendix B.

    >>> from multitok import Series
    >>> GatoTokenizer().encode(Series([0.0, 1.0, -256.0])).ids
    array([32512, 32744, 32000])
    """

    mu: float = 100.0
    M: float = 256.0
    bins: Codes = 1024
    shift: Natural = 32000
    compand: bool = True
    point: Literal["center", "left"] = "center"
    channels: Order = "interleaved"

    lenient: ClassVar[tuple[str, ...]] = ("point",)
    name: ClassVar[str] = "gato"
    modality: ClassVar[str] = "series"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"compand": False, "point": "left", "channels": "separate"},
        {"bins": 7, "shift": 0, "mu": 10.0, "M": 4.0},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for what in ("mu", "M"):
            if not getattr(self, what) > 0:
                raise MediaError(f"{what} must be above 0, got {getattr(self, what)!r}")

    @property
    def codes(self) -> int:
        """Ids a token may be."""
        return self.bins + 1

    def count(self, x: Series | SeriesInfo, /) -> int:
        info: SeriesInfo = info_of(x)
        return info.steps * info.channels

    def companded(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the bins cut: in [-1, 1] for magnitudes up to M."""
        import numpy as np

        if not self.compand:
            return values
        size = np.log(np.abs(values) * self.mu + 1.0) / np.log(self.M * self.mu + 1.0)
        squeezed: NDArray[np.float64] = np.sign(values) * size
        return squeezed

    def encode(self, media: Series, /) -> TokenSequence:
        import numpy as np

        refuse_infinite(media, self.name)
        squeezed = np.clip(self.companded(media.values), -1.0, 1.0)
        holes = np.isnan(squeezed)
        numbers = np.floor((np.where(holes, 0.0, squeezed) + 1.0) / 2.0 * self.bins)
        codes = np.minimum(numbers.astype(np.int64), self.bins - 1)
        codes[holes] = self.bins
        end = self.M if self.compand else 1.0
        state = clipping(media.values, -end, end)
        return sequence(self, media, codes + self.shift, self.channels, state)

    def decode(self, tokens: TokenSequence, /) -> Series:
        """The point of each bin, expanded."""
        import numpy as np

        last = self.shift + self.bins
        ids = codes_of(tokens, self.name, self.channels, first=self.shift, last=last)
        return restored(tokens, np.append(self._points(), np.nan)[ids - self.shift])

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """The farthest that a value of any bin in use lies from its point, and the clipping."""
        import numpy as np

        ids = np.asarray(tokens.ids) - self.shift
        used = np.unique(ids[ids < self.bins])
        edges = self._expanded(np.linspace(-1.0, 1.0, self.bins + 1))
        points = self._points()
        far = np.maximum(points - edges[:-1], edges[1:] - points)[used].max(initial=0.0)
        return float(far) * (1 + 1e-9) + 1e-12 + float(tokens.state["overshoot"])

    def _points(self) -> NDArray[np.float64]:
        import numpy as np

        half = 0.5 if self.point == "center" else 0.0
        return self._expanded((np.arange(self.bins) + half) / self.bins * 2.0 - 1.0)

    def _expanded(self, squeezed: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        if not self.compand:
            return squeezed
        size = np.expm1(np.abs(squeezed) * np.log(self.M * self.mu + 1.0)) / self.mu
        values: NDArray[np.float64] = np.sign(squeezed) * size
        return values
