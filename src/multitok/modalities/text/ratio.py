"""Text of a closed vocabulary: an estimate, with its error stated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.counts import Kind, StreamCount
from multitok.core.errors import MediaError
from multitok.core.extras import optional
from multitok.core.info import TextInfo, info_of
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.text import vocabulary
from multitok.modalities.text.bpe import BpeTokenizer
from multitok.modalities.text.content import text_of
from multitok.modalities.text.linear import LinearTextCounter
from multitok.modalities.text.stream import count_windows, cut_before_space

if TYPE_CHECKING:
    from multitok.core.media import Text


@dataclass(frozen=True, kw_only=True)
class TextRatioCounter(TokenCounter["Text", TextInfo]):
    """Tokens of a bundled vocabulary times a measured ratio.

    `ratio` is tokens of the closed vocabulary per token of `base` over a corpus; `low` and `high`
    the 5th and 95th percentile of that ratio over 4,000-character chunks, which is the error to
    state. All three come from the catalogue, with their source.

    >>> from multitok import Text
    >>> counter = TextRatioCounter(ratio=1.5, low=1.2, high=1.8)
    >>> counter.count(Text("one two three four")), counter.error()
    (6, (0.8, 1.2))
    """

    ratio: float
    low: float
    high: float
    base: str = "o200k_base"

    name: ClassVar[str] = "text-ratio"
    kind: ClassVar[Kind] = "estimate"
    modality: ClassVar[str] = "text"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"ratio": 1.25, "low": 1.0, "high": 1.75},
        {"ratio": 0.95, "low": 0.8, "high": 1.2, "base": "cl100k_base"},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        vocabulary.known(self.base)
        if not 0 < self.low <= self.ratio <= self.high:
            raise MediaError(
                f"a ratio lies between its low and high, got {self.low!r}, {self.ratio!r},"
                f" {self.high!r}"
            )

    def count(self, x: Text | TextInfo, /) -> int:
        return self._scaled(BpeTokenizer(vocabulary=self.base).count(x))

    def count_stream(self, chunks: Iterable[str], /) -> StreamCount:
        """Tokens of a text that arrives in chunks."""
        counted = BpeTokenizer(vocabulary=self.base).count_stream(chunks)
        return StreamCount({"text": self._scaled(counted.tokens)}, counted.exact)

    def error(self) -> tuple[float, float]:
        """The range around a count, as factors: nine chunks in ten lay inside."""
        return round(self.low / self.ratio, 4), round(self.high / self.ratio, 4)

    def explain(self, x: Text | TextInfo, /) -> list[str]:
        steps = f"{self.base} tokens x {self.ratio:g}"
        if x is info_of(x):
            return [steps]
        return [
            f"{BpeTokenizer(vocabulary=self.base).count(x):,} {steps} = {self.count(x):,} tokens"
        ]

    def _scaled(self, tokens: int) -> int:
        return round(tokens * self.ratio)


@dataclass(frozen=True, kw_only=True)
class ClaudeTextCounter(TokenCounter["Text", TextInfo]):
    """Tokens of a Claude text without its message frame: by ctok when installed, else estimated.

    ctok (Python 3.12 and later) is an unofficial reconstruction of what the token counting API
    answers. `version` is its family: "3.0" for Claude 3 to 4.6, "4.7", "4.8" for later ones;
    `frame` the tokens of the message around the text in that family, taken off. `close` is the
    relative error to state for it: its author reports far less (one row of 962,054 off), which
    nobody can check offline. Without ctok the count is that of `estimate`, as `text-linear`.
    Source: https://github.com/sanderland/ctok (1.3.0).
    """

    version: str
    frame: int
    estimate: str
    close: float = 0.01

    name: ClassVar[str] = "claude-text"
    kind: ClassVar[Kind] = "estimate"
    modality: ClassVar[str] = "text"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"version": "3.0", "frame": 7, "estimate": "claude-3"},
        {"version": "4.8", "frame": 6, "estimate": "claude-4.7"},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self._estimate()

    def count(self, x: Text | TextInfo, /) -> int:
        text = text_of(x, "Claude token")
        return self._count(text) if optional("ctok") else self._estimate().count(x)

    def count_stream(self, chunks: Iterable[str], /) -> StreamCount:
        """Tokens of a text that arrives in chunks; with ctok a sum over windows."""
        if not optional("ctok"):
            return self._estimate().count_stream(chunks)
        counted = count_windows(chunks, cut_before_space, self._count)
        return StreamCount(counted.parts, False)

    def error(self) -> tuple[float, float]:
        """The range around a count, as factors."""
        if optional("ctok"):
            return 1 - self.close, 1 + self.close
        return self._estimate().error()

    def error_of(self, x: Text | TextInfo, /) -> tuple[float, float]:
        return self.error() if optional("ctok") else self._estimate().error_of(x)

    def explain(self, x: Text | TextInfo, /) -> list[str]:
        if optional("ctok"):
            return [f"ctok, family {self.version}, less the message frame of {self.frame}"]
        return self._estimate().explain(x)

    def notes(self, x: Text | TextInfo, /) -> list[str]:
        if optional("ctok"):
            return []
        return ["a closer estimate with ctok, which comes along on Python 3.12 (docs/text.md)"]

    def _count(self, text: str) -> int:
        return max(0, _ctok(text, self.version) - self.frame) if text else 0

    def _estimate(self) -> LinearTextCounter:
        return LinearTextCounter(estimate=self.estimate)


@lru_cache(maxsize=256)
def _ctok(text: str, version: str) -> int:
    """Tokens of a one-message request. Kept: 0.4 MB a second is slow, and a guard counts twice."""
    return int(_token_count()(text, version))


@cache
def _token_count() -> Any:
    from ctok import token_count

    return token_count
