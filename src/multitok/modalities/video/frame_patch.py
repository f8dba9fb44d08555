"""Square patches of sampled frames, one token each: the plainest video tokenizer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.errors import DecodeError, MediaError
from multitok.geometry import ceil_div
from multitok.info import VideoInfo
from multitok.modalities.image.pixels import resize
from multitok.modalities.video import sampling
from multitok.modalities.video.plan import Plan, SampledVideo, sampled_rate
from multitok.tokenizer import Tokenizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.media import Video
    from multitok.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class FramePatchTokenizer(SampledVideo, Tokenizer["Video", VideoInfo]):
    """Frames at `fps` (or `num_frames`, or all) in size x size patches of values in 0..1.

    `resize` (width, height) stretches each frame first (Pillow's bicubic); without it a frame is
    only padded at the right and the bottom, by repeating the edge, to whole patches. Values are
    float32 in (row, column, channel) order inside a patch. Decoding is exact.
    Source: the patches of `patch`, frame by frame; the sampler of transformers' video processors.

    >>> FramePatchTokenizer(size=16, fps=2).count(VideoInfo(64, 50, frames=30, fps=10))
    96
    """

    size: int = 16
    fps: float | None = None
    num_frames: int | None = None
    resize: tuple[int, int] | None = None

    name: ClassVar[str] = "frame-patch"
    placeholder: ClassVar[str] = "<patch>"
    idempotent: ClassVar[bool] = False  # a clip sampled once is sampled again by its new rate
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"size": 7, "fps": 5.0},
        {"size": 8, "num_frames": 4, "resize": (20, 12)},
    )

    def __post_init__(self) -> None:
        if self.size < 1:
            raise MediaError(f"patch size must be at least 1, got {self.size!r}")
        if self.fps is not None and self.num_frames is not None:
            raise MediaError("name fps or num_frames, not both")

    def plan_for(self, info: VideoInfo) -> Plan:
        indices = sampling.uniform(info.frames, info.fps, num_frames=self.num_frames, fps=self.fps)
        width, height = self.resize or (info.width, info.height)
        rows, columns = ceil_div(height, self.size), ceil_div(width, self.size)
        return Plan(
            indices=tuple(indices),
            resized=(rows * self.size, columns * self.size),
            groups=len(indices),
            per_group=rows * columns,
            geometry={"grid": [len(indices), rows, columns]},
        )

    def _fitted(self, pixels: NDArray[np.uint8], plan: Plan) -> NDArray[np.uint8]:
        import numpy as np

        height, width = plan.resized
        if self.resize is not None and pixels.shape[:2] != plan.resized:
            pixels = resize(pixels, *self.resize, "bicubic")
        below, right = height - pixels.shape[0], width - pixels.shape[1]
        if not below and not right:
            return pixels
        return np.pad(pixels, ((0, below), (0, right), (0, 0)), mode="edge")

    def prepare(self, media: Video, /) -> Video:
        """The sampled frames at the size the patches need; no sound."""
        import numpy as np

        from multitok.media import Video

        plan = self.plan(media)
        frames = np.stack([self._fitted(media.frames[i], plan) for i in plan.indices])
        fps, duration = sampled_rate(media.info, len(frames))
        return Video(frames, media.timestamps[list(plan.indices)], fps, duration)

    def encode(self, media: Video, /) -> TokenSequence:
        chosen = self.plan(media).indices
        pairs = ((float(media.timestamps[i]), media.frames[i]) for i in chosen)
        return self.encode_frames(media.info, pairs)

    def encode_frames(
        self, info: VideoInfo, frames: Iterable[tuple[float, NDArray[np.uint8]]]
    ) -> TokenSequence:
        """`encode` for a clip that is never held whole: (seconds, pixels) of `frame_indices(info)`,
        one frame at a time, in order."""
        import numpy as np

        from multitok.sequence import TokenSequence

        plan, size = self.plan(info), self.size
        groups, rows, columns = plan.geometry["grid"]
        values = np.empty((groups * rows * columns, size * size * 3), np.float32)
        blocks = values.reshape(groups, rows, columns, size, size, 3)
        times: list[float] = []
        for out, (time, pixels) in zip(blocks, frames, strict=True):
            # (rows, y, columns, x, 3) -> a row of pixels per patch, in reading order
            cut = self._fitted(pixels, plan).reshape(rows, size, columns, size, 3)
            out[...] = cut.transpose(0, 2, 1, 3, 4)
            times.append(time)
        values /= np.float32(255)
        fps, duration = sampled_rate(info, len(times))
        return TokenSequence(
            tokenizer=self.config(),
            info=info,
            special=np.zeros(len(values), np.bool_),
            values=values,
            axes=("group", "row", "column"),
            positions=np.indices((groups, rows, columns), dtype=np.int32).reshape(3, -1).T.copy(),
            state={
                "grid": [groups, rows, columns],
                "timestamps": np.array(times),
                "fps": fps,
                "duration": duration,
            },
        )

    def decode(self, tokens: TokenSequence, /) -> Video:
        """The prepared frames, exactly."""
        import numpy as np

        from multitok.media import Video

        if tokens.values is None:
            raise DecodeError("frame-patch tokens hold values, got a sequence without them")
        groups, rows, columns = tokens.state["grid"]
        pixels = np.rint(tokens.values * 255).astype(np.uint8)
        blocks = pixels.reshape(groups, rows, columns, self.size, self.size, 3)
        frames = blocks.transpose(0, 1, 3, 2, 4, 5)
        clip = frames.reshape(groups, rows * self.size, columns * self.size, 3)
        state = tokens.state
        return Video(clip, np.asarray(state["timestamps"]), state["fps"], state["duration"])
