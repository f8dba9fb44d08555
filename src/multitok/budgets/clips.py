"""Fit for video: the frame rate, the frame size or the length within a token budget.

A picture has one knob; a clip has three, and which of them a model gives its user differs: Gemini
takes a rate and charges every size the same, Qwen charges for size and rate, Nova for length alone.
Each knob is turned by itself over the values people use, then rate and size together. Counts are
not monotone, so every value is counted; between the length that fits and the next that was tried
the longest is found by halving, to the frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from multitok.budgets.limits import check_budget
from multitok.budgets.longest import longest
from multitok.core.boundary import boundary
from multitok.core.errors import MediaError
from multitok.core.info import AudioInfo, VideoInfo
from multitok.core.integers import scale_to
from multitok.core.registry import AnyCounter
from multitok.counting.refusals import refusals
from multitok.counting.rules import Resolved, resolve
from multitok.counting.subject import Subject

RATES = (
    60, 30, 24, 20, 15, 12, 10, 8, 6, 5, 4, 3, 2.5, 2, 1.5, 1, 0.75, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15,
    0.1, 0.05, 0.02, 0.01,
)  # fmt: skip
"""Frames a second that people ask for."""
COUNTS = (768, 512, 384, 256, 192, 128, 96, 64, 48, 32, 24, 16, 12, 8, 6, 4, 2, 1)
"""Numbers of frames, for rules that sample a number and not a rate."""
EDGES = (
    3840, 2560, 1920, 1600, 1280, 1120, 960, 840, 720, 640, 560, 480, 448, 392, 336, 280, 224, 168,
    112, 56,
)  # fmt: skip
"""Longer edges of a frame in pixels."""
PARTS = 40
"""Lengths are tried in fortieths of the clip, and below the last of them in halves."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to send the clip: a setting of the request, a frame size, a length; what it costs."""

    tokens: int
    frames: int
    width: int
    height: int
    seconds: float
    fps: float | None = None
    num_frames: int | None = None


@dataclass(frozen=True, slots=True)
class VideoFit:
    """What fits, knob by knob; None where the knob does not exist or no value of it fits.

    rates, sizes, lengths   every value tried, the largest first
    both                    for each rate that needs it, the largest size that fits
    """

    info: VideoInfo
    model: str | None
    max_tokens: int
    now: Choice
    rate: Choice | None
    size: Choice | None
    length: Choice | None
    rates: tuple[Choice, ...]
    sizes: tuple[Choice, ...]
    both: tuple[Choice, ...]
    lengths: tuple[Choice, ...]
    notes: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether a knob, or two together, can be turned so far that the clip fits."""
        return any((self.rate, self.size, self.length, self.both))


def fit_video(
    subject: Subject,
    max_tokens: int,
    *,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    options: Mapping[str, Any] | None = None,
    files: tuple[str, ...] = (),
) -> VideoFit:
    """The choices for a probed clip under a budget. MediaError for another modality."""
    info = subject.info
    check_budget(max_tokens)
    if not isinstance(info, VideoInfo):
        raise MediaError(f"fit_video works on videos, got {subject.modality}")
    with boundary("fitting", subject):
        rule = resolve("video", model=model, tokenizer=tokenizer, options=options, files=files)
        now = _choice(rule.counter, info)
        if now is None:
            rule.counter.count(info)  # says why the rule refuses the clip
            raise MediaError("the rule refuses the clip")
        knob = _knob(rule)
        rates = _distinct(_turned(rule.counter, info, knob))
        sizes = _distinct(
            choice for size in _sizes(info) if (choice := _choice(rule.counter, size)) is not None
        )
        lengths = _lengths(rule.counter, info, max_tokens)
        both = tuple(_together(rule.counter, info, knob, max_tokens))
        rate, size, length = (_first(choices, max_tokens) for choices in (rates, sizes, lengths))
        rejected = refusals(subject, rule.accepts)
        told = _notes(now, (rate, size, length), both, rates, sizes, max_tokens)
        notes = (*rejected, *told)
        return VideoFit(
            info, model, max_tokens, now, rate, size, length, rates, sizes, both, lengths, notes
        )


def _choice(
    counter: AnyCounter, info: VideoInfo, knob: str | None = None, value: float | None = None
) -> Choice | None:
    """The clip under this counter; None where the rule refuses it."""
    try:
        tokens = counter.count(info)
    except MediaError:
        return None
    frames = counter.frames_seen(info) or info.frames
    setting: dict[str, Any] = {knob: value} if knob else {}
    return Choice(tokens, frames, info.width, info.height, round(info.duration, 3), **setting)


def _knob(rule: Resolved) -> str | None:
    """The setting that changes how many frames are sampled, if the user has one.

    Of a model, only what its catalogue row lists as an option of the request; of a tokenizer taken
    by name, its own parameter.
    """
    names = {f.name for f in fields(rule.counter)}  # type: ignore[arg-type]
    if rule.model is not None:
        options = rule.model.rules["video"].options
        names &= {str(option.get("param")) for option in options.values()}
    sampled = [name for name in ("fps", "num_frames") if name in names]
    asked = [name for name in sampled if getattr(rule.counter, name) is not None]
    return next(iter(asked or sampled), None)


def _turned(counter: AnyCounter, info: VideoInfo, knob: str | None) -> Iterable[Choice]:
    """The clip at every value of the knob from the present one down."""
    if knob is None:
        return
    present = getattr(counter, knob)  # None: every frame is read
    values = RATES if knob == "fps" else COUNTS
    most = present or (info.fps if knob == "fps" else info.frames)
    for value in (present, *(v for v in values if v < most)):
        kept = value if value is None else float(value) if knob == "fps" else int(value)
        turned = replace(counter, **{knob: kept})  # type: ignore[type-var]
        choice = _choice(turned, info, knob, kept)
        if choice is not None:
            yield choice


def _sizes(info: VideoInfo) -> Iterable[VideoInfo]:
    """The clip at smaller frame sizes of its own aspect, its own size first."""
    yield info
    long, short = max(info.width, info.height), min(info.width, info.height)
    for edge in EDGES:
        if edge < long:
            other = scale_to(short, edge, long)
            wide = info.width >= info.height
            yield replace(info, width=edge if wide else other, height=other if wide else edge)


def _lengths(counter: AnyCounter, info: VideoInfo, max_tokens: int) -> tuple[Choice, ...]:
    """Starts of the clip that are shorter and shorter, and the longest that fits among them."""
    numbers = [info.frames * part // PARTS for part in range(PARTS, 0, -1)]
    while numbers[-1] > 1:
        numbers.append(numbers[-1] // 2)
    tried: list[Choice] = []
    above = 0
    for number in filter(None, dict.fromkeys(numbers)):
        choice = _choice(counter, _part(info, number))
        if choice is not None and choice.tokens <= max_tokens and above:
            tried += _between(counter, info, number, above, max_tokens)
        above = number if choice is None or choice.tokens > max_tokens else 0
        tried += [choice] if choice is not None else []
    return _distinct(tried)


def _between(
    counter: AnyCounter, info: VideoInfo, low: int, high: int, max_tokens: int
) -> list[Choice]:
    """The longest start of `low` frames, which fit, to below `high`, which do not."""

    def fits(frames: int) -> bool:
        choice = _choice(counter, _part(info, frames))
        return choice is not None and choice.tokens <= max_tokens

    found = _choice(counter, _part(info, longest(fits, low, high)))
    return [found] if found is not None else []


def _part(info: VideoInfo, frames: int) -> VideoInfo:
    """The first frames of the clip, and as much of its sound."""
    seconds = info.duration * frames / info.frames
    sound = info.audio
    if sound is not None:
        samples = min(sound.samples, round(seconds * sound.sample_rate))
        sound = AudioInfo(samples, sound.sample_rate, sound.channels)
    return replace(info, frames=frames, duration=seconds, audio=sound)


def _together(
    counter: AnyCounter, info: VideoInfo, knob: str | None, max_tokens: int
) -> Iterable[Choice]:
    """For each value of the knob that does not fit at full size, the largest size that does."""
    if knob is None:
        return
    for full in _turned(counter, info, knob):
        if full.tokens <= max_tokens:
            return  # from here down every value fits as it is
        value = getattr(full, knob)
        turned = replace(counter, **{knob: value})  # type: ignore[type-var]
        for size in _sizes(info):
            choice = _choice(turned, size, knob, value)
            if choice is not None and choice.tokens <= max_tokens:
                yield choice
                break


def _distinct(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    """Each choice that costs less than the ones before it: the others buy nothing."""
    kept: list[Choice] = []
    for choice in choices:
        if not kept or choice.tokens < kept[-1].tokens:
            kept.append(choice)
    return tuple(kept)


def _first(choices: Sequence[Choice], max_tokens: int) -> Choice | None:
    """The largest that fits; None where turning the knob changes nothing and nothing fits."""
    return next((choice for choice in choices if choice.tokens <= max_tokens), None)


def _notes(
    now: Choice,
    best: Sequence[Choice | None],
    both: Sequence[Choice],
    rates: Sequence[Choice],
    sizes: Sequence[Choice],
    max_tokens: int,
) -> Iterable[str]:
    if now.tokens <= max_tokens:
        yield "it fits as it is"
        return
    if not rates:
        yield "this model gives no say in how many frames are sampled"
    if len(sizes) == 1:
        yield "the frame size changes nothing here"
    if not any(best) and not both:
        yield f"nothing fits {max_tokens:,} tokens: cut the clip shorter"
