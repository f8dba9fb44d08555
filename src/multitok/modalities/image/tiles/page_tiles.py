"""A page stretched to named tiles of the closest aspect, and an overview: Granite Docling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.parameters import NotNegative, Positive, Tiles
from multitok.modalities.image.rule import PictureRule, Seen, tiled
from multitok.modalities.image.tilings import closest_ratio
from multitok.modalities.image.words import Pieces, product, tile_names

NAMED = 16
"""Tiles along a side: the vocabulary names no more rows or columns."""


@dataclass(frozen=True, kw_only=True)
class PageTilesCounter(PictureRule):
    """`tokens` a tile of size x size and for the overview; each behind `fake` and its own name.

    The grid of min_tiles..max_tiles closest in width / height is taken (see tilings.py), of at most
    16 tiles a side. A page of one tile is that tile, without an overview. A page that the tiles of
    `max_tiles` show at less than `dense_scale` of its width, and whose width / height is over
    `dense_above` and at most `dense_below`, may have `dense_tiles`; each is off at 0.
    Source: transformers 5.23.0, image_processing_granite_docling.py, processing_granite_docling.py.

    >>> PageTilesCounter().count(ImageInfo(1654, 2339))
    1651
    >>> PageTilesCounter().count(ImageInfo(500, 500))
    66
    """

    size: Positive = 512
    tokens: Positive = 64
    min_tiles: Tiles = 1
    max_tiles: Tiles = 32
    dense_tiles: int = 0
    dense_scale: NotNegative = 0.0
    dense_above: NotNegative = 0.0
    dense_below: NotNegative = 0.0
    token: str = "<image>"
    fake: str = "<fake_token_around_image>"
    tile_name: str = "<row_{row}_col_{column}>"
    overview_name: str = "<global-img>"

    name: ClassVar[str] = "page-tiles"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"size": 28, "tokens": 4, "max_tiles": 6, "dense_tiles": 12, "dense_scale": 0.5},
    )

    def see(self, info: ImageInfo) -> Seen:
        rows, columns = self._grid(info, self._most(info))
        overview = (self.size, self.size) if rows * columns > 1 else None
        return tiled(rows, columns, self.size, overview=overview)

    def _grid(self, info: ImageInfo, most: int) -> tuple[int, int]:
        if most <= 1:
            return 1, 1
        sides = info.width, info.height
        columns, rows = closest_ratio(*sides, self.size, self.min_tiles, most, NAMED)
        return rows, columns

    def _most(self, info: ImageInfo) -> int:
        """`max_tiles`, or `dense_tiles` for what those would show too small."""
        most, aspect = self.max_tiles, info.width / info.height
        if most <= 1 or not self.dense_tiles or not (self.dense_scale or self.dense_above):
            return most
        if self.dense_above and aspect <= self.dense_above:
            return most
        if self.dense_below and aspect > self.dense_below:
            return most
        if self.dense_scale:
            _, columns = self._grid(info, most)
            if columns * self.size / info.width >= self.dense_scale:
                return most
        return self.dense_tiles

    def pieces(self, seen: Seen) -> Pieces:
        names = tile_names(self.tile_name, *seen.tiles)
        if seen.overview is not None:
            names.append(self.overview_name)
        pieces: list[tuple[str, int]] = []
        for name in names:
            pieces += ((self.fake, 1), (name, 1), (self.token, self.tokens))
        return (*pieces, (self.fake, 1)) if seen.overview is not None else tuple(pieces)

    def text(self, seen: Seen) -> dict[str, int]:
        """Each row of tiles ends a line, and an empty one stands before the overview."""
        rows, _ = seen.tiles
        if seen.overview is None:
            return {"\n": rows}
        return {**({"\n": rows - 1} if rows > 1 else {}), "\n\n": 1}

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        rows, columns = seen.tiles
        return {"resized": seen.resized, "rows": [[rows]], "cols": [[columns]]}

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        (rows, columns), (wide, tall) = seen.tiles, seen.canvas
        small = f", and an overview of {self.size} px" if seen.overview is not None else ""
        return [
            f"{info} is closest to {columns} x {rows} tiles: stretched to {wide} x {tall}{small}",
            product(seen.views, self.tokens),
        ]
