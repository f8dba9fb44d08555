"""Tiles joined by separators, row by row, then an overview: Llama 4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.layout import Layout, tile_boxes
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.tilings import by_factors, single, square
from multitok.modalities.image.words import (
    Pieces,
    one_of,
    padded,
    parts,
    positive,
    scaled,
    specials,
    verb,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Image
    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class SeparatedTilesTokenizer(Tokenizer["Image", ImageInfo]):
    """(size / patch)^2 * ratio^2 tokens a tile, and an overview where there is more than one.

    The canvas of max_tiles..1 tiles that enlarges least, else shrinks least; of equal ones that
    with fewest tiles, then the first in order of ratios. The picture keeps its aspect, is enlarged
    to one tile a side at most and padded right and bottom with black. Scales are float32 as in the
    reference. `inputs["pixel_values"]` is float32 (views, 3, size, size), the overview last.
    Decoding gives the padded canvas exactly. Not idempotent: the padding becomes picture.
    Source: transformers 5.23.0, image_processing_llama4.py, processing_llama4.py.

    >>> SeparatedTilesTokenizer().count(ImageInfo(1920, 1080))
    2322
    """

    size: int = 336
    patch: int = 14
    shuffle: int = 2
    max_tiles: int = 16
    token: str = "<|patch|>"
    start: str = "<|image_start|>"
    between: str = "<|tile_x_separator|>"
    row_end: str = "<|tile_y_separator|>"
    overview_name: str = "<|image|>"
    end: str = "<|image_end|>"
    mean: px.Triple = px.HALF
    std: px.Triple = px.HALF
    resample: px.Resample = "bilinear"

    name: ClassVar[str] = "separated-tiles"
    modality: ClassVar[str] = "image"
    idempotent: ClassVar[bool] = False
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"size": 28, "max_tiles": 6})

    def __post_init__(self) -> None:
        positive(self, "size", "patch", "shuffle", "max_tiles")
        one_of(self.resample, "resample", px.RESAMPLES)

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of tiles."""
        grids, size = by_factors(self.max_tiles), self.size
        width, height = single([info.width, info.height])
        scales = single([min(r * size / height, c * size / width) for r, c in grids])
        enlarging = [scale for scale in scales if scale >= 1]
        chosen = min(enlarging) if enlarging else max(scales)
        same = [grid for grid, scale in zip(grids, scales, strict=True) if scale == chosen]
        return min(same, key=lambda grid: grid[0] * grid[1])

    def tokens(self) -> int:
        """Tokens of one tile."""
        return (self.size // self.patch) ** 2 // self.shuffle**2

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.grid(x if type(x) is ImageInfo else info_of(x))
        tiles = rows * columns
        return self.tokens() * (tiles + 1) + 3 + tiles if tiles > 1 else self.tokens() + 3

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order."""
        rows, columns = self.grid(info_of(x))
        tile = (self.token, self.tokens())
        row = ((tile, (self.between, 1)) * columns)[:-1]
        tiled = (*row, (self.row_end, 1)) * rows if rows * columns > 1 else ()
        return ((self.start, 1), *tiled, (self.overview_name, 1), tile, (self.end, 1))

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def resized(self, info: ImageInfo) -> tuple[int, int]:
        """Width and height of the picture on its canvas."""
        rows, columns = self.grid(info)
        wide = min(max(info.width, self.size), columns * self.size)
        tall = min(max(info.height, self.size), rows * self.size)
        by_width, by_height = wide / info.width, tall / info.height
        if by_width < by_height:
            return wide, max(1, min(floor(info.height * by_width), tall))
        return max(1, min(floor(info.width * by_height), wide)), tall

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        width, height = self.resized(info)
        views = rows * columns + 1 if rows * columns > 1 else 1
        return {
            "resized": [height, width],
            "aspect_ratios": [[rows, columns]],
            "num_patches": [views],
            "pixel_values_shape": [views, 3, self.size, self.size],
        }

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        canvas = columns * self.size, rows * self.size
        picture = (0, 0, *self.resized(info))
        if rows * columns == 1:
            side = self.size // self.patch // self.shuffle
            return Layout(canvas, picture, side, side)
        boxes = tile_boxes(*canvas, rows, columns)
        return Layout(canvas, picture, tiles=boxes, thumbnail=(self.size, self.size))

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        n = rows * columns
        views = n + 1 if n > 1 else 1
        overview = " and an overview" if n > 1 else ""
        return [
            f"{info} on {columns} x {rows} tiles of {self.size} px{overview}:"
            f" {verb(info, *self.resized(info))} and padded",
            f"{views} x {self.tokens()} = {views * self.tokens()} tokens",
            *specials(self.expansion(info), self.token),
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        return [*scaled(info_of(x), *self.resized(info_of(x))), *padded(self.layout(x))]

    def prepare(self, media: Image, /) -> Image:
        """The canvas of the tiles, padding included."""
        from multitok.core.media import Image

        rows, columns = self.grid(media.info)
        pixels = px.resize(media.pixels, *self.resized(media.info), self.resample)
        return Image(vw.pad(pixels, columns * self.size, rows * self.size, 0, 0, 0))

    def _views(self, media: Image) -> NDArray[np.uint8]:
        import numpy as np

        rows, columns = self.grid(media.info)
        tiles = vw.cut(self.prepare(media).pixels, rows, columns)
        if rows * columns == 1:
            return tiles
        overview = px.resize(media.pixels, self.size, self.size, self.resample)
        return np.concatenate([tiles, overview[None]])

    def views(self, media: Image, /) -> Sequence[Image]:
        from multitok.core.media import Image

        return [Image(view) for view in self._views(media)]

    def encode(self, media: Image, /) -> TokenSequence:
        import numpy as np

        rows, columns = self.grid(media.info)
        tiles = rows * columns if rows * columns > 1 else 0
        cells = square(self.tokens())
        return vw.sequence(
            self.config(),
            media.info,
            self.expansion(media),
            self.token,
            ("view", "row", "column"),
            vw.places([(view, *cells) for view in [*range(1, tiles + 1), 0]]),
            {
                "pixel_values": vw.values(self._views(media), self.mean, self.std),
                "aspect_ratios": np.array([[rows, columns]], np.int64),
            },
            {"grid": [tiles + 1, *cells], "tiles": [rows, columns]},
        )

    def decode(self, tokens: TokenSequence, /) -> Image:
        """The padded canvas, exactly."""
        from multitok.core.media import Image

        rows, columns = tokens.state["tiles"]
        views = vw.levels(tokens.inputs, "pixel_values", self.mean, self.std, self.name)
        return Image(vw.join(views[: rows * columns], rows, columns))
