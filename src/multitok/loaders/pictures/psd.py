"""PSD and PSB (Adobe Photoshop File Formats Specification): 26 bytes tell the size of the whole.

Layers are no frames: the picture that all of them make stands behind them.
"""

from __future__ import annotations

import struct
from struct import unpack

from multitok.loaders.pictures.header import Damaged, Header
from multitok.loaders.source import Reader

MODES = {0: "bitmap", 1: "gray", 2: "indexed", 3: "RGB", 4: "CMYK", 7: "multichannel",
         8: "duotone", 9: "Lab"}  # fmt: skip


def read(r: Reader) -> Header:
    """Signature, version (2 is PSB), channels, height, width, bits of a channel, mode."""
    version, channels, height, width, bits, mode = unpack(">4xH6xHIIHH", r.at(0, 26))
    if version not in (1, 2) or bits not in (1, 8, 16, 32) or mode not in MODES:
        raise Damaged(f"version {version}, {bits} bits, mode {mode}")
    end = _end(r, version == 2, channels * height, (width * bits + 7) // 8)
    return Header(width, height, length=end, deep=bits == 16 and mode == 1)


def kind(r: Reader) -> str:
    """What its pixels are: "16-bit Lab"."""
    bits, mode = unpack(">HH", r.at(22, 4))
    return f"{bits}-bit {MODES[mode]}"


def _end(r: Reader, large: bool, rows: int, row: int) -> int | None:
    """Where the picture's data ends: behind colors, resources and layers. None where it is packed
    in a way that does not tell."""
    at = 26
    for wide in (4, 4, 8 if large else 4):
        block = r.at(at, wide)
        if len(block) < wide:
            return at + wide
        at += wide + int.from_bytes(block, "big")
    packing = r.at(at, 2)
    if packing == b"\0\0":
        return at + 2 + rows * row
    if packing == b"\0\1":  # PackBits: the bytes of each row come first
        wide = 4 if large else 2
        table = r.at(at + 2, rows * wide) if rows <= 1 << 20 else b""
        try:
            packed: int = sum(unpack(f">{rows}{'I' if large else 'H'}", table))
        except struct.error:
            return at + 2 + rows * wide if rows <= 1 << 20 else None
        return at + 2 + rows * wide + packed
    return at + 2
