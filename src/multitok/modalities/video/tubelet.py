"""Tubelets: small boxes of time and space, one token each, as video encoders cut them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.errors import DecodeError, MediaError
from multitok.info import VideoInfo
from multitok.modalities.image.pixels import resize
from multitok.modalities.video import sampling
from multitok.modalities.video.plan import Plan, SampledVideo, sampled_rate
from multitok.parameters import at_least
from multitok.tokenizer import Tokenizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.media import Video
    from multitok.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class TubeletTokenizer(SampledVideo, Tokenizer["Video", VideoInfo]):
    """Frames scaled to a short side, cropped at the center, cut into depth x patch x patch boxes.

    num_frames    evenly sampled frames; the model takes this number and no other
    short_side    the shorter side of a frame before the crop
    crop          the square that is seen
    depth, patch  a tubelet: `depth` frames of `patch` x `patch` px (TimeSformer: depth 1)
    class_token   one special token in front, counted with the video (ViViT, TimeSformer)
    scale, offset, mean, std   a value is (x * scale + offset - mean) / std
    A token's value is its box as (frame, y, x, channel) float32. Frames are resized by Pillow's
    bilinear, where the reference has torchvision's: equal within one gray level. Decoding is exact.
    Source: transformers 5.23.0: VideoMAE, ViViT, TimeSformer, V-JEPA2 processors and embeddings.

    >>> TubeletTokenizer().count(VideoInfo(320, 240, frames=16, fps=10))
    1568
    """

    num_frames: int = 16
    short_side: int = 224
    crop: int = 224
    depth: int = 2
    patch: int = 16
    class_token: bool = False
    scale: float = 1 / 255
    offset: float = 0.0
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)

    name: ClassVar[str] = "tubelet"
    placeholder: ClassVar[str] = "<patch>"
    idempotent: ClassVar[bool] = False  # the crop of a crop is scaled to the short side again
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
        at_least(self, 1, "patch", "crop", "short_side")
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
            resized=self.scaled(info),
            groups=groups,
            per_group=rows * columns,
            extra=int(self.class_token),
            geometry={
                "pixel_values_shape": [1, self.num_frames, 3, self.crop, self.crop],
                "crop": [self.crop, self.crop],
                "grid": [groups, rows, columns],
                "tokens": groups * rows * columns + self.class_token,
            },
            shown=f"group of {self.depth} frames",
        )

    def scaled(self, info: VideoInfo) -> tuple[int, int]:
        """(height, width) with the shorter side at `short_side`; the longer one is cut off."""
        if info.width <= info.height:
            return int(self.short_side * info.height / info.width), self.short_side
        return self.short_side, int(self.short_side * info.width / info.height)

    def prepare(self, media: Video, /) -> Video:
        """The sampled frames, scaled and cropped; no sound."""
        import numpy as np

        from multitok.media import Video

        plan = self.plan(media)
        height, width = plan.resized
        frames = np.zeros((self.num_frames, self.crop, self.crop, 3), np.uint8)
        top, left = (height - self.crop) // 2, (width - self.crop) // 2
        for out, i in zip(frames, plan.indices, strict=True):
            _center(out, resize(media.frames[i], width, height, "bilinear"), top, left)
        times = media.timestamps[list(plan.indices)]
        return Video(frames, times, *sampled_rate(media.info, self.num_frames))

    def encode(self, media: Video, /) -> TokenSequence:
        import numpy as np

        from multitok.sequence import TokenSequence

        groups, rows, columns = self.grid
        depth, patch, extra = self.depth, self.patch, int(self.class_token)
        prepared = self.prepare(media)
        frames = prepared.frames[: groups * depth]
        # (group, frame, row, y, column, x, channel) -> one box a token, in reading order
        boxes = frames.reshape(groups, depth, rows, patch, columns, patch, 3)
        flat = boxes.transpose(0, 2, 4, 1, 3, 5, 6).reshape(groups * rows * columns, -1)
        n = len(flat) + extra
        values = np.zeros((n, flat.shape[1]), np.float32)
        values[extra:] = flat
        channels = values[extra:].reshape(len(flat), -1, 3)
        mean, std = np.array(self.mean, np.float32), np.array(self.std, np.float32)
        if self.offset:
            channels *= np.float32(self.scale)
            channels += np.float32(self.offset)
            channels -= mean
            channels /= std
        else:  # the reference folds the scale into mean and std
            channels -= mean / np.float32(self.scale)
            channels /= std / np.float32(self.scale)
        positions = np.full((n, 3), -1, np.int32)
        positions[extra:] = np.indices(self.grid, dtype=np.int32).reshape(3, -1).T
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=positions[:, 0] < 0,
            values=values,
            axes=("group", "row", "column"),
            positions=positions,
            state={
                "grid": list(self.grid),
                "timestamps": prepared.timestamps,
                "fps": prepared.fps,
                "duration": prepared.duration,
                "left_over": prepared.frames[groups * depth :],
            },
        )

    def decode(self, tokens: TokenSequence, /) -> Video:
        """The prepared frames, exactly."""
        import numpy as np

        from multitok.media import Video

        if tokens.values is None:
            raise DecodeError("tubelet tokens hold values, got a sequence without them")
        groups, rows, columns = self.grid
        depth, patch = self.depth, self.patch
        values = tokens.values[int(self.class_token) :].astype(np.float64)
        channels = values.reshape(len(values), -1, 3) * self.std + self.mean
        pixels = np.rint((channels - self.offset) / self.scale).clip(0, 255).astype(np.uint8)
        boxes = pixels.reshape(groups, rows, columns, depth, patch, patch, 3)
        frames = boxes.transpose(0, 3, 1, 4, 2, 5, 6).reshape(-1, self.crop, self.crop, 3)
        left_over = np.asarray(tokens.state["left_over"], np.uint8)
        whole = np.concatenate([frames, left_over.reshape(-1, self.crop, self.crop, 3)])
        state = tokens.state
        return Video(whole, np.asarray(state["timestamps"]), state["fps"], state["duration"])


def _center(out: NDArray[np.uint8], pixels: NDArray[np.uint8], top: int, left: int) -> None:
    """Copy the middle of `pixels` into `out`; where it is smaller, a black edge stays around it."""
    height, width = out.shape[:2]
    rows, columns = pixels.shape[:2]
    y, x = max(top, 0), max(left, 0)
    part = pixels[y : y + height, x : x + width]
    down, right = max((height - rows) // 2, 0), max((width - columns) // 2, 0)
    out[down : down + part.shape[0], right : right + part.shape[1]] = part
