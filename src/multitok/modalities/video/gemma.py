"""Gemma 4: frames that each fill a budget of tokens, after their time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from multitok.core.info import ImageInfo, VideoInfo
from multitok.core.parameters import Frames, Positive
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.grids.pooled_budget import PooledBudgetCounter
from multitok.modalities.video import sampling
from multitok.modalities.video.encoded import EncodedVideo, Packed, unpatched
from multitok.modalities.video.plan import TEXT, Plan
from multitok.modalities.video.timestamps import Vocabulary, clock

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.sequence import TokenSequence

PIXELS = "pixel_values_videos"
BLACK: px.Triple = (0.0, 0.0, 0.0)
ONE: px.Triple = (1.0, 1.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class GemmaVideoTokenizer(EncodedVideo):
    """`num_frames` frames, each scaled to fill at most `max_soft_tokens` with its own shape.

    A clip with fewer frames than `num_frames` is refused, as the reference refuses it;
    `sampler="ends"` takes it whole, as vLLM does, from the first frame to the last. The inputs
    are `pixel_values_videos`, float32 (frames, most patches, patch x patch x 3), values 0 to 1 and
    zeros after the last patch; and `video_position_ids`, (column, row) of each patch, -1 there.
    The times are counted in the tokens of a `vocabulary`, where it is named.
    Source: transformers 5.23.0, Gemma4VideoProcessor and Gemma4Processor.

    >>> clip = VideoInfo(1920, 1080, frames=300, fps=30)
    >>> GemmaVideoTokenizer().breakdown(clip)
    {'video': 2112, '<start_of_image>': 32, '<end_of_image>': 32}
    """

    num_frames: Frames = 32
    max_soft_tokens: int = 70
    patch: Positive = 16
    pool: Positive = 3
    sampler: Literal["own", "ends"] = "own"
    mean: px.Triple = BLACK
    std: px.Triple = ONE
    vocabulary: Vocabulary | None = None

    name: ClassVar[str] = "gemma-video"
    placeholder: ClassVar[str] = "<|video|>"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"num_frames": 2, "vocabulary": "gemma"},
        {"num_frames": 4, "max_soft_tokens": 12, "patch": 8, "pool": 2},
    )

    def frame(self) -> PooledBudgetCounter:
        """The rule of one frame."""
        return PooledBudgetCounter(
            patch=self.patch, pool=self.pool, max_tokens=self.max_soft_tokens
        )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.frame()

    def plan_for(self, info: VideoInfo) -> Plan:
        sampler = sampling.ends if self.sampler == "ends" else sampling.uniform
        indices = sampler(info.frames, info.fps, num_frames=self.num_frames, fps=None)
        seen = self.frame().see(ImageInfo(info.width, info.height))
        rows, columns = seen.grid
        times = [f"{clock(index / info.fps)} " for index in indices]
        return Plan(
            indices=tuple(indices),
            resized=(seen.canvas[1], seen.canvas[0]),
            groups=len(indices),
            grid=(rows, columns),
            before=(TEXT, "<start_of_image>"),
            after=("<end_of_image>",),
            text=tuple((" " if i else "") + time for i, time in enumerate(times)),
            vocabulary=self.vocabulary,
            geometry={"tokens_per_frame": rows * columns, "grid": [rows, columns]},
        )

    def packed(self, frames: Iterator[NDArray[np.uint8]], plan: Plan) -> Packed:
        import numpy as np

        n, most = len(plan.indices), self.max_soft_tokens * self.pool**2
        rows, columns = (side // self.patch for side in plan.seen)
        used = rows * columns
        values = np.zeros((n, most, self.patch**2 * 3), np.float32)
        for number, frame in enumerate(frames):
            flat = px.normalize(vw.patches(frame, self.patch), self.mean, self.std, axis=2)
            values[number, :used] = flat.reshape(used, -1)
        places = np.full((n, most, 2), -1, np.int64)
        places[:, :used] = np.indices((rows, columns)).reshape(2, -1).T[:, ::-1]
        return Packed(
            {
                PIXELS: values,
                "video_position_ids": places,
                "num_frames_per_video": np.array([n]),
                "num_soft_tokens_per_video": np.array([plan.per_group]),
            }
        )

    def unpacked(self, tokens: TokenSequence, /) -> NDArray[np.uint8]:
        _, rows, columns = tokens.state["grid"]
        tall, wide = rows * self.pool, columns * self.pool
        values = self.input(tokens, PIXELS)[:, : tall * wide]
        flat = values.reshape(len(values), tall * wide, -1, 3)
        pixels = px.gray_levels(flat, self.mean, self.std, axis=3)
        return unpatched(pixels, tall * self.patch, wide * self.patch)
