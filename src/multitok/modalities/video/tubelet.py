"""Tubelets: small boxes of time and space, one token each, as video encoders cut them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import VideoInfo
from multitok.core.parameters import Frames, Positive
from multitok.modalities.image import pixels as px
from multitok.modalities.video import sampling
from multitok.modalities.video.encoded import EncodedVideo, Packed, centered, gathered
from multitok.modalities.video.plan import Plan
from multitok.modalities.video.resize import short_side

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class TubeletTokenizer(EncodedVideo):
    """Frames scaled to a short side, cropped at the center, cut into depth x patch x patch boxes.

    num_frames    evenly sampled frames; the model takes this number and no other
    short_side    the shorter side of a frame before the crop
    crop          the square that is seen
    depth, patch  a tubelet: `depth` frames of `patch` x `patch` px (TimeSformer: depth 1)
    class_token   one special token in front, counted with the video (ViViT, TimeSformer)
    scale, offset, mean, std   a value is (x * scale + offset - mean) / std
    A token's value is its box as (frame, y, x, channel) float32. Frames are resized as
    the reference's torchvision does it, to the byte.
    Source: transformers 5.23.0: VideoMAE, ViViT, TimeSformer, V-JEPA2 processors and embeddings.

    >>> TubeletTokenizer().count(VideoInfo(320, 240, frames=16, fps=10))
    1568
    """

    num_frames: Frames = 16
    short_side: Positive = 224
    crop: Positive = 224
    depth: int = 2
    patch: Positive = 16
    class_token: bool = False
    scale: float = 1 / 255
    offset: float = 0.0
    mean: px.Triple = px.HALF
    std: px.Triple = px.HALF

    name: ClassVar[str] = "tubelet"
    placeholder: ClassVar[str] = "<patch>"
    resample: ClassVar[px.Resample] = "bilinear"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"num_frames": 4, "short_side": 36, "crop": 32},
        {
            "num_frames": 5,
            "short_side": 16,
            "crop": 16,
            "depth": 1,
            "patch": 8,
            "class_token": True,
            "scale": 1 / 127.5,
            "offset": -1.0,
        },
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.crop % self.patch:
            raise MediaError(f"crop must be a multiple of patch = {self.patch}, got {self.crop}")
        if self.num_frames < self.depth or self.depth < 1:
            raise MediaError(
                f"depth must be from 1 to num_frames = {self.num_frames}, got {self.depth}"
            )

    @property
    def grid(self) -> tuple[int, int, int]:
        """Groups of frames, rows and columns; the same for every clip."""
        side = self.crop // self.patch
        return self.num_frames // self.depth, side, side

    def plan_for(self, info: VideoInfo) -> Plan:
        indices = sampling.uniform(info.frames, info.fps, num_frames=self.num_frames, fps=None)
        groups, rows, columns = self.grid
        return Plan(
            indices=tuple(indices),
            resized=short_side(info, self.short_side),
            frame=(self.crop, self.crop),
            groups=groups,
            grid=(rows, columns),
            together=self.depth,
            head=int(self.class_token),
            geometry={
                "pixel_values_shape": [1, self.num_frames, 3, self.crop, self.crop],
                "crop": [self.crop, self.crop],
                "grid": [groups, rows, columns],
                "tokens": groups * rows * columns + self.class_token,
            },
            shown=f"group of {self.depth} frames",
        )

    def resized(self, pixels: NDArray[np.uint8], plan: Plan) -> NDArray[np.uint8]:
        return centered(super().resized(pixels, plan), plan.seen)

    def packed(self, frames: Iterator[NDArray[np.uint8]], plan: Plan) -> Packed:
        groups, rows, columns = self.grid
        depth, patch = self.depth, self.patch
        whole = gathered(frames, plan)
        used = groups * depth
        # (group, frame, row, y, column, x, channel) -> one box a token, in reading order
        boxes = whole[:used].reshape(groups, depth, rows, patch, columns, patch, 3)
        flat = boxes.transpose(0, 2, 4, 1, 3, 5, 6).reshape(groups * rows * columns, -1, 3)
        values = self._normalized(flat).reshape(len(flat), -1)
        return Packed(values=values, state={"left_over": whole[used:]})

    def _normalized(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        import numpy as np

        mean, std = np.array(self.mean, np.float32), np.array(self.std, np.float32)
        channels = pixels.astype(np.float32)
        if self.offset:
            channels *= np.float32(self.scale)
            channels += np.float32(self.offset)
        else:  # the reference folds the scale into mean and std
            mean, std = mean / np.float32(self.scale), std / np.float32(self.scale)
        channels -= mean
        channels /= std
        return channels

    def unpacked(self, tokens: TokenSequence, /) -> NDArray[np.uint8]:
        import numpy as np

        groups, rows, columns = self.grid
        depth, patch = self.depth, self.patch
        channels = self.rows(tokens).reshape(-1, 3).astype(np.float64) * self.std + self.mean
        pixels = np.rint((channels - self.offset) / self.scale).clip(0, 255).astype(np.uint8)
        boxes = pixels.reshape(groups, rows, columns, depth, patch, patch, 3)
        frames = boxes.transpose(0, 3, 1, 4, 2, 5, 6).reshape(-1, self.crop, self.crop, 3)
        left_over = np.asarray(tokens.state["left_over"], np.uint8)
        return np.concatenate([frames, left_over.reshape(-1, self.crop, self.crop, 3)])
