"""Stretch to the tile grid closest in aspect, add an overview: InternVL, GOT, Aya, DeepSeek-OCR."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from multitok.core.info import ImageInfo, info_of
from multitok.core.parameters import Natural, Positive, Tiles
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.rule import EncodedPicture, Pair, Seen, tiled, uncut
from multitok.modalities.image.tilings import closest_by_area, closest_ratio, square
from multitok.modalities.image.words import Pieces, wrapped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class RatioTilesTokenizer(EncodedPicture):
    """`tokens` a tile of size x size, and an overview when the picture is cut.

    The grid of min_tiles..max_tiles closest in width / height is taken (see tilings.py) and the
    picture stretched to it; with `closest` "aspect-and-area" it counts too how much the tiles hold
    of it (Nemotron Nano VL 8B). A 1 x 1 grid, or a picture with no side over `tile_above`, is the
    overview alone. `tile_name` ("TILE_{}") and `overview_name` stand before each view. An overview
    of its own `overview_size` keeps the aspect on the gray level `background`.
    `inputs["pixel_values"]` is float32 (views, 3, size, size), the overview last; tiles stand in
    `pixel_values_local` where the overview has its own size. Decoding gives the stretched canvas
    exactly. Not idempotent: a prepared overview may be large enough to be cut.
    Source: transformers 5.23.0, image_processing_got_ocr2.py, image_processing_deepseek_ocr2.py;
    vllm, processors/nemotron_vl.py.

    >>> RatioTilesTokenizer(size=448, tokens=256).count(ImageInfo(1920, 1080))
    2304
    """

    size: Positive
    tokens: Positive
    min_tiles: Tiles = 1
    max_tiles: Tiles = 12
    overview_size: int | None = None
    overview_tokens: Natural | None = None
    tile_above: int = 0
    closest: Literal["aspect", "aspect-and-area"] = "aspect"
    extra: Natural = 0
    token: str = "<IMG_CONTEXT>"
    tile_name: str = ""
    overview_name: str = ""
    start: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    mean: px.Triple = px.CLIP_MEAN
    std: px.Triple = px.CLIP_STD
    resample: px.Resample = "bicubic"
    background: int = 127

    name: ClassVar[str] = "ratio-tiles"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 448, "tokens": 256, "start": ("<img>",), "end": ("</img>",)},
        {"size": 364, "tokens": 169, "tile_name": "TILE_{}", "overview_name": "TILE_GLOBAL"},
        {
            "size": 48, "tokens": 144, "min_tiles": 2, "max_tiles": 6, "overview_size": 64,
            "overview_tokens": 256, "tile_above": 48, "extra": 1,
        },
        {"size": 48, "tokens": 9, "closest": "aspect-and-area"},
    )  # fmt: skip

    def cut(self, info: ImageInfo) -> Pair:
        """Rows and columns of tiles; 0 x 0 where the picture is not cut."""
        width, height = info.width, info.height
        if width > self.tile_above or height > self.tile_above:
            closest = closest_by_area if self.closest == "aspect-and-area" else closest_ratio
            columns, rows = closest(width, height, self.size, self.min_tiles, self.max_tiles)
            if rows * columns > 1:
                return rows, columns
        return 0, 0

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.cut(x if type(x) is ImageInfo else info_of(x))
        each, others = self._amounts
        return rows * columns * each + others

    @cached_property
    def _amounts(self) -> Pair:
        """Tokens of a tile, and of all that is there once."""
        once = len(self.start) + len(self.end) + bool(self.overview_name)
        return self.tokens + bool(self.tile_name), self.whole() + self.extra + once

    def see(self, info: ImageInfo) -> Seen:
        (rows, columns), side = self.cut(info), self.overview_size or self.size
        if not rows:
            return uncut(side)
        return tiled(rows, columns, self.size, overview=(side, side))

    def whole(self) -> int:
        """Placeholders of the overview."""
        return self.tokens if self.overview_tokens is None else self.overview_tokens

    def pieces(self, seen: Seen) -> Pieces:
        tiles: list[tuple[str, int]] = []
        for n in range(1, seen.cut + 1):
            tiles += [(self.tile_name.format(n), 1)] if self.tile_name else []
            tiles.append((self.token, self.tokens))
        tiles += [(self.overview_name, 1)] if self.overview_name else []
        return wrapped(self.start, (*tiles, (self.token, self.whole() + self.extra)), self.end)

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        tiles, size = seen.cut, self.size
        found: dict[str, Any] = {
            "resized": seen.resized,
            "tiles": list(seen.tiles),
            "num_patches": [tiles + 1],
        }
        if self.overview_size is None:
            return {**found, "pixel_values_shape": [tiles + 1, 3, size, size]}
        if tiles:
            found["pixel_values_local_shape"] = [tiles, 3, size, size]
        overview = [1, 3, self.overview_size, self.overview_size]
        return {**found, "num_local_patches": [tiles], "pixel_values_shape": overview}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        side, tiles, (rows, columns) = self.overview_size or self.size, seen.cut, seen.tiles
        more = f" + {self.extra}" if self.extra else ""
        total = tiles * self.tokens + self.whole() + self.extra
        if not tiles:
            return [
                f"{info} is not cut: one view of {side} x {side}",
                f"{self.whole()}{more} = {total:,} tokens",
            ]
        wide, tall = seen.canvas
        return [
            f"{info} is closest to {columns} x {rows} tiles: stretched to {wide} x {tall}, and an"
            f" overview of {side} x {side}",
            f"{tiles:,} x {self.tokens:,} + {self.whole():,}{more} = {total:,} tokens",
        ]

    def overview(self, media: Image, canvas: NDArray[np.uint8], seen: Seen) -> NDArray[np.uint8]:
        if self.overview_size is None:
            return super().overview(media, canvas, seen)
        return self._framed(media, self.overview_size)

    def _framed(self, media: Image, side: int) -> NDArray[np.uint8]:
        by = side / max(media.info.width, media.info.height)
        width, height = (max(1, round(n * by)) for n in (media.info.width, media.info.height))
        pixels = px.resize(media.pixels, width, height, self.resample)
        return vw.pad(
            pixels, side, side, (side - width) // 2, (side - height) // 2, self.background
        )

    def prepare(self, media: Image, /) -> Image:
        """The stretched canvas, or the overview where the picture is not cut."""
        from multitok.core.media import Image

        if self.overview_size is None or self.seen(media).cut:
            return super().prepare(media)
        return Image(self._framed(media, self.overview_size))

    def places(self, seen: Seen) -> NDArray[np.int32]:
        import numpy as np

        tiles = [(n, *square(self.tokens)) for n in range(1, seen.cut + 1)]
        where = vw.places([*tiles, (0, *square(self.whole()))])
        return np.concatenate([where, np.full((self.extra, 3), -1, np.int32)])

    def inputs(self, media: Image, seen: Seen) -> dict[str, NDArray[Any]]:
        import numpy as np

        if self.overview_size is None:
            views = self.squares(media)
            return {
                "pixel_values": self.values(views),
                "num_patches": np.array([len(views)], np.int64),
            }
        *tiles, small = (view.pixels for view in self.views(media))
        return {
            "pixel_values": self.values(small[None]),
            **({"pixel_values_local": self.values(np.stack(tiles))} if tiles else {}),
            "num_local_patches": np.array([seen.cut], np.int64),
        }

    def holder(self, rows: int) -> str:
        return "pixel_values_local" if self.overview_size and rows else "pixel_values"
