"""MiniMax-M3 video: pixel bounds for each frame, a time before each group of two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import VideoInfo
from multitok.core.parameters import Frames, Positive, Rate
from multitok.modalities.image.limits import limit
from multitok.modalities.video import sampling
from multitok.modalities.video.encoded import Packed
from multitok.modalities.video.groups import StampedVideo
from multitok.modalities.video.plan import TEXT, Plan
from multitok.modalities.video.resize import ASPECT_LIMIT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class MiniMaxVideoTokenizer(StampedVideo):
    """Frames at `fps` (or `num_frames`), each between min_pixels and max_pixels.

    Each group of two frames is the text `]<]1.0 seconds[>[` (the time of its first frame), image
    start, its placeholders and image end. `segment` groups are attended to together, which changes
    `video_grid_thw` and no count. The processor samples and resizes where it is asked to
    (do_sample_frames, do_resize); the rate and the bounds are those that its class names.
    Source: transformers 5.23.0, MiniMaxM3VLVideoProcessor and MiniMaxM3VLProcessor.

    >>> MiniMaxVideoTokenizer().breakdown(VideoInfo(1280, 720, frames=300, fps=30))["video"]
    3600
    """

    min_pixels: Positive = 4 * 28 * 28
    max_pixels: Positive = 768 * 28 * 28
    fps: Rate | None = 1.0
    num_frames: Frames | None = None
    segment: Positive = 4

    name: ClassVar[str] = "minimax-video"
    placeholder: ClassVar[str] = "]<]video[>["
    before: ClassVar[tuple[str, ...]] = (TEXT, "]<]start of image[>[")
    after: ClassVar[tuple[str, ...]] = ("]<]end of image[>[",)
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"max_pixels": 7840, "fps": 5.0},
        {"fps": None, "num_frames": 1, "patch": 4, "min_pixels": 64, "max_pixels": 640},
    )

    def choose(self, info: VideoInfo) -> tuple[list[int], tuple[int, int]]:
        rate = self.fps if self.num_frames is None else None
        indices = sampling.uniform(info.frames, info.fps, num_frames=self.num_frames, fps=rate)
        factor = self.patch * self.merge
        width, height = limit(
            info.width, info.height, factor, self.min_pixels, self.max_pixels, 1, ASPECT_LIMIT
        )
        return indices, (height, width)

    def stamps(self, info: VideoInfo, indices: tuple[int, ...]) -> list[str]:
        return [f"]<]{index / info.fps:.1f} seconds[>[" for index in indices[:: self.temporal]]

    def packed(self, frames: Iterator[NDArray[np.uint8]], plan: Plan) -> Packed:
        """The rows of the whole clip, and a grid for each segment of it."""
        import numpy as np

        made = super().packed(frames, plan)
        groups, rows, columns = plan.geometry["grid_thw"]
        grids = [
            (min(self.segment, groups - start), rows, columns)
            for start in range(0, groups, self.segment)
        ]
        segments = {"video_grid_thw": np.array(grids, np.int64)}
        return Packed({**made.inputs, **segments, "num_chunks_per_video": np.array([len(grids)])})
