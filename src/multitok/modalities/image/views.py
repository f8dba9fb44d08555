"""From views of a picture to tokens: cut a canvas, scale it to values, place every token.

A view is one square picture the encoder is fed; view 0 is the overview. Shapes: canvas uint8
(height, width, 3), views uint8 (n, side, side, 3), values float32 (n, 3, side, side).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from multitok.core.errors import DecodeError
from multitok.modalities.image import pixels as px
from multitok.modalities.image.words import Pieces

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.info import ImageInfo
    from multitok.core.sequence import TokenSequence


def cut(canvas: NDArray[Any], rows: int, columns: int) -> NDArray[Any]:
    """The tiles of a canvas in reading order."""
    tall, wide = canvas.shape[0] // rows, canvas.shape[1] // columns
    tiles = canvas.reshape(rows, tall, columns, wide, 3).transpose(0, 2, 1, 3, 4)
    return tiles.reshape(rows * columns, tall, wide, 3)


def join(tiles: NDArray[Any], rows: int, columns: int) -> NDArray[Any]:
    """The inverse of `cut`."""
    _, tall, wide, _ = tiles.shape
    canvas = tiles.reshape(rows, columns, tall, wide, 3).transpose(0, 2, 1, 3, 4)
    return canvas.reshape(rows * tall, columns * wide, 3)


def pad(
    pixels: NDArray[np.uint8], width: int, height: int, left: int, top: int, level: int
) -> NDArray[np.uint8]:
    """The picture on a canvas of one gray level; what hangs over the edge is cut off."""
    import numpy as np

    inside = pixels[max(-top, 0) : height - top, max(-left, 0) : width - left]
    tall, wide, _ = inside.shape
    if (wide, tall) == (width, height):
        return np.ascontiguousarray(inside)
    left, top = max(left, 0), max(top, 0)
    canvas = np.full((height, width, 3), level, np.uint8)
    canvas[top : top + tall, left : left + wide] = inside
    return canvas


def values(views: NDArray[np.uint8], mean: px.Triple, std: px.Triple) -> NDArray[np.float32]:
    """(n, side, side, 3) bytes to (n, 3, side, side) float32."""
    import numpy as np

    planes = np.ascontiguousarray(views.transpose(0, 3, 1, 2))
    return px.normalize(planes, mean, std, axis=1)


def levels(
    inputs: Mapping[str, Any], name: str, mean: px.Triple, std: px.Triple, rule: str
) -> NDArray[np.uint8]:
    """The inverse of `values`, for inputs of any leading shape: (n, side, side, 3) bytes."""
    stored = inputs.get(name)
    if stored is None:
        raise DecodeError(f"{rule} tokens hold inputs[{name!r}], got none")
    flat = stored.reshape(-1, *stored.shape[-3:])
    return px.gray_levels(flat, mean, std, axis=1).transpose(0, 2, 3, 1)


def held(tokens: TokenSequence, rule: str) -> NDArray[np.float32]:
    """The values of a sequence, a row a token."""
    if tokens.values is None:
        raise DecodeError(f"{rule} tokens hold values, got a sequence without them")
    return tokens.values


def places(grids: Sequence[tuple[int, int, int]]) -> NDArray[np.int32]:
    """(view, row, column) of the cells of views given as (view, rows, columns), in order."""
    import numpy as np

    blocks = []
    for view, rows, columns in grids:
        cells = np.indices((rows, columns), dtype=np.int32).reshape(2, -1).T
        blocks.append(np.insert(cells, 0, view, axis=1))
    return np.concatenate(blocks)


def patches(pixels: NDArray[Any], side: int) -> NDArray[Any]:
    """(height, width, 3) to a row of (row, column, channel) values per patch; edges drop."""
    rows, columns = pixels.shape[0] // side, pixels.shape[1] // side
    whole = pixels[: rows * side, : columns * side]
    blocks = whole.reshape(rows, side, columns, side, 3).transpose(0, 2, 1, 3, 4)
    return blocks.reshape(rows * columns, side * side, 3)


def by_patch(pixel_values: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """(1, 3, height, width) to a row of (row, column, channel) values per patch; edges drop."""
    flat = patches(pixel_values[0].transpose(1, 2, 0), side)
    return flat.reshape(len(flat), -1)


def sequence(
    config: Mapping[str, Any],
    info: ImageInfo,
    pieces: Pieces,
    token: str,
    axes: tuple[str, ...],
    where: NDArray[np.int32],
    inputs: Mapping[str, Any],
    state: Mapping[str, Any],
    content: NDArray[np.float32] | None = None,
) -> TokenSequence:
    """Tokens in the order of an expansion.

    `where` has a row for each token named `token`; a row of -1 (a row's end, a class token) makes
    it special. `content` are its values, one row for each row of `where` that is a place.
    """
    import numpy as np

    from multitok.core.sequence import TokenSequence

    times = np.array([n for _, n in pieces], dtype=np.int64)
    named = np.repeat(np.array([name == token for name, _ in pieces], dtype=np.bool_), times)
    positions = np.full((len(named), len(axes)), -1, dtype=np.int32)
    positions[named] = where
    special = positions[:, 0] < 0
    rows = None
    if content is not None:
        rows = np.zeros((len(named), content.shape[1]), dtype=np.float32)
        rows[~special] = content
    return TokenSequence(
        tokenizer=config,
        info=info,
        special=special,
        values=rows,
        inputs=inputs,
        axes=axes,
        positions=positions,
        state=state,
        expansion=pieces if token else (),
    )
