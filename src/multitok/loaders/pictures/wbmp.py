"""WBMP (WAP-237): type 0, a fixed byte, then the sides in groups of seven bits."""

from __future__ import annotations

from multitok.loaders.pictures.header import Header
from multitok.loaders.source import Reader


def read(r: Reader) -> Header:
    """Width, then height; a row of one-bit pixels ends with a byte."""
    head, at = r.at(0, 12), 2
    sides = []
    for _ in range(2):
        side = 0
        while True:
            side = side << 7 | head[at] & 127
            at += 1
            if head[at - 1] < 128:
                break
        sides.append(side)
    width, height = sides
    return Header(width, height, length=at + (width + 7) // 8 * height)
