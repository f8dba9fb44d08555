"""Boxes of the ISO base media format, which mp4, QuickTime, AVIF and HEIC are made of.

Source: ISO/IEC 14496-12.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import unpack

from multitok.loaders.source import Reader


class Damaged(ValueError):
    """What is wrong with a header, in a few words."""


def _box(r: Reader, at: int, limit: int) -> tuple[int, int, bytes]:
    """Where the content of the box at `at` starts and ends, and its type."""
    length, kind = unpack(">I4s", r.at(at, 8))
    start = at + 8
    if length == 1:
        (length,) = unpack(">Q", r.at(start, 8))
        start += 8
    end = limit if length == 0 else at + length
    if end < start:
        raise Damaged(f"a box of {length} bytes")
    return start, end, kind


def boxes(r: Reader, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(type, first byte of the content, end) of the boxes between `at` and `end`, in order."""
    while at + 8 <= end:
        start, at, kind = _box(r, at, end)
        yield kind, start, at


def first_boxes(r: Reader, at: int, end: int) -> dict[bytes, tuple[int, int]]:
    """The first box of each type between `at` and `end`."""
    found: dict[bytes, tuple[int, int]] = {}
    for kind, start, stop in boxes(r, at, end):
        found.setdefault(kind, (start, stop))
    return found
