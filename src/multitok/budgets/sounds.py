"""Fit for sound: its longest start within a token budget.

A sound has one knob. Rules charge by the second, by the window or up to a longest sound, and never
less for more of it; so the longest start is found by halving, to the sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from multitok.budgets.limits import check_budget
from multitok.budgets.longest import longest
from multitok.core.boundary import boundary
from multitok.core.errors import MediaError
from multitok.core.info import AudioInfo
from multitok.core.registry import AnyCounter
from multitok.counting.refusals import refusals
from multitok.counting.rules import resolve
from multitok.counting.subject import Subject


@dataclass(frozen=True, slots=True)
class Start:
    """The first seconds of a sound, and what they cost."""

    tokens: int
    samples: int
    seconds: float


@dataclass(frozen=True, slots=True)
class SoundFit:
    """The longest start of a sound that fits; `length` is None where not even a sample does."""

    info: AudioInfo
    model: str | None
    max_tokens: int
    now: Start
    length: Start | None
    notes: tuple[str, ...]

    @property
    def fits(self) -> bool:
        return self.length is not None


def fit_sound(
    subject: Subject,
    max_tokens: int,
    *,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    options: Mapping[str, Any] | None = None,
    files: tuple[str, ...] = (),
) -> SoundFit:
    """The longest start of a probed sound under a budget. MediaError for another modality."""
    info = subject.info
    check_budget(max_tokens)
    if not isinstance(info, AudioInfo):
        raise MediaError(f"fit_sound works on sounds, got {subject.modality}")
    with boundary("fitting", subject):
        rule = resolve("audio", model=model, tokenizer=tokenizer, options=options, files=files)
        now = Start(rule.counter.count(info), info.samples, info.duration)
        length = now
        if now.tokens > max_tokens:
            length = _start(rule.counter, info, max_tokens)
        notes = (*refusals(subject, rule.accepts), *_notes(now, length, max_tokens))
        return SoundFit(info, model, max_tokens, now, length if length.samples else None, notes)


def _start(counter: AnyCounter, info: AudioInfo, max_tokens: int) -> Start:
    def tokens(samples: int) -> int | None:
        """None where the rule refuses so short a sound."""
        try:
            return counter.count(replace(info, samples=samples))
        except MediaError:
            return None

    def fits(samples: int) -> bool:
        return (tokens(samples) or 0) <= max_tokens

    samples = longest(fits, 0, info.samples)
    cost = tokens(samples) if samples else None
    return Start(0, 0, 0.0) if cost is None else Start(cost, samples, samples / info.sample_rate)


def _notes(now: Start, length: Start, max_tokens: int) -> Iterable[str]:
    if now.tokens <= max_tokens:
        yield "it fits as it is"
    elif not length.samples:
        yield f"nothing of it fits {max_tokens:,} tokens"
