"""Square frames of so many tokens: LLaVA-OneVision, LLaVA-NeXT-Video, InternVL and others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from multitok.core.errors import MediaError
from multitok.core.info import VideoInfo
from multitok.core.integers import ceil_div
from multitok.core.parameters import Frames, Natural, Positive, Rate
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.tilings import square
from multitok.modalities.video import sampling
from multitok.modalities.video.encoded import EncodedVideo, Packed, centered, gathered
from multitok.modalities.video.plan import TEXT, Plan
from multitok.modalities.video.resize import short_side
from multitok.modalities.video.timestamps import Vocabulary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.sequence import TokenSequence

Sampler = Literal["uniform", "centers", "ends"]
Fill = Literal["stretch", "crop"]
PIXELS = "pixel_values_videos"


@dataclass(frozen=True, kw_only=True)
class PooledFramesTokenizer(EncodedVideo):
    """Each frame is a grid of patches pooled by `pool`; no tiles, no timestamps.

    size, patch   a frame is `size` px square and cut into patches of `patch` px
    fill          "stretch": both sides to `size`; "crop": the short side, and the middle is kept
    pool          patches pooled to one token along each side; `ceil` keeps a partial one
    tokens        those of a frame where they are not its grid: with a class token (Video-LLaVA,
                  257), of learned queries (InstructBLIP-Video, 32)
    newline       placeholder tokens after the whole clip (LLaVA-OneVision: 1)
    sampler       "uniform": floor(i * frames / n); "centers": the middle of n equal spans; "ends":
                  from the first frame to the last, as vLLM loads a clip
    fps           frames a second, in place of `num_frames`
    around        special tokens before and after each frame (InternVL: `<img>`, `</img>`)
    label         text before each frame, `{}` its number from 1; frames are joined by newlines
    vocabulary    whose tokens the label is counted in; None leaves it out
    `inputs["pixel_values_videos"]` is float32 (1, frames, 3, size, size), (x/255 - mean)/std.
    Source: transformers 5.23.0: LlavaOnevisionProcessor, LlavaNextVideoProcessor,
    PerceptionLMProcessor, InternVLProcessor, VideoLlavaProcessor, InstructBlipVideoProcessor,
    VideoPrismProcessor, and their video processors.

    >>> clip = VideoInfo(1920, 1080, frames=300, fps=30)
    >>> PooledFramesTokenizer(num_frames=8, size=384, patch=14, ceil=True, newline=1).count(clip)
    1569
    """

    num_frames: Frames | None
    size: Positive
    patch: Positive
    fill: Fill = "stretch"
    pool: Positive = 2
    ceil: bool = False
    tokens: Positive | None = None
    newline: Natural = 0
    fps: Rate | None = None
    sampler: Sampler = "uniform"
    around: tuple[str, ...] = ()
    label: str = ""
    mean: px.Triple = px.CLIP_MEAN
    std: px.Triple = px.CLIP_STD
    vocabulary: Vocabulary | None = None

    name: ClassVar[str] = "pooled-frames"
    placeholder: ClassVar[str] = "<video>"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"num_frames": 4, "size": 112, "patch": 14, "fill": "crop"},
        {"num_frames": 2, "size": 56, "patch": 14, "tokens": 17},
        {"num_frames": None, "size": 54, "patch": 6, "ceil": True, "newline": 1},
        {
            "num_frames": 5,
            "size": 56,
            "patch": 14,
            "sampler": "centers",
            "around": ("<img>", "</img>"),
            "label": "Frame{}: ",
            "vocabulary": "qwen",
        },
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sampler == "centers" and self.num_frames is None and self.fps is None:
            raise MediaError("the sampler 'centers' needs num_frames")
        if len(self.around) not in (0, 2):
            raise MediaError(f"around must name two tokens or none, got {self.around!r}")

    def grid(self) -> tuple[int, int]:
        """Rows and columns of the tokens of a frame; one row where they make no square."""
        side = self.size // self.patch
        if self.tokens is not None:
            return square(self.tokens)
        if self.ceil:
            return ceil_div(side, self.pool), ceil_div(side, self.pool)
        # floor(a*a / pool^2), as LLaVA-NeXT-Video divides the whole; the same where pool divides
        return square(side * side // self.pool**2)

    def plan_for(self, info: VideoInfo) -> Plan:
        sampler = {"uniform": sampling.uniform, "centers": sampling.centers, "ends": sampling.ends}
        number = self.num_frames if self.fps is None or self.sampler == "ends" else None
        indices = sampler[self.sampler](info.frames, info.fps, num_frames=number, fps=self.fps)
        rows, columns = self.grid()
        labels = [self.label.replace("{}", str(i + 1)) for i in range(len(indices))]
        text = [("\n" if i else "") + label for i, label in enumerate(labels)] if self.label else []
        whole = (self.size, self.size)
        return Plan(
            indices=tuple(indices),
            resized=whole if self.fill == "stretch" else short_side(info, self.size),
            frame=whole,
            groups=len(indices),
            grid=(rows, columns),
            tail=self.newline,
            before=(*(TEXT,) * bool(self.label), *self.around[:1]),
            after=self.around[1:],
            text=tuple(text),
            vocabulary=self.vocabulary if self.label else None,
            geometry={
                "per_frame": rows * columns,
                "tokens_per_frame": rows * columns,
            },
        )

    def resized(self, pixels: NDArray[np.uint8], plan: Plan) -> NDArray[np.uint8]:
        return centered(super().resized(pixels, plan), plan.seen)

    def packed(self, frames: Iterator[NDArray[np.uint8]], plan: Plan) -> Packed:
        return Packed({PIXELS: vw.values(gathered(frames, plan), self.mean, self.std)[None]})

    def unpacked(self, tokens: TokenSequence, /) -> NDArray[np.uint8]:
        return vw.levels(tokens.inputs, PIXELS, self.mean, self.std, self.name)
