"""The best of listed resolutions, padding removed again, and an overview: LLaVA-NeXT, OneVision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo
from multitok.core.parameters import Natural, Positive, Tiles
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.rule import EncodedPicture, Pair, Seen
from multitok.modalities.image.tilings import within
from multitok.modalities.image.words import Pieces, refuse, verb

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Image

Pinpoints = tuple[tuple[int, int], ...]


def best_resolution(width: int, height: int, pinpoints: Pinpoints) -> tuple[int, int]:
    """The (height, width) that keeps most of the picture, then wastes least, then comes first.

    >>> best_resolution(640, 480, ((336, 672), (672, 336), (672, 672)))
    (672, 672)
    """
    best, kept, wasted = (0, 0), 0, float("inf")
    area = width * height
    for tall, wide in pinpoints:
        by = min(wide / width, tall / height)
        effective = min(int(width * by) * int(height * by), area)
        waste = tall * wide - effective
        if effective > kept or (effective == kept and waste < wasted):
            best, kept, wasted = (tall, wide), effective, waste
    return best


@dataclass(frozen=True, kw_only=True)
class AnyResTokenizer(EncodedPicture):
    """Cells of the picture without its padding, a newline for each row of them, and an overview.

    `pinpoints` are (height, width) in the order of the config, each a multiple of `size`; a tile
    has side x side cells. Padding is taken off in pairs of rows, so an odd one keeps a row. With
    `max_tiles` (OneVision's anyres_max) a grid of more than 1.1 times that many tiles is shrunk.
    `base_extra` are tokens beside the overview's cells (a class token that is kept).
    `inputs["pixel_values"]` is float32 (1, views, 3, size, size): the overview, then the tiles of
    the picture in the middle of a black canvas. Cells of view 1 are the whole canvas's. Decoding
    gives the canvas exactly. Not idempotent: padding becomes picture. Arithmetic is float64.
    Source: transformers 5.23.0, processing_llava_next.py, processing_llava_onevision.py.

    >>> AnyResTokenizer(size=336, side=24, pinpoints=((336, 672), (672, 336), (672, 672),
    ...     (1008, 336), (336, 1008))).count(ImageInfo(1920, 1080))
    1948
    """

    size: Positive
    side: Positive
    pinpoints: Pinpoints
    max_tiles: Tiles | None = None
    base_extra: Natural = 0
    token: str = "<image>"
    mean: px.Triple = px.CLIP_MEAN
    std: px.Triple = px.CLIP_STD
    resample: px.Resample = "bicubic"

    name: ClassVar[str] = "anyres"
    overview_first: ClassVar[bool] = True
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 336, "side": 24, "pinpoints": ((336, 672), (672, 336), (672, 672))},
        {"size": 42, "side": 3, "pinpoints": ((42, 42), (42, 84), (84, 84)), "max_tiles": 2},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.pinpoints:
            raise MediaError("pinpoints must list at least one (height, width), got none")
        for tall, wide in self.pinpoints:
            if tall < self.size or wide < self.size or tall % self.size or wide % self.size:
                raise MediaError(
                    f"pinpoints must be multiples of size={self.size}, got ({tall}, {wide})"
                )

    def see(self, info: ImageInfo) -> Seen:
        tall, wide = best_resolution(info.width, info.height, self.pinpoints)
        if not tall:
            raise refuse(info, "scaled into every resolution, a side is 0 px")
        width, height = within(info.width, info.height, wide, tall, ceil)
        return Seen(
            (width, height),
            (wide, tall),
            ((wide - width) // 2, (tall - height) // 2),
            tiles=(tall // self.size, wide // self.size),
            overview=(self.size, self.size),
            kept=self._cells(info, tall // self.size, wide // self.size),
        )

    def _cells(self, info: ImageInfo, tall: int, wide: int) -> Pair:
        """Rows and columns of cells after the padding is taken off."""
        rows, columns = tall * self.side, wide * self.side
        width, height = info.width, info.height
        if width / height > columns / rows:
            rows -= (rows - int(round(height * (columns / width), 7))) // 2 * 2
        else:
            columns -= (columns - int(round(width * (rows / height), 7))) // 2 * 2
        if self.max_tiles is not None:
            over = sqrt(rows * columns / (self.max_tiles * self.side**2))
            if over > 1.1:
                return int(rows // over), int(columns // over)
        return rows, columns

    def pieces(self, seen: Seen) -> Pieces:
        """One name for cells and newlines alike."""
        rows, columns = seen.kept
        return ((self.token, rows * columns + rows + self.side**2 + self.base_extra),)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        return {
            "resized": seen.size,
            "tiles": list(seen.tiles),
            "grid": list(seen.kept),
            "image_sizes": [[info.height, info.width]],
            "pixel_values_shape": [1, seen.cut + 1, 3, self.size, self.size],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        (wide, tall), (rows, columns) = seen.canvas, seen.kept
        base = self.side**2 + self.base_extra
        return [
            f"{info} into {wide} x {tall}: {verb(info, *seen.picture)},"
            f" {seen.tiles[0]} x {seen.tiles[1]} tiles",
            f"{rows} x {columns} cells without the padding + {rows} row ends + {base} for the"
            f" overview = {rows * columns + rows + base:,} tokens",
        ]

    def places(self, seen: Seen) -> NDArray[np.int32]:
        import numpy as np

        rows, columns = seen.kept
        grid = np.full((rows, columns + 1, 3), -1, np.int32)  # a newline ends each row
        grid[:, :-1] = vw.places([(1, rows, columns)]).reshape(rows, columns, 3)
        base = vw.places([(0, self.side, self.side)])
        return np.concatenate(
            [np.full((self.base_extra, 3), -1, np.int32), base, grid.reshape(-1, 3)]
        )

    def inputs(self, media: Image, seen: Seen) -> dict[str, NDArray[Any]]:
        import numpy as np

        return {
            "pixel_values": self.values(self.squares(media))[None],
            "image_sizes": np.array([[media.info.height, media.info.width]], np.int64),
        }
