"""Square patches of sampled frames, one token each: the plainest video tokenizer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import VideoInfo
from multitok.core.integers import ceil_div
from multitok.core.parameters import Frames, Positive, Rate
from multitok.modalities.video import sampling
from multitok.modalities.video.encoded import EncodedVideo, Packed, unpatched
from multitok.modalities.video.plan import Plan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class FramePatchTokenizer(EncodedVideo):
    """Frames at `fps` (or `num_frames`, or all) in size x size patches of values in 0..1.

    `resize` (width, height) stretches each frame first (torchvision's bicubic, to the byte);
    without it a frame is only padded at the right and the bottom, by repeating the edge, to whole
    patches. Values are float32 in (row, column, channel) order inside a patch. Decoding is exact.
    Source: the patches of `patch`, frame by frame; the sampler of transformers' video processors.

    >>> FramePatchTokenizer(size=16, fps=2).count(VideoInfo(64, 50, frames=30, fps=10))
    96
    """

    size: Positive = 16
    fps: Rate | None = None
    num_frames: Frames | None = None
    resize: tuple[int, int] | None = None

    name: ClassVar[str] = "frame-patch"
    placeholder: ClassVar[str] = "<patch>"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"size": 7, "fps": 5.0},
        {"size": 8, "num_frames": 4, "resize": (20, 12)},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.fps is not None and self.num_frames is not None:
            raise MediaError("name fps or num_frames, not both")

    def plan_for(self, info: VideoInfo) -> Plan:
        indices = sampling.uniform(info.frames, info.fps, num_frames=self.num_frames, fps=self.fps)
        width, height = self.resize or (info.width, info.height)
        rows, columns = ceil_div(height, self.size), ceil_div(width, self.size)
        return Plan(
            indices=tuple(indices),
            resized=(height, width),
            frame=(rows * self.size, columns * self.size),
            groups=len(indices),
            grid=(rows, columns),
            geometry={"grid": [len(indices), rows, columns]},
        )

    def resized(self, pixels: NDArray[np.uint8], plan: Plan) -> NDArray[np.uint8]:
        import numpy as np

        below, right = (whole - part for whole, part in zip(plan.seen, plan.resized, strict=True))
        return np.pad(super().resized(pixels, plan), ((0, below), (0, right), (0, 0)), mode="edge")

    def packed(self, frames: Iterator[NDArray[np.uint8]], plan: Plan) -> Packed:
        import numpy as np

        size, (rows, columns) = self.size, plan.grid
        values = np.empty((plan.groups * plan.per_group, size * size * 3), np.float32)
        blocks = values.reshape(plan.groups, rows, columns, size, size, 3)
        for number, frame in enumerate(frames):
            # (rows, y, columns, x, 3) -> a row of pixels per patch, in reading order
            blocks[number] = frame.reshape(rows, size, columns, size, 3).transpose(0, 2, 1, 3, 4)
        values /= np.float32(255)
        return Packed(values=values)

    def unpacked(self, tokens: TokenSequence, /) -> NDArray[np.uint8]:
        import numpy as np

        groups, rows, columns = tokens.state["grid"]
        pixels = np.rint(self.rows(tokens) * 255).astype(np.uint8)
        blocks = pixels.reshape(groups, rows * columns, -1, 3)
        return unpatched(blocks, rows * self.size, columns * self.size)
