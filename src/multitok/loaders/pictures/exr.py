"""OpenEXR: attributes up to an empty name; the display window says what is shown."""

from __future__ import annotations

from struct import unpack

from multitok.loaders.pictures.header import Header
from multitok.loaders.source import Reader


def read(r: Reader) -> Header:
    """displayWindow: the first and the last pixel, both inside."""
    at = 8
    while True:
        name, _, rest = r.at(at, 512).partition(b"\0")
        kind, _, value = rest.partition(b"\0")
        if name == b"displayWindow":
            left, top, right, bottom = unpack("<4i", value[4:20])
            return Header(right - left + 1, bottom - top + 1)
        at += len(name) + len(kind) + 6 + unpack("<I", value[:4])[0]
