"""Molmo2: frames pooled 3 x 3, each between frame start and end after its time in seconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import VideoInfo
from multitok.core.integers import ceil_div
from multitok.core.parameters import Frames, Positive, Rate
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.video import sampling
from multitok.modalities.video.encoded import EncodedVideo, Packed, unpatched
from multitok.modalities.video.plan import TEXT, Plan
from multitok.modalities.video.timestamps import Vocabulary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.sequence import TokenSequence

PIXELS = "pixel_values_videos"


@dataclass(frozen=True, kw_only=True)
class MolmoVideoTokenizer(EncodedVideo):
    """`num_frames`, but at most `max_fps` a second; or a rate of your own, `fps`.

    A frame is stretched to `size` px without antialiasing. The inputs are `pixel_values_videos`,
    float32 (frames, patches, patch x patch x 3); `video_token_pooling`, the patches each token
    pools, -1 beyond the edge; and `video_grids`, frames, rows and columns of tokens.
    `vocabulary` names the one whose tokens the times are counted in; without it they are left out.
    Source: transformers 5.23.0, Molmo2VideoProcessor and Molmo2Processor.

    >>> MolmoVideoTokenizer().count(VideoInfo(1280, 720, frames=1800, fps=30))
    5312
    """

    num_frames: Frames = 64
    max_fps: Rate = 2.0
    fps: Rate | None = None
    size: Positive = 378
    patch: Positive = 14
    pool: tuple[int, int] = (3, 3)
    mean: px.Triple = px.HALF
    std: px.Triple = px.HALF
    vocabulary: Vocabulary | None = None

    name: ClassVar[str] = "molmo-video"
    placeholder: ClassVar[str] = "<im_patch>"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 56, "vocabulary": "qwen"},
        {"fps": 1.0, "size": 70, "pool": (2, 3)},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if min(self.pool) < 1:
            raise MediaError(f"pool must be at least 1 x 1, got {self.pool!r}")
        if self.size % self.patch:
            raise MediaError(f"size must be a multiple of patch = {self.patch}, got {self.size}")
        if max(self.pool) > (side := self.size // self.patch):
            raise MediaError(
                f"pool must be at most the {side} patches of a side, got {self.pool!r}"
            )

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
            grid=(rows, columns),
            before=(TEXT, "<frame_start>"),
            after=("<frame_end>",),
            text=tuple((" " if i else "") + time for i, time in enumerate(times)),
            vocabulary=self.vocabulary,
            geometry={"grid": [len(indices), rows, columns]},
        )

    def resized(self, pixels: NDArray[np.uint8], plan: Plan) -> NDArray[np.uint8]:
        return px.interpolated(pixels, self.size, self.size)

    def packed(self, frames: Iterator[NDArray[np.uint8]], plan: Plan) -> Packed:
        import numpy as np

        n, side = len(plan.indices), self.size // self.patch
        values = np.empty((n, side * side, self.patch**2 * 3), np.float32)
        for number, frame in enumerate(frames):
            flat = px.normalize(vw.patches(frame, self.patch), self.mean, self.std, axis=2)
            values[number] = flat.reshape(side * side, -1)
        return Packed(
            {
                PIXELS: values,
                "video_token_pooling": self._pooling(n),
                "video_grids": np.array([[n, *plan.grid]], np.int64),
            }
        )

    def _pooling(self, frames: int) -> NDArray[np.int64]:
        """(tokens, patches a token) numbers of patches, counted through the clip; the rows and
        columns that a last window lacks are shared between both edges."""
        import numpy as np

        side, (tall, wide) = self.size // self.patch, self.pool
        below, right = -side % tall, -side % wide
        edges = ((below // 2, below - below // 2), (right // 2, right - right // 2))
        one = np.pad(np.arange(side * side).reshape(side, side), edges, constant_values=-1)
        windows = one.reshape(one.shape[0] // tall, tall, one.shape[1] // wide, wide)
        patches = windows.transpose(0, 2, 1, 3).reshape(-1, tall * wide)
        first = np.arange(frames)[:, None, None] * side * side
        return np.where(patches >= 0, patches + first, -1).reshape(-1, tall * wide)

    def unpacked(self, tokens: TokenSequence, /) -> NDArray[np.uint8]:
        values = self.input(tokens, PIXELS)
        flat = values.reshape(values.shape[0], -1, self.patch**2, 3)
        return unpatched(px.gray_levels(flat, self.mean, self.std, axis=3), self.size, self.size)
