"""BMP, and DIB: the same without the file header of 14 bytes (Windows GDI, OS/2)."""

from __future__ import annotations

from struct import unpack_from

from multitok.loaders.pictures.header import Damaged, Header
from multitok.loaders.source import Reader

_UNPACKED = (0, 3)
"""Compressions of pixels that stand as they are: none, and with masks of their bits."""


def read(r: Reader) -> Header:
    """The information header; what it says of packed pixels, the file header says of their end."""
    head = r.at(0, 48)
    if head[:2] != b"BM":
        raise Damaged("not its first bytes")
    length, pixels = unpack_from("<I4xI", head, 2)
    header, packing, room = _information(head, 14)
    if packing in _UNPACKED:
        return header._replace(length=pixels + room * header.height)
    return header._replace(length=length or None)


def read_dib(r: Reader) -> Header:
    """The information header alone: behind it come its colors, then the pixels."""
    header, packing, room = _information(r.at(0, 40), 0)
    return header._replace(length=room * header.height if packing in _UNPACKED else None)


def _information(head: bytes, at: int) -> tuple[Header, int, int]:
    """Width and height, the kind of packing, and the bytes of a row of unpacked pixels."""
    (size,) = unpack_from("<I", head, at)
    packing = 0
    if size == 12:  # OS/2
        width, height, planes, bits = unpack_from("<HHHH", head, at + 4)
    elif size >= 16:
        width, height, planes, bits = unpack_from("<iiHH", head, at + 4)
        packing = unpack_from("<I", head, at + 16)[0] if size > 16 else 0
    else:
        raise Damaged(f"a header of {size} bytes")
    if planes != 1 or bits > 64:
        raise Damaged(f"{planes} planes of {bits} bits")
    row = (abs(width) * bits + 31) // 32 * 4
    return Header(abs(width), abs(height)), packing, row


def size_in(head: bytes) -> tuple[int, int]:
    """Width and height that an information header tells, wherever it stands."""
    header, _, _ = _information(head, 0)
    return header.width, header.height
