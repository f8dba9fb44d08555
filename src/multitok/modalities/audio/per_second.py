"""Tokens by the second: how hosted models count sound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from multitok.core.counts import Kind
from multitok.core.info import AudioInfo, info_of
from multitok.core.integers import ceil_div
from multitok.core.parameters import Positive
from multitok.core.tokenizer import TokenCounter

if TYPE_CHECKING:
    from multitok.core.media import Audio


def seconds_tokens(info: AudioInfo, per_second: int, rounding: str) -> int:
    """The exact product in whole samples, rounded once; "second" rounds the seconds down, to 1 at
    least, "begun" rounds them up."""
    if rounding == "second":
        return max(1, info.samples // info.sample_rate) * per_second
    if rounding == "begun":
        return ceil_div(info.samples, info.sample_rate) * per_second
    product = info.samples * per_second
    return ceil_div(product, info.sample_rate) if rounding == "up" else product // info.sample_rate


@dataclass(frozen=True, kw_only=True)
class AudioRateCounter(TokenCounter["Audio", AudioInfo]):
    """So many tokens a second, whatever is heard; a token that is not full is dropped or kept.

    per_second   OpenAI 10 of what is heard and 20 of what is spoken, Gemini 25 or 32
    rounding     "down" or "up" to a whole token; "second": whole seconds alone are paid, "begun":
                 each second that is begun
    Source: the catalogue row that gives the number.

    >>> AudioRateCounter(per_second=10).count(AudioInfo(samples=93_600, sample_rate=16_000))
    58
    """

    per_second: Positive
    rounding: Literal["down", "up", "second", "begun"] = "down"

    name: ClassVar[str] = "audio-rate"
    kind: ClassVar[Kind] = "documented"
    modality: ClassVar[str] = "audio"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"per_second": 10},
        {"per_second": 32, "rounding": "up"},
        {"per_second": 25, "rounding": "second"},
        {"per_second": 25, "rounding": "begun"},
    )

    def count(self, x: Audio | AudioInfo, /) -> int:
        return seconds_tokens(info_of(x), self.per_second, self.rounding)

    def geometry(self, x: Audio | AudioInfo, /) -> Mapping[str, Any]:
        info: AudioInfo = info_of(x)
        return {"seconds": info.duration}

    def explain(self, x: Audio | AudioInfo, /) -> list[str]:
        info: AudioInfo = info_of(x)
        return [
            f"{info.duration:.2f} s at {self.per_second:,} tokens a second = {self.count(info):,}"
        ]
