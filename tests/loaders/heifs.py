"""Pictures in boxes, built by hand: items, tracks and the small `mini` box."""

from __future__ import annotations

import struct


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def ftyp(major: bytes, *others: bytes, version: bytes = bytes(4)) -> bytes:
    return box(b"ftyp", major, version, *others)


def meta(width: int, height: int, codec: bytes = b"hvc1", at: int = 0, size: int = 0) -> bytes:
    """One item, the primary one: its size, its codec, and the bytes of the file that it lies in."""
    entry = box(b"infe", b"\2\0\0\0", struct.pack(">HH", 1, 0), codec, b"\0")
    ispe = box(b"ispe", struct.pack(">III", 0, width, height))
    return box(
        b"meta",
        bytes(4),
        box(b"hdlr", bytes(8), b"pict", bytes(13)),
        box(b"pitm", struct.pack(">IH", 0, 1)),
        box(b"iloc", struct.pack(">IBBHHHHII", 0, 0x44, 0, 1, 1, 0, 1, at, size)),
        box(b"iinf", struct.pack(">IH", 0, 1), entry),
        box(b"iprp", box(b"ipco", ispe), box(b"ipma", struct.pack(">IIHBB", 0, 1, 1, 1, 0x81))),
    )


def moov(
    handler: bytes, width: int, height: int, samples: int = 1, turned: bool = False, flags: int = 1
) -> bytes:
    """One track; `turned` by a quarter, clockwise."""
    matrix = (0, 1 << 16, 0, -1 << 16, 0, 0) if turned else (1 << 16, 0, 0, 0, 1 << 16, 0)
    tkhd = struct.pack(">I36x9iII", flags, *matrix, 0, 0, 1 << 30, width << 16, height << 16)
    entry = box(b"hvc1", bytes(24), struct.pack(">HH", width, height), bytes(50))
    stbl = box(
        b"stbl",
        box(b"stsd", struct.pack(">II", 0, 1), entry),
        box(b"stsz", struct.pack(">III", 0, 9, samples)),
    )
    hdlr = box(b"hdlr", bytes(8), handler, bytes(13))
    return box(
        b"moov",
        box(b"trak", box(b"tkhd", tkhd), box(b"mdia", hdlr, box(b"minf", stbl))),
    )


def mini(width: int, height: int, orientation: int = 1) -> bytes:
    """No flag set, 4:2:0; sides of 7 bits each where both are small enough, else of 15."""
    wide = 7 if max(width, height) <= 128 else 15
    bits = 1 << 3 | orientation - 1  # chroma, and its place among the flags before it: all 0
    bits = bits << 1 | (wide == 15)
    bits = (bits << wide | width - 1) << wide | height - 1
    used = 17 + 2 * wide
    return box(b"mini", (bits << 96 - used).to_bytes(12, "big"), bytes(40))
