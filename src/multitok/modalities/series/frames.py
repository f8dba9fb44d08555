"""How many tokens a model makes of a series: by its steps alone, where no values can be given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from multitok.core.info import SeriesInfo, info_of
from multitok.core.integers import ceil_div
from multitok.core.parameters import Natural, Positive
from multitok.core.tokenizer import TokenCounter

if TYPE_CHECKING:
    from multitok.core.media import Series


@dataclass(frozen=True, kw_only=True)
class SeriesFramesCounter(TokenCounter["Series", SeriesInfo]):
    """A token for every `hop` steps of each channel.

    hop       steps of a token: 1 for a model that reads point by point
    rounding  "up" where the steps are filled to a whole token, "down" where the rest is dropped
    context   the last steps that are seen; None: all
    horizon   steps ahead that the model is fed as tokens of their own, filled up
    shared    tokens of the horizon that the last one of the context stands for
    Source: the catalogue row that names the model.

    >>> SeriesFramesCounter(hop=16, context=2880).breakdown(SeriesInfo(steps=100, channels=2))
    {'series': 14}
    """

    hop: Positive = 1
    rounding: Literal["up", "down"] = "up"
    context: Positive | None = None
    horizon: Natural = 0
    shared: Natural = 0

    name: ClassVar[str] = "series-frames"
    modality: ClassVar[str] = "series"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"hop": 16, "context": 32},
        {"hop": 12, "rounding": "down"},
        {"hop": 32, "horizon": 65, "shared": 1},
    )

    def seen(self, info: SeriesInfo) -> int:
        """Steps that are seen, the last ones."""
        return info.steps if self.context is None else min(info.steps, self.context)

    def ahead(self) -> int:
        """Tokens of the horizon, beside that of the context's end."""
        return max(0, ceil_div(self.horizon, self.hop) - self.shared)

    def breakdown(self, x: Series | SeriesInfo, /) -> dict[str, int]:
        info: SeriesInfo = info_of(x)
        steps = self.seen(info)
        each = ceil_div(steps, self.hop) if self.rounding == "up" else steps // self.hop
        parts = {"series": info.channels * each}
        if self.horizon:
            parts["horizon"] = info.channels * self.ahead()
        return parts

    def count(self, x: Series | SeriesInfo, /) -> int:
        return sum(self.breakdown(x).values())

    def geometry(self, x: Series | SeriesInfo, /) -> Mapping[str, Any]:
        info: SeriesInfo = info_of(x)
        return {"steps": self.seen(info), "hop": self.hop, "horizon": self.ahead()}

    def explain(self, x: Series | SeriesInfo, /) -> list[str]:
        info: SeriesInfo = info_of(x)
        each = sum(self.breakdown(SeriesInfo(info.steps, 1)).values())
        ahead = f" and {self.horizon:,} ahead" if self.horizon else ""
        return [
            f"{self.seen(info):,} steps{ahead}, {self.hop} a token: {each:,} tokens",
            f"{each:,} x {info.channels} channels = {self.count(info):,} tokens",
        ]

    def notes(self, x: Series | SeriesInfo, /) -> list[str]:
        return list(filter(None, [self.left_out(x)]))

    def left_out(self, x: Series | SeriesInfo, /) -> str | None:
        info: SeriesInfo = info_of(x)
        steps = self.seen(info)
        if self.rounding == "down":
            steps -= steps % self.hop
        return f"only {steps} of {info.steps} steps are seen" if steps < info.steps else None
