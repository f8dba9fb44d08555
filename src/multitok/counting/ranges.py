"""The range that a tokenizer of movement numbers, where nobody named one; and what is clipped.

One rule for a count, its tokens, what they lose and the picture of it: a range that was named
holds; else that of the data set, where it states its quantiles; else the tokenizer's own (-1 to 1,
or its vocabulary), where the movement lies in it; else that of the movement itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from multitok.core.errors import MediaError
from multitok.core.info import Medium
from multitok.core.registry import AnyCounter
from multitok.core.tokenizer import FEW, Ranged, Tokenizer
from multitok.counting.rules import Resolved


def ranged(rule: Resolved, media: Any) -> tuple[Resolved, tuple[str, ...]]:
    """The rule with the range that this movement is numbered in, and notes on a range that is not
    the tokenizer's own."""
    counter = rule.counter
    if not _is_movement(media) or not rule.unranged or not isinstance(counter, Ranged):
        return rule, ()
    try:
        if media.quantiles is None and counter.holds(media):
            return rule, ()
        trained = counter.trained([media])
    except MediaError:  # what encode says itself: no finite values, too few of them
        return rule, ()
    whose = "this input"
    if media.quantiles is not None and trained.config().get("q01") == list(media.quantiles[0]):
        whose = "the data set"
    note = (
        f"numbered in the range of {whose} (1st to 99th percentile): ids compare with others of the"
        " same range only, which the saved tokens keep"
    )
    return replace(rule, counter=trained), (note,)


def _is_movement(media: Any) -> bool:
    """Whether it is an `Actions`, whose class is not imported to tell."""
    return isinstance(media, Medium) and media.modality == "actions"


def clipping(counter: AnyCounter, seen: Any) -> tuple[str, ...]:
    """A note where more than a few of the values of a movement lie outside the range."""
    if not _is_movement(seen) or not isinstance(counter, Ranged):  # a protocol is dear
        return ()
    try:
        return _told(counter.outside(seen))
    except MediaError:  # of values that are not finite, a count needs none
        return ()


def clipping_of(counter: Tokenizer[Any, Any], tokens: Any) -> tuple[str, ...]:
    """The same of tokens, whatever they stand for."""
    return _told(counter.clipped(tokens))


def _told(share: float) -> tuple[str, ...]:
    if share <= FEW:
        return ()
    return (f"{share:.1%} lie outside the range and are clipped".replace("%", " %"),)
