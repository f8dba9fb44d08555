"""One id per dim and step: uniform bins, as RT-1, RT-2, OpenVLA and pi0.5 cut them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from multitok.core.errors import DecodeError, MediaError
from multitok.core.info import ActionsInfo, info_of
from multitok.core.parameters import AtLeast
from multitok.modalities.actions.chunks import (
    codes_of,
    refuse_length,
    refuse_non_finite,
    restored,
)
from multitok.modalities.actions.movement import Movement
from multitok.modalities.actions.placement import Direction
from multitok.modalities.actions.quantiles import QuantileNorm, Variant

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

    bins: Annotated[int, AtLeast(2)] = 256
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
        if len(lows) != len(highs) and 1 not in (len(lows), len(highs)):
            raise MediaError(
                f"low and high need one number or one a dim, got {len(lows)} and {len(highs)}"
            )
        for dim in range(max(len(lows), len(highs))):
            low, high = lows[dim % len(lows)], highs[dim % len(highs)]
            if not low < high:
                raise MediaError(f"low must be below high, got {low!r} and {high!r} (dim {dim})")
        self.placed(self.bins)
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
        return QuantileNorm(q01=self.q01, q99=self.q99, mask=self.mask, variant=self.normalization)

    def count(self, x: Actions | ActionsInfo, /) -> int:
        info: ActionsInfo = info_of(x)
        self._check_dims(info.dims)
        return info.steps * info.dims

    def explain(self, x: Actions | ActionsInfo, /) -> list[str]:
        info: ActionsInfo = info_of(x)
        return [f"{info.steps:,} steps x {info.dims} dims = {self.count(info):,} tokens"]

    def encode(self, media: Actions, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        refuse_non_finite(media, self.name)
        steps, dims = media.values.shape
        self._check_dims(dims)
        norm = self.norm()
        scaled = media.values if norm is None else norm.apply(media.values)
        low, high = (np.broadcast_to(_per_dim(end), (dims,)) for end in (self.low, self.high))
        inside = np.clip(scaled, low, high)
        back = inside if norm is None else norm.invert(inside)
        lost = np.abs(back - media.values)
        # a rounding of the normalization is no clipping
        clipped = (inside != scaled) | (lost > 1e-6 * np.maximum(1, np.abs(media.values)))
        codes = self._codes(scaled if self.below == "minus-one" else inside, low, high)
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(steps * dims, dtype=np.bool_),
            ids=self.placed(self.bins).ids(codes.reshape(-1)),
            axes=("step", "dim"),
            positions=np.indices((steps, dims), dtype=np.int32).reshape(2, -1).T.copy(),
            state={
                "grid": [steps, dims],
                "names": list(media.names),
                "clipped": int(clipped.sum()),
                "overshoot": float(lost.max(initial=0.0)),
            },
        )

    def decode(self, tokens: TokenSequence, /) -> Actions:
        """The point of each bin, normalization undone. Ids that are not ours are a DecodeError."""
        import numpy as np

        info = tokens.info_as(ActionsInfo)
        self._check_dims(info.dims)
        refuse_length(tokens, self.name, info.steps * info.dims)
        first = -1 if self.below == "minus-one" else 0
        codes = codes_of(tokens, self.name, self.placed(self.bins), first=first)
        codes = np.maximum(codes, 0)
        low, high = (np.broadcast_to(_per_dim(end), (info.dims,)) for end in (self.low, self.high))
        values = self._points(codes.reshape(info.steps, info.dims), low, high)
        norm = self.norm()
        return restored(tokens, values if norm is None else norm.invert(values))

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """Half a bin (a whole one for the left edge) in the widest dim, and what was clipped."""
        import numpy as np

        info = tokens.info_as(ActionsInfo)
        low, high = (np.broadcast_to(_per_dim(end), (info.dims,)) for end in (self.low, self.high))
        widths = (high - low) / self._intervals()
        far = widths * (0.5 if self.point == "center" else 1.0) * 1.0001  # bins cut in float32
        far = far + 2.0**-22 * np.maximum(np.abs(low), np.abs(high))
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
        for what, given in (("low", _per_dim(self.low)), ("high", _per_dim(self.high))):
            if len(given) not in (1, dims):
                raise MediaError(f"{what} holds {len(given)} dims, the actions have {dims}")
        norm = self.norm()
        if norm is not None:
            norm.check_dims(dims)

    def _codes(
        self, x: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Bin numbers of (steps, dims) values."""
        import numpy as np

        n = self._intervals()
        if self.cut == "truncate":
            a, b = low.astype(np.float32), high.astype(np.float32)
            share = (np.clip(x.astype(np.float32), a, b) - a) / (b - a)
            codes = (share * np.float32(n)).astype(np.int64)
            codes = np.minimum(codes, self.bins - 1)
            return np.where(x < low, -1, codes) if self.below == "minus-one" else codes
        found = np.empty(x.shape, np.int64)
        for dims, edges in _same_range(low, high, n):
            found[:, dims] = edges[: self.bins].searchsorted(x[:, dims], "right")
        found -= 1
        return found

    def _points(
        self, codes: NDArray[np.int64], low: NDArray[np.float64], high: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The value each bin number stands for."""
        import numpy as np

        n = self._intervals()
        if self.cut == "truncate":  # float32 as well, as published
            a, b = low.astype(np.float32), high.astype(np.float32)
            number = codes.astype(np.float32) + np.float32(0 if self.point == "left" else 0.5)
            share = np.minimum(number / np.float32(n), np.float32(1))
            single: NDArray[np.float64] = (share * (b - a) + a).astype(np.float64)
            return single
        values = np.empty(codes.shape)
        for dims, edges in _same_range(low, high, n):
            points = edges
            if self.point == "center":
                points = (edges[:-1] + edges[1:]) / 2
            values[:, dims] = points[np.minimum(codes[:, dims], len(points) - 1)]
        return values


def _same_range(
    low: NDArray[np.float64], high: NDArray[np.float64], intervals: int
) -> list[tuple[slice, NDArray[np.float64]]]:
    """The edges of each run of dims of one range: mostly of all of them."""
    ends = list(zip(low.tolist(), high.tolist(), strict=True))
    starts = [i for i, pair in enumerate(ends) if not i or pair != ends[i - 1]]
    return [
        (slice(start, stop), _edges(*ends[start], intervals))
        for start, stop in zip(starts, [*starts[1:], len(ends)], strict=True)
    ]


@lru_cache(maxsize=256)
def _edges(low: float, high: float, intervals: int) -> NDArray[np.float64]:
    """One more than the intervals, evenly from low to high."""
    import numpy as np

    edges = np.linspace(low, high, intervals + 1)
    edges.flags.writeable = False
    return edges


def _per_dim(end: float | tuple[float, ...]) -> tuple[float, ...]:
    return end if isinstance(end, tuple) else (float(end),)
