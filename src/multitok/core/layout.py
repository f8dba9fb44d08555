"""Layout: where a model's patches and tiles lie on a picture, for overlays and reports.

All in whole pixels of the canvas, which is the prepared picture with its padding. Boxes are (left,
top, right, bottom). Standard library only: a closed rule has a layout too.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

Box: TypeAlias = tuple[int, int, int, int]


class Layout(NamedTuple):
    """What the model sees of one picture.

    canvas     width and height of the prepared picture, padding included
    picture    the part of the canvas that the picture fills; the rest is padding
    rows, columns   the grid of cells that become tokens, over the whole canvas; 0 x 0 when tokens
                    have no place on the picture
    tiles      the tiles in reading order; empty when the picture is not cut
    thumbnail  width and height of the overview that goes in beside the tiles, if any
    crop       the part of the source (in its own pixels) that is seen; None means all of it
    """

    canvas: tuple[int, int]
    picture: Box
    rows: int = 0
    columns: int = 0
    tiles: tuple[Box, ...] = ()
    thumbnail: tuple[int, int] | None = None
    crop: Box | None = None


def whole(width: int, height: int, rows: int = 0, columns: int = 0) -> Layout:
    """A canvas that the picture fills, cut into rows x columns cells."""
    return Layout((width, height), (0, 0, width, height), rows, columns)


def tile_boxes(width: int, height: int, rows: int, columns: int, side: int = 0) -> tuple[Box, ...]:
    """The boxes of rows x columns tiles: equal ones, or squares of `side` px.

    A last tile at the edge may be smaller.

    >>> tile_boxes(1024, 512, 1, 2)
    ((0, 0, 512, 512), (512, 0, 1024, 512))
    >>> tile_boxes(800, 512, 1, 2, side=512)
    ((0, 0, 512, 512), (512, 0, 800, 512))
    """
    tall, wide = (side, side) if side else (-(-height // rows), -(-width // columns))
    return tuple(
        (left, top, min(left + wide, width), min(top + tall, height))
        for top in range(0, tall * rows, tall)
        for left in range(0, wide * columns, wide)
    )
