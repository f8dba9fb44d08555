"""A picture as blocks of cosine coefficients, and back: YCbCr, its chroma halved, the DCT.

The canvas is the picture with its edge repeated to whole patches of 32 px. A patch is 2 x 2 squares
of 16 px, and a square has three blocks: one of brightness (16 x 16) and two of color, 8 x 8 where
chroma is halved. The transform is float64: what float32 rounds may get another id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from math import cos, pi, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.core.integers import round_up
from multitok.modalities.coding.rounding import TIE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Plane = NDArray[np.float64]
    Planes = tuple[Plane, Plane, Plane]
    Painted = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
    Levels = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]

BLOCKS = 3
"""Of a square: brightness and two colors."""
PATCH = 32
"""Pixels of the side of a patch: no token spans two."""
STRIP = 65_536
"""Pixels that are transformed at once, or a row of patches where that is more."""
SQUARE = 16
"""Pixels of the side of a block of brightness."""
RED, GREEN, BLUE = 0.299, 0.587, 0.114
"""What each color adds to the brightness (BT.601, full range, as in JPEG)."""
TO_RED, TO_BLUE = 2 * (1 - RED), 2 * (1 - BLUE)
"""Red is Y + TO_RED x Cr, blue is Y + TO_BLUE x Cb."""
GREEN_CB, GREEN_CR = BLUE * TO_BLUE / GREEN, RED * TO_RED / GREEN
"""Green is Y less these shares of Cb and Cr."""
GRAY = 128.0
"""The level that is 0 to the transform."""


class Shape(NamedTuple):
    """How a canvas is cut.

    rows, columns   of patches
    chroma          pixels of the side of a block of color, in its own plane: 8 or 16
    """

    rows: int
    columns: int
    chroma: int

    @property
    def squares(self) -> int:
        return 4 * self.rows * self.columns

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Coefficients of the three blocks of a square."""
        return SQUARE**2, self.chroma**2, self.chroma**2

    @property
    def all_sizes(self) -> NDArray[np.int64]:
        """Those of all blocks, one after another."""
        import numpy as np

        return np.tile(np.array(self.sizes, np.int64), self.squares)

    @property
    def sides(self) -> tuple[int, int, int]:
        return SQUARE, self.chroma, self.chroma

    @property
    def half(self) -> bool:
        """Whether a plane of color has half the width and height of the picture."""
        return self.chroma < SQUARE


def shape_of(width: int, height: int, half: bool) -> Shape:
    """The patches that cover a picture, a partial one as a whole one."""
    rows, columns = round_up(height, PATCH) // PATCH, round_up(width, PATCH) // PATCH
    return Shape(rows, columns, SQUARE // 2 if half else SQUARE)


class Strip(NamedTuple):
    """Some rows of patches: their planes, those that are transformed, and their coefficients."""

    shape: Shape
    whole: Planes
    layers: Planes
    exact: Planes


def strips(pixels: NDArray[np.uint8], half: bool) -> Iterator[Strip]:
    """A picture, some rows of patches at a time: what is made of them stays in the processor's
    cache, where each plane of a photograph costs its memory anew."""
    height, width, _ = pixels.shape
    for top, shape in cut(width, height, half):
        some = pixels[top : top + PATCH * shape.rows]
        whole = planes(some)
        layers = sampled(shape, whole)
        yield Strip(shape, whole, layers, transformed(shape, layers))


def cut(width: int, height: int, half: bool) -> Iterator[tuple[int, Shape]]:
    """The first row of pixels of each strip, and its shape."""
    side = PATCH * max(1, STRIP // (PATCH * width))
    for top in range(0, height, side):
        yield top, shape_of(width, min(side, height - top), half)


def planes(pixels: NDArray[np.uint8]) -> Planes:
    """Y - 128, Cb and Cr of the canvas of (height, width, 3) bytes."""
    import cv2
    import numpy as np

    height, width, _ = pixels.shape
    below, right = round_up(height, PATCH) - height, round_up(width, PATCH) - width
    if below or right:
        pixels = np.pad(pixels, ((0, below), (0, right), (0, 0)), mode="edge")
    red, y, blue = (plane.astype(np.float64) for plane in cv2.split(pixels))
    share = np.multiply(red, RED)
    y *= GREEN
    y += share
    y += np.multiply(blue, BLUE, out=share)
    for color, most in ((red, TO_RED), (blue, TO_BLUE)):
        color -= y
        color *= 1 / most
    y -= GRAY
    return y, blue, red


def sampled(shape: Shape, whole: Planes) -> Planes:
    """The planes as they are transformed: of color, those of half the width and height."""
    y, cb, cr = whole
    return (y, halved(cb), halved(cr)) if shape.half else whole


def halved(plane: Plane) -> Plane:
    """The mean of each 2 x 2 pixels."""
    rows = plane[::2] + plane[1::2]
    made: Plane = (rows[:, ::2] + rows[:, 1::2]) / 4
    return made


def doubled(plane: NDArray[Any]) -> NDArray[Any]:
    """Twice as wide and high, linear between the middles of pixels, the edge repeated: each value
    is a mean of old ones."""
    import numpy as np

    height, width = plane.shape
    rows = np.empty((2 * height, width), plane.dtype)
    _between(plane, rows[::2], rows[1::2])
    made = np.empty((2 * height, 2 * width), plane.dtype)
    _between(rows.T, made[:, ::2].T, made[:, 1::2].T)
    return made


def _between(old: NDArray[Any], first: NDArray[Any], second: NDArray[Any]) -> None:
    """The two rows of each old one: three quarters of it, a quarter of its neighbor."""
    import numpy as np

    quarter = old * old.dtype.type(0.25)
    near = old - quarter
    np.add(near[1:], quarter[:-1], out=first[1:])
    np.add(near[:-1], quarter[1:], out=second[:-1])
    first[0], second[-1] = old[0], old[-1]


def doubled_among(
    plane: NDArray[Any], above: NDArray[Any] | None, below: NDArray[Any] | None
) -> NDArray[Any]:
    """`doubled` of a part of a plane; what is above and below it counts at its edges."""
    import numpy as np

    first = [] if above is None else [above[-1:]]
    last = [] if below is None else [below[:1]]
    made = doubled(np.concatenate([*first, plane, *last]))
    return made[2 * len(first) :][: 2 * len(plane)]


def pixels(strips: Iterable[Planes], width: int, height: int) -> NDArray[np.uint8]:
    """The picture of the planes of its strips, cut off the canvas and rounded: uint8 (height,
    width, 3)."""
    import numpy as np

    made = np.empty((height, width, 3), np.uint8)
    top = 0
    for above, (y, *colors), below in _among(strips):
        if colors[0].shape != y.shape:
            colors = [
                doubled_among(color, above and above[place], below and below[place])
                for place, color in enumerate(colors, 1)
            ]
        _paint(made[top : top + len(y)], y, *colors)
        top += len(y)
    return made


def _among(strips: Iterable[Planes]) -> Iterator[tuple[Painted | None, Painted, Painted | None]]:
    """Each strip as float32, with those above and below it."""
    import numpy as np

    above: Painted | None = None
    strip: Painted | None = None
    for planes in chain(strips, [None]):
        below = None
        if planes is not None:
            y, cb, cr = (plane.astype(np.float32) for plane in planes)
            below = y, cb, cr
        if strip is not None:
            yield above, strip, below
        above, strip = strip, below


def _paint(
    made: NDArray[np.uint8],
    y: NDArray[np.float32],
    cb: NDArray[np.float32],
    cr: NDArray[np.float32],
) -> None:
    """The pixels of a strip, of its planes."""
    import numpy as np

    height, width, _ = made.shape
    y, cb, cr = (plane[:height, :width] for plane in (y, cb, cr))
    y = y + np.float32(GRAY + 0.5 + TIE)
    green = cb * np.float32(-GREEN_CB)
    green -= cr * np.float32(GREEN_CR)
    cb, cr = cb * np.float32(TO_BLUE), cr * np.float32(TO_RED)
    for color, shift in enumerate((cr, green, cb)):
        shift += y
        np.clip(shift, 0, 255.5, out=shift)  # and a half: as bytes they are rounded down
        made[..., color] = shift


def transformed(shape: Shape, layers: Planes) -> Planes:
    """The coefficients of each block in the place of its pixels."""
    import numpy as np

    made = []
    for plane, side in zip(layers, shape.sides, strict=True):
        height, width = plane.shape
        rows = np.matmul(matrix(side), plane.reshape(height // side, side, width))
        both = np.matmul(rows.reshape(height, width // side, side), matrix(side).T)
        made.append(both.reshape(height, width))
    y, cb, cr = made
    return y, cb, cr


def inverse(shape: Shape, coefficients: Planes) -> Planes:
    """The planes of `transformed`."""
    import numpy as np

    made = []
    for plane, side in zip(coefficients, shape.sides, strict=True):
        height, width = plane.shape
        both = np.matmul(plane.reshape(height, width // side, side), matrix(side))
        rows = np.matmul(matrix(side).T, both.reshape(height // side, side, width))
        made.append(rows.reshape(height, width))
    y, cb, cr = made
    return y, cb, cr


def arranged(shape: Shape, levels: Levels) -> NDArray[np.int32]:
    """(squares, coefficients of its three blocks): patch by patch, low frequencies first."""
    import numpy as np

    made = np.empty((shape.squares, sum(shape.sizes)), np.int32)
    at = 0
    for plane, side in zip(levels, shape.sides, strict=True):
        # (patch row, square, row, patch column, square, column) to a row a square
        parts = plane.reshape(shape.rows, 2, side, shape.columns, 2, side)
        squares = parts.transpose(0, 3, 1, 4, 2, 5).reshape(shape.squares, side * side)
        np.take(squares, zigzag(side), axis=1, out=made[:, at : at + side * side])
        at += side * side
    return made


def in_place(shape: Shape, rows: NDArray[np.int32]) -> Levels:
    """The inverse of `arranged`."""
    import numpy as np

    made, at = [], 0
    for side in shape.sides:
        squares = np.take(rows[:, at : at + side * side], np.argsort(zigzag(side)), axis=1)
        parts = squares.reshape(shape.rows, shape.columns, 2, 2, side, side)
        plane = parts.transpose(0, 2, 4, 1, 3, 5)
        made.append(plane.reshape(shape.rows * 2 * side, shape.columns * 2 * side))
        at += side * side
    y, cb, cr = made
    return y, cb, cr


@lru_cache(maxsize=4)
def matrix(side: int) -> Plane:
    """The orthonormal DCT-II of `side` values, a row a frequency."""
    import numpy as np

    rows = [
        [sqrt((2 if k else 1) / side) * cos(pi * (2 * n + 1) * k / (2 * side)) for n in range(side)]
        for k in range(side)
    ]
    made = np.array(rows)
    made.setflags(write=False)
    return made


@lru_cache(maxsize=4)
def zigzag(side: int) -> NDArray[np.int64]:
    """The places of a block along its diagonals, from the lowest frequency to the highest.

    >>> zigzag(3).tolist()
    [0, 1, 3, 6, 4, 2, 5, 7, 8]
    """
    import numpy as np

    def order(place: int) -> tuple[int, int]:
        row, column = divmod(place, side)
        return row + column, row if (row + column) % 2 else column

    made = np.array(sorted(range(side * side), key=order), np.int64)
    made.setflags(write=False)
    return made
