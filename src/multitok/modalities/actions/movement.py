"""What the tokenizers of movement share: its episodes are the parts of a count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from multitok.core.info import ActionsInfo, info_of
from multitok.core.tokenizer import FEW, Tokenizer
from multitok.modalities.actions.placement import Direction, Placement, placement_of

if TYPE_CHECKING:
    from multitok.core.media import Actions


class Movement(Tokenizer["Actions", ActionsInfo]):
    """A tokenizer of movement. No token goes on from one episode into the next, so that those of a
    data set are the sum of those of its episodes."""

    modality: ClassVar[str] = "actions"

    vocab_size: int | None
    skip: int
    placement: Direction

    def placed(self, codes: int) -> Placement:
        """Where so many codes lie; MediaError where they do not fit."""
        return placement_of(codes, self.vocab_size, self.skip, self.placement)

    def outside(self, media: Actions, /) -> float:
        """The share of what is numbered that lies outside the range, and is clipped."""
        return self.clipped(self.encode(media))

    def holds(self, media: Actions, /) -> bool:
        """Whether the range is one for these values."""
        return self.outside(media) <= FEW

    def breakdown(self, x: Actions | ActionsInfo, /) -> dict[str, int]:
        """The tokens of each episode, by its place; those of a single trajectory are one part."""
        info: ActionsInfo = info_of(x)
        if not info.episodes:
            return super().breakdown(x)
        parts: Sequence[Actions | ActionsInfo]
        if isinstance(x, ActionsInfo):
            parts = [replace(x, steps=steps, episodes=()) for steps in x.episodes]
        else:
            parts = x.apart()
        return {f"episode {place}": self.count(part) for place, part in enumerate(parts)}
