"""Boxes of the ISO base media format, which mp4, QuickTime, AVIF and HEIC are made of.

Source: ISO/IEC 14496-12.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct, unpack

from multitok.loaders.source import Reader


class Damaged(ValueError):
    """What is wrong with a header, in a few words."""


_HEAD = Struct(">I4s")
"""Bytes of a box, and its type: 0 is up to the end of what holds it, 1 that 8 bytes follow."""


def boxes(r: Reader, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(type, first byte of the content, end) of the boxes between `at` and `end`, in order."""
    while at + 8 <= end:
        length, kind = _HEAD.unpack(r.at(at, 8))
        start = at + 8
        if length == 1:
            (length,) = unpack(">Q", r.at(start, 8))
            start += 8
        at = at + length if length else end
        if at < start:
            raise Damaged(f"a box of {length} bytes")
        yield kind, start, at


def first_boxes(r: Reader, at: int, end: int) -> dict[bytes, tuple[int, int]]:
    """The first box of each type between `at` and `end`."""
    found: dict[bytes, tuple[int, int]] = {}
    for kind, start, stop in boxes(r, at, end):
        found.setdefault(kind, (start, stop))
    return found
