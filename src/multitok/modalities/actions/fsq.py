"""Finite scalar quantization: a few dims, each rounded to its own levels, as one mixed-radix id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar

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
from multitok.modalities.coding.levels import (
    Squash,
    check_levels,
    digits_of,
    joined,
    points_of,
    split,
)

if TYPE_CHECKING:
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
    squash: Squash = "clip"
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
        check_levels(self.levels)
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

    def encode(self, media: Actions, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        refuse_non_finite(media, self.name)
        steps, dims = media.values.shape
        groups = self._groups(dims)
        values = media.values.reshape(steps, groups, len(self.levels))
        digits = digits_of(values, self.levels, self.squash)
        outside = np.abs(values) > 1 if self.squash == "clip" else np.zeros(1, np.bool_)
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=unmarked(steps * groups),
            ids=self.placed(self.codes).ids(joined(digits, self.levels).reshape(-1)),
            axes=("step", "group"),
            positions=np.indices((steps, groups), dtype=np.int32).reshape(2, -1).T.copy(),
            state={
                "grid": [steps, groups],
                "names": list(media.names),
                "clipped": int(outside.sum()),
                "residual": float(
                    np.abs(points_of(digits, self.levels, self.squash) - values).max(initial=0.0)
                ),
            },
        )

    def decode(self, tokens: TokenSequence, /) -> Actions:
        info = tokens.info_as(ActionsInfo)
        refuse_length(tokens, self.name, self.count(info))
        codes = codes_of(tokens, self.name, self.placed(self.codes))
        points = points_of(split(codes, self.levels), self.levels, self.squash)
        return restored(tokens, points.reshape(info.steps, info.dims))

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
