"""How many codes a causal tokenizer makes of a clip, which no weights decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import VideoInfo, info_of
from multitok.core.integers import ceil_div
from multitok.core.parameters import Positive
from multitok.core.tokenizer import TokenCounter

if TYPE_CHECKING:
    from multitok.core.media import Video


@dataclass(frozen=True, kw_only=True)
class CausalCodesCounter(TokenCounter["Video", VideoInfo]):
    """The first frame alone, then `depth` frames at a time: each a grid of codes, one a patch.

    patch         pixels of the side of a code
    depth         frames that a grid stands for, but for the first
    align         what both sides of a frame are filled up to, a multiple of `patch`
    align_frames  what the frames after the first are filled up to, a multiple of `depth`
    window        frames that are encoded together, each window with a first frame of its own; None
                  takes the clip whole
    Every frame is taken. Source: NVIDIA/Cosmos-Tokenizer at 3584ae7, utils.py (pad_video_batch) and
    video_lib.py (windows of 17 frames).

    >>> dv4x8x8 = CausalCodesCounter(patch=8, depth=4, align=16, align_frames=8, window=17)
    >>> dv4x8x8.count(VideoInfo(512, 512, frames=9, fps=24))
    12288
    """

    patch: Positive
    depth: Positive
    align: Positive
    align_frames: Positive
    window: Positive | None = None

    name: ClassVar[str] = "causal-codes"
    modality: ClassVar[str] = "video"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"patch": 8, "depth": 4, "align": 16, "align_frames": 8, "window": 17},
        {"patch": 16, "depth": 8, "align": 16, "align_frames": 8},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for whole, part in (("align", "patch"), ("align_frames", "depth")):
            given, of = getattr(self, whole), getattr(self, part)
            if given % of:
                raise MediaError(f"{whole} must be a multiple of {part}={of}, got {given!r}")

    def groups(self, info: VideoInfo) -> int:
        """Grids of codes of the whole clip."""
        if self.window is None:
            return self._of_window(info.frames)
        whole, rest = divmod(info.frames, self.window)
        return whole * self._of_window(self.window) + self._of_window(rest)

    def _of_window(self, frames: int) -> int:
        return frames and 1 + ceil_div(frames - 1, self.align_frames) * (
            self.align_frames // self.depth
        )

    def grid(self, info: VideoInfo) -> tuple[int, int]:
        """Rows and columns of codes of a frame."""
        side = self.align // self.patch
        return ceil_div(info.height, self.align) * side, ceil_div(info.width, self.align) * side

    def count(self, x: Video | VideoInfo, /) -> int:
        info: VideoInfo = info_of(x)
        rows, columns = self.grid(info)
        return self.groups(info) * rows * columns

    def size_seen(self, x: Video | VideoInfo, /) -> tuple[int, int]:
        info: VideoInfo = info_of(x)
        return info.width, info.height

    def frames_seen(self, x: Video | VideoInfo, /) -> int:
        info: VideoInfo = info_of(x)
        return info.frames

    def geometry(self, x: Video | VideoInfo, /) -> Mapping[str, Any]:
        info: VideoInfo = info_of(x)
        return {"grid": [self.groups(info), *self.grid(info)]}

    def explain(self, x: Video | VideoInfo, /) -> list[str]:
        info: VideoInfo = info_of(x)
        rows, columns = self.grid(info)
        at_once = f", {self.window} frames at once" if self.window else ""
        return [
            f"{info.frames:,} frames{at_once}: {self.groups(info):,} groups, first a frame alone,"
            f" then {self.depth} together",
            f"{self.groups(info):,} x {rows} x {columns} codes of {self.patch} px ="
            f" {self.count(info):,} tokens",
        ]
