"""ICO and CUR: a list of pictures, each a PNG or a bitmap without its file header."""

from __future__ import annotations

from struct import unpack

from multitok.loaders.pictures.bmp import size_in
from multitok.loaders.pictures.header import Header
from multitok.loaders.source import Reader


def read(r: Reader) -> Header:
    """The largest by the list, where 0 stands for 256; its size is what its own header says.

    The height of a bitmap counts its mask too, so that it is twice that of the picture.
    """
    count = unpack("<4xH", r.at(0, 6))[0]
    largest = (0, 0, 0, 0)
    for index in range(count):
        width, height, length, offset = unpack("<BB6xII", r.at(6 + 16 * index, 16))
        listed = (width or 256, height or 256, offset, offset + length)
        largest = max(largest, listed, key=lambda s: s[0] * s[1])
    width, height, offset, end = largest
    own = r.at(offset, 40) if offset else b""
    if own[:8] == b"\x89PNG\r\n\x1a\n":
        width, height = unpack(">II", own[16:24])
    elif len(own) == 40:
        width, height = size_in(own)
        height //= 2
    return Header(width, height, length=end if end > r.size else None)
