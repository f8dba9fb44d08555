"""Where the tokens of a drawing lie, by arithmetic: grids, not ten thousand patches.

A picture has a grid, or one a tile; a contact sheet one a frame, with words of its own; a sound one
a row of its spectrogram, its columns as long as the tokens. A page tells of what lies under a
pointer from a few numbers; what they say of a token is what `encode` says of it
(`tests/test_patches.py`, `tests/test_told_frames.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.core.errors import MultitokError
from multitok.core.info import ImageInfo, info_of
from multitok.core.layout import Box, Layout
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.image.rule import EncodedPicture
from multitok.modalities.video.plan import SampledVideo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Image
    from multitok.core.registry import AnyCounter
    from multitok.core.sequence import TokenSequence

MOST_IDS = 4096
"""Ids that are listed one by one; a longer sequence has its places alone."""


_CELL = ("view", "row", "column")
"""Axes of positions that tell a cell: in one there may be several tokens."""


class Grid(NamedTuple):
    """Rows and columns of equal cells in a box of the canvas: all of it, or a tile.

    first    the place in the sequence of the token of its first cell, from 0; None where the tokens
             are not published, or not in rows
    stride   tokens from the start of a row to that of the next
    edges    where its columns begin and end, in samples of the sound; none where all are equal
    """

    box: Box
    rows: int
    columns: int
    first: int | None = None
    stride: int = 0
    edges: tuple[int, ...] = ()


class Patches(NamedTuple):
    """The cells of a drawing.

    canvas    width and height, in pixels: of what the model sees of a picture, else of the drawing
    picture   the part of the canvas that a picture fills
    source    the part of the file's picture, in its pixels, that lies there
    tokens    length of the sequence that the grids count in; 0 where none is published
    ids       the id of each token, where it has one
    words     what is told of each grid: the frame that it lies on
    each      tokens of a cell
    rate      samples a second, of edges
    """

    canvas: tuple[int, int]
    grids: tuple[Grid, ...]
    picture: Box | None = None
    source: Box | None = None
    tokens: int = 0
    ids: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    each: int = 1
    rate: int = 0


class _Sequence(NamedTuple):
    """(view, row, column) of each token, -1 where it has no place, and its id."""

    places: NDArray[np.int32]
    ids: tuple[int, ...] = ()


def patches(x: Image | ImageInfo, counter: AnyCounter, layout: Layout) -> list[Patches]:
    """Of the picture, and of the overview beside its tiles where there is one."""
    sequence, info = _sequence(x, counter), info_of(x)
    size = info.width, info.height
    source = layout.crop or (0, 0, *size)
    tokens, ids = (len(sequence.places), sequence.ids) if sequence else (0, ())
    grids = _grids(layout, sequence)
    found = [Patches(layout.canvas, grids, layout.picture, source, tokens, ids)]
    if layout.thumbnail is not None:
        box = (0, 0, *layout.thumbnail)
        small = _view(box, 0, sequence)
        found.append(
            Patches(layout.thumbnail, (small,) if small else (), box, (0, 0, *size), tokens, ids)
        )
    return found


def _grids(layout: Layout, sequence: _Sequence | None) -> tuple[Grid, ...]:
    """The grid of the canvas, or one a tile; a tile is one cell where nobody tells its tokens."""
    whole = (0, 0, *layout.canvas)
    if not layout.tiles:
        views = set() if sequence is None else set(sequence.places[:, 0].tolist()) - {-1}
        known = _view(whole, views.pop(), sequence) if len(views) == 1 else None
        if layout.rows and layout.columns:
            plain = Grid(whole, layout.rows, layout.columns)
            return (known if known and known[1:3] == plain[1:3] else plain,)
        return (known,) if known else ()
    tiles = range(1, len(layout.tiles) + 1)
    known_tiles = [_view(box, n, sequence) for n, box in zip(tiles, layout.tiles, strict=True)]
    if all(known_tiles):
        return tuple(filter(None, known_tiles))
    return tuple(Grid(box, 1, 1) for box in layout.tiles)


def _view(box: Box, view: int, sequence: _Sequence | None) -> Grid | None:
    """The grid of a view whose tokens stand row by row; None of any other."""
    import numpy as np

    if sequence is None:
        return None
    at = np.flatnonzero(sequence.places[:, 0] == view)
    if not len(at):
        return None
    row, column = sequence.places[at, 1].astype(int), sequence.places[at, 2].astype(int)
    rows, columns = int(row.max()) + 1, int(column.max()) + 1
    first = int(at[0])
    stride = int(at[columns]) - first if rows > 1 and len(at) > columns else columns
    if len(at) != rows * columns or not np.array_equal(at, first + row * stride + column):
        return None
    return Grid(box, rows, columns, first, stride)


def _sequence(x: Image | ImageInfo, counter: AnyCounter) -> _Sequence | None:
    """The places of the tokens; no pixel is touched for those of our own rules."""
    import numpy as np

    if not isinstance(counter, Tokenizer):
        return None
    try:
        if isinstance(counter, EncodedPicture):
            seen = counter.seen(x)
            held = [(name == counter.token, times) for name, times in counter.pieces(seen)]
            named = np.repeat([own for own, _ in held], [times for _, times in held])
            where = counter.places(seen)
            places = np.full((len(named), where.shape[1]), -1, np.int32)
            places[named] = where
            return _Sequence(_viewed(places))
        tokens = counter.encode(x)
    except MultitokError:
        return None
    if tokens.positions is None or not {"row", "column"} <= set(tokens.axes):
        return None
    cells = [tokens.axes.index(axis) for axis in _CELL if axis in tokens.axes]
    return _Sequence(_viewed(tokens.positions[:, cells]), _listed(tokens))


def _listed(tokens: TokenSequence) -> tuple[int, ...]:
    few = tokens.ids is not None and len(tokens) <= MOST_IDS
    return tuple(map(int, tokens.ids)) if few and tokens.ids is not None else ()


def ids_of(content: Callable[[], Any], counter: AnyCounter, tokens: int) -> tuple[int, ...]:
    """The ids of a clip or a sound, where its tokens have some and are few enough to be listed."""
    if not isinstance(counter, Tokenizer) or isinstance(counter, SampledVideo) or tokens > MOST_IDS:
        return ()
    try:
        return _listed(counter.encode(content()))
    except MultitokError:
        return ()


def _viewed(places: NDArray[np.int32]) -> NDArray[np.int32]:
    """(row, column) as cells of view 0."""
    import numpy as np

    if places.shape[1] == 3:
        return places
    return np.insert(places, 0, np.where(places[:, 0] < 0, -1, 0), axis=1)
