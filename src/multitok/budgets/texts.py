"""Text cut to a number of tokens, exact to the token: every piece is counted again as it stands.

Tokens say where a text may be cut; a piece of it may count differently on its own (white space at
its end, two halves that now touch), so what is kept is counted alone and shrunk or grown until it
is the longest that fits. A character is never cut.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from multitok.budgets.limits import check_budget
from multitok.core.errors import MediaError
from multitok.core.media import Text
from multitok.core.registry import AnyCounter
from multitok.core.tokenizer import Tokenizer
from multitok.counting.rules import files_of, resolve

Where = Literal["head", "tail", "middle"]
GROW = 4
"""Tokens beyond the cut that are tried: a piece alone can cost less than inside its text."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What is kept: its text and tokens, of how many there were."""

    text: str
    tokens: int
    total: int
    keep: Where

    @property
    def truncated(self) -> bool:
        return self.tokens < self.total

    @property
    def message(self) -> str:
        """`kept the first 500 of 1,204 tokens`."""
        if not self.truncated:
            return f"it fits: {self.total:,} tokens"
        kept = {"head": "the first", "tail": "the last", "middle": "both ends,"}[self.keep]
        return f"kept {kept} {self.tokens:,} of {self.total:,} tokens"


def tokenizer_of(
    model: str | None,
    tokenizer: str | AnyCounter | None,
    options: Mapping[str, Any] | None = None,
    catalog: str | Sequence[str] = (),
) -> Tokenizer[Any, Any]:
    """The text tokenizer to cut by. MediaError where only an estimate is known."""
    rule = resolve(
        "text", model=model, tokenizer=tokenizer, options=options, files=files_of(catalog)
    )
    if rule.counter.modality != "text":
        raise MediaError(
            f"{rule.counter.name} makes tokens of {rule.counter.modality}, and a text is cut:"
            " name a text tokenizer (-t o200k_base)"
        )
    if not isinstance(rule.counter, Tokenizer):
        raise MediaError(
            f"{model or tokenizer} counts text by an estimate, and cutting needs the tokens"
            " themselves: name a tokenizer (-t o200k_base)"
        )
    return rule.counter


def truncate(
    text: str,
    max_tokens: int,
    *,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    keep: Where = "head",
    options: Mapping[str, Any] | None = None,
    catalog: str | Sequence[str] = (),
) -> Cut:
    """The longest beginning (or end, or both) of a text within `max_tokens`.

    keep        head, tail, or middle: both ends, without the middle
    options     the parameters of the tokenizer

    MediaError where only an estimate of the tokens is known.

    >>> truncate("one two three four", 2, tokenizer="o200k_base").text
    'one two'
    """
    check_budget(max_tokens, 0)
    cuts = _Cuts.of(text, tokenizer_of(model, tokenizer, options, catalog))
    total = cuts.count(text)
    if total <= max_tokens:
        return Cut(text, total, total, keep)
    if keep == "head":
        kept = cuts.longest(0, max_tokens)
    elif keep == "tail":
        kept = cuts.longest_end(max_tokens)
    else:
        kept = cuts.both_ends(max_tokens)
    return Cut(kept, cuts.count(kept), total, keep)


def split(
    text: str,
    max_tokens: int,
    *,
    overlap: int = 0,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    options: Mapping[str, Any] | None = None,
    catalog: str | Sequence[str] = (),
) -> Iterator[str]:
    """The text in pieces of at most `max_tokens`; each begins `overlap` tokens before the last end.

    Without overlap the pieces join to the text. The other arguments are those of `truncate`.

    >>> list(split("one two three four", 2, tokenizer="o200k_base"))
    ['one two', ' three four']
    """
    check_budget(max_tokens)
    check_budget(overlap, 0, "overlap")
    if overlap >= max_tokens:
        raise MediaError(f"overlap must be from 0 to {max_tokens - 1}, got {overlap!r}")
    cuts = _Cuts.of(text, tokenizer_of(model, tokenizer, options, catalog))
    begin, end = 0, 0
    while end < len(cuts.data):
        piece = cuts.longest(begin, max_tokens)
        size = len(piece.encode("utf-8"))
        if begin + size <= end:  # the overlap leaves no room: go on without it
            if begin == end:
                raise MediaError(
                    f"one character of the text takes more than {max_tokens:,} tokens: allow more"
                )
            begin = end
            continue
        end = begin + size
        yield piece
        begin = cuts.back(end, overlap)


@dataclass(frozen=True, slots=True)
class _Cuts:
    """The places of a text where its tokens end, and a way to count a piece."""

    data: bytes
    ends: list[int]
    count: Callable[[str], int]

    @classmethod
    def of(cls, text: str, tokenizer: Tokenizer[Any, Any]) -> _Cuts:
        tokens = tokenizer.encode(Text(text))
        data = Text(text).text.encode("utf-8")
        stops = tokens.positions[:, 1].tolist() if tokens.positions is not None else []
        places = {stop for stop in stops if 0 < stop <= len(data) and _whole(data, stop)}
        ends = sorted(places | {0, len(data)})
        return cls(data, ends, lambda piece: tokenizer.count(Text(piece)))

    def piece(self, begin: int, end: int) -> str:
        return self.data[begin:end].decode("utf-8")

    def fits(self, begin: int, end: int, most: int) -> bool:
        return self.count(self.piece(begin, end)) <= most

    def longest(self, begin: int, most: int) -> str:
        """The longest piece from `begin` on within `most` tokens, ending where a token does."""
        first = bisect_left(self.ends, begin + 1)
        i = min(first + most - 1, len(self.ends) - 1)
        if first >= len(self.ends) or most < 1:
            return ""
        while i >= first and not self.fits(begin, self.ends[i], most):
            i -= 1
        if i < first:
            return ""
        for further in range(i + 1, min(i + 1 + GROW, len(self.ends))):
            if self.fits(begin, self.ends[further], most):
                i = further
        return self.piece(begin, self.ends[i])

    def longest_end(self, most: int) -> str:
        """The longest piece up to the end within `most` tokens."""
        whole, last = len(self.data), len(self.ends) - 1
        i = max(0, last - most)
        while i < last and not self.fits(self.ends[i], whole, most):
            i += 1
        for earlier in range(i - 1, max(i - 1 - GROW, -1), -1):
            if i < last and self.fits(self.ends[earlier], whole, most):
                i = earlier
        return self.piece(self.ends[i], whole)

    def both_ends(self, most: int) -> str:
        """A beginning and an end, put together and counted together."""
        head = self.longest(0, most - most // 2)
        for left in range(most // 2, -1, -1):
            tail = self.longest_end(left) if left else ""
            if self.count(head + tail) <= most:
                return head + tail
        return head

    def back(self, end: int, tokens: int) -> int:
        """The place so many tokens before `end`."""
        return self.ends[max(0, bisect_left(self.ends, end) - tokens)] if tokens else end


def _whole(data: bytes, place: int) -> bool:
    """Not inside a character."""
    return place == len(data) or data[place] & 0xC0 != 0x80
