"""Fit: the largest picture that stays within a token budget, and the sizes worth choosing.

Counts are not monotone in size (a ratio tiler can charge less for a larger picture), so nothing is
bisected: every long edge from the picture's own down to 1 px is counted, with the short edge that
keeps the aspect. That is the whole truth, and a count costs microseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from multitok.core.boundary import boundary
from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo
from multitok.core.integers import scale_to
from multitok.core.registry import AnyCounter
from multitok.counting.rules import Resolved, resolve
from multitok.counting.subject import Subject

LONGEST_EDGE = 65_535
"""The longest side a JPEG can store; a longer picture is fitted from there down."""


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """A size worth choosing: no larger one costs as little. `saved` is against the source."""

    width: int
    height: int
    tokens: int
    saved: int


@dataclass(frozen=True, slots=True)
class Fit:
    """The best size within the budget (None when none fits), and the sizes worth choosing.

    `breakpoints` run from the picture's own size down; `notes` say what the provider does anyway
    and where shrinking saves nothing.
    """

    info: ImageInfo
    model: str | None
    max_tokens: int
    tokens: int
    best: Breakpoint | None
    breakpoints: tuple[Breakpoint, ...]
    notes: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether a size fits."""
        return self.best is not None


def fit_picture(
    subject: Subject,
    max_tokens: int,
    *,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    options: Mapping[str, Any] | None = None,
    files: tuple[str, ...] = (),
) -> Fit:
    """The largest size of a probed picture within a budget, keeping its aspect."""
    info = subject.info
    if max_tokens < 1:
        raise MediaError(f"max_tokens must be at least 1, got {max_tokens!r}")
    if not isinstance(info, ImageInfo):
        raise MediaError(f"fit_picture works on pictures, got {subject.modality}")
    with boundary("fitting", subject):
        rule = resolve("image", model=model, tokenizer=tokenizer, options=options, files=files)
        frontier = tuple(_frontier(rule.counter, info))
        best = next((point for point in frontier if point.tokens <= max_tokens), None)
        now = rule.counter.count(info)
        notes = tuple(_notes(rule, info, now, frontier, best, max_tokens))
        return Fit(info, model, max_tokens, now, best, frontier, notes)


def candidates(info: ImageInfo) -> Iterator[ImageInfo]:
    """The picture's own size, then every smaller one of its aspect, the largest first.

    The long edge takes every whole number; the short edge is rounded half to even, at least 1.
    """
    long, short = max(info.width, info.height), min(info.width, info.height)
    wide = info.width >= info.height
    for n in range(min(long, LONGEST_EDGE), 0, -1):
        other = scale_to(short, n, long)
        yield ImageInfo(n, other) if wide else ImageInfo(other, n)


def _frontier(counter: AnyCounter, info: ImageInfo) -> Iterator[Breakpoint]:
    """From the largest size down, each size that costs less than all larger ones."""
    count = counter.count
    now = count(info)
    least = None
    for size in candidates(info):
        try:
            tokens = count(size)
        except MediaError:
            continue  # a size the rule refuses (too thin) is no answer
        if least is None or tokens < least:
            least = tokens
            yield Breakpoint(size.width, size.height, tokens, now - tokens)


def _notes(
    rule: Resolved,
    info: ImageInfo,
    now: int,
    frontier: Sequence[Breakpoint],
    best: Breakpoint | None,
    max_tokens: int,
) -> Iterator[str]:
    wide, high = rule.counter.size_seen(info) or (info.width, info.height)
    if wide * high < info.width * info.height:
        yield f"the model sees {wide} x {high} anyway: pixels beyond that are wasted"
    if len(frontier) == 1:
        yield f"every size costs {now:,} tokens: shrinking saves nothing here"
    elif best is not None and best.saved == 0:
        yield "it fits as it is: shrinking is not needed"
    if best is None:
        least = frontier[-1]
        yield (
            f"no size fits {max_tokens:,} tokens: the least is {least.tokens:,},"
            f" at {least.width} x {least.height}"
        )
