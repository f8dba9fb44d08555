"""The conformance kit: the laws every tokenizer keeps, each a check that names what broke.

    from multitok.testing import check
    check(MyTokenizer)              # runs every law on the awkward samples of its modality

or one law at a time, for a test report that says which: `for law in LAWS: law(tokenizer, sample)`.
A broken law raises LawBroken with the law, the tokenizer, the sample and what was seen. Samples are
awkward on purpose: 1 x 1, one row, prime sides, empty text, constant series, NaN, an outlier; a
square picture would hide a width and height that are swapped.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from multitok.core.registry import AnyCounter
from multitok.testing.elsewhere import check_same_in_another_process
from multitok.testing.laws import LAWS, LawBroken
from multitok.testing.rule import refuses, rules_of
from multitok.testing.samples import samples


def check(counter: AnyCounter | type[AnyCounter], media: Iterable[Any] | None = None) -> None:
    """Every law on every sample the rule accepts; LawBroken names the first that fails.

    A class is checked with each of its `examples`, registered or not. With no `media` of your own,
    the kit's awkward samples of the modality are used. At least one must be accepted.
    """
    given = list(media) if media is not None else None
    for rule in rules_of(counter):
        _check_one(rule, given)


def _check_one(rule: AnyCounter, media: list[Any] | None) -> None:
    given = media if media is not None else samples(rule.modality)
    accepted = [sample for sample in given if not refuses(rule, copy.deepcopy(sample))]
    if not accepted:
        raise LawBroken(f"{rule!r} refuses every sample: pass media it accepts")
    for sample in accepted:
        for law in LAWS:
            law(rule, sample)
    check_same_in_another_process([rule], accepted if media is not None else None)


__all__ = ["LAWS", "LawBroken", "check", "check_same_in_another_process", "refuses", "samples"]
