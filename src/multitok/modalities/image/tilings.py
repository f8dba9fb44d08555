"""Which grid of tiles a picture is cut into, and its size on them: what the tiling rules share.

Grids are cached per parameter set; a search walks one tuple. float64 unless said.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable
from functools import lru_cache
from math import floor, isqrt

Grid = tuple[int, int]


@lru_cache(maxsize=64)
def column_major(most: int, least: int = 1, longest: int = 0) -> tuple[Grid, ...]:
    """(columns, rows) with least..most tiles: columns outer, rows inner, as written down. With
    `longest` no side has more."""
    sides = range(1, min(most, longest or most) + 1)
    return tuple((c, r) for c in sides for r in sides if least <= c * r <= most)


@lru_cache(maxsize=64)
def by_tiles(most: int, least: int = 1, longest: int = 0) -> tuple[Grid, ...]:
    """The same, stably sorted by the number of tiles.

    >>> by_tiles(3)
    ((1, 1), (1, 2), (2, 1), (1, 3), (3, 1))
    """
    return tuple(sorted(column_major(most, least, longest), key=lambda grid: grid[0] * grid[1]))


Placed = tuple[int, int, int]
"""The place of a grid in the list of all, its columns and rows."""


@lru_cache(maxsize=64)
def _by_ratio(most: int, least: int, longest: int) -> tuple[list[float], list[tuple[Placed, ...]]]:
    """Every width / height of a grid once, rising, and the grids that have it in their order."""
    found: dict[float, list[Placed]] = {}
    for place, (columns, rows) in enumerate(by_tiles(most, least, longest)):
        found.setdefault(columns / rows, []).append((place, columns, rows))
    ratios = sorted(found)
    return ratios, [tuple(found[ratio]) for ratio in ratios]


def closest_ratio(
    width: int, height: int, side: int, least: int, most: int, longest: int = 0
) -> Grid:
    """(columns, rows) of the grid closest in width / height; the picture is stretched to it.

    Of grids equally close the later (with more tiles) wins where the picture has more than half
    their pixels. It is 1 x 1 where there is none, even if `least` is higher.

    >>> closest_ratio(640, 480, 448, 1, 12), closest_ratio(1920, 1080, 448, 1, 12)
    ((4, 3), (4, 2))
    """
    ratios, grids = _by_ratio(most, least, longest)
    if not ratios:
        return 1, 1
    aspect = width / height
    at = min(bisect_left(ratios, aspect), len(ratios) - 1)
    near = grids[at]
    if at and (above := ratios[at] - aspect) >= (below := aspect - ratios[at - 1]):
        near = grids[at - 1] if below < above else tuple(sorted(grids[at - 1] + near))
    _, columns, rows = near[0]
    for _, more, taller in near[1:]:
        if 2 * width * height > side * side * more * taller:
            columns, rows = more, taller
    return columns, rows


@lru_cache(maxsize=64)
def _unordered(most: int, least: int) -> tuple[Grid, ...]:
    """Grids by the number of tiles; those of one number as Python's set of pairs has them."""
    return tuple(sorted(set(column_major(most, least)), key=lambda grid: grid[0] * grid[1]))


def closest_by_area(width: int, height: int, side: int, least: int, most: int) -> Grid:
    """(columns, rows) of the grid best in aspect and area; over 0.6 of the picture is no better.

    Of grids equally good the first, with the fewest tiles, wins.

    >>> closest_by_area(500, 500, 512, 1, 12), closest_by_area(2000, 1000, 512, 1, 12)
    ((1, 1), (4, 2))
    """
    best, most_found, area, aspect = (1, 1), -1.0, width * height, width / height
    for columns, rows in _unordered(most, least):
        ratio = columns / rows
        found = min(columns * rows * side * side / area, 0.6) * min(ratio / aspect, aspect / ratio)
        if found > most_found:
            best, most_found = (columns, rows), found
    return best


@lru_cache(maxsize=64)
def by_factors(most: int) -> tuple[Grid, ...]:
    """(first, second) side of every grid of most..1 tiles, grouped by ratio in order of appearance.

    >>> by_factors(4)
    ((1, 4), (2, 2), (1, 1), (4, 1), (1, 3), (3, 1), (1, 2), (2, 1))
    """
    groups: dict[float, list[Grid]] = {}
    for n in range(most, 0, -1):
        for first in range(1, n + 1):
            if n % first == 0:
                groups.setdefault(first / (n // first), []).append((first, n // first))
    return tuple(grid for group in groups.values() for grid in group)


def least_scaled(scales: list[float]) -> int:
    """Index of the smallest scale of at least 1, or of the largest where all shrink; first wins."""
    enlarging = [scale for scale in scales if scale >= 1]
    return scales.index(min(enlarging) if enlarging else max(scales))


def within(
    width: int, height: int, wide: int, tall: int, whole: Callable[[float], int] = floor
) -> tuple[int, int]:
    """Width and height of the picture scaled into wide x tall with its aspect kept.

    The side that does not reach is cut to whole pixels, which may leave none.

    >>> within(1920, 1080, 1120, 560), within(1920, 1, 560, 560)
    ((995, 560), (560, 0))
    """
    by_width, by_height = wide / width, tall / height
    if by_width < by_height:
        return wide, min(whole(height * by_width), tall)
    return min(whole(width * by_height), wide), tall


def single(values: list[float]) -> list[float]:
    """The values rounded to float32, for references that compute in it."""
    return array("f", values).tolist()


def square(tokens: int) -> Grid:
    """Rows and columns of the tokens of one view: a square where they make one, else one row.

    >>> square(256), square(257)
    ((16, 16), (1, 257))
    """
    side = isqrt(tokens)
    return (side, side) if side * side == tokens else (1, tokens)
