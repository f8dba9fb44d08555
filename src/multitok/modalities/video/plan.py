"""A plan: what a model is shown of a clip, worked out from its shape alone.

Every rule for a sampled video answers the same questions: which frames, at which size, in which
groups, how many placeholders a group, which special tokens and which plain text stand around them.
A rule makes a Plan; all the interface asks follows from it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import VideoInfo, info_of
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.image.words import framed
from multitok.modalities.video.timestamps import Vocabulary, text_tokens

if TYPE_CHECKING:
    from multitok.core.media import Video

TEXT = ""
"""Where plain text stands among the special tokens of a group."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a model is shown of one clip.

    indices    the sampled frames, by their number in the clip, in order; a repeat is a repeat
    resized    (height, width) that a frame is scaled to
    groups     temporal groups: so many times `before`, the placeholders and `after`
    grid       rows and columns of placeholder tokens in a group
    together   sampled frames of a group; the last may lack some, and what fills none has no tokens
    frame      (height, width) as the model sees it, where a crop or a padding follows
    head, tail placeholder tokens of the whole clip before and after the groups (a class token, a
               newline)
    before, after   special tokens around the placeholders of each group, by published name; TEXT
               where a piece of plain text stands
    text       the pieces of plain text of the groups, in order: as many as TEXT says
    opening, closing   plain text before the first group and after the last
    vocabulary the one whose tokens the plain text is counted in; None leaves it out
    geometry   what else the rule works out, under the reference's names
    shown      the words for one group: "group of 2 frames", "frame"
    """

    indices: tuple[int, ...]
    resized: tuple[int, int]
    groups: int
    grid: tuple[int, int]
    together: int = 1
    frame: tuple[int, int] | None = None
    head: int = 0
    tail: int = 0
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    opening: str = ""
    closing: str = ""
    vocabulary: Vocabulary | None = None
    geometry: Mapping[str, Any] = field(default_factory=dict)
    shown: str = "frame"

    @property
    def per_group(self) -> int:
        """Placeholder tokens of a group."""
        return self.grid[0] * self.grid[1]

    @property
    def placeholders(self) -> int:
        return self.head + self.groups * self.per_group + self.tail

    @property
    def seen(self) -> tuple[int, int]:
        """(height, width) of a frame as the model sees it."""
        return self.frame or self.resized

    def specials(self) -> dict[str, int]:
        """Special tokens of the clip, by name."""
        each = Counter(name for name in (*self.before, *self.after) if name != TEXT)
        return {name: times * self.groups for name, times in each.items()}

    @property
    def written(self) -> tuple[str, ...]:
        """All plain text in the expansion, piece by piece in order."""
        return (*filter(None, (self.opening,)), *self.text, *filter(None, (self.closing,)))

    def text_tokens(self) -> int:
        """Tokens of the plain text; 0 where the vocabulary is not known."""
        return sum(map(self._tokens, self.written))

    def _tokens(self, piece: str) -> int:
        return text_tokens(piece, self.vocabulary) if self.vocabulary and piece else 0

    def firsts(self) -> tuple[int, ...]:
        """The place of the first placeholder of each group among all tokens, from 0."""
        found, before = [], 0
        for _, times, is_cell in self.runs(""):
            if is_cell:
                found.append(before)
            before += times
        return tuple(found)

    def parts(self) -> dict[str, int]:
        """All tokens of the clip, by what they are."""
        written = self.text_tokens()
        stamps = {"timestamps": written} if written else {}
        return {"video": self.placeholders, **self.specials(), **stamps}

    def runs(self, placeholder: str) -> Iterator[tuple[str, int, bool]]:
        """The tokens in order, as (name, how often in a row, whether they are the cells of the
        grid). Plain text stands under its own words, once a token."""
        text = iter(self.text)

        def around(name: str) -> tuple[str, int, bool]:
            piece = next(text) if name == TEXT else ""
            return piece or name, self._tokens(piece) if piece else 1, False

        yield self.opening, self._tokens(self.opening), False
        yield placeholder, self.head, False
        for _ in range(self.groups):
            yield from map(around, self.before)
            yield placeholder, self.per_group, True
            yield from map(around, self.after)
        yield placeholder, self.tail, False
        yield self.closing, self._tokens(self.closing), False

    def expansion(self, placeholder: str) -> tuple[tuple[str, int], ...]:
        """The tokens in order, as (name, how often in a row)."""
        return tuple((name, times) for name, times, _ in self.runs(placeholder) if times)


def sampling_summary(indices: tuple[int, ...]) -> dict[str, Any]:
    """The ends of the list and its sum: enough to compare, short enough to print."""
    return {
        "num_frames": len(indices),
        "first_indices": list(indices[:8]),
        "last_indices": list(indices[-4:]),
        "index_sum": sum(indices),
    }


def sampled_rate(info: VideoInfo, frames: int) -> tuple[float, float]:
    """Frames a second of what was sampled, and the clip's own seconds."""
    return (frames / info.duration if info.duration else info.fps), info.duration


class SampledVideo(TokenCounter["Video", VideoInfo]):
    """The interface of a rule that plans; a rule adds `plan_for`."""

    modality: ClassVar[str] = "video"
    placeholder: ClassVar[str] = "<|video_pad|>"
    deaf: ClassVar[str] = "the sound track is not seen by this model"
    """What becomes of a sound track, in words."""

    @abstractmethod
    def plan_for(self, info: VideoInfo) -> Plan:
        """What the model is shown of a clip of this shape; MediaError where it is refused."""

    def plan(self, x: Video | VideoInfo) -> Plan:
        """`plan_for`, for a medium or its shape, kept for the next question about the same clip."""
        return _planned(self, info_of(x))

    def frame_indices(self, x: Video | VideoInfo) -> tuple[int, ...]:
        """The frames the model sees, by their number in the clip."""
        return self.plan(x).indices

    def size_seen(self, x: Video | VideoInfo, /) -> tuple[int, int]:
        height, width = self.plan(x).seen
        return width, height

    def frames_seen(self, x: Video | VideoInfo, /) -> int:
        return len(self.plan(x).indices)

    def count(self, x: Video | VideoInfo, /) -> int:
        return sum(self.plan(x).parts().values())

    def breakdown(self, x: Video | VideoInfo, /) -> dict[str, int]:
        return self.plan(x).parts()

    def literal_text(self, x: Video | VideoInfo, /) -> Mapping[str, int]:
        plan = self.plan(x)
        return {} if plan.vocabulary else dict(Counter(plan.written))

    def geometry(self, x: Video | VideoInfo, /) -> Mapping[str, Any]:
        plan = self.plan(x)
        return {
            "sampling": sampling_summary(plan.indices),
            "num_frames": len(plan.indices),
            "resized": list(plan.resized),
            "seen": list(plan.seen),
            **plan.geometry,
            "special_tokens": plan.specials(),
            "literal_text_first": list(plan.written[:3]),
            "literal_text_last": list(plan.written[-1:]),
            "num_literal_pieces": len(plan.written),
            "literal_text": list(plan.written),
            "frame_indices": list(plan.indices),
        }

    def explain(self, x: Video | VideoInfo, /) -> list[str]:
        info: VideoInfo = info_of(x)
        plan = self.plan(info)
        extra = plan.head + plan.tail
        steps = [
            f"{len(plan.indices):,} of {info.frames:,} frames sampled over {info.duration:.2f} s",
            _resizing(info, plan),
            f"{plan.groups:,} x {plan.per_group:,} tokens a {plan.shown}"
            + (f" + {extra}" if extra else "")
            + f" = {plan.placeholders:,} tokens",
        ]
        specials = plan.specials()
        if specials:
            steps.append(" + ".join(f"{times} {name}" for name, times in specials.items()))
        if plan.written:
            counted = f": {plan.text_tokens():,} tokens" if plan.vocabulary else ", not counted"
            pieces = f"{len(plan.written):,} pieces of text such as {plan.written[0]!r}"
            steps.append(pieces + counted)
        return steps

    def notes(self, x: Video | VideoInfo, /) -> list[str]:
        info: VideoInfo = info_of(x)
        (tall, wide), (height, width) = self.plan(info).resized, self.plan(info).seen
        kept = min(1, height / tall) * min(1, width / wide)
        found = [f"center crop drops {1 - kept:.0%} of each frame"] if kept < 0.995 else []
        return [*found, *filter(None, [self.left_out(info)])]

    def left_out(self, x: Video | VideoInfo, /) -> str | None:
        info: VideoInfo = info_of(x)
        return None if info.audio is None else self.deaf


def _resizing(info: VideoInfo, plan: Plan) -> str:
    """From the clip's frame to the model's, in words."""
    (tall, wide), (height, width) = plan.resized, plan.seen
    step = f"{info.width} x {info.height} resized to {wide} x {tall}"
    return step + framed((wide, tall), (width, height))


@lru_cache(maxsize=64)
def _planned(rule: SampledVideo, info: VideoInfo) -> Plan:
    if info.frames < 1 or info.fps <= 0:
        raise MediaError(f"a video needs at least one frame, got {info.frames}", frames=info.frames)
    return rule.plan_for(info)
