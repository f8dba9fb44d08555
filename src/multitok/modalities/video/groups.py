"""Temporal groups: frames merged in time and space, patches in the order Qwen and GLM read them.

`temporal` frames make a group; a patch row holds the same patch of all of them, (channel, frame, y,
x) inside. Rows run through blocks of merge x merge patches, each block one placeholder token.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

from multitok.core.info import VideoInfo
from multitok.core.integers import ceil_div
from multitok.core.parameters import Positive, Repeats
from multitok.modalities.image import pixels as px
from multitok.modalities.video.encoded import EncodedVideo, Packed
from multitok.modalities.video.plan import Plan
from multitok.modalities.video.timestamps import Vocabulary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class GroupedVideo(EncodedVideo):
    """What the grouped rules share: the grid, the patches and the way back.

    A last group that lacks frames repeats the last one. Pixel values are (x/255 - mean)/std in
    float32, under the reference's names: `pixel_values_videos` (patches, channels x temporal x
    patch x patch) and `video_grid_thw`. Frames are resized as the reference's torchvision
    does it, to the byte.
    """

    patch: Positive = 14
    merge: Positive = 2
    temporal: Repeats = 2
    mean: px.Triple = px.CLIP_MEAN
    std: px.Triple = px.CLIP_STD

    @abstractmethod
    def choose(self, info: VideoInfo) -> tuple[list[int], tuple[int, int]]:
        """The sampled frames and the (height, width) they are resized to."""

    def plan_for(self, info: VideoInfo) -> Plan:
        indices, (height, width) = self.choose(info)
        groups = ceil_div(len(indices), self.temporal)
        rows, columns = height // self.patch, width // self.patch
        tall, wide = rows // self.merge, columns // self.merge
        return Plan(
            indices=tuple(indices),
            resized=(height, width),
            groups=groups,
            grid=(tall, wide),
            together=self.temporal,
            geometry={
                "grid_thw": [groups, rows, columns],
                "patches": groups * rows * columns,
                "tokens_per_temporal_patch": tall * wide,
            },
            shown=f"group of {self.temporal} frames",
        )

    def packed(self, frames: Iterator[NDArray[np.uint8]], plan: Plan) -> Packed:
        import numpy as np

        groups, rows, columns = plan.geometry["grid_thw"]
        step = rows * columns
        values = np.empty((groups * step, 3 * self.temporal * self.patch**2), np.float32)
        for number, block in enumerate(self._blocks(frames)):
            self._fill(values[number * step : (number + 1) * step], block)
        grid = np.array([[groups, rows, columns]], np.int64)
        return Packed({"pixel_values_videos": values, "video_grid_thw": grid})

    def _blocks(self, frames: Iterator[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
        """Frames `temporal` at a time, the last one repeated: (temporal, height, width, 3)."""
        import numpy as np

        while block := list(islice(frames, self.temporal)):
            yield np.stack(block + block[-1:] * (self.temporal - len(block)))

    def _fill(self, rows_out: NDArray[np.float32], block: NDArray[np.uint8]) -> None:
        """Write a group's patches, normalized, into its rows."""
        import numpy as np

        frames, height, width, _ = block.shape
        patch, merge = self.patch, self.merge
        tall, wide = height // (patch * merge), width // (patch * merge)
        # (frame, block row, row, y, block column, column, x, channel)
        cut = block.reshape(frames, tall, merge, patch, wide, merge, patch, 3)
        # bytes are moved, and only then made into floats: a quarter of the memory traffic
        moved = np.ascontiguousarray(cut.transpose(1, 4, 2, 5, 7, 0, 3, 6))
        channels = moved.reshape(len(rows_out), 3, -1)
        rows_out[...] = px.normalize(channels, self.mean, self.std, axis=1).reshape(rows_out.shape)

    def unpacked(self, tokens: TokenSequence, /) -> NDArray[np.uint8]:
        values = self.input(tokens, "pixel_values_videos")
        grids = self.input(tokens, "video_grid_thw")  # one, or one for each segment of the clip
        groups, (rows, columns) = int(grids[:, 0].sum()), (int(n) for n in grids[0, 1:])
        patch, merge, frames = self.patch, self.merge, self.temporal
        pixels = px.gray_levels(values.reshape(len(values), 3, -1), self.mean, self.std, axis=1)
        blocks = pixels.reshape(
            groups, rows // merge, columns // merge, merge, merge, 3, frames, patch, patch
        )
        # -> (group, frame, block row, row, y, block column, column, x, channel)
        whole = blocks.transpose(0, 6, 1, 3, 7, 2, 4, 8, 5)
        clip = whole.reshape(groups * frames, rows * patch, columns * patch, 3)
        return clip[: len(tokens.state["timestamps"])]


@dataclass(frozen=True, kw_only=True)
class StampedVideo(GroupedVideo):
    """Grouped frames, the time of each group written beside it.

    vocabulary  whose tokens the times are counted in; None leaves them out
    """

    vocabulary: Vocabulary | None = None

    before: ClassVar[tuple[str, ...]]
    after: ClassVar[tuple[str, ...]]

    @abstractmethod
    def stamps(self, info: VideoInfo, indices: tuple[int, ...]) -> list[str]:
        """The time of each group, as the reference writes it."""

    def plan_for(self, info: VideoInfo) -> Plan:
        plan = super().plan_for(info)
        return replace(
            plan,
            before=self.before,
            after=self.after,
            text=tuple(self.stamps(info, plan.indices)),
            vocabulary=self.vocabulary,
        )
