"""The best of listed resolutions, padding removed again, and an overview: LLaVA-NeXT, OneVision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, sqrt
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo, info_of
from multitok.core.layout import Layout, tile_boxes
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.words import (
    Pieces,
    one_of,
    padded,
    parts,
    positive,
    refuse,
    scaled,
    verb,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Image
    from multitok.core.sequence import TokenSequence

Pinpoints = tuple[tuple[int, int], ...]


@lru_cache(maxsize=4096)
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
class AnyResTokenizer(Tokenizer["Image", ImageInfo]):
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

    size: int
    side: int
    pinpoints: Pinpoints
    max_tiles: int | None = None
    base_extra: int = 0
    token: str = "<image>"
    mean: px.Triple = px.CLIP_MEAN
    std: px.Triple = px.CLIP_STD
    resample: px.Resample = "bicubic"

    name: ClassVar[str] = "anyres"
    modality: ClassVar[str] = "image"
    idempotent: ClassVar[bool] = False
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 336, "side": 24, "pinpoints": ((336, 672), (672, 336), (672, 672))},
        {"size": 42, "side": 3, "pinpoints": ((42, 42), (42, 84), (84, 84)), "max_tiles": 2},
    )

    def __post_init__(self) -> None:
        positive(self, "size", "side", "max_tiles")
        one_of(self.resample, "resample", px.RESAMPLES)
        if not self.pinpoints:
            raise MediaError("pinpoints must list at least one (height, width), got none")
        for tall, wide in self.pinpoints:
            if tall < self.size or wide < self.size or tall % self.size or wide % self.size:
                raise MediaError(
                    f"pinpoints must be multiples of size={self.size}, got ({tall}, {wide})"
                )

    def tiles(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of tiles."""
        tall, wide = best_resolution(info.width, info.height, self.pinpoints)
        if not tall:
            raise refuse(info, "scaled into every resolution, a side is 0 px")
        return tall // self.size, wide // self.size

    def cells(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of cells after the padding is taken off."""
        tiles = self.tiles(info)
        rows, columns = tiles[0] * self.side, tiles[1] * self.side
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

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.cells(x if type(x) is ImageInfo else info_of(x))
        return rows * columns + rows + self.side * self.side + self.base_extra

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order: one name for cells and newlines alike."""
        return ((self.token, self.count(x)),)

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def resized(self, info: ImageInfo) -> tuple[int, int]:
        """Width and height of the picture inside its resolution, before padding."""
        rows, columns = self.tiles(info)
        wide, tall = columns * self.size, rows * self.size
        by_width, by_height = wide / info.width, tall / info.height
        if by_width < by_height:
            return wide, min(ceil(info.height * by_width), tall)
        return min(ceil(info.width * by_height), wide), tall

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        info: ImageInfo = info_of(x)
        rows, columns = self.tiles(info)
        width, height = self.resized(info)
        return {
            "resized": [height, width],
            "tiles": [rows, columns],
            "grid": list(self.cells(info)),
            "image_sizes": [[info.height, info.width]],
            "pixel_values_shape": [1, rows * columns + 1, 3, self.size, self.size],
        }

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        info: ImageInfo = info_of(x)
        rows, columns = self.tiles(info)
        canvas = columns * self.size, rows * self.size
        width, height = self.resized(info)
        left, top = (canvas[0] - width) // 2, (canvas[1] - height) // 2
        return Layout(
            canvas,
            (left, top, left + width, top + height),
            tiles=tile_boxes(*canvas, rows, columns),
            thumbnail=(self.size, self.size),
        )

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        tiles, (rows, columns) = self.tiles(info), self.cells(info)
        base = self.side**2 + self.base_extra
        return [
            f"{info} into {tiles[1] * self.size} x {tiles[0] * self.size}:"
            f" {verb(info, *self.resized(info))}, {tiles[0]} x {tiles[1]} tiles",
            f"{rows} x {columns} cells without the padding + {rows} row ends + {base} for the"
            f" overview = {self.count(info)} tokens",
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        return [*scaled(info_of(x), *self.resized(info_of(x))), *padded(self.layout(x))]

    def prepare(self, media: Image, /) -> Image:
        """The canvas of the tiles, padding included."""
        from multitok.core.media import Image

        rows, columns = self.tiles(media.info)
        width, height = self.resized(media.info)
        wide, tall = columns * self.size, rows * self.size
        pixels = px.resize(media.pixels, width, height, self.resample)
        return Image(vw.pad(pixels, wide, tall, (wide - width) // 2, (tall - height) // 2, 0))

    def _views(self, media: Image) -> NDArray[np.uint8]:
        import numpy as np

        overview = px.resize(media.pixels, self.size, self.size, self.resample)[None]
        tiles = vw.cut(self.prepare(media).pixels, *self.tiles(media.info))
        return np.concatenate([overview, tiles])

    def views(self, media: Image, /) -> Sequence[Image]:
        from multitok.core.media import Image

        return [Image(view) for view in self._views(media)]

    def encode(self, media: Image, /) -> TokenSequence:
        import numpy as np

        info, (rows, columns) = media.info, self.cells(media.info)
        grid = np.full((rows, columns + 1, 3), -1, np.int32)  # a newline ends each row
        grid[:, :-1] = vw.places([(1, rows, columns)]).reshape(rows, columns, 3)
        base = vw.places([(0, self.side, self.side)])
        kept = np.full((self.base_extra, 3), -1, np.int32)
        return vw.sequence(
            self.config(),
            info,
            self.expansion(media),
            self.token,
            ("view", "row", "column"),
            np.concatenate([kept, base, grid.reshape(-1, 3)]),
            {
                "pixel_values": vw.values(self._views(media), self.mean, self.std)[None],
                "image_sizes": np.array([[info.height, info.width]], np.int64),
            },
            {"tiles": list(self.tiles(info))},
        )

    def decode(self, tokens: TokenSequence, /) -> Image:
        """The padded canvas, exactly."""
        from multitok.core.media import Image

        rows, columns = tokens.state["tiles"]
        views = vw.levels(tokens.inputs, "pixel_values", self.mean, self.std, self.name)
        return Image(vw.join(views[1:], rows, columns))
