"""Pictures without first bytes of their own: the name proposes a format, the header decides."""

from __future__ import annotations

import re
import struct
from contextlib import suppress
from struct import unpack, unpack_from

from multitok.loaders.pictures import wbmp
from multitok.loaders.source import Reader, Source


def may_be(source: Source, form: str) -> bool:
    """Whether a file whose name says so may be a picture of a format that has no first bytes."""
    head = source.head()
    with suppress(struct.error, IndexError):
        if form == "TGA":
            return _tga(head)
        if form == "PCX":
            return _pcx(head)
        if form == "CUR":
            return head[:4] == b"\0\0\2\0" and head[4:6] != b"\0\0" and head[9] == 0
        if form == "PPM":
            return re.match(rb"P[1-6]\s", head) is not None
        if form == "WBMP":
            with Reader(source) as r:
                return head[:2] == b"\0\0" and wbmp.read(r).length == source.size
        if form == "SVG":
            return b"<svg" in head or b"<!DOCTYPE svg" in head
    return False


def _tga(head: bytes) -> bool:
    """A known kind of picture, with a color map where that kind has one, of a known depth."""
    mapped, kind = head[1], head[2]
    width, height, depth, flags = unpack_from("<HHBB", head, 12)
    return (
        kind in (1, 2, 3, 9, 10, 11)
        and mapped <= 1
        and (mapped == 1 or kind not in (1, 9))
        and (mapped == 0 or head[7] in (15, 16, 24, 32))
        and depth in (8, 15, 16, 24, 32)
        and min(width, height) > 0
        and flags < 0x40
    )


def _pcx(head: bytes) -> bool:
    """Maker and version, a known packing, one to eight bits of one to four planes, a box."""
    maker, version, packing, bits, left, top, right, bottom = unpack("<BBBBHHHH", head[:12])
    return (
        maker == 10
        and version in (0, 2, 3, 4, 5)
        and packing <= 1
        and bits in (1, 2, 4, 8)
        and 1 <= head[65] <= 4
        and left <= right
        and top <= bottom
    )
