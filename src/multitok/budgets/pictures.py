"""Fit: the largest picture that stays within a token budget, and the sizes worth choosing.

Counts are not monotone in size (a ratio tiler can charge less for a larger picture), so nothing is
bisected: every long edge from the picture's own down to 1 px is counted, with the short edge that
keeps the aspect. That is the whole truth, and a count costs microseconds. A size that the API
rejects is none of them: a picture beyond its limits is fitted from the largest size within them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from multitok.budgets.breakpoints import Breakpoint, Fit
from multitok.budgets.coded import fit_coded
from multitok.budgets.limits import check_budget
from multitok.core.boundary import boundary
from multitok.core.errors import MediaError, RejectedError
from multitok.core.info import ImageInfo, Info
from multitok.core.integers import scale_to
from multitok.core.registry import AnyCounter
from multitok.counting.refusals import refusals
from multitok.counting.rules import Resolved, resolve
from multitok.counting.subject import Subject
from multitok.modalities.image.coded.dct_bpe import DctBpeTokenizer

LONGEST_EDGE = 65_535
"""The longest side a JPEG can store; a longer picture is fitted from there down."""


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
    check_budget(max_tokens)
    if not isinstance(info, ImageInfo):
        raise MediaError(f"fit_picture works on pictures, got {subject.modality}")
    with boundary("fitting", subject):
        rule = resolve("image", model=model, tokenizer=tokenizer, options=options, files=files)
        if isinstance(rule.counter, DctBpeTokenizer):
            return fit_coded(subject.content(), max_tokens, rule.counter)
        rejected = tuple(_rejected(rule, info))
        # what is written anew is upright: of stored pictures only the one there is lies on its side
        there = subject.as_stored().info if rule.stored else info
        frontier = tuple(_frontier(rule, info, None if rejected else there))
        if not frontier:
            raise RejectedError("; ".join(rejected))
        best = next((point for point in frontier if point.tokens <= max_tokens), None)
        now = frontier[0].tokens + frontier[0].saved
        whole = refusals(subject, rule.accepts)
        notes = tuple(dict.fromkeys((*rejected, *whole)))
        notes = (*notes, *_notes(rule, bool(notes), now, frontier, best, max_tokens))
        return Fit(info, model, max_tokens, now, best, frontier, notes, rejected, rule.accepts)


def _rejected(rule: Resolved, info: ImageInfo) -> Iterator[str]:
    """Why the API rejects the picture's own size."""
    if rule.accepts is not None:
        yield from rule.accepts.refuses_shape(info)
    try:
        rule.counter.count(info)
    except RejectedError as error:
        yield str(error)


def candidates(info: ImageInfo) -> Iterator[ImageInfo]:
    """The picture's own size, then every smaller one of its aspect, the largest first.

    The long edge takes every whole number; the short edge is rounded half to even, at least 1.
    """
    long, short = max(info.width, info.height), min(info.width, info.height)
    wide = info.width >= info.height
    for n in range(min(long, LONGEST_EDGE), 0, -1):
        other = scale_to(short, n, long)
        yield ImageInfo(n, other) if wide else ImageInfo(other, n)


def _frontier(rule: Resolved, info: ImageInfo, there: Info | None) -> Iterator[Breakpoint]:
    """From the largest size down that the API takes, each that costs less than all larger ones."""
    count = rule.counter.count
    now = None if there is None else count(there)
    least = None
    taken = rule.accepts if rule.accepts is not None and rule.accepts.bounds_shape else None
    for size in candidates(info):
        if taken is not None and taken.refuses_shape(size):
            continue
        try:
            tokens = count(size)
        except MediaError:
            continue  # a size the rule refuses (too thin) is no answer
        now = tokens if now is None else now
        if least is None or tokens < least:
            least = tokens
            yield Breakpoint(size.width, size.height, tokens, now - tokens)


def _notes(
    rule: Resolved,
    rejected: bool,
    now: int,
    frontier: Sequence[Breakpoint],
    best: Breakpoint | None,
    max_tokens: int,
) -> Iterator[str]:
    first = frontier[0]
    size = ImageInfo(first.width, first.height)
    wide, high = rule.counter.size_seen(size) or (size.width, size.height)
    if wide * high < size.width * size.height:
        yield f"the model sees {wide} x {high} anyway: pixels beyond that are wasted"
    if len(frontier) == 1:
        yield f"every size costs {now:,} tokens: shrinking saves nothing here"
    elif best is not None and best.saved == 0 and not rejected:
        yield "it fits as it is: shrinking is not needed"
    if best is None:
        least = frontier[-1]
        yield (
            f"no size fits {max_tokens:,} tokens: the least is {least.tokens:,},"
            f" at {least.width} x {least.height}"
        )
