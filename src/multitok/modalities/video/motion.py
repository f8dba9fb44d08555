"""Movement seen in a video as tokens: where each part of the picture goes, and how fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, pi, sqrt
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from multitok.core.errors import DecodeError, MediaError
from multitok.core.info import VideoInfo, info_of
from multitok.core.parameters import AtLeast, AtMost, Positive
from multitok.core.tokenizer import Tokenizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Video
    from multitok.core.sequence import TokenSequence


Many = Annotated[int, AtLeast(1), AtMost(1_000)]
"""Cells of a side, speeds: a grid that is finer than the picture says nothing more."""


@dataclass(frozen=True, kw_only=True)
class MotionTokenizer(Tokenizer["Video", VideoInfo]):
    """One id a cell and step: the direction and speed in which a cell of the picture moves.

    Frames are taken every `stride` frames and their gray values compared by dense optical flow
    (OpenCV's DIS, medium preset,
    on a picture of at most `side` px). The flow is averaged over
    `rows` x `columns` cells, in cell sizes a step, and rounded to a codebook: id 0 is still, the
    others are one of `directions` (id order: right, then clockwise as seen) at one of `speeds`,
    spaced evenly on a logarithmic scale from `slowest` to `fastest` cell sizes; a faster cell is
    clipped and counted in `state["clipped"]`. Our own simple tokenizer, without weights and without
    a paper: it tells what moves where, not what it looks like. `flow(tokens)` gives the movement
    back, within `flow_bound`; a video cannot be rebuilt.

    >>> MotionTokenizer(rows=4, columns=4).count(VideoInfo(64, 64, frames=11, fps=10))
    160
    """

    rows: Many = 8
    columns: Many = 8
    stride: Positive = 1
    directions: Annotated[int, AtLeast(3), AtMost(1_000)] = 16
    speeds: Many = 8
    slowest: float = 0.02
    fastest: float = 2.0
    side: Annotated[int, AtLeast(32)] = 256

    name: ClassVar[str] = "motion"
    modality: ClassVar[str] = "video"
    idempotent: ClassVar[bool] = True
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"rows": 3, "columns": 5, "stride": 2, "directions": 8, "speeds": 4},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.slowest <= self.fastest:
            raise MediaError(
                f"slowest must be above 0 and at most fastest = {self.fastest:g},"
                f" got {self.slowest:g}"
            )

    @property
    def vocabulary(self) -> int:
        """Ids: still, and each direction at each speed."""
        return 1 + self.directions * self.speeds

    def steps(self, info: VideoInfo) -> int:
        """Pairs of frames that are compared."""
        return max(0, (info.frames - 1) // self.stride)

    def count(self, x: Video | VideoInfo, /) -> int:
        return self.steps(info_of(x)) * self.rows * self.columns

    def geometry(self, x: Video | VideoInfo, /) -> Mapping[str, Any]:
        return {
            "grid": [self.steps(info_of(x)), self.rows, self.columns],
            "vocabulary": self.vocabulary,
        }

    def explain(self, x: Video | VideoInfo, /) -> list[str]:
        info: VideoInfo = info_of(x)
        return [
            f"{self.steps(info):,} steps of {self.stride} of {info.frames:,} frames",
            f"{self.steps(info):,} x {self.rows} x {self.columns} cells ="
            f" {self.count(info):,} tokens, ids 0 to {self.vocabulary - 1}",
        ]

    def encode(self, media: Video, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        steps = self.steps(media.info)
        measured = self.measure(media.frames[:: self.stride][: steps + 1])
        ids = self.quantized(measured)
        fast = np.hypot(measured[..., 0], measured[..., 1]) > self._top()
        grid = [steps, self.rows, self.columns]
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(ids.size, np.bool_),
            ids=ids.ravel(),
            axes=("group", "row", "column"),
            positions=np.indices(grid, dtype=np.int32).reshape(3, -1).T.copy(),
            state={"grid": grid, "clipped": int(fast.sum())},
        )

    def quantized(self, moved: NDArray[np.float64]) -> NDArray[np.int64]:
        """The id of each movement (..., 2): the nearest direction at the nearest speed, or 0."""
        import numpy as np

        x, y = moved[..., 0], moved[..., 1]
        speed, angle = np.hypot(x, y), np.arctan2(y, x)
        direction = np.rint(angle / (2 * pi) * self.directions).astype(np.int64) % self.directions
        level = np.searchsorted(self._between(), speed)
        return np.where(level == 0, 0, 1 + direction + (level - 1) * self.directions)

    def measure(self, frames: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The mean flow of each cell from each frame to the next: (steps, rows, columns, 2), x to
        the right and y down, in cell sizes a step, before any rounding."""
        import cv2
        import numpy as np

        flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        moved = np.zeros((max(0, len(frames) - 1), self.rows, self.columns, 2))
        before: Any = None
        for i, frame in enumerate(frames):
            gray = self._small(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY))
            if before is not None:
                pixels = flow.calc(before, gray, None)
                cells = cv2.resize(
                    pixels, (self.columns, self.rows), interpolation=cv2.INTER_AREA
                ).reshape(self.rows, self.columns, 2)
                height, width = gray.shape
                moved[i - 1] = cells / (width / self.columns, height / self.rows)
            before = gray
        return moved

    def _small(self, gray: Any) -> Any:
        """At most `side` px long, and at least what the flow and the cells need."""
        import cv2

        height, width = gray.shape
        scale = min(1.0, self.side / max(height, width))
        least_wide, least_high = max(32, self.columns), max(32, self.rows)
        size = max(least_wide, round(width * scale)), max(least_high, round(height * scale))
        if size == (width, height):
            return gray
        shrinks = size[0] <= width and size[1] <= height
        return cv2.resize(gray, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)

    def levels(self) -> NDArray[np.float64]:
        """The speed of each level in cell sizes a step, the slowest first."""
        import numpy as np

        return np.geomspace(self.slowest, self.fastest, self.speeds)

    def _between(self) -> NDArray[np.float64]:
        """Speeds at which the next level begins: half the slowest, then the geometric middles."""
        import numpy as np

        levels = self.levels()
        return np.concatenate([[self.slowest / 2], np.sqrt(levels[1:] * levels[:-1])])

    def _top(self) -> float:
        """The fastest movement that still rounds to the fastest level."""
        return self.fastest * sqrt(self._ratio())

    def _ratio(self) -> float:
        """From one level to the next."""
        if self.speeds == 1:
            return 4.0
        ratio: float = (self.fastest / self.slowest) ** (1 / (self.speeds - 1))
        return ratio

    def flow(self, tokens: TokenSequence) -> NDArray[np.float64]:
        """The movement the ids stand for: (steps, rows, columns, 2), in cell sizes a step, x to the
        right and y down. DecodeError for an id that is none."""
        import numpy as np

        if tokens.ids is None:
            raise DecodeError("motion tokens hold ids, got a sequence without them")
        ids = tokens.ids.reshape(tokens.state["grid"])
        if ids.size and (ids.min() < 0 or ids.max() >= self.vocabulary):
            raise DecodeError(
                f"motion ids are 0 to {self.vocabulary - 1}, got {ids.min()} to {ids.max()}"
            )
        level, direction = np.divmod(ids - 1, self.directions)
        speed = np.where(ids == 0, 0.0, self.levels()[np.maximum(level, 0)])
        angle = direction * (2 * pi / self.directions)
        return np.stack([speed * np.cos(angle), speed * np.sin(angle)], axis=-1)

    def flow_bound(self, speed: float) -> float:
        """The largest distance of `flow` from `measure` for a cell of this speed, not clipped.

        Its own length for a still cell; else the third side of the triangle between the movement
        and its level: half a step of the circle off, and the root of a step's ratio too fast.

        >>> round(MotionTokenizer().flow_bound(1.0), 3)
        0.453
        """
        if speed <= self.slowest / 2:
            return speed
        widest = max(sqrt(self._ratio()), 2.0 if speed < self.slowest else 1.0)
        off = sqrt(1 + widest**2 - 2 * widest * cos(pi / self.directions))
        return speed * off
