"""BEAST: a chunk of movement as the quantized control points of a B-spline through it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from multitok.core.errors import MediaError
from multitok.core.info import ActionsInfo, info_of
from multitok.core.parameters import AtLeast, AtMost, Codes, Natural
from multitok.modalities.actions.chunks import (
    check_horizon,
    chunks_in,
    codes_of,
    refuse_length,
    refuse_non_finite,
    restored,
    spans,
    spans_of,
    stacked,
    unmarked,
)
from multitok.modalities.actions.movement import Movement
from multitok.modalities.actions.placement import Direction

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Actions
    from multitok.core.sequence import TokenSequence

RIDGE = 1e-9
"""What the published fit adds to the diagonal, so that fewer steps than control points solve."""
LONGEST_KEPT = 4096
"""Chunks up to this many steps keep their basis; longer ones compute it."""


def knots(basis: int, degree: int) -> NDArray[np.float64]:
    """Clamped uniform knots on [0, 1]: basis + degree + 1 of them."""
    import numpy as np

    inner = np.linspace(0, 1, basis - degree + 1)
    return np.concatenate([np.zeros(degree), inner, np.ones(degree)])


def basis_matrix(steps: int, basis: int, degree: int) -> NDArray[np.float64]:
    """Value of each basis function (columns) at each of `steps` times on [0, 1], by Cox-de Boor.

    Rows sum to 1 and hold nothing negative, so a curve is off by no more than its control points.
    """
    import numpy as np

    t, at = knots(basis, degree), np.linspace(0, 1, steps)[:, None]
    values = ((at >= t[:-1]) & (at < t[1:])).astype(np.float64)
    values[at[:, 0] == 1, basis - 1] = 1  # the last interval is closed at the right
    for p in range(1, degree + 1):
        width = t[p:] - t[:-p]  # of the p-th order intervals; empty ones contribute nothing
        share = np.divide(1, width, out=np.zeros_like(width), where=width > 0)
        rising = (at - t[: -p - 1]) * share[:-1] * values[:, :-1]
        falling = (t[p + 1 :] - at) * share[1:] * values[:, 1:]
        values = rising + falling
    return values[:, :basis]


@lru_cache(maxsize=64)
def _kept(steps: int, basis: int, degree: int) -> NDArray[np.float64]:
    values = basis_matrix(steps, basis, degree)
    values.flags.writeable = False
    return values


@dataclass(frozen=True, kw_only=True)
class BeastTokenizer(Movement):
    """Fit a B-spline to each chunk and number its control points: basis x dims tokens a chunk.

    basis, degree  control points a dim, and the degree of the curve between them
    bins           ids a control point may have, from `low` to `high`
    low, high      one number, one a dim, or one a control point (basis by dims, row by row): the
                   range that is numbered. `trained` takes it from your data; a range of no width (a
                   dim that never moves) has one id.
    grippers       dims that jump: these use degree 0, a staircase
    horizon        steps in a chunk; None makes the trajectory one chunk. The last may be shorter
                   and costs as many tokens.
    vocab_size, skip, placement   place the ids at the end of a language model's vocabulary, where
                they count "down" or "up": see Placement
    order       of the ids of a basis function: "dims", as they stand in the file; "joints-first",
                grippers after all others, as the named source has it: with placement="up" its ids
                are those of the source since 2025-11-16

    State keeps how far the curve, before rounding, is from the motion; `error_bound` adds it up.
    Source: BEAST (Zhou et al. 2025, arXiv 2506.06072), intuitive-robots/beast_tokenizer.

    >>> BeastTokenizer().count(ActionsInfo(steps=50, dims=7))
    70
    """

    basis: Annotated[int, AtLeast(1), AtMost(1_000)] = 10
    degree: Natural = 4
    bins: Codes = 256
    low: float | tuple[float, ...] = -1.0
    high: float | tuple[float, ...] = 1.0
    grippers: tuple[int, ...] = ()
    horizon: int | None = 50
    vocab_size: int | None = None
    skip: int = 0
    placement: Direction = "down"
    order: Literal["dims", "joints-first"] = "dims"

    ranges: ClassVar[tuple[str, ...]] = ("low", "high")
    name: ClassVar[str] = "beast"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"basis": 5, "degree": 3, "horizon": 16, "vocab_size": 32000},
        {"low": 0.0, "high": 0.25, "degree": 0, "horizon": None},
        {"low": 0.25, "high": 0.25, "grippers": (0,)},
        {"grippers": (0,), "order": "joints-first", "vocab_size": 32000, "placement": "up"},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.basis < self.degree + 1:
            raise MediaError(
                f"degree {self.degree} needs a basis of at least {self.degree + 1},"
                f" got {self.basis!r}"
            )
        lows, highs = _numbers(self.low), _numbers(self.high)
        if not lows or not highs or (len(lows) != len(highs) and 1 not in (len(lows), len(highs))):
            raise MediaError(f"low and high need as many numbers, got {len(lows)} and {len(highs)}")
        for at in range(max(len(lows), len(highs))):
            low, high = lows[at % len(lows)], highs[at % len(highs)]
            if not low <= high:
                raise MediaError(f"low must not be above high, got {low!r} and {high!r}")
        check_horizon(self.horizon)
        self.placed(self.bins)

    def trained(self, trajectories: Sequence[Any]) -> BeastTokenizer:
        """The same tokenizer with the 1st and 99th percentile of each control point of your data.

        Only whole chunks teach: a shorter last one is left out.
        """
        from dataclasses import replace

        import numpy as np

        weights = [
            self.weights(values[start:end])
            for values in stacked(trajectories, self.name)
            for start, end in spans(len(values), self.horizon)
            if self.horizon is None or end - start == self.horizon
        ]
        if len(weights) < 2:
            raise MediaError(
                f"beast is trained on at least 2 whole chunks of {self.horizon} steps,"
                f" got {len(weights)}"
            )
        low, high = np.quantile(np.stack(weights), [0.01, 0.99], axis=0)
        return replace(
            self, low=tuple(low.reshape(-1).tolist()), high=tuple(high.reshape(-1).tolist())
        )

    @property
    def codes(self) -> int:
        """How many ids a token may be."""
        return self.bins

    def clipped(self, tokens: TokenSequence, /) -> float:
        """The share of control points: they are what has a range."""
        return int(tokens.state.get("clipped", 0)) / max(len(tokens), 1)

    def weights(self, chunk: NDArray[np.float64]) -> NDArray[np.float64]:
        """The control points (basis, dims) of a chunk (steps, dims): ridge regression."""
        import numpy as np

        made = np.empty((self.basis, chunk.shape[1]))
        for degree, dims in self._degrees(chunk.shape[1]):
            b = self._basis(len(chunk), degree)
            made[:, dims] = np.linalg.solve(
                b.T @ b + RIDGE * np.eye(self.basis), b.T @ chunk[:, dims]
            )
        return made

    def curve(self, weights: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
        """The chunk (steps, dims) that control points draw."""
        import numpy as np

        made = np.empty((steps, weights.shape[1]))
        for degree, dims in self._degrees(weights.shape[1]):
            made[:, dims] = self._basis(steps, degree) @ weights[:, dims]
        return made

    def count(self, x: Actions | ActionsInfo, /) -> int:
        info: ActionsInfo = info_of(x)
        self._check_dims(info.dims)
        return chunks_in(info, self.horizon) * self.basis * info.dims

    def explain(self, x: Actions | ActionsInfo, /) -> list[str]:
        info: ActionsInfo = info_of(x)
        chunks = chunks_in(info, self.horizon)
        return [
            f"{chunks:,} chunks x {self.basis} x {info.dims} dims = {self.count(info):,} tokens"
        ]

    def encode(self, media: Actions, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        refuse_non_finite(media, self.name)
        dims = media.values.shape[1]
        low, high = self._bounds(dims)
        width = high - low
        cuts = spans(len(media.values), self.horizon, media.episodes)
        codes = np.empty((len(cuts), self.basis, dims), np.int64)
        residual = overshoot = 0.0
        clipped = 0
        for chunk, (start, end) in enumerate(cuts):
            values = media.values[start:end]
            weights = self.weights(values)
            inside = np.clip(weights, low, high)
            share = np.divide(inside - low, width, out=np.zeros_like(inside), where=width > 0)
            codes[chunk] = np.rint(share * (self.bins - 1))
            off = np.abs(inside - weights)
            clipped += int((off > 1e-9).sum())
            overshoot = max(overshoot, float(off.max()))
            curve = self.curve(weights, end - start)
            residual = max(residual, float(np.abs(curve - values).max()))
        grid = (len(cuts), self.basis, dims)
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=unmarked(codes.size),
            ids=self.placed(self.bins).ids(codes[..., self._order(dims)].reshape(-1)),
            axes=("chunk", "basis", "dim"),
            positions=self._positions(grid),
            state={
                "grid": list(grid),
                "names": list(media.names),
                "clipped": clipped,
                "overshoot": overshoot,
                "residual": residual,
            },
        )

    def spans(self, tokens: TokenSequence, column: int, /) -> list[tuple[int, int, str]]:
        """The chunks, each of as many tokens as a dim has control points."""
        said = f"{self.basis} tokens"
        return [(*cut, said) for cut in spans_of(tokens, self.name, self.horizon)]

    def levels(self, tokens: TokenSequence, column: int, /) -> list[float] | None:
        return None

    def decode(self, tokens: TokenSequence, /) -> Actions:
        """The curves of the numbered control points."""
        import numpy as np

        info = tokens.info_as(ActionsInfo)
        refuse_length(tokens, self.name, self.count(info))
        codes = codes_of(tokens, self.name, self.placed(self.bins))
        low, high = self._bounds(info.dims)
        values = np.empty((info.steps, info.dims))
        order = self._order(info.dims)
        blocks = np.empty((len(codes) // (self.basis * info.dims), self.basis, info.dims))
        blocks[..., order] = codes.reshape(blocks.shape) / (self.bins - 1)
        cuts = spans(info.steps, self.horizon, info.episodes)
        for block, (start, end) in zip(blocks, cuts, strict=True):
            values[start:end] = self.curve(low + block * (high - low), end - start)
        return restored(tokens, values)

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """The curve's own distance, half a bin, and what was clipped; infinite for ids alone."""
        info = tokens.info_as(ActionsInfo)
        low, high = self._bounds(info.dims)
        half = float((high - low).max()) / (self.bins - 1) / 2
        residual = float(tokens.state.get("residual", float("inf")))
        return (residual + half + float(tokens.state.get("overshoot", 0.0))) * (1 + 1e-9) + 1e-9

    def _degrees(self, dims: int) -> list[tuple[int, list[int]]]:
        """Each degree in use, and the dims that use it."""
        steps = [dim for dim in range(dims) if dim in self.grippers]
        smooth = [dim for dim in range(dims) if dim not in self.grippers]
        return [pair for pair in ((self.degree, smooth), (0, steps)) if pair[1]]

    def _order(self, dims: int) -> list[int]:
        """The dims in the order of their ids."""
        if self.order == "dims":
            return list(range(dims))
        return sorted(range(dims), key=lambda dim: dim in self.grippers)

    def _positions(self, grid: tuple[int, int, int]) -> NDArray[np.int32]:
        """Chunk, basis function and dim of each id."""
        import numpy as np

        places = np.indices(grid, dtype=np.int32)[..., self._order(grid[2])]
        return places.reshape(3, -1).T.copy()

    def _basis(self, steps: int, degree: int) -> NDArray[np.float64]:
        if steps <= LONGEST_KEPT:
            return _kept(steps, self.basis, degree)
        return basis_matrix(steps, self.basis, degree)

    def _check_dims(self, dims: int) -> None:
        for what, ends in (("low", _numbers(self.low)), ("high", _numbers(self.high))):
            if len(ends) not in (1, dims, self.basis * dims):
                raise MediaError(
                    f"{what} holds {len(ends)} numbers: actions of {dims} dims need 1, {dims} or"
                    f" {self.basis * dims}"
                )
        for dim in self.grippers:
            if not 0 <= dim < dims:
                raise MediaError(
                    f"gripper dim {dim} is not one of the {dims} dims, 0 to {dims - 1}"
                )

    def _bounds(self, dims: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """`low` and `high` of every control point, (basis, dims)."""
        import numpy as np

        self._check_dims(dims)
        shape = self.basis, dims
        ends = []
        for end in (self.low, self.high):
            numbers = np.array(_numbers(end), np.float64)
            if len(numbers) not in (1, dims):
                numbers = numbers.reshape(shape)
            ends.append(np.broadcast_to(numbers, shape))
        return ends[0], ends[1]


def _numbers(end: float | tuple[float, ...]) -> tuple[float, ...]:
    return end if isinstance(end, tuple) else (float(end),)
