"""Fit a small picture between token limits, cut a large one into tiles: LFM2-VL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import ceil_div
from multitok.core.layout import Layout, tile_boxes, whole
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.image.tilings import closest_ratio
from multitok.modalities.image.words import Pieces, parts, positive, scaled, specials, verb

if TYPE_CHECKING:
    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class FitOrTileCounter(TokenCounter["Image", ImageInfo]):
    """One fitted view of min_tokens..max_tokens, or tiles with that view as the overview.

    A picture whose rounded area is over `tolerance` times the limit is large: it is stretched to
    the grid of min_tiles..max_tiles closest in aspect. Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_lfm2_vl.py, processing_lfm2_vl.py.

    >>> FitOrTileCounter().count(ImageInfo(1920, 1080))
    2311
    """

    patch: int = 16
    merge: int = 2
    min_tokens: int = 64
    max_tokens: int = 256
    tile: int = 512
    min_tiles: int = 2
    max_tiles: int = 10
    tolerance: float = 2.0
    overview: bool = True
    token: str = "<image>"
    start: str = "<|image_start|>"
    end: str = "<|image_end|>"
    tile_name: str = "<|img_row_{row}_col_{column}|>"
    overview_name: str = "<|img_thumbnail|>"

    name: ClassVar[str] = "fit-or-tile"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"patch": 4, "min_tokens": 4, "max_tokens": 16, "tile": 32, "max_tiles": 4},
    )

    def __post_init__(self) -> None:
        positive(self, "patch", "merge", "min_tokens", "max_tokens", "tile")
        positive(self, "min_tiles", "max_tiles")

    def size(self, info: ImageInfo) -> tuple[int, int]:
        """Width and height of the fitted view."""
        factor, width, height = self.patch * self.merge, info.width, info.height
        wide = max(factor, round(width / factor) * factor)
        tall = max(factor, round(height / factor) * factor)
        low, high = self.min_tokens * factor**2, self.max_tokens * factor**2
        if wide * tall > high:
            by = sqrt(height * width / high)
            wide = max(factor, floor(width / by / factor) * factor)
            tall = max(factor, floor(height / by / factor) * factor)
        elif wide * tall < low:
            by = sqrt(low / (height * width))
            wide = ceil(width * by / factor) * factor
            tall = ceil(height * by / factor) * factor
        return wide, tall

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of tiles; 1, 1 when the picture is not cut."""
        factor, width, height = self.patch * self.merge, info.width, info.height
        wide = max(self.patch, round(width / factor) * factor)
        tall = max(self.patch, round(height / factor) * factor)
        if wide * tall <= self.max_tokens * factor**2 * self.tolerance or self.max_tiles == 1:
            return 1, 1
        columns, rows = closest_ratio(width, height, self.tile, self.min_tiles, self.max_tiles)
        return rows, columns

    def _view(self, info: ImageInfo) -> int:
        width, height = self.size(info)
        factor = self.patch * self.merge
        return (height // factor) * (width // factor)

    def _tile(self) -> int:
        return ceil_div(self.tile // self.patch, self.merge) ** 2

    def count(self, x: Image | ImageInfo, /) -> int:
        info = x if type(x) is ImageInfo else info_of(x)
        rows, columns = self.grid(info)
        tiles = rows * columns
        if tiles == 1:
            return self._view(info) + 2
        view = self._view(info) + 1 if self.overview else 0
        return tiles * (self._tile() + 1) + view + 2

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order."""
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        pieces: list[tuple[str, int]] = [(self.start, 1)]
        if rows * columns > 1:
            for row in range(1, rows + 1):
                for column in range(1, columns + 1):
                    pieces.append((self.tile_name.format(row=row, column=column), 1))
                    pieces.append((self.token, self._tile()))
            if self.overview:
                pieces += [(self.overview_name, 1), (self.token, self._view(info))]
        else:
            pieces.append((self.token, self._view(info)))
        return (*pieces, (self.end, 1))

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        """`image_sizes` is the fitted view; `spatial_shapes` are patches of every view."""
        info: ImageInfo = info_of(x)
        width, height = self.size(info)
        rows, columns = self.grid(info)
        side = self.tile // self.patch
        view = [height // self.patch, width // self.patch]
        shapes = [[side, side]] * (rows * columns) if rows * columns > 1 else []
        if self.overview or not shapes:
            shapes = [*shapes, view]
        most = max(self.max_tokens * self.merge**2, side * side)
        return {
            "resized": (
                [rows * self.tile, columns * self.tile] if rows * columns > 1 else [height, width]
            ),
            "image_sizes": [[height, width]],
            "spatial_shapes": shapes,
            "image_rows": [rows],
            "image_cols": [columns],
            "pixel_values_shape": [len(shapes), most, 3 * self.patch**2],
        }

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        size = self.size(info)
        factor = self.patch * self.merge
        if rows * columns == 1:
            return whole(*size, size[1] // factor, size[0] // factor)
        canvas = columns * self.tile, rows * self.tile
        boxes = tile_boxes(*canvas, rows, columns)
        return Layout(
            canvas, (0, 0, *canvas), tiles=boxes, thumbnail=size if self.overview else None
        )

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        width, height = self.size(info)
        view, total = self._view(info), parts(self.expansion(info), self.token)["image"]
        if rows * columns == 1:
            first = [f"{info} is not cut: {verb(info, width, height)}", f"{view} = {total} tokens"]
        else:
            overview = f", and an overview of {width} x {height}" if self.overview else ""
            seen = f" + {view}" if self.overview else ""
            first = [
                f"{info} is closest to {columns} x {rows} tiles of {self.tile} px{overview}",
                f"{rows * columns} x {self._tile()}{seen} = {total} tokens",
            ]
        return [*first, *specials(self.expansion(info), self.token)]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        if rows * columns == 1:
            return scaled(info, *self.size(info))
        return scaled(info, columns * self.tile, rows * self.tile)
