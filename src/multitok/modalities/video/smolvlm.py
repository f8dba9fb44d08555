"""SmolVLM2: a sentence about the clip, then each frame with its time as one small image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import VideoInfo
from multitok.core.parameters import Frames, Positive, Rate
from multitok.modalities.image import antialias, pixels as px, views as vw
from multitok.modalities.image.tilings import square
from multitok.modalities.video import sampling
from multitok.modalities.video.encoded import EncodedVideo, Packed, gathered
from multitok.modalities.video.plan import TEXT, Plan
from multitok.modalities.video.timestamps import Vocabulary, clock

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.sequence import TokenSequence

LONGEST = 4096
"""The reference's limit of a frame's longer side."""
PIXELS, MASK = "pixel_values", "pixel_attention_mask"


@dataclass(frozen=True, kw_only=True)
class SmolVlmVideoTokenizer(EncodedVideo):
    """`fps` a second, at most `max_frames`; a second is skipped at both ends of a long clip.

    A frame is scaled twice by Lanczos: its longer side to `longest` (`size` unless given), then to
    `size` square. `inputs["pixel_values"]` is float32 (1, frames, 3, size, size).
    `vocabulary` names the one whose tokens the times are counted in; without it they are left out.
    Source: transformers 5.23.0, SmolVLMVideoProcessor and SmolVLMProcessor.

    >>> SmolVlmVideoTokenizer().breakdown(VideoInfo(1920, 1080, frames=300, fps=30))
    {'video': 810, '<fake_token_around_image>': 20, '<global-img>': 10}
    """

    fps: Rate = 1.0
    max_frames: Frames = 64
    size: Positive = 384
    longest: Positive | None = None
    per_frame: Positive = 81
    skip_seconds: float = 1.0
    mean: px.Triple = px.HALF
    std: px.Triple = px.HALF
    vocabulary: Vocabulary | None = None

    name: ClassVar[str] = "smolvlm-video"
    placeholder: ClassVar[str] = "<image>"
    resample: ClassVar[px.Resample] = "lanczos"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 64, "per_frame": 16, "vocabulary": "smollm"},
        {"size": 48, "longest": 96, "per_frame": 8},
    )

    def plan_for(self, info: VideoInfo) -> Plan:
        indices = sampling.smolvlm(
            info.frames,
            info.fps,
            fps=self.fps,
            num_frames=self.max_frames,
            skip_seconds=self.skip_seconds,
        )
        times = [clock(index / info.fps) for index in indices]
        return Plan(
            indices=tuple(indices),
            resized=(self.size, self.size),
            groups=len(indices),
            grid=square(self.per_frame),
            before=(TEXT, "<fake_token_around_image>", "<global-img>"),
            after=("<fake_token_around_image>",),
            opening=f"You are provided the following series of {in_words(len(indices))} frames"
            f" from a {_length(int(info.frames / info.fps))} [H:MM:SS] video.\n",
            text=tuple(f"\nFrame from {time}:" for time in times),
            closing="\n\n",
            vocabulary=self.vocabulary,
            geometry={"first_timestamps": times[:3]},
        )

    def resized(self, pixels: NDArray[np.uint8], plan: Plan) -> NDArray[np.uint8]:
        tall, wide = pixels.shape[:2]
        height, width = longer_side(tall, wide, min(self.longest or self.size, LONGEST))
        scaled = antialias.resize(pixels, width, height, self.resample)
        return super().resized(scaled, plan)

    def packed(self, frames: Iterator[NDArray[np.uint8]], plan: Plan) -> Packed:
        import numpy as np

        values = vw.values(gathered(frames, plan), self.mean, self.std)[None]
        mask = np.ones((1, len(plan.indices), *plan.seen), np.int64)
        return Packed({PIXELS: values, MASK: mask})

    def unpacked(self, tokens: TokenSequence, /) -> NDArray[np.uint8]:
        return vw.levels(tokens.inputs, PIXELS, self.mean, self.std, self.name)


def longer_side(height: int, width: int, side: int) -> tuple[int, int]:
    """(height, width) with the longer side at `side`, the other made even, 1 at least.

    >>> longer_side(360, 640, 384)
    (216, 384)
    """
    aspect = width / height
    if width >= height:
        other = int(side / aspect)
        return max(other + other % 2, 1), side
    other = int(side * aspect)
    return side, max(other + other % 2, 1)


def _length(seconds: int) -> str:
    """Days where there are any, hours, minutes and seconds.

    >>> _length(3725)
    '1:02:05'
    """
    days = f"{seconds // 86400} day{'s' if seconds >= 172800 else ''}, " * (seconds >= 86400)
    return f"{days}{seconds % 86400 // 3600}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"


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
