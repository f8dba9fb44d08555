"""Text of a vocabulary that is not at hand: a linear estimate from what the text holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import sqrt
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from multitok.core.counts import Kind, StreamCount
from multitok.core.errors import UnknownNameError
from multitok.core.info import TextInfo, info_of
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.text.content import text_of
from multitok.modalities.text.makeup import Makeup, kind_of, makeup, streamed, terms
from multitok.modalities.text.vocabulary import packaged

if TYPE_CHECKING:
    from multitok.core.media import Text


class Range(NamedTuple):
    """The factors around a count of one kind of text. A short text strays further: at n tokens the
    ends lie (1 + `short` / sqrt(n)) times as far."""

    low: float
    high: float
    short: float

    def at(self, tokens: float) -> tuple[float, float]:
        further = 1 + self.short / sqrt(max(tokens, 1))
        return round(self.low / further, 4), round(self.high * further, 4)


class Estimate(NamedTuple):
    """What oracle/estimate_text.py measured for one vocabulary."""

    tokens: Mapping[str, float]
    """Tokens for each of a feature of makeup.py: none below 0, so that more text is never less."""
    ranges: Mapping[str, Range]
    """By kind of text."""
    source: str
    checked: str
    texts: int


@dataclass(frozen=True, kw_only=True)
class LinearTextCounter(TokenCounter["Text", TextInfo]):
    """Tokens estimated by what a text holds: its words, characters by class, pieces of o200k_base.

    `estimate` names the vocabulary that it was fitted to (vocabularies/estimates.json, written by
    oracle/estimate_text.py with its source): so many tokens a word, a digit, a kana, added up. The
    range is that of the kind of text, wider for a short one; more than nine in ten texts of each
    kind lay inside, on texts of packages that the estimate had not seen.

    >>> from multitok import Text
    >>> counter = LinearTextCounter(estimate="gemma-3")
    >>> counter.count(Text("2024-05-01"))  # a token each digit, where o200k_base has 5
    10
    """

    estimate: str

    name: ClassVar[str] = "text-linear"
    kind: ClassVar[Kind] = "estimate"
    modality: ClassVar[str] = "text"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"estimate": "gemma-3"},
        {"estimate": "claude-3"},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.estimate not in estimates():
            known = f"There are: {', '.join(estimates())}"
            raise UnknownNameError.of("estimate", self.estimate, estimates(), known)

    def count(self, x: Text | TextInfo, /) -> int:
        return self._tokens(makeup(text_of(x, "token")))

    def count_stream(self, chunks: Iterable[str], /) -> StreamCount:
        """Tokens of a text that arrives in chunks: summed first, rounded once."""
        counted = streamed(chunks)
        return StreamCount(
            {"text": self._tokens(counted.parts)}, counted.exact, self._range(counted.parts)
        )

    def error(self) -> tuple[float, float]:
        """The widest range of any kind of long text."""
        found = estimates()[self.estimate].ranges.values()
        return min(one.low for one in found), max(one.high for one in found)

    def error_of(self, x: Text | TextInfo, /) -> tuple[float, float]:
        """The range around the count of this text, as factors."""
        return self.error() if x is info_of(x) else self._range(makeup(text_of(x, "token")))

    def explain(self, x: Text | TextInfo, /) -> list[str]:
        how = "tokens by its words, its characters by class and o200k_base"
        if x is info_of(x):
            return [how]
        kind = kind_of(makeup(text_of(x, "token")))
        return [f"{self.count(x):,} {how}; the range is that of {SAID[kind]}"]

    def _tokens(self, found: Makeup) -> int:
        each = estimates()[self.estimate].tokens
        tokens = sum(each.get(name, 0) * times for name, times in terms(found).items())
        return max(round(tokens), int(any(found.values())))

    def _range(self, found: Makeup) -> tuple[float, float]:
        return estimates()[self.estimate].ranges[kind_of(found)].at(self._tokens(found))


SAID = {
    "plain": "plain text", "accented": "text with accents", "marked": "code, JSON and markup",
    "numbers": "numbers, tables and logs", "emoji": "emoji", "cyrillic": "Cyrillic and Greek",
    "han": "Chinese and Japanese", "hangul": "Korean", "arabic": "Arabic and Hebrew",
    "brahmic": "Hindi and its kin", "thai": "Thai and Lao", "other": "other scripts",
}  # fmt: skip
"""A kind of text in words."""


@cache
def estimates() -> Mapping[str, Estimate]:
    """Every estimate by the name of its vocabulary."""
    rows = json.loads(packaged("estimates.json"))
    return {name: _estimate(row) for name, row in rows.items()}


def _estimate(row: Mapping[str, Any]) -> Estimate:
    ranges = {kind: Range(*ends) for kind, ends in row["ranges"].items()}
    return Estimate(row["tokens"], ranges, row["source"], row["checked"], row["texts"])
