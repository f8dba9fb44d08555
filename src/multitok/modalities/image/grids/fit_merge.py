"""Between two pixel limits, cut into patches, merge blocks of patches into tokens: Qwen-VL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import DecodeError, MediaError
from multitok.core.info import ImageInfo, info_of
from multitok.core.parameters import Positive, Repeats
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.limits import LIMITS, Small
from multitok.modalities.image.rule import EncodedPicture, Pair, Seen, cells
from multitok.modalities.image.words import Pieces, verb, wrapped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Image
    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class FitMergeTokenizer(EncodedPicture):
    """Resize to a multiple of patch x merge within the pixel limits; merge x merge patches a token.

    Serves Qwen2-VL to Qwen3-VL, GLM-4.xV, ERNIE-4.5-VL, VideoLLaMA 3 (merge 1), MiniMax-M3.
    `small` says what happens to a side under one factor (see limits.py), `frames` how many copies
    of the picture share the limits (GLM counts 2), `temporal` how many stand in each patch row.
    `inputs["pixel_values"]` is float32 (patches, 3 * temporal * patch * patch) in the reference's
    order: merge block by merge block, inside a patch (channel, copy, row, column).
    MediaError above the aspect limit. Decoding is exact. Not idempotent: a picture near the aspect
    limit can be resized past it, and is then refused.
    Source: transformers 5.23.0, image_processing_qwen2_vl.py, image_processing_glm4v.py.

    >>> FitMergeTokenizer(max_pixels=12845056).count(ImageInfo(1920, 1080))
    2691
    """

    patch: Positive = 14
    merge: Positive = 2
    min_pixels: Positive = 56 * 56
    max_pixels: int = 28 * 28 * 1280
    small: Small = "fit"
    frames: Positive = 1
    temporal: Repeats = 2
    aspect_limit: Positive = 200
    token: str = "<|image_pad|>"
    start: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    mean: px.Triple = px.CLIP_MEAN
    std: px.Triple = px.CLIP_STD
    resample: px.Resample = "bicubic"

    name: ClassVar[str] = "fit-merge"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"patch": 16, "min_pixels": 65536, "start": ("<|vision_start|>",)},
        {"small": "enlarge", "frames": 2, "min_pixels": 12544, "resample": "area"},
        {"merge": 1, "temporal": 1, "small": "clamp", "end": ("</img>",)},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.max_pixels < self.min_pixels:
            raise MediaError(
                f"max_pixels must be at least min_pixels={self.min_pixels}, got {self.max_pixels!r}"
            )

    def size(self, info: ImageInfo) -> Pair:
        """Width and height of the picture the model sees."""
        return LIMITS[self.small](
            info.width,
            info.height,
            self.patch * self.merge,
            self.min_pixels,
            self.max_pixels,
            self.frames,
            self.aspect_limit,
        )

    def count(self, x: Image | ImageInfo, /) -> int:
        info = x if type(x) is ImageInfo else info_of(x)
        cell = self.patch * self.merge
        width, height = LIMITS[self.small](
            info.width,
            info.height,
            cell,
            self.min_pixels,
            self.max_pixels,
            self.frames,
            self.aspect_limit,
        )
        return (width // cell) * (height // cell) + len(self.start) + len(self.end)

    def see(self, info: ImageInfo) -> Seen:
        width, height = self.size(info)
        cell = self.patch * self.merge
        return cells(height // cell, width // cell, cell)

    def pieces(self, seen: Seen) -> Pieces:
        rows, columns = seen.grid
        return wrapped(self.start, ((self.token, rows * columns),), self.end)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        """`grid` and `image_grid_thw` count patches (copies, rows, columns), not tokens."""
        rows, columns = seen.grid[0] * self.merge, seen.grid[1] * self.merge
        return {
            "resized": seen.resized,
            "grid": [1, rows, columns],
            "image_grid_thw": [[1, rows, columns]],
            "patches": rows * columns,
            "pixel_values_shape": [rows * columns, 3 * self.temporal * self.patch**2],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = seen.grid
        low, high = self.min_pixels // self.frames, self.max_pixels // self.frames
        return [
            f"{info} within {low:,} to {high:,} px: {verb(info, *seen.picture)}",
            f"{rows} x {columns} cells of {self.patch * self.merge} px = {rows * columns:,} tokens",
        ]

    def places(self, seen: Seen) -> NDArray[np.int32]:
        return vw.places([(0, *seen.grid)])[:, 1:]

    def inputs(self, media: Image, seen: Seen) -> dict[str, NDArray[Any]]:
        import numpy as np

        patch, merge, copies = self.patch, self.merge, self.temporal
        rows, columns = seen.grid
        # (rows, merge, patch, columns, merge, patch, 3) -> a row of bytes per patch and channel
        blocks = self.prepare(media).pixels.reshape(rows, merge, patch, columns, merge, patch, 3)
        flat = blocks.transpose(0, 3, 1, 4, 6, 2, 5).reshape(-1, 3, 1, patch * patch)
        values = px.normalize(flat, self.mean, self.std, axis=1)
        if copies > 1:
            values = np.broadcast_to(values, (len(values), 3, copies, patch * patch))
        return {
            "pixel_values": values.reshape(-1, 3 * copies * patch * patch),
            "image_grid_thw": np.array([[1, rows * merge, columns * merge]], np.int64),
        }

    def state(self, seen: Seen) -> dict[str, Any]:
        return {"grid": list(seen.grid)}

    def decode(self, tokens: TokenSequence, /) -> Image:
        """The prepared picture, exactly."""
        from multitok.core.media import Image

        patch, merge = self.patch, self.merge
        values = tokens.inputs.get("pixel_values")
        if values is None:
            raise DecodeError("fit-merge tokens hold inputs['pixel_values'], got none")
        rows, columns = tokens.state["grid"]
        first = values.reshape(-1, 3, self.temporal, patch * patch)[:, :, 0]
        flat = px.gray_levels(first, self.mean, self.std, axis=1)
        blocks = flat.reshape(rows, columns, merge, merge, 3, patch, patch)
        pixels = blocks.transpose(0, 2, 5, 1, 3, 6, 4)
        return Image(pixels.reshape(rows * merge * patch, columns * merge * patch, 3))
