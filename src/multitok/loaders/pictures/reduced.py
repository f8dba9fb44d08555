"""A huge picture by a fraction of its sides, for what is drawn small anyway.

Strip by strip, so that beside the decoder's own pixels (a byte each of one bit) there is never
more than a strip in RGB; of a JPEG the decoder makes no more than the fraction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image as Picture

MOST = 32 * 1024 * 1024
"""Pixels that a drawing is made from: more than a screen or the canvas of a model has."""
STRIP = 4 * 1024 * 1024
"""Pixels that are RGB at once."""


def fraction(width: int, height: int) -> int:
    """By what the sides are divided for at most MOST pixels: 1, 2, 4, ...

    >>> fraction(4000, 3000), fraction(16000, 16000)
    (1, 4)
    """
    by = 1
    while width * height > MOST * by * by:
        by *= 2
    return by


def drafted(picture: Picture, by: int) -> int:
    """Has the decoder of a JPEG make less, and tells what is left to divide by."""
    whole = max(picture.size)
    picture.draft(None, (max(1, picture.width // by), max(1, picture.height // by)))
    return by // round(whole / max(picture.size))


def reduced(
    picture: Picture, by: int, rgb: Callable[[Picture], NDArray[np.uint8]]
) -> NDArray[np.uint8]:
    """(height, width, 3) uint8, the sides divided by `by`, rounded up; `rgb` makes a strip so."""
    import numpy as np
    from PIL import Image as Pillow

    width, height = picture.size
    rows = by * max(1, STRIP // (width * by))
    found = np.empty((-(-height // by), -(-width // by), 3), np.uint8)
    for top in range(0, height, rows):
        strip = picture.crop((0, top, width, min(top + rows, height)))
        strip.format = picture.format
        small = Pillow.fromarray(rgb(strip)).reduce(by)
        found[top // by : top // by + small.height] = np.asarray(small)
    return found
