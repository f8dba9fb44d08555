"""Kimi-K2.5: chunks of four frames share the tokens of one, each chunk after its time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, VideoInfo
from multitok.core.integers import ceil_div
from multitok.core.parameters import Positive, Rate, Repeats
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.grids.shrink_pad import ShrinkPadCounter
from multitok.modalities.video import sampling
from multitok.modalities.video.encoded import EncodedVideo, Packed
from multitok.modalities.video.plan import TEXT, Plan
from multitok.modalities.video.timestamps import Vocabulary, day_clock

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.sequence import TokenSequence

PIXELS = "pixel_values_videos"


@dataclass(frozen=True, kw_only=True)
class KimiVideoTokenizer(EncodedVideo):
    """Frames shrunk to at most `max_patches` patches, never enlarged, then padded to whole cells.

    The padding is black, at the right and the bottom. The inputs are `pixel_values_videos`, float32
    (patches, 3, patch, patch), frame by frame in reading order; `video_grid_thw`, frames, rows and
    columns of patches of each chunk; and `num_chunks_per_video`.
    `vocabulary` names the one whose tokens the times are counted in; without it they are left out.
    Source: transformers 5.23.0, Kimi_K25VideoProcessor and Kimi_K25Processor.

    >>> KimiVideoTokenizer().breakdown(VideoInfo(1920, 1080, frames=300, fps=30))["video"]
    5160
    """

    fps: Rate = 2.0
    patch: Positive = 14
    merge: Positive = 2
    temporal: Repeats = 4
    max_patches: int = 4096
    max_side: int = 512
    mean: px.Triple = px.HALF
    std: px.Triple = px.HALF
    vocabulary: Vocabulary | None = None

    name: ClassVar[str] = "kimi-video"
    placeholder: ClassVar[str] = "<|media_pad|>"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"vocabulary": "kimi"},
        {"max_patches": 16, "fps": 5.0},
    )

    def frame(self) -> ShrinkPadCounter:
        """The rule of one frame."""
        return ShrinkPadCounter(
            patch=self.patch,
            merge=self.merge,
            max_patches=self.max_patches,
            max_side=self.max_side,
        )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.frame()

    def plan_for(self, info: VideoInfo) -> Plan:
        indices = sampling.uniform(info.frames, info.fps, num_frames=None, fps=self.fps)
        seen = self.frame().see(ImageInfo(info.width, info.height))
        width, height = seen.picture
        chunks = ceil_div(len(indices), self.temporal)
        stamps = [day_clock(index / info.fps) for index in indices[:: self.temporal]]
        return Plan(
            indices=tuple(indices),
            resized=(height, width),
            frame=(seen.canvas[1], seen.canvas[0]),
            groups=chunks,
            grid=seen.grid,
            together=self.temporal,
            before=(TEXT, "<|media_begin|>", TEXT, "<|media_content|>"),
            after=("<|media_end|>",),
            text=tuple(word for stamp in stamps for word in (stamp, "video")),
            vocabulary=self.vocabulary,
            geometry={"padded": seen.resized, "chunks": chunks},
            shown=f"chunk of {self.temporal} frames",
        )

    def resized(self, pixels: NDArray[np.uint8], plan: Plan) -> NDArray[np.uint8]:
        height, width = plan.seen
        return vw.pad(super().resized(pixels, plan), width, height, 0, 0, 0)

    def packed(self, frames: Iterator[NDArray[np.uint8]], plan: Plan) -> Packed:
        import numpy as np

        n, patch = len(plan.indices), self.patch
        rows, columns = (side // patch for side in plan.seen)
        values = np.empty((n, rows, columns, 3, patch, patch), np.float32)
        for number, frame in enumerate(frames):
            # (rows, y, columns, x, 3) -> (rows, columns, 3, y, x)
            cut = frame.reshape(rows, patch, columns, patch, 3).transpose(0, 2, 4, 1, 3)
            values[number] = px.normalize(cut, self.mean, self.std, axis=2)
        chunks = [len(plan.indices[i : i + self.temporal]) for i in range(0, n, self.temporal)]
        return Packed(
            {
                PIXELS: values.reshape(-1, 3, patch, patch),
                "video_grid_thw": np.array([[t, rows, columns] for t in chunks], np.int64),
                "num_chunks_per_video": np.array([len(chunks)]),
            }
        )

    def unpacked(self, tokens: TokenSequence, /) -> NDArray[np.uint8]:
        _, rows, columns = (int(n) for n in self.input(tokens, "video_grid_thw")[0])
        patch = self.patch
        pixels = px.gray_levels(self.input(tokens, PIXELS), self.mean, self.std, axis=1)
        cut = pixels.reshape(-1, rows, columns, 3, patch, patch).transpose(0, 1, 4, 2, 5, 3)
        return cut.reshape(-1, rows * patch, columns * patch, 3)
