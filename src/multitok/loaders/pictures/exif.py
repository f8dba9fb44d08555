"""Orientation in EXIF and XMP, and the directories of tags that EXIF shares with TIFF."""

from __future__ import annotations

import struct
from struct import unpack, unpack_from

from multitok.loaders.isobmff import Damaged
from multitok.loaders.source import Reader

_TYPES = {1: "B", 3: "H", 4: "I", 16: "Q"}


def directory(
    r: Reader, order: str, at: int, base: int, end: int | None, big: bool
) -> tuple[dict[int, int], int]:
    """Tags of size, depth and orientation of a TIFF directory, and where the next directory is.

    Offsets count from `base`; a directory of EXIF may not go past `end`.
    """
    width, number = (8, "Q") if big else (2, "H")
    (entries,) = unpack(order + number, r.at(base + at, width))
    step = 20 if big else 12
    if entries > 65535:
        raise Damaged(f"a directory of {entries} tags")
    first = base + at + width
    room = step * entries if end is None else min(step * entries, max(end - first, 0))
    block = r.at(first, room)
    tags: dict[int, int] = {}
    for place in range(0, len(block) - step + 1, step):
        tag, kind, count = unpack_from(order + ("HHQ" if big else "HHI"), block, place)
        if tag in (256, 257, 258, 274) and count == 1 and kind in _TYPES:
            (tags[tag],) = unpack_from(order + _TYPES[kind], block, place + (12 if big else 8))
    following = 0
    if end is None:
        tail = r.at(first + step * entries, 8 if big else 4)
        if len(tail) == (8 if big else 4):
            (following,) = unpack(order + ("Q" if big else "I"), tail)
    return tags, following


def exif_orientation(r: Reader, base: int, length: int) -> int | None:
    """Tag 274 of an EXIF block, which is laid out as a TIFF file; None where it has none."""
    head = r.at(base, 8)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(head[:4])
    if order is None or length < 8 or len(head) < 8:
        return None
    (at,) = unpack_from(order + "I", head, 4)
    if at + 2 > length:
        return None
    try:
        return directory(r, order, at, base, base + length, False)[0].get(274)
    except struct.error:
        return None


def xmp_orientation(xmp: bytes) -> int | None:
    """tiff:Orientation of an XMP packet, as an attribute or as an element."""
    at = xmp.find(b"tiff:Orientation")
    if at < 0:
        return None
    value = xmp[at + 16 : at + 19].lstrip(b"=\"'>")[:1]
    return int(value) if value.isdigit() else None
