"""How many ids a learned codec makes of a motion: its frames times its codebooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ActionsInfo, info_of
from multitok.core.parameters import Natural, Positive
from multitok.core.tokenizer import TokenCounter

if TYPE_CHECKING:
    from multitok.core.media import Actions


@dataclass(frozen=True, kw_only=True)
class MotionFramesCounter(TokenCounter["Actions", ActionsInfo]):
    """An id of every codebook for every `hop` steps of a motion, whatever its joints.

    hop         steps of a frame, the product of the encoder's strides; what fills none is dropped
    codebooks   ids of a frame: one, or one of each residual layer
    around      ids before and behind a motion: a beginning, an end
    Source: the catalogue row that names the codec.

    >>> MotionFramesCounter(hop=4, around=1).count(ActionsInfo(steps=196, dims=263))
    50
    """

    hop: Positive
    codebooks: Positive = 1
    around: Natural = 0

    name: ClassVar[str] = "motion-frames"
    modality: ClassVar[str] = "actions"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"hop": 4, "around": 1},
        {"hop": 4, "codebooks": 6},
    )

    def frames(self, info: ActionsInfo) -> int:
        """Whole frames of a motion."""
        return info.steps // self.hop

    def count(self, x: Actions | ActionsInfo, /) -> int:
        return sum(self.breakdown(x).values())

    def breakdown(self, x: Actions | ActionsInfo, /) -> dict[str, int]:
        """The ids of each episode, by its place; of a single motion, and those around it."""
        info: ActionsInfo = info_of(x)
        if info.episodes:
            parts = [replace(info, steps=steps, episodes=()) for steps in info.episodes]
            return {f"episode {i}": self.count(part) for i, part in enumerate(parts)}
        ids = {"actions": self.frames(info) * self.codebooks}
        return {**ids, "around": self.around} if self.around else ids

    def geometry(self, x: Actions | ActionsInfo, /) -> Mapping[str, Any]:
        return {"frames": self.frames(info_of(x)), "codebooks": self.codebooks}

    def explain(self, x: Actions | ActionsInfo, /) -> list[str]:
        info: ActionsInfo = info_of(x)
        layers = f" x {self.codebooks} codebooks" if self.codebooks > 1 else ""
        around = f" + {self.around}" if self.around else ""
        return [
            f"{info.steps:,} steps: {self.frames(info):,} frames of {self.hop}",
            f"{self.frames(info):,}{layers}{around}: {self.count(info):,} ids",
        ]
