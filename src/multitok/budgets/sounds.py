"""Fit for sound: its longest start within a token budget.

A sound has one knob. Rules charge by the second, by the window or up to a longest sound, and never
less for more of it; so the longest start is found by halving, to the sample. What is written as
tokens has a second knob, the step, and keeps its length.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import isinf
from typing import Any

from multitok.budgets.limits import check_budget
from multitok.budgets.longest import longest
from multitok.core.boundary import boundary
from multitok.core.errors import MediaError
from multitok.core.info import AudioInfo
from multitok.core.media import Audio
from multitok.core.registry import AnyCounter
from multitok.counting.refusals import refusals
from multitok.counting.rules import resolve
from multitok.counting.subject import Subject
from multitok.modalities.audio.coded.mdct_bpe import MdctBpeTokenizer
from multitok.modalities.audio.coded.targets import off, steps


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
        if isinstance(rule.counter, MdctBpeTokenizer):
            return _coded(subject.content(), max_tokens, rule.counter)
        now = Start(rule.counter.count(info), info.samples, info.duration)
        length = now
        if now.tokens > max_tokens:
            length = _start(rule.counter, info, max_tokens)
        notes = (*refusals(subject, rule.accepts), *_notes(now, length, max_tokens))
        return SoundFit(info, model, max_tokens, now, length if length.samples else None, notes)


def _coded(sound: Audio, max_tokens: int, tokenizer: MdctBpeTokenizer) -> SoundFit:
    """The whole of a sound that is written as tokens, at the finest step within the budget: a
    coarser one saves tokens, and keeps all of its length."""
    info = sound.info
    now = Start(tokenizer.count(sound), info.samples, info.duration)
    rungs = steps()
    low, high = 0, len(rungs) - 1

    def at(rung: int) -> MdctBpeTokenizer:
        return replace(tokenizer, step=rungs[rung], snr=None, max_error=None)

    if at(high).count(sound) > max_tokens:
        notes = f"no step fits {max_tokens:,} tokens: silence of this length has more"
        return SoundFit(info, None, max_tokens, now, None, (notes,))
    while low < high:  # counts fall as the step grows
        middle = (low + high) // 2
        if at(middle).count(sound) <= max_tokens:
            high = middle
        else:
            low = middle + 1
    finest = at(high)
    tokens = finest.encode(sound)
    found = off(finest.prepare(sound).samples, finest.decode(tokens).samples)
    came = "whole" if isinf(found.snr) else f"at {found.snr:.1f} dB"
    note = f"it comes back {came}: multitok encode -t mdct-bpe -s step={rungs[high]:g}"
    length = Start(len(tokens), info.samples, info.duration)
    return SoundFit(info, None, max_tokens, now, length, (note,))


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
