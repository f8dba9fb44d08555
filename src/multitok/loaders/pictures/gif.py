"""GIF (CompuServe, 87a and 89a): blocks, each of sub-blocks behind their length."""

from __future__ import annotations

from struct import unpack

from multitok.loaders.pictures.header import Damaged, Header
from multitok.loaders.source import Reader


def read(r: Reader) -> Header:
    """The screen, grown to the first frame; a loop or a delay before that frame means animation."""
    width, height, packed = unpack("<HHB", r.at(6, 5))
    at = 13 + (3 << (packed & 7) + 1 if packed & 0x80 else 0)
    moving = False
    while True:
        kind = r.at(at, 1)
        if kind == b"\x2c":
            left, top, wide, tall = unpack("<HHHH", r.at(at + 1, 8))
            width, height = max(width, left + wide), max(height, top + tall)
            break
        if kind == b"\x3b":
            raise Damaged("no picture in it")
        if kind != b"\x21":
            raise Damaged(f"no block at byte {at}")
        label, length = unpack("BB", r.at(at + 1, 2))
        if label == 0xF9:
            moving = moving or r.at(at + 4, 2) not in (b"\0\0", b"")
        elif label == 0xFF:
            moving = moving or r.at(at + 3, 11) in (b"NETSCAPE2.0", b"ANIMEXTS1.0")
        at += 2
        while length:  # sub-blocks, each after its length, up to an empty one
            at += length + 1
            length = r.at(at, 1)[0]
        at += 1
    missing = "" if _ends(r, at) else "no trailer"
    return Header(width, height, 1, None if moving else 1, missing=missing)


def _ends(r: Reader, at: int) -> bool:
    """Whether the trailer stands in the file: mostly as its last bytes, else it is looked for."""
    if r.far or r.at(r.size - 2, 2) == b"\0\x3b":
        return True
    try:
        while (kind := r.at(at, 1)) in (b"\x21", b"\x2c"):
            table = r.at(at + 9, 1)[0] if kind == b"\x2c" else 0
            at += 2 if kind == b"\x21" else 11 + (3 << (table & 7) + 1 if table & 0x80 else 0)
            while length := r.at(at, 1)[0]:
                at += length + 1
            at += 1
    except IndexError:
        return False
    except EOFError:  # too long to look through
        return True
    return kind != b""
