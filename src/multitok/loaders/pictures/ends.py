"""Where a picture ends whose header Pillow reads: what it promises is held against its bytes.

Sources: ISO/IEC 15444-1 (JPEG 2000), the specifications of QOI, of Netpbm, of SGI ("The SGI Image
File Format" 1.00), of TGA ("Truevision TGA" 2.0), of PCX ("ZSoft PCX File Format") and of DDS.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from contextlib import suppress
from string import whitespace
from struct import unpack, unpack_from
from typing import NamedTuple

from multitok.loaders.isobmff import Damaged, first_boxes
from multitok.loaders.pictures.netpbm import raster
from multitok.loaders.source import Reader, Source


class End(NamedTuple):
    """The `length` of the whole file, where its header tells; what it is `missing`, or ""."""

    length: int | None = None
    missing: str = ""


_TAIL = 1 << 16
"""Bytes at the end of a file in which its last marker is looked for."""
_FEW = "fewer bytes than its pixels need"
_MOST_PACKED = 1 << 24
"""Bytes of packed pixels, or of pixels as text, that are looked through; more are not."""


def end_of(source: Source, form: str) -> End:
    """What a file of one of these formats has to hold; nothing where its header does not tell."""
    if form in _ENDS and not source.far:
        with Reader(source) as r, suppress(struct.error, IndexError, EOFError, OSError, Damaged):
            return _ENDS[form](r)
    return End()


def _marked(r: Reader, mark: bytes, name: str, end: int | None = None) -> End:
    """A file that ends with a mark, or has it before what stands behind the picture."""
    end = r.size if end is None else end
    start = max(0, end - _TAIL)
    return End() if mark in r.at(start, end - start) else End(missing=f"no {name}")


def _jpeg_2000(r: Reader) -> End:
    """A codestream up to its EOC marker, bare or as the content of a `jp2c` box."""
    if r.at(0, 4) == b"\xff\x4f\xff\x51":
        return _marked(r, b"\xff\xd9", "EOC marker")
    top = first_boxes(r, 0, r.size)
    if b"jp2c" not in top:
        return End(missing="no codestream")
    _, end = top[b"jp2c"]
    return End(length=end) if end > r.size else _marked(r, b"\xff\xd9", "EOC marker", end)


def _qoi(r: Reader) -> End:
    """Seven zeros and a one."""
    return _marked(r, bytes(7) + b"\1", "end marker")


def _netpbm(r: Reader) -> End:
    """Samples of one or two bytes, rows of bits, or numbers as text with a space between two."""
    kind, width, height, most, at = raster(r.at(0, 4096))
    row = width * (3 if kind in (3, 6) else 1)
    if kind == 4:
        return End(length=at + (width + 7) // 8 * height)
    if kind in (5, 6):
        return End(length=at + row * height * (1 if most < 256 else 2))
    if r.size - at > _MOST_PACKED:
        return End()
    text = r.at(at, r.size - at)
    numbers = len(text.translate(None, whitespace.encode()) if kind == 1 else text.split())
    return End(missing=_FEW if numbers < row * height else "")


def _sgi(r: Reader) -> End:
    """Behind 512 bytes the samples; packed ones behind the places and lengths of their rows."""
    packed, wide, sides, width, height, channels = unpack(">xxBBHHHH", r.at(0, 12))
    height, channels = height if sides > 1 else 1, channels if sides > 2 else 1
    if not packed:
        return End(length=512 + width * height * channels * wide)
    rows = height * channels
    if r.size < 512 + 8 * rows:
        return End(length=512 + 8 * rows)
    table = unpack(f">{2 * rows}I", r.at(512, 8 * rows))
    return End(length=max(map(sum, zip(table[:rows], table[rows:], strict=True))))


def _tga(r: Reader) -> End:
    """Behind the header its name, its colors, its pixels, as they are or in packets."""
    name, kind, colors, deep, width, height, depth = unpack("<BxBxxHB4xHHB", r.at(0, 17))
    each, pixels = (depth + 7) // 8, width * height
    at = 18 + name + colors * ((deep + 7) // 8)
    if kind < 9:
        return End(length=at + pixels * each)
    packed = r.at(at, min(r.size, _MOST_PACKED))
    place = seen = 0
    while seen < pixels and place < len(packed):
        head = packed[place]
        seen += (head & 127) + 1
        place += 1 + (each if head & 128 else each * (head + 1))
    whole = len(packed) == _MOST_PACKED or (seen >= pixels and place <= len(packed))
    return End(missing="" if whole else _FEW)


_RUN = re.compile(rb"([\xc0-\xff])[\0-\xff]", re.DOTALL)
"""Of a PCX: a byte with two high bits tells how often the next one stands; others stand alone."""


def _pcx(r: Reader) -> End:
    """Behind 128 bytes rows of planes in runs; behind them 256 colors may stand."""
    head = r.at(0, 128)
    bits = head[3]
    top, bottom, planes, row = (unpack_from("<H", head, at)[0] for at in (6, 10, 65, 66))
    need = (bottom - top + 1) * (planes & 255) * row
    stop = max(128, r.size - 769)
    if bits != 8 or r.at(stop, 1) != b"\x0c":
        stop = r.size
    packed = r.at(128, min(stop - 128, _MOST_PACKED))
    if not head[2]:
        return End(length=128 + need)
    runs = b"".join(_RUN.findall(packed))
    there = len(packed) - 2 * len(runs) + sum(runs) - 0xC0 * len(runs)
    return End(missing=_FEW if there < need and len(packed) < _MOST_PACKED else "")


_BLOCKS = {
    **dict.fromkeys((b"DXT1", b"ATI1", b"BC4U", b"BC4S"), 8),
    **dict.fromkeys((b"DXT2", b"DXT3", b"DXT4", b"DXT5", b"ATI2", b"BC5U", b"BC5S"), 16),
}
"""Bytes of a block of 4 x 4 pixels, by the four letters of its packing."""
_BLOCKS_10 = {number: 8 if number < 73 or 79 <= number < 82 else 16 for number in range(70, 85)}
_BLOCKS_10 |= dict.fromkeys(range(94, 100), 16)
"""The same by the number of a DXGI format, behind the letters DX10."""
_PLAIN = 0x40 | 0x20000 | 0x2
"""Flags of pixels that stand as they are: of colors, of gray, of nothing but alpha."""


def _dds(r: Reader) -> End:
    """The largest picture, which stands first; smaller ones and the sides of a cube follow."""
    head = r.at(0, 132)
    height, width = unpack_from("<II", head, 12)
    flags, letters, bits = unpack_from("<I4sI", head, 80)
    blocks = (width + 3) // 4 * ((height + 3) // 4)
    if letters == b"DX10":
        each = _BLOCKS_10.get(unpack_from("<I", head, 128)[0])
        return End(length=148 + blocks * each if each else None)
    if letters in _BLOCKS:
        return End(length=128 + blocks * _BLOCKS[letters])
    return End(length=128 + (width * bits + 7) // 8 * height if flags & _PLAIN else None)


_ENDS: dict[str, Callable[[Reader], End]] = {
    "JPEG 2000": _jpeg_2000, "QOI": _qoi, "PPM": _netpbm, "SGI": _sgi, "TGA": _tga, "PCX": _pcx,
    "DDS": _dds,
}  # fmt: skip
