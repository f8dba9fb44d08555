"""Stretch to the tile grid closest in aspect, add an overview: InternVL, GOT, Aya, DeepSeek-OCR."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.layout import Layout, tile_boxes
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.tilings import closest_ratio, square
from multitok.modalities.image.words import (
    Pieces,
    one_of,
    parts,
    positive,
    scaled,
    specials,
    wrapped,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Image
    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class RatioTilesTokenizer(Tokenizer["Image", ImageInfo]):
    """`tokens` a tile of size x size, and an overview when the picture is cut.

    The grid of min_tiles..max_tiles closest in width / height is taken (see tilings.py) and the
    picture stretched to it. A 1 x 1 grid, or a picture with no side over `tile_above`, is the
    overview alone. `tile_name` ("TILE_{}") and `overview_name` stand before each view. An overview
    of its own `overview_size` keeps the aspect on the gray level `background`.
    `inputs["pixel_values"]` is float32 (views, 3, size, size), the overview last; tiles stand in
    `pixel_values_local` where the overview has its own size. Decoding gives the stretched canvas
    exactly. Not idempotent: a prepared overview may be large enough to be cut.
    Source: transformers 5.23.0, image_processing_got_ocr2.py, image_processing_deepseek_ocr2.py.

    >>> RatioTilesTokenizer(size=448, tokens=256).count(ImageInfo(1920, 1080))
    2304
    """

    size: int
    tokens: int
    min_tiles: int = 1
    max_tiles: int = 12
    overview_size: int | None = None
    overview_tokens: int | None = None
    tile_above: int = 0
    extra: int = 0
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
    modality: ClassVar[str] = "image"
    idempotent: ClassVar[bool] = False
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 448, "tokens": 256, "start": ("<img>",), "end": ("</img>",)},
        {"size": 364, "tokens": 169, "tile_name": "TILE_{}", "overview_name": "TILE_GLOBAL"},
        {
            "size": 48,
            "tokens": 144,
            "min_tiles": 2,
            "max_tiles": 6,
            "overview_size": 64,
            "overview_tokens": 256,
            "tile_above": 48,
            "extra": 1,
        },
    )

    def __post_init__(self) -> None:
        positive(self, "size", "tokens", "min_tiles", "max_tiles")
        one_of(self.resample, "resample", px.RESAMPLES)

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of tiles; 0, 0 when the picture is not cut."""
        width, height = info.width, info.height
        if width <= self.tile_above and height <= self.tile_above:
            return 0, 0
        columns, rows = closest_ratio(width, height, self.size, self.min_tiles, self.max_tiles)
        return (rows, columns) if rows * columns > 1 else (0, 0)

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.grid(x if type(x) is ImageInfo else info_of(x))
        tiles = rows * columns
        overview = self.tokens if self.overview_tokens is None else self.overview_tokens
        total = tiles * self.tokens + overview + self.extra + len(self.start) + len(self.end)
        return total + (tiles if self.tile_name else 0) + (1 if self.overview_name else 0)

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order."""
        rows, columns = self.grid(info_of(x))
        overview = self.tokens if self.overview_tokens is None else self.overview_tokens
        pieces: list[tuple[str, int]] = []
        for n in range(1, rows * columns + 1):
            if self.tile_name:
                pieces.append((self.tile_name.format(n), 1))
            pieces.append((self.token, self.tokens))
        if self.overview_name:
            pieces.append((self.overview_name, 1))
        pieces.append((self.token, overview + self.extra))
        return wrapped(self.start, tuple(pieces), self.end)

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        rows, columns = self.grid(info_of(x))
        tiles, size = rows * columns, self.size
        side = self.overview_size or size
        found: dict[str, Any] = {
            "resized": [rows * size, columns * size] if rows else [side, side],
            "tiles": [rows, columns],
            "num_patches": [tiles + 1],
        }
        if self.overview_size is None:
            return {**found, "pixel_values_shape": [tiles + 1, 3, size, size]}
        if tiles:
            found["pixel_values_local_shape"] = [tiles, 3, size, size]
        overview = [1, 3, self.overview_size, self.overview_size]
        return {**found, "num_local_patches": [tiles], "pixel_values_shape": overview}

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        rows, columns = self.grid(info_of(x))
        side = self.overview_size or self.size
        if not rows:
            return Layout((side, side), (0, 0, side, side))
        canvas = columns * self.size, rows * self.size
        boxes = tile_boxes(*canvas, rows, columns)
        return Layout(canvas, (0, 0, *canvas), tiles=boxes, thumbnail=(side, side))

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        side, tiles = self.overview_size or self.size, rows * columns
        overview = self.tokens if self.overview_tokens is None else self.overview_tokens
        total = tiles * self.tokens + overview + self.extra
        more = f" + {self.extra}" if self.extra else ""
        if not tiles:
            return [
                f"{info} is not cut: one view of {side} x {side}",
                f"{overview}{more} = {total} tokens",
                *specials(self.expansion(info), self.token),
            ]
        return [
            f"{info} is closest to {columns} x {rows} tiles: stretched to"
            f" {columns * self.size} x {rows * self.size}, and an overview of {side} x {side}",
            f"{tiles} x {self.tokens} + {overview}{more} = {total} tokens",
            *specials(self.expansion(info), self.token),
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        rows, columns = self.grid(info_of(x))
        if not rows:
            side = self.overview_size or self.size
            return scaled(info_of(x), side, side)
        return scaled(info_of(x), columns * self.size, rows * self.size)

    def _overview(self, media: Image) -> NDArray[np.uint8]:
        if self.overview_size is None:
            return px.resize(media.pixels, self.size, self.size, self.resample)
        side, info = self.overview_size, media.info
        by = side / max(info.width, info.height)
        width, height = max(1, round(info.width * by)), max(1, round(info.height * by))
        pixels = px.resize(media.pixels, width, height, self.resample)
        left, top = (side - width) // 2, (side - height) // 2
        return vw.pad(pixels, side, side, left, top, self.background)

    def prepare(self, media: Image, /) -> Image:
        """The stretched canvas, or the overview where the picture is not cut."""
        from multitok.core.media import Image

        rows, columns = self.grid(media.info)
        if not rows:
            return Image(self._overview(media))
        size = columns * self.size, rows * self.size
        return Image(px.resize(media.pixels, *size, self.resample))

    def views(self, media: Image, /) -> Sequence[Image]:
        """The tiles in reading order, then the overview."""
        from multitok.core.media import Image

        rows, columns = self.grid(media.info)
        tiles = vw.cut(self.prepare(media).pixels, rows, columns) if rows else ()
        return [*(Image(tile) for tile in tiles), Image(self._overview(media))]

    def encode(self, media: Image, /) -> TokenSequence:
        import numpy as np

        rows, columns = self.grid(media.info)
        pixels = [view.pixels for view in self.views(media)]
        if self.overview_size is None:
            inputs: dict[str, NDArray[Any]] = {
                "pixel_values": vw.values(np.stack(pixels), self.mean, self.std),
                "num_patches": np.array([len(pixels)], np.int64),
            }
        else:
            inputs = {"pixel_values": vw.values(pixels[-1][None], self.mean, self.std)}
            if rows:
                tiles = np.stack(pixels[:-1])
                inputs["pixel_values_local"] = vw.values(tiles, self.mean, self.std)
            inputs["num_local_patches"] = np.array([rows * columns], np.int64)
        overview = self.tokens if self.overview_tokens is None else self.overview_tokens
        grids = [(n, *square(self.tokens)) for n in range(1, rows * columns + 1)]
        where = vw.places([*grids, (0, *square(overview))])
        where = np.concatenate([where, np.full((self.extra, 3), -1, np.int32)])
        return vw.sequence(
            self.config(),
            media.info,
            self.expansion(media),
            self.token,
            ("view", "row", "column"),
            where,
            inputs,
            {"tiles": [rows, columns]},
        )

    def decode(self, tokens: TokenSequence, /) -> Image:
        """The canvas, or the overview where the picture is not cut; exactly."""
        from multitok.core.media import Image

        rows, columns = tokens.state["tiles"]
        own = self.overview_size is not None and rows > 0
        name = "pixel_values_local" if own else "pixel_values"
        views = vw.levels(tokens.inputs, name, self.mean, self.std, self.name)
        return Image(vw.join(views[: rows * columns], rows, columns) if rows else views[0])
