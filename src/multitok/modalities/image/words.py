"""What rules say of sizes: the notes on a shrunk, enlarged, padded or cropped picture."""

from __future__ import annotations

from itertools import repeat

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo
from multitok.core.layout import Layout

Pieces = tuple[tuple[str, int], ...]
"""An expansion: placeholders and special tokens in order, as (published name, times in a row)."""


def scaled(info: ImageInfo, width: int, height: int) -> list[str]:
    """The note on a picture that the model sees at another size; none for less than 5 % of a side.

    >>> scaled(ImageInfo(8000, 6000), 4116, 3080)
    ['shrunk from 8000 x 6000 to 4116 x 3080: 26% of the pixels are left']
    """
    before, after = info.width * info.height, width * height
    if max(abs(width / info.width - 1), abs(height / info.height - 1)) < 0.05:
        return []
    if after < before:
        share = 100 * after / before
        left = f"{share:.0f}%" if share >= 1 else f"{share:.2g}%"
        return [f"shrunk from {info} to {width} x {height}: {left} of the pixels are left"]
    return [f"enlarged from {info} to {width} x {height}: more tokens, no more detail"]


def padded(layout: Layout) -> list[str]:
    """The note on a canvas that is at least a twentieth padding.

    >>> padded(Layout((672, 672), (0, 0, 600, 400)))
    ['padded to 672 x 672: 47% of it is padding']
    """
    width, height = layout.canvas
    left, top, right, bottom = layout.picture
    share = 1 - (right - left) * (bottom - top) / (width * height)
    return [f"padded to {width} x {height}: {share:.0%} of it is padding"] if share >= 0.05 else []


def cropped(info: ImageInfo, layout: Layout) -> list[str]:
    """The note on a picture that is cut off at the edges of its canvas.

    >>> cropped(ImageInfo(400, 300), Layout((224, 224), (0, 0, 224, 224), crop=(50, 0, 350, 300)))
    ['center crop drops 25% of the picture']
    """
    if layout.crop is None:
        return []
    left, top, right, bottom = layout.crop
    lost = 1 - (right - left) * (bottom - top) / (info.width * info.height)
    return [f"center crop drops {100 * lost:.0f}% of the picture"] if lost >= 0.005 else []


def verb(info: ImageInfo, width: int, height: int) -> str:
    """`kept at`, or `resized to`, with the size: the first half of an explanation."""
    if (width, height) == (info.width, info.height):
        return f"kept at {width} x {height}"
    return f"resized to {width} x {height}"


def shrunk(info: ImageInfo, limits: str, width: int, height: int) -> list[str]:
    """The line of an explanation on a picture shrunk to fit limits; none where it fits.

    >>> shrunk(ImageInfo(4000, 3000), "2048 x 2048", 2048, 1536)
    ['4000 x 3000 shrunk to fit 2048 x 2048: 2048 x 1536']
    """
    if (width, height) == (info.width, info.height):
        return []
    return [f"{info} shrunk to fit {limits}: {width} x {height}"]


def short_side(side: int, width: int, height: int) -> str:
    """The line of an explanation on a picture whose short side is brought down to `side`."""
    return f"short side shrunk to {side}: {width} x {height}"


def enlarged(info: ImageInfo, width: int, height: int) -> list[str]:
    """The line of an explanation on a picture enlarged to a least size; none where it has it.

    >>> enlarged(ImageInfo(400, 300), 896, 672)
    ['400 x 300 enlarged to 896 x 672']
    """
    if (width, height) == (info.width, info.height):
        return []
    return [f"{info} enlarged to {width} x {height}"]


def product(views: int, tokens: int) -> str:
    """The last line of an explanation where every view costs the same.

    >>> product(9, 256)
    '9 x 256 = 2,304 tokens'
    """
    return f"{views:,} x {tokens:,} = {views * tokens:,} tokens"


def framed(picture: tuple[int, int], canvas: tuple[int, int]) -> str:
    """What follows a size where the picture is cut to its canvas, or padded to it.

    >>> framed((336, 224), (224, 224)), framed((600, 400), (672, 448)), framed((9, 9), (9, 9))
    (', the middle 224 x 224 kept', ', padded to 672 x 448', '')
    """
    width, height = canvas
    if picture == canvas:
        return ""
    if width < picture[0] or height < picture[1]:
        return f", the middle {width} x {height} kept"
    return f", padded to {width} x {height}"


def placed(info: ImageInfo, picture: tuple[int, int], canvas: tuple[int, int]) -> str:
    """`verb`, and what becomes of the picture on its canvas.

    >>> placed(ImageInfo(600, 400), (600, 400), (672, 448))
    'kept at 600 x 400, padded to 672 x 448'
    """
    return verb(info, *picture) + framed(picture, canvas)


def parts(pieces: Pieces, placeholder: str) -> dict[str, int]:
    """A breakdown from an expansion: the placeholder under "image", the rest by their names.

    >>> parts((("<img>", 1), ("<ctx>", 256), ("</img>", 1)), "<ctx>")
    {'image': 256, '<img>': 1, '</img>': 1}
    """
    found = {"image": 0}
    for name, times in pieces:
        if times:
            key = "image" if name == placeholder else name
            found[key] = found.get(key, 0) + times
    return found


def tile_names(name: str, rows: int, columns: int) -> list[str]:
    """The names of tiles in reading order, which say the row and the column from 1 on.

    >>> tile_names("<row_{row}_col_{column}>", 1, 2)
    ['<row_1_col_1>', '<row_1_col_2>']
    """
    places = ((row, column) for row in range(1, rows + 1) for column in range(1, columns + 1))
    return [name.format(row=row, column=column) for row, column in places]


def wrapped(start: tuple[str, ...], pieces: Pieces, end: tuple[str, ...]) -> Pieces:
    """An expansion between its start and end tokens."""
    if not start and not end:
        return pieces
    return (*zip(start, repeat(1)), *pieces, *zip(end, repeat(1)))


def specials(pieces: Pieces, placeholder: str) -> list[str]:
    """The line of an explanation that adds the special tokens; none when there are none.

    >>> specials((("<img>", 1), ("<ctx>", 256), ("</img>", 1)), "<ctx>")
    ['+ <img> x 1, </img> x 1 = 258 tokens']
    """
    counted = parts(pieces, placeholder)
    total = sum(counted.values())
    counted.pop("image")
    if not counted:
        return []
    shown = [f"{name} x {times}" for name, times in counted.items()]
    if len(shown) > 5:
        shown = [*shown[:5], f"{len(shown) - 5} more names"]
    return [f"+ {', '.join(shown)} = {total:,} tokens"]


def vanishes(info: ImageInfo, longest: int) -> MediaError:
    """The error for a picture so thin that shrinking it leaves no pixel of a side."""
    return refuse(info, f"shrunk under {longest} px, a side is 0 px")


def refuse(info: ImageInfo, why: str) -> MediaError:
    """The error for a picture that makes the reference crash."""
    return MediaError(
        f"the reference cannot process {info.width}x{info.height}: {why}",
        width=info.width,
        height=info.height,
    )
