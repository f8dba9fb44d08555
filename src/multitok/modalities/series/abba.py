"""ABBA: straight pieces of a series, grouped by length and rise, one symbol each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import DecodeError, MediaError, NeedsContentError
from multitok.core.info import SeriesInfo
from multitok.core.parameters import Positive
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.series.layout import refuse_ids, refuse_infinite, restored
from multitok.modalities.series.straight import pieces

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Series
    from multitok.core.sequence import TokenSequence

LETTERS = "AaBbCcDdEeFfGgHhIiJjKkLlMmNnOoPpQqRrSsTtUuVvWwXxYyZz"
"""The symbols of the reference, in its order; beyond 52 it takes the code points from '!' on."""


@dataclass(frozen=True, kw_only=True)
class AbbaTokenizer(Tokenizer["Series", SeriesInfo]):
    """Adaptive Brownian bridge-based aggregation, as fABBA does it: each channel on its own.

    tol      a straight piece grows while its squared error is at most tol for each inner step
    alpha    pieces join the group of an earlier one within this distance, length and rise each
             divided by their standard deviation; pieces are taken by their norm, equal norms as
             numpy sorts them (which may differ between processors, in the reference as well)
    scl      the weight of the length against the rise
    max_len  steps in a piece at most; None: any
    normalize   z-normalize each channel first, so that tol does not depend on the unit (the
             published use); False as the reference takes its input

    The groups are learned from each channel alone: an id is a row of its table of centers (length,
    rise), which decoding needs and `state` holds. n steps have n - 1 intervals: a single step makes
    no token. Missing values are bridged by straight lines and decode to NaN. inf is refused.

    Decoding strings the centers together, with lengths rounded cumulatively. The error of that
    depends on the data: encode measures it, and `error_bound` tells it.
    Source: fABBA (Chen and Güttel 2022), package 1.5.3, sorting '2-norm'.

    >>> from multitok import Series
    >>> tokenizer = AbbaTokenizer()
    >>> tokenizer.text(tokenizer.encode(Series([0, 1, 2, 3, 2, 1, 0, 0, 0, 0, 0])))
    'AaB'
    """

    tol: float = 0.1
    alpha: float = 0.5
    scl: float = 1.0
    max_len: Positive | None = None
    normalize: bool = False

    name: ClassVar[str] = "abba"
    modality: ClassVar[str] = "series"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"tol": 0.01, "alpha": 0.1, "normalize": True},
        {"tol": 0.0, "alpha": 0.0, "scl": 0.0, "max_len": 4},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for what in ("tol", "alpha", "scl"):
            if not 0 <= getattr(self, what) < float("inf"):
                raise MediaError(
                    f"{what} must be finite and not negative, got {getattr(self, what)!r}"
                )

    def count(self, x: Series | SeriesInfo, /) -> int:
        if isinstance(x, SeriesInfo):
            raise NeedsContentError(
                f"abba token counts depend on the values: pass Series(...), not {x!r}"
            )
        return len(self.encode(x))

    def explain(self, x: Series | SeriesInfo, /) -> list[str]:
        if isinstance(x, SeriesInfo):
            self.count(x)  # refuses the shape alone
        tokens = self.encode(x)  # type: ignore[arg-type]
        symbols = sum(map(len, _tables(tokens)))
        return [f"{tokens.info.steps:,} steps in {len(tokens):,} straight pieces, {symbols} kinds"]  # type: ignore[union-attr]

    @property
    def shared_ids(self) -> bool:
        return False

    def encode(self, media: Series, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence
        from multitok.modalities.series.patch_norm import interpolated

        refuse_infinite(media, self.name)
        holes = np.isnan(media.values)
        rows = interpolated(media.values.T)
        std = rows.std(axis=1) if self.normalize and rows.size else np.ones(len(rows))
        std = np.where(std <= 1e-8, 1.0, std)
        longest = self.max_len or rows.shape[1]
        parts = [pieces(row / s, self.tol, longest) for row, s in zip(rows, std, strict=True)]
        grouped = [self._grouped(part) for part in parts]
        centers = [center * (1.0, s) for (_, center), s in zip(grouped, std, strict=True)]
        ids = np.concatenate([labels for labels, _ in grouped])
        starts = [np.cumsum(part[:, 0]) - part[:, 0] for part in parts]
        channel = np.repeat(np.arange(len(parts)), list(map(len, parts)))
        first = rows[:, 0].copy() if rows.shape[1] else np.zeros(len(rows))
        tokens = TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(len(ids), dtype=np.bool_),
            ids=ids,
            axes=("step", "channel"),
            positions=np.stack([np.concatenate(starts), channel], axis=1).astype(np.int32),
            state={
                "start": first,
                "centers": np.concatenate(centers),
                "symbols": [len(center) for center in centers],
                "tokens": [len(part) for part in parts],
                "missing": holes if holes.any() else None,
                "error": 0.0,
                "grid": list(media.values.shape),
                "names": list(media.names),
            },
        )
        gap = np.abs(self.decode(tokens).values - media.values)[~holes]
        tokens.state["error"] = float(gap.max(initial=0.0))  # type: ignore[index]
        return tokens

    def decode(self, tokens: TokenSequence, /) -> Series:
        """Straight lines through the centers; missing steps stay missing."""
        import numpy as np

        info = tokens.info_as(SeriesInfo)
        if tokens.ids is None:
            raise DecodeError(f"{self.name} tokens are ids, got a sequence without them")
        lengths = list(tokens.state["tokens"])
        if sum(lengths) != len(tokens.ids):
            raise DecodeError(
                f"{self.name} made {sum(lengths)} tokens, got {len(tokens.ids)}: pass the whole"
                " sequence"
            )
        values = np.empty((info.steps, info.channels))
        parts = np.split(tokens.ids, np.cumsum(lengths)[:-1])
        for c, (ids, center) in enumerate(zip(parts, _tables(tokens), strict=True)):
            wrong = (ids < 0) | (ids >= len(center))
            refuse_ids(ids, wrong, self.name, f"channel {c} has symbols 0 to {len(center) - 1}")
            ends = np.floor(np.cumsum(center[ids, 0]) + 0.5)
            if (ends[-1] if len(ends) else 0) != max(info.steps - 1, 0):
                raise DecodeError(
                    f"{self.name}: the tokens of channel {c} do not span {info.steps} steps"
                )
            levels = np.concatenate([[0.0], np.cumsum(center[ids, 1])]) + tokens.state["start"][c]
            values[:, c] = np.interp(np.arange(info.steps), np.concatenate([[0.0], ends]), levels)
        if tokens.state["missing"] is not None:
            values[np.asarray(tokens.state["missing"])] = np.nan
        return restored(tokens, values)

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """What encode measured."""
        return float(tokens.state["error"]) * (1 + 1e-12) + 1e-12

    def text(self, tokens: TokenSequence, /) -> str:
        """The symbols as the reference writes them, channel after channel."""
        ids = iter(tokens.ids.tolist() if tokens.ids is not None else ())
        words = []
        for n, symbols in zip(tokens.state["tokens"], tokens.state["symbols"], strict=True):
            letters = LETTERS if symbols <= len(LETTERS) else [chr(33 + i) for i in range(symbols)]
            words.append("".join(letters[next(ids)] for _ in range(n)))
        return "".join(words)

    def _grouped(self, pieces: NDArray[np.float64]) -> tuple[NDArray[np.int64], Any]:
        """The group of each piece, and (groups, 2): the mean length and rise of each group."""
        import numpy as np

        spread = pieces.std(axis=0) if len(pieces) else np.ones(2)
        scaled = pieces * (self.scl, 1.0) / np.where(spread == 0, 1.0, spread)
        norms = np.sqrt((scaled**2).sum(axis=1))
        order = np.argsort(norms)  # equal norms in the order of numpy's sort, as the reference
        ranked, norms = scaled[order], norms[order]
        labels = np.full(len(pieces), -1, dtype=np.int64)
        group = 0
        for i in range(len(order)):
            if labels[i] >= 0:
                continue
            end = np.searchsorted(norms, norms[i] + self.alpha, "right")
            apart = ((ranked[i:end] - ranked[i]) ** 2).sum(axis=1)
            joins = (labels[i:end] < 0) & (apart <= self.alpha**2)
            joins[0] = True
            labels[i:end][joins] = group
            group += 1
        found = np.empty_like(labels)
        found[order] = labels
        centers = [pieces[found == g].mean(axis=0) for g in range(group)]
        return found, np.array(centers).reshape(-1, 2)


def _tables(tokens: TokenSequence) -> list[NDArray[np.float64]]:
    """The centers of each channel."""
    import numpy as np

    ends = np.cumsum(tokens.state["symbols"])[:-1]
    return np.split(np.asarray(tokens.state["centers"]), ends)
