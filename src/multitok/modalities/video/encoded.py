"""From sampled frames to tokens: what every rule shares whose encoder's input is published.

A rule says how a frame is resized (`resized`), how resized frames are packed as the reference feeds
its encoder (`packed`) and how they come out again (`unpacked`). Encoding of a clip, held whole
or streamed, the prepared clip and decoding follow.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isqrt
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import DecodeError, MediaError
from multitok.core.info import VideoInfo
from multitok.core.parameters import refuse_vast
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.image import antialias, pixels as px
from multitok.modalities.video.plan import Plan, SampledVideo, sampled_rate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Video
    from multitok.core.sequence import TokenSequence


MOST_REPEATED = 4_096
"""Frames that a shorter clip is filled up to by repeating its own: published are 768 at most."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What the encoder is fed, under the reference's names, and what decoding needs beside it.

    values   a row for each cell of the grid, in order, where one patch is one token
    """

    inputs: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    values: NDArray[np.float32] | None = None
    state: Mapping[str, Any] = field(default_factory=dict)


class EncodedVideo(SampledVideo, Tokenizer["Video", VideoInfo]):
    """A sampled video whose tokens can be made. Decoding gives the resized frames back exactly:
    256 gray levels survive the normalization."""

    resample: ClassVar[px.Resample] = "bicubic"
    lenient: ClassVar[tuple[str, ...]] = ("vocabulary",)  # it cuts the text, not the frames
    idempotent: ClassVar[bool] = False  # a clip sampled once is sampled again by its new rate

    @abstractmethod
    def packed(self, frames: Iterator[NDArray[np.uint8]], plan: Plan) -> Packed:
        """Resized frames, (height, width, 3) bytes each, as the encoder is fed them."""

    @abstractmethod
    def unpacked(self, tokens: TokenSequence, /) -> NDArray[np.uint8]:
        """The inverse of `packed`: (frames, height, width, 3) bytes."""

    def resized(self, pixels: NDArray[np.uint8], plan: Plan) -> NDArray[np.uint8]:
        """A frame of the clip as the encoder sees it, (*plan.seen, 3) bytes."""
        height, width = plan.resized
        return antialias.resize(pixels, width, height, self.resample)

    def as_seen(self, pixels: NDArray[np.uint8], info: VideoInfo) -> NDArray[np.uint8]:
        """One frame of such a clip as the model sees it, for a picture of it."""
        return self.resized(pixels, self.plan(info))

    def prepare(self, media: Video, /) -> Video:
        """The sampled frames as the model sees them; no sound. Where one is repeated, twice."""
        import numpy as np

        from multitok.core.media import Video

        plan = self.plan(media)
        frames = np.stack([self.resized(media.frames[i], plan) for i in plan.indices])
        times = media.timestamps[list(plan.indices)]
        return Video(frames, times, *sampled_rate(media.info, len(plan.indices)))

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

        from multitok.core.sequence import TokenSequence

        plan = self.plan(info)
        tokens = self.count(info)
        for size in (plan.resized, plan.seen):
            refuse_vast(self.name, (info.height, info.width), size, tokens)
        if (many := len(plan.indices)) > max(MOST_REPEATED, 2 * info.frames):
            raise MediaError(
                f"{self.name} would make {many:,} frames of {info.frames:,}; by repeating them at"
                f" most {MOST_REPEATED:,} are made: lower num_frames or fps (a count takes it)"
            )
        times: list[float] = []
        packed = self.packed(self._resizing(frames, plan, times), plan)
        positions = _places(plan)
        special = positions[:, 0] < 0
        values = packed.values
        if values is not None and len(values) < len(special):
            values = np.zeros((len(special), values.shape[1]), np.float32)
            values[~special] = packed.values
        fps, duration = sampled_rate(info, len(times))
        clip = {"timestamps": np.array(times), "fps": fps, "duration": duration}
        return TokenSequence(
            tokenizer=self.config(),
            info=info,
            special=special,
            values=values,
            inputs=packed.inputs,
            axes=("group", "row", "column"),
            positions=positions,
            expansion=plan.expansion(self.placeholder),
            state={"grid": [plan.groups, *plan.grid], **clip, **packed.state},
        )

    def _resizing(
        self,
        frames: Iterable[tuple[float, NDArray[np.uint8]]],
        plan: Plan,
        times: list[float],
    ) -> Iterator[NDArray[np.uint8]]:
        """Frames resized one by one, their times noted; more or fewer than were planned are refused
        here, before a `packed` reads rows that no frame has filled."""
        planned = len(plan.indices)
        for time, pixels in frames:
            if len(times) == planned:
                raise MediaError(f"{planned} frames were planned and more came")
            times.append(time)
            yield self.resized(pixels, plan)
        if len(times) < planned:
            raise MediaError(f"{planned} frames were planned and {len(times)} came")

    def decode(self, tokens: TokenSequence, /) -> Video:
        """The prepared frames, exactly."""
        import numpy as np

        from multitok.core.media import Video

        state = tokens.state
        frames = self.unpacked(tokens)
        return Video(frames, np.asarray(state["timestamps"]), state["fps"], state["duration"])

    def input(self, tokens: TokenSequence, name: str) -> NDArray[Any]:
        """One of the encoder's inputs; DecodeError where the sequence has none of that name."""
        found = tokens.inputs.get(name)
        if found is None:
            raise DecodeError(f"{self.name} tokens hold {name}, got none")
        return found

    def rows(self, tokens: TokenSequence) -> NDArray[np.float32]:
        """The values of the cells, in order, without those of the special tokens."""
        if tokens.values is None:
            raise DecodeError(f"{self.name} tokens hold values, got a sequence without them")
        content: NDArray[np.float32] = tokens.values[~tokens.special]
        return content


def gathered(frames: Iterator[NDArray[np.uint8]], plan: Plan) -> NDArray[np.uint8]:
    """All resized frames in one array, (frames, height, width, 3)."""
    import numpy as np

    whole = np.empty((len(plan.indices), *plan.seen, 3), np.uint8)
    for number, frame in enumerate(frames):
        whole[number] = frame
    return whole


def centered(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """The middle (height, width) of a frame; where it is smaller, a black edge stays around it."""
    import numpy as np

    (height, width), (rows, columns) = size, pixels.shape[:2]
    top, left = max(rows - height, 0) // 2, max(columns - width, 0) // 2
    part = pixels[top : top + height, left : left + width]
    if part.shape[:2] == size:
        return part
    down, right = (height - part.shape[0]) // 2, (width - part.shape[1]) // 2
    out = np.zeros((height, width, 3), np.uint8)
    out[down : down + part.shape[0], right : right + part.shape[1]] = part
    return out


def unpatched(patches: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """(frames, patches, pixels, 3), patches in reading order, to (frames, height, width, 3)."""
    side = isqrt(patches.shape[2])
    rows, columns = height // side, width // side
    blocks = patches.reshape(-1, rows, columns, side, side, 3)
    return blocks.transpose(0, 1, 3, 2, 4, 5).reshape(-1, height, width, 3)


def _places(plan: Plan) -> NDArray[np.int32]:
    """(group, row, column) of every token; -1 for one that stands for no part of the picture."""
    import numpy as np

    runs = list(plan.runs(""))
    cells = np.repeat([is_cell for *_, is_cell in runs], [times for _, times, _ in runs])
    places = np.full((len(cells), 3), -1, np.int32)
    places[cells] = np.indices((plan.groups, *plan.grid), np.int32).reshape(3, -1).T
    return places
