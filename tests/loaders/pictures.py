"""Picture files made by Pillow for the loader tests: one small, lopsided picture in many formats.

The picture has four distinct quadrants, so that a turn or a mirror that is missed shows.
"""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
from PIL import Image as Pillow

WIDTH, HEIGHT = 48, 20
COLORS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0))


def quadrants(width: int = WIDTH, height: int = HEIGHT) -> Pillow.Image:
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = COLORS[0]
    pixels[: height // 2, width // 2 :] = COLORS[1]
    pixels[height // 2 :, : width // 2] = COLORS[2]
    pixels[height // 2 :, width // 2 :] = COLORS[3]
    return Pillow.fromarray(pixels)


def saved(form: str, picture: Pillow.Image | None = None, **options: Any) -> bytes:
    file = io.BytesIO()
    (picture or quadrants()).save(file, form, **options)
    return file.getvalue()


def exif(orientation: int, order: str = "<", entries: int = 1) -> bytes:
    """An EXIF block: `entries` - 1 other tags, then the orientation."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, entries)
    others = b"".join(
        struct.pack(order + "HHIHH", 0x100 + i, 3, 1, 7, 0) for i in range(2, entries + 1)
    )
    own = struct.pack(order + "HHIHH", 0x112, 3, 1, orientation, 0)
    return b"Exif\0\0" + head + others + own + struct.pack(order + "I", 0)


def frames(count: int = 3) -> list[Pillow.Image]:
    return [quadrants().point(lambda v, k=k: v // (k + 1)) for k in range(count)]


def corner_colors(pixels: Any) -> list[str]:
    """The nearest of the four colors in each corner: top left, top right, bottom left, right."""
    names = ("red", "green", "blue", "yellow")
    found = []
    for row in (2, -3):
        for column in (2, -3):
            gaps = [
                sum(abs(int(a) - b) for a, b in zip(pixels[row, column], c, strict=True))
                for c in COLORS
            ]
            found.append(names[gaps.index(min(gaps))])
    return found
