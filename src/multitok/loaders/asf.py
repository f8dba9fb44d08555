"""ASF (Advanced Systems Format, revision 01.20.03): a clip or a sound, by its stream properties.

The header is an object of objects: 16 bytes of GUID, 8 of length, then what it holds. Each stream
has a Stream Properties Object, which names its type; the properties of a further rendition may
stand inside an extended one, in the header's extension.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from struct import error, unpack
from typing import Literal

from multitok.loaders.source import Reader

_PROPERTIES = bytes.fromhex("9107dcb7b7a9cf118ee600c00c205365")
_EXTENDED = bytes.fromhex("cba5e61472c632438399a96952065b5a")
_EXTENSION = bytes.fromhex("b503bf5f2ea9cf118ee300c00c205365")
_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
_AUDIO = bytes.fromhex("409e69f84d5bcf11a8fd00805f5c442b")

_HEADER = 30
"""Bytes of the header object before the objects in it: GUID, length, their number, 2 reserved."""
_HEAD, _EXTENSION_HEAD = 24, 46
"""Bytes before the content of an object, and before the objects in the header's extension."""
_MOST = 1 << 16
"""Bytes of an extended object in which its stream properties are looked for."""


def holds(r: Reader) -> Literal["video", "audio"] | None:
    """What its streams are: a clip if one of them is a video; None where no stream is either."""
    types: set[bytes] = set()
    with suppress(error, EOFError, OSError, OverflowError):  # cut off: what was seen tells
        (length,) = unpack("<Q", r.at(16, 8))
        types.update(_types(r, _HEADER, length))
    return "video" if _VIDEO in types else "audio" if _AUDIO in types else None


def _types(r: Reader, at: int, end: int) -> Iterator[bytes]:
    """The type of each stream whose properties stand between these bytes."""
    while at + _HEAD <= min(end, r.size):
        kind, length = unpack("<16sQ", r.at(at, _HEAD))
        if kind == _PROPERTIES:
            yield r.at(at + _HEAD, 16)
        elif kind == _EXTENSION:
            yield from _types(r, at + _EXTENSION_HEAD, at + length)
        elif kind == _EXTENDED:
            inside = r.at(at, min(length, _MOST))
            place = inside.find(_PROPERTIES)
            if place >= 0:
                yield inside[place + _HEAD : place + _HEAD + 16]
        at += max(length, _HEAD)
