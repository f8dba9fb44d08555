"""What a picture's header says, whatever its format."""

from __future__ import annotations

from typing import NamedTuple

from multitok.loaders.isobmff import Damaged

__all__ = ["MOST_FRAMES", "MOST_XMP", "Damaged", "Header", "displayed"]

MOST_FRAMES = 1000
"""Frames and pages are counted so far, then called "many"."""

MOST_XMP = 1 << 20


class Header(NamedTuple):
    """width and height as displayed; orientation as EXIF numbers it, 1 to 8 (1 is upright).

    frames   frames or pages; None where there are several and the header does not say how many
    length   the bytes that the header says the file has; None where it does not say
    deep     one channel of 16 bits, which Pillow's convert("RGB") cuts to white
    missing  the end that a whole file of the format has and this one lacks; else ""
    """

    width: int
    height: int
    orientation: int = 1
    frames: int | None = 1
    length: int | None = None
    deep: bool = False
    missing: str = ""

    @property
    def stored(self) -> tuple[int, int]:
        """Width and height of the stored pixels, before they are turned."""
        return (self.height, self.width) if self.orientation > 4 else (self.width, self.height)


def displayed(
    width: int,
    height: int,
    orientation: int | None,
    frames: int | None,
    length: int | None = None,
    deep: bool = False,
    missing: str = "",
) -> Header:
    """The header of stored sides and an orientation, which may be nonsense or not told."""
    if orientation is None or not 1 <= orientation <= 8:
        orientation = 1
    if orientation > 4:
        width, height = height, width
    return Header(width, height, orientation, frames, length, deep, missing)
