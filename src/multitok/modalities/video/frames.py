"""Frame by frame: every sampled frame costs the same number of tokens, whatever its size.

LLaVA-OneVision, LLaVA-NeXT-Video, Perception-LM, InternVL, SmolVLM2 and Molmo2 show frames like
this; they differ in the sampler, in the tokens of a frame and in the words around it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.errors import MediaError
from multitok.geometry import ceil_div
from multitok.info import VideoInfo
from multitok.modalities.video import sampling
from multitok.modalities.video.plan import Plan, SampledVideo
from multitok.parameters import at_least

SAMPLERS = ("uniform", "centers")


@dataclass(frozen=True, kw_only=True)
class PooledFramesCounter(SampledVideo):
    """Each frame is a grid of patches pooled by `pool`; no tiles, no timestamps.

    size, patch   a frame is `size` px square and cut into patches of `patch` px
    pool          patches pooled to one token along each side; `ceil` keeps a partial one
    newline       placeholder tokens after the whole clip (LLaVA-OneVision: 1)
    sampler       "uniform": floor(i * frames / n); "centers": the middle of n equal spans
    around        special tokens before and after each frame (InternVL: `<img>`, `</img>`)
    label         text before each frame, `{}` its number from 1; frames are joined by newlines
    Source: transformers 5.23.0: LlavaOnevisionProcessor, LlavaNextVideoProcessor,
    PerceptionLMProcessor, InternVLProcessor.

    >>> clip = VideoInfo(1920, 1080, frames=300, fps=30)
    >>> PooledFramesCounter(num_frames=8, size=384, patch=14, ceil=True, newline=1).count(clip)
    1569
    """

    num_frames: int | None
    size: int
    patch: int
    pool: int = 2
    ceil: bool = False
    newline: int = 0
    fps: float | None = None
    sampler: str = "uniform"
    around: tuple[str, ...] = ()
    label: str = ""

    name: ClassVar[str] = "pooled-frames"
    placeholder: ClassVar[str] = "<video>"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"num_frames": 4, "size": 336, "patch": 14},
        {"num_frames": None, "size": 384, "patch": 14, "ceil": True, "newline": 1},
        {
            "num_frames": 5,
            "size": 448,
            "patch": 14,
            "sampler": "centers",
            "around": ("<img>", "</img>"),
            "label": "Frame{}: ",
        },
    )

    def __post_init__(self) -> None:
        at_least(self, 1, "num_frames", "size", "patch", "pool")
        if self.sampler not in SAMPLERS:
            raise MediaError(f"sampler must be one of {', '.join(SAMPLERS)}, got {self.sampler!r}")
        if self.sampler == "centers" and self.num_frames is None:
            raise MediaError("the sampler 'centers' needs num_frames")
        if len(self.around) not in (0, 2):
            raise MediaError(f"around must name two tokens or none, got {self.around!r}")

    def plan_for(self, info: VideoInfo) -> Plan:
        if self.sampler == "centers":
            indices = sampling.centers(info.frames, num_frames=self.num_frames or 1)
        else:
            indices = sampling.uniform(
                info.frames, info.fps, num_frames=self.num_frames, fps=self.fps
            )
        side = self.size // self.patch
        pooled = ceil_div(side, self.pool) if self.ceil else side // self.pool
        # floor(a*a / pool^2), as LLaVA-NeXT-Video divides the whole; the same where pool divides
        per_frame = pooled * pooled if self.ceil else side * side // self.pool**2
        labels = [self.label.replace("{}", str(i + 1)) for i in range(len(indices))]
        text = [("\n" if i else "") + label for i, label in enumerate(labels)] if self.label else []
        return Plan(
            indices=tuple(indices),
            resized=(self.size, self.size),
            groups=len(indices),
            per_group=per_frame,
            extra=self.newline,
            before=self.around[:1],
            after=self.around[1:],
            text=tuple(text),
            geometry={"per_frame": per_frame, "tokens_per_frame": per_frame},
        )


@dataclass(frozen=True, kw_only=True)
class SmolVlmVideoCounter(SampledVideo):
    """SmolVLM2: a sentence about the clip, then each frame with its time as one small image.

    `fps` a second, at most `max_frames`; a second is skipped at both ends of a long clip.
    Source: transformers 5.23.0, SmolVLMVideoProcessor and SmolVLMProcessor.

    >>> SmolVlmVideoCounter().breakdown(VideoInfo(1920, 1080, frames=300, fps=30))
    {'video': 810, '<fake_token_around_image>': 20, '<global-img>': 10}
    """

    fps: float = 1.0
    max_frames: int = 64
    size: int = 384
    per_frame: int = 81
    skip_seconds: float = 1.0

    name: ClassVar[str] = "smolvlm-video"
    placeholder: ClassVar[str] = "<image>"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"size": 512, "per_frame": 64})

    def plan_for(self, info: VideoInfo) -> Plan:
        indices = sampling.smolvlm(
            info.frames,
            info.fps,
            fps=self.fps,
            num_frames=self.max_frames,
            skip_seconds=self.skip_seconds,
        )
        times = [clock(index / info.fps) for index in indices]
        seconds = int(info.frames / info.fps)
        days = f"{seconds // 86400} day{'s' if seconds >= 172800 else ''}, " * (seconds >= 86400)
        length = f"{days}{seconds % 86400 // 3600}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"
        intro = (
            f"You are provided the following series of {in_words(len(indices))} frames"
            f" from a {length} [H:MM:SS] video.\n"
        )
        return Plan(
            indices=tuple(indices),
            resized=(self.size, self.size),
            groups=len(indices),
            per_group=self.per_frame,
            before=("<fake_token_around_image>", "<global-img>"),
            after=("<fake_token_around_image>",),
            text=(intro, *(f"\nFrame from {time}:" for time in times), "\n\n"),
            geometry={"first_timestamps": times[:3]},
        )


@dataclass(frozen=True, kw_only=True)
class MolmoVideoCounter(SampledVideo):
    """Molmo2: frames pooled 3 x 3, each between frame start and end after its time in seconds.

    `num_frames`, but at most `max_fps` a second; or a rate of your own, `fps`.
    Source: transformers 5.23.0, Molmo2VideoProcessor and Molmo2Processor.

    >>> MolmoVideoCounter().count(VideoInfo(1280, 720, frames=1800, fps=30))
    5312
    """

    num_frames: int = 64
    max_fps: float = 2.0
    fps: float | None = None
    size: int = 378
    patch: int = 14
    pool: tuple[int, int] = (3, 3)

    name: ClassVar[str] = "molmo-video"
    placeholder: ClassVar[str] = "<im_patch>"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"fps": 1.0})

    def __post_init__(self) -> None:
        at_least(self, 1, "num_frames", "size", "patch")
        if min(self.pool) < 1:
            raise MediaError(f"pool must be at least 1 x 1, got {self.pool!r}")

    def plan_for(self, info: VideoInfo) -> Plan:
        indices = sampling.at_most(
            info.frames,
            info.fps,
            num_frames=self.num_frames,
            max_fps=self.max_fps,
            fps=self.fps,
        )
        side = self.size // self.patch
        rows, columns = ceil_div(side, self.pool[0]), ceil_div(side, self.pool[1])
        times = [f"{index / info.fps:.1f} " for index in indices]
        return Plan(
            indices=tuple(indices),
            resized=(self.size, self.size),
            groups=len(indices),
            per_group=rows * columns,
            before=("<frame_start>",),
            after=("<frame_end>",),
            text=tuple((" " if i else "") + time for i, time in enumerate(times)),
            geometry={"grid": [len(indices), rows, columns]},
        )


def clock(seconds: float) -> str:
    """Minutes and seconds.

    >>> clock(61.9)
    '01:01'
    """
    return f"{int(seconds // 60):02d}:{int(seconds % 60):02d}"


_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def in_words(n: int) -> str:
    """A number below a thousand as SmolVLM2's sentence spells it.

    >>> in_words(64), in_words(120), in_words(7)
    ('sixty-four', 'one hundred and twenty', 'seven')
    """
    if n < 20:
        return _ONES[n]
    if n < 100:
        tens, ones = divmod(n, 10)
        return _TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else "")
    hundreds, rest = divmod(n, 100)
    return f"{_ONES[hundreds]} hundred" + (f" and {in_words(rest)}" if rest else "")
