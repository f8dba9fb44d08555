"""Finite scalar quantization: a few dims, each rounded to its own levels, as one mixed-radix id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from multitok.core.errors import MediaError
from multitok.core.info import ActionsInfo, info_of
from multitok.modalities.actions.chunks import (
    codes_of,
    refuse_length,
    refuse_non_finite,
    restored,
    unmarked,
)
from multitok.modalities.actions.movement import Movement
from multitok.modalities.actions.placement import Direction

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Actions
    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class FsqTokenizer(Movement):
    """Round each dim to its number of levels; len(levels) dims make one token, the first the ones.

    levels  values a dim may take; the dims of a step must be a multiple of their number. Published
            sets (openpi): (8, 6, 5), (8, 5, 5, 5), (7, 5, 5, 5, 5), (8, 8, 8, 6, 5),
            (8, 8, 8, 5, 5, 5) for about 2^8, 2^10, ... 2^16 ids
    squash  "clip" takes values in [-1, 1]; "tanh" takes any, as openpi does after its network. The
            outermost tanh level decodes to the middle of its half cell, never to infinity.
    vocab_size, skip, placement   place the ids at the end of a language model's vocabulary, where
                they count "down" or "up": see Placement

    The arithmetic alone: the network that a published model puts in front has weights.
    Source: Finite Scalar Quantization (Mentzer et al. 2023), openpi models/utils/fsq_tokenizer.py.

    >>> from multitok import Actions
    >>> FsqTokenizer(levels=(8, 6, 5)).encode(Actions([[1.0, -1.0, 0.0]])).ids  # 7 + 0*8 + 2*48
    array([103])
    """

    levels: tuple[int, ...] = (8, 5, 5, 5)
    squash: Literal["clip", "tanh"] = "clip"
    vocab_size: int | None = None
    skip: int = 0
    placement: Direction = "down"

    name: ClassVar[str] = "fsq"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"levels": (64,)},
        {"levels": (8, 6, 5), "vocab_size": 1000, "skip": 9},
        {"levels": (64,), "vocab_size": 1000, "skip": 9, "placement": "up"},
        {"levels": (5,), "squash": "tanh"},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.levels or min(self.levels) < 2:
            raise MediaError(f"levels must each be at least 2, got {self.levels!r}")
        if prod(self.levels) > 2**62:
            raise MediaError(f"levels make more ids than 64 bits hold, got {self.levels!r}")
        self.placed(self.codes)

    @property
    def codes(self) -> int:
        """How many ids there are."""
        return prod(self.levels)

    def count(self, x: Actions | ActionsInfo, /) -> int:
        info: ActionsInfo = info_of(x)
        return info.steps * self._groups(info.dims)

    def explain(self, x: Actions | ActionsInfo, /) -> list[str]:
        info: ActionsInfo = info_of(x)
        groups = self._groups(info.dims)
        return [f"{info.steps:,} steps x {groups} groups of dims = {self.count(info):,} tokens"]

    def digits(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """The level of each value (..., len(levels)), half to even."""
        import numpy as np

        inside = np.tanh(values) if self.squash == "tanh" else np.clip(values, -1, 1)
        steps = np.array(self.levels) - 1
        made: NDArray[np.int64] = np.rint((inside + 1) * steps / 2).astype(np.int64)
        return made

    def points(self, digits: NDArray[np.int64]) -> NDArray[np.float64]:
        """The value each level stands for."""
        import numpy as np

        steps = np.array(self.levels) - 1
        inside: NDArray[np.float64] = 2 * digits / steps - 1
        if self.squash == "clip":
            return inside
        return np.arctanh(np.clip(inside, -1 + 0.5 / steps, 1 - 0.5 / steps))

    def encode(self, media: Actions, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        refuse_non_finite(media, self.name)
        steps, dims = media.values.shape
        groups = self._groups(dims)
        values = media.values.reshape(steps, groups, len(self.levels))
        digits = self.digits(values)
        places = np.cumprod([1, *self.levels[:-1]])
        outside = np.abs(values) > 1 if self.squash == "clip" else np.zeros(1, np.bool_)
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=unmarked(steps * groups),
            ids=self.placed(self.codes).ids((digits * places).sum(axis=2).reshape(-1)),
            axes=("step", "group"),
            positions=np.indices((steps, groups), dtype=np.int32).reshape(2, -1).T.copy(),
            state={
                "grid": [steps, groups],
                "names": list(media.names),
                "clipped": int(outside.sum()),
                "residual": float(np.abs(self.points(digits) - values).max(initial=0.0)),
            },
        )

    def decode(self, tokens: TokenSequence, /) -> Actions:
        import numpy as np

        info = tokens.info_as(ActionsInfo)
        refuse_length(tokens, self.name, self.count(info))
        codes = codes_of(tokens, self.name, self.placed(self.codes))
        places = np.cumprod([1, *self.levels[:-1]])
        digits = codes[:, None] // places % np.array(self.levels)
        return restored(tokens, self.points(digits).reshape(info.steps, info.dims))

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """As measured when encoded: tanh has no bound of its own; infinite for ids alone."""
        return float(tokens.state.get("residual", float("inf"))) + 1e-12

    def _groups(self, dims: int) -> int:
        groups, rest = divmod(dims, len(self.levels))
        if rest:
            raise MediaError(
                f"fsq levels {self.levels!r} take {len(self.levels)} dims a token, the actions"
                f" have {dims}: give a level for each dim"
            )
        return groups
