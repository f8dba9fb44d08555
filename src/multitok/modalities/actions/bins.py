"""One id per dim and step: uniform bins, as RT-1, RT-2, OpenVLA and pi0.5 cut them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from multitok.core.errors import DecodeError, MediaError
from multitok.core.guards import sequences
from multitok.core.info import ActionsInfo, info_of
from multitok.core.parameters import Codes
from multitok.modalities.actions.chunks import (
    all_finite,
    any_of,
    codes_in,
    codes_of,
    places_of,
    refuse_length,
    refuse_non_finite,
    restored,
    unmarked,
)
from multitok.modalities.actions.movement import Movement
from multitok.modalities.actions.placement import Direction, Placement
from multitok.modalities.actions.quantiles import QuantileNorm, Variant, norm_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Actions
    from multitok.core.sequence import TokenSequence

PRESETS: Mapping[str, Mapping[str, Any]] = {
    "rt1": {"cut": "truncate", "point": "left"},
    "rt2": {"cut": "truncate", "point": "left"},
    "openvla": {"vocab_size": 32000},
    "pi05-state": {"top": "shared", "below": "minus-one"},
}
"""The published settings; anything they leave out is the default. RT-2 writes the numbers of RT-1
as text. The others are read from the code of each project."""


@dataclass(frozen=True, kw_only=True)
class ActionBinsTokenizer(Movement):
    """Clip each value to [low, high] and number the bin it falls in: one id per step and dim.

    low, high   one number, or one a dim
    top         "own": `high` itself has the last id, so there are bins - 1 intervals (RT-1,
                OpenVLA); "shared": bins intervals, and `high` falls in the last (pi0.5)
    cut         "edges": compared with the edges in float64, a value on an edge goes up;
                "truncate": scaled in float32 and the fraction dropped (RT-1)
    point       where in its bin an id decodes to: its "center" or its "left" edge
    below       what a value under `low` becomes: "clip" to the first bin, or the id -1, the text
                that pi0.5 was trained on
    vocab_size, skip, placement   ids count "down" from the end of a language model's vocabulary, or
                "up" to it, before `skip` ids; without it they are the bin numbers
    q01, q99, mask, normalization   normalize each dim first and undo it after: see QuantileNorm

    NaN and inf are refused: OpenVLA's code turns NaN into the largest action. State counts what
    was clipped and by how much, and `error_bound` covers it. Steps come in order, dims inside.
    Source: action_tokenizer.py of RT-1 and of OpenVLA (prismatic/vla), openpi models/tokenizer.py.

    >>> from multitok import Actions
    >>> tokenizer = ActionBinsTokenizer.preset("openvla")
    >>> tokenizer.encode(Actions([[-1.0, 0.0, 1.0]])).ids
    array([31999, 31872, 31744])
    """

    bins: Codes = 256
    low: float | tuple[float, ...] = -1.0
    high: float | tuple[float, ...] = 1.0
    top: Literal["own", "shared"] = "own"
    cut: Literal["edges", "truncate"] = "edges"
    point: Literal["center", "left"] = "center"
    below: Literal["clip", "minus-one"] = "clip"
    vocab_size: int | None = None
    skip: int = 0
    q01: tuple[float, ...] | None = None
    q99: tuple[float, ...] | None = None
    mask: tuple[bool, ...] | None = None
    normalization: Variant = "openvla"
    placement: Direction = "down"

    ranges: ClassVar[tuple[str, ...]] = ("low", "high", "q01", "q99")
    name: ClassVar[str] = "action-bins"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        *PRESETS.values(),
        {"bins": 7, "low": -0.5, "high": 0.25},
        {"q01": (-0.3,), "q99": (0.4,), "normalization": "openpi", "vocab_size": 1000, "skip": 128},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.below == "minus-one" and self.vocab_size is not None:
            raise MediaError("below='minus-one' writes ids as text: leave out vocab_size")
        lows, highs = _per_dim(self.low), _per_dim(self.high)
        unlike = len(lows) != len(highs) and 1 not in (len(lows), len(highs))
        if unlike or not lows or not highs:
            raise MediaError(
                f"low and high need one number or one a dim, got {len(lows)} and {len(highs)}"
            )
        for dim in range(max(len(lows), len(highs))):
            low, high = lows[dim % len(lows)], highs[dim % len(highs)]
            if not low < high:
                raise MediaError(f"low must be below high, got {low!r} and {high!r} (dim {dim})")
        self.placed(self.bins)  # refuses what does not fit
        if (self.q01 is None) != (self.q99 is None):
            raise MediaError("q01 and q99 go together, got one of them")
        if self.q01 is None and self.mask is not None:
            raise MediaError("mask says which dims q01 and q99 normalize: give those too")
        self.norm()

    @classmethod
    def preset(cls, name: str, /, **changes: Any) -> ActionBinsTokenizer:
        """A published setting by name (rt1, rt2, openvla, pi05-state), with your changes."""
        from multitok.core.errors import UnknownNameError

        if name not in PRESETS:
            then = f"Presets: {', '.join(PRESETS)}"
            raise UnknownNameError.of("action-bins preset", name, PRESETS, then)
        return cls(**{**PRESETS[name], **changes})

    def trained(
        self, trajectories: Sequence[Any], *, mask: tuple[bool, ...] | None = None
    ) -> ActionBinsTokenizer:
        """The same tokenizer with the 1st and 99th percentiles of your own data."""
        from dataclasses import replace

        norm = QuantileNorm.train(trajectories, mask=mask, variant=self.normalization)
        return replace(self, q01=norm.q01, q99=norm.q99, mask=mask)

    @property
    def codes(self) -> int:
        """How many ids a token may be."""
        return self.bins

    def norm(self) -> QuantileNorm | None:
        """The normalization, when quantiles are given."""
        if self.q01 is None or self.q99 is None:
            return None
        return norm_of(self.q01, self.q99, self.mask, self.normalization)

    def count(self, x: Actions | ActionsInfo, /) -> int:
        info: ActionsInfo = info_of(x)
        self._check_dims(info.dims)
        return info.steps * info.dims

    def explain(self, x: Actions | ActionsInfo, /) -> list[str]:
        info: ActionsInfo = info_of(x)
        return [f"{info.steps:,} steps x {info.dims} dims = {self.count(info):,} tokens"]

    def encode(self, media: Actions, /) -> TokenSequence:
        values = media.values
        steps, dims = values.shape
        cuts, norm = self._cuts(dims), self.norm()
        scaled = values if norm is None else norm.apply(values)
        places = cuts.places(scaled)
        clipped, overshoot = 0, 0.0
        if norm is not None or not cuts.hold(places):
            refuse_non_finite(media, self.name)
            clipped, overshoot = self._lost(values, scaled, cuts, norm)
        return sequences()(
            tokenizer=self.config(),
            info=media.info,
            special=unmarked(steps * dims),
            ids=self._ids(scaled, places, cuts).ravel(),
            axes=("step", "dim"),
            positions=places_of(steps, dims),
            state={
                "grid": [steps, dims],
                "names": list(media.names),
                "clipped": clipped,
                "overshoot": overshoot,
            },
        )

    def encode_ids(self, media: Actions, /) -> NDArray[np.int64]:
        return self.encode_array(media.values).ravel()

    def encode_array(self, values: Any, /) -> NDArray[np.int64]:
        """The ids alone of values (..., dims), in their shape: the call of a policy's loop.

        NaN and inf are refused as in `encode`; of what is clipped nothing is told."""
        import numpy as np

        x = np.asarray(values)
        self._check_array(x, "fiub", "numbers")
        x = x.astype(np.float64, copy=False)
        cuts, norm = self._cuts(x.shape[-1]), self.norm()
        scaled = x if norm is None else norm.apply(x)
        places = cuts.places(scaled)
        if (norm is not None or not cuts.hold(places)) and not all_finite(x):
            from multitok.core.media import Actions

            refuse_non_finite(Actions(x.reshape(-1, x.shape[-1])), self.name)
        return self._ids(scaled, places, cuts)

    def decode_array(self, ids: Any, /) -> NDArray[np.float64]:
        """The values of ids (..., dims): the inverse of `encode_array`, normalization undone."""
        import numpy as np

        given = np.asarray(ids)
        self._check_array(given, "iu", "ids")
        cuts = self._cuts(given.shape[-1])
        return self._values(codes_in(given, self.name, self._placed, self._first), cuts)

    def decode(self, tokens: TokenSequence, /) -> Actions:
        """The point of each bin, normalization undone. Ids that are not ours are a DecodeError."""

        info = tokens.info_as(ActionsInfo)
        refuse_length(tokens, self.name, info.steps * info.dims)
        cuts = self._cuts(info.dims)
        codes = codes_of(tokens, self.name, self._placed, first=self._first)
        return restored(tokens, self._values(codes.reshape(info.steps, info.dims), cuts))

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """Half a bin (a whole one for the left edge) in the widest dim, and what was clipped."""
        import numpy as np

        info = tokens.info_as(ActionsInfo)
        cuts = self._cuts(info.dims)
        widths = (cuts.high - cuts.low) / self._intervals()
        far = widths * (0.5 if self.point == "center" else 1.0) * 1.0001  # bins cut in float32
        far = far + 2.0**-22 * np.maximum(np.abs(cuts.low), np.abs(cuts.high))
        norm = self.norm()
        if norm is not None:
            far = far * norm.scale(info.dims) + 1e-8
        return float(far.max()) + float(tokens.state.get("overshoot", 0.0))

    def text(self, tokens: TokenSequence, /) -> str:
        """The ids as decimal numbers with spaces between: how RT-2 and pi0.5 write them."""
        if tokens.ids is None:
            raise DecodeError(f"{self.name} tokens are ids, got a sequence without them")
        return " ".join(str(i) for i in tokens.ids.tolist())

    def _intervals(self) -> int:
        return self.bins - 1 if self.top == "own" else self.bins

    def _check_dims(self, dims: int) -> None:
        check_range(self.low, self.high, dims)
        norm = self.norm()
        if norm is not None:
            norm.check_dims(dims)

    def _check_array(self, given: NDArray[Any], kinds: str, what: str) -> None:
        if not given.ndim or given.dtype.kind not in kinds:
            raise MediaError(
                f"{self.name} takes an array of {what} (..., dims), got {given.dtype} of shape"
                f" {given.shape}"
            )

    @cached_property
    def _cuts(self) -> Callable[[int], Cuts]:
        """Where the bins of so many dims lie, worked out once for each number."""
        return lru_cache(maxsize=16)(partial(_cuts_of, self))

    @cached_property
    def _placed(self) -> Placement:
        """Where the ids lie."""
        return self.placed(self.bins)

    @cached_property
    def _first(self) -> int:
        """The lowest code there is."""
        return -1 if self.below == "minus-one" else 0

    def _lost(
        self,
        values: NDArray[np.float64],
        scaled: NDArray[np.float64],
        cuts: Cuts,
        norm: QuantileNorm | None,
    ) -> tuple[int, float]:
        """How many values are clipped, and how far the farthest is moved."""
        import numpy as np

        inside = scaled.clip(cuts.low, cuts.high)
        clipped = inside != scaled
        if norm is None:
            many = int(np.count_nonzero(clipped))
            return many, float(np.abs(inside - values).max()) if many else 0.0
        lost = np.abs(norm.invert(inside) - values)
        # a rounding of the normalization is no clipping
        clipped |= lost > 1e-6 * np.maximum(1, np.abs(values))
        return int(np.count_nonzero(clipped)), float(lost.max(initial=0.0))

    def _ids(
        self, x: NDArray[np.float64], places: NDArray[np.int64], cuts: Cuts
    ) -> NDArray[np.int64]:
        """The ids of (..., dims) values; those outside have the first bin or the last."""
        if self.cut == "edges":
            return cuts.ids[places]
        import numpy as np

        a, b = cuts.low.astype(np.float32), cuts.high.astype(np.float32)
        inside = x.clip(cuts.low, cuts.high).astype(np.float32)
        share = (inside.clip(a, b) - a) / (b - a)
        codes = (share * np.float32(self._intervals())).astype(np.int64)
        codes = np.minimum(codes, self.bins - 1)
        return self._placed.ids(codes if self._first == 0 else np.where(places == 0, -1, codes))

    def _values(self, codes: NDArray[np.int64], cuts: Cuts) -> NDArray[np.float64]:
        """What bin numbers (..., dims) stand for, normalization undone."""
        if self._first < 0:
            codes = codes.clip(0)
        norm = self.norm()
        values = self._points(codes, cuts)
        return values if norm is None else norm.invert(values)

    def _points(self, codes: NDArray[np.int64], cuts: Cuts) -> NDArray[np.float64]:
        """The value each bin number stands for."""
        if self.cut == "edges" and len(cuts.runs) == 1:
            return cuts.runs[0].points[codes]
        import numpy as np

        if self.cut == "truncate":  # float32 as well, as published
            n = self._intervals()
            a, b = cuts.low.astype(np.float32), cuts.high.astype(np.float32)
            number = codes.astype(np.float32) + np.float32(0 if self.point == "left" else 0.5)
            share = np.minimum(number / np.float32(n), np.float32(1))
            single: NDArray[np.float64] = (share * (b - a) + a).astype(np.float64)
            return single
        values = np.empty(codes.shape)
        for run in cuts.runs:
            values[..., run.dims] = run.points[codes[..., run.dims]]
        return values


class Run(NamedTuple):
    """Dims of one range, side by side: the edges of their bins, from `low` to what follows `high`,
    and what each id stands for."""

    dims: slice
    edges: NDArray[np.float64]
    points: NDArray[np.float64]


class Cuts(NamedTuple):
    """Where bins lie: the range of each dim, and its runs: mostly one. A place is how many edges a
    value has reached: 0 below the range, more than there are bins above it, and for NaN.

    ids, outside   of each place: the id of its bin, and whether it lies outside the range
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    runs: tuple[Run, ...]
    ids: NDArray[np.int64]
    outside: NDArray[np.bool_]

    def places(self, x: NDArray[np.float64]) -> NDArray[np.int64]:
        """The places of (..., dims) values."""
        if len(self.runs) == 1:
            return self.runs[0].edges.searchsorted(x, "right")
        import numpy as np

        found = np.empty(x.shape, np.int64)
        for run in self.runs:
            found[..., run.dims] = run.edges.searchsorted(x[..., run.dims], "right")
        return found

    def hold(self, places: NDArray[np.int64]) -> bool:
        """Whether nothing lies outside: then nothing is clipped, and nothing is NaN or inf; but for
        what a normalization has clipped before."""
        return not any_of(self.outside[places])


def _cuts_of(rule: ActionBinsTokenizer, dims: int) -> Cuts:
    """The bins of so many dims; MediaError where low or high is of another number."""
    import numpy as np

    low, high, bins = rule.low, rule.high, rule.bins
    check_range(low, high, dims)
    lows, highs = (np.broadcast_to(np.array(end, np.float64), (dims,)) for end in (low, high))
    ends = list(zip(lows.tolist(), highs.tolist(), strict=True))
    starts = [i for i, pair in enumerate(ends) if not i or pair != ends[i - 1]]
    runs = []
    for start, stop in zip(starts, [*starts[1:], dims], strict=True):
        edges = np.linspace(*ends[start], bins if rule.top == "own" else bins + 1)
        points = (edges[:-1] + edges[1:]) / 2 if rule.point == "center" else edges
        points = points[np.minimum(np.arange(bins), len(points) - 1)]
        beyond = np.nextafter(ends[start][1], np.inf)
        runs.append(Run(slice(start, stop), np.append(edges[:bins], beyond), points))
    codes, outside = np.arange(-1, bins + 1), np.zeros(bins + 2, np.bool_)
    codes[0], codes[-1] = -1 if rule.below == "minus-one" else 0, bins - 1
    outside[[0, -1]] = True
    return Cuts(lows, highs, tuple(runs), rule.placed(bins).ids(codes), outside)


def check_range(low: float | tuple[float, ...], high: float | tuple[float, ...], dims: int) -> None:
    """MediaError where low or high is of another number of dims."""
    for what, given in (("low", low), ("high", high)):
        if isinstance(given, tuple) and len(given) not in (1, dims):
            raise MediaError(f"{what} holds {len(given)} dims, the actions have {dims}")


def _per_dim(end: float | tuple[float, ...]) -> tuple[float, ...]:
    return end if isinstance(end, tuple) else (float(end),)
