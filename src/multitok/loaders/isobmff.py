"""Boxes of the ISO base media format; in AVIF and HEIC, the size and turn of the primary picture.

Source: ISO/IEC 14496-12 (boxes), 23008-12 (items and their properties).
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import unpack, unpack_from

from multitok.loaders.source import Reader


class Damaged(ValueError):
    """What is wrong with a header, in a few words."""


# EXIF orientation of (quarter turns anticlockwise, mirror axis or None): HEIF turns first.
_TURNED = {
    (0, None): 1, (1, None): 8, (2, None): 3, (3, None): 6,
    (0, 0): 4, (1, 0): 5, (2, 0): 2, (3, 0): 7,
    (0, 1): 2, (1, 1): 7, (2, 1): 4, (3, 1): 5,
}  # fmt: skip


def primary_picture(r: Reader, *, crops: bool) -> tuple[int, int, int, bool]:
    """Stored width and height, orientation, and whether the file is a sequence.

    Its EXIF orientation does not count: what turns it are the properties irot and imir. `crops`
    says whether the clean aperture (clap) cuts it.
    """
    at, moving = 0, r.at(8, 4) in (b"avis", b"msf1", b"hevc", b"hevx")
    while True:
        start, end, kind = _box(r, at, r.size)
        if kind == b"meta":
            break
        at = end
    top = _first(r, start + 4, end)
    if not {b"pitm", b"iprp"} <= top.keys():
        raise Damaged("no primary picture")
    at = top[b"pitm"][0]
    (item,) = (
        unpack(">H", r.at(at + 4, 2)) if r.at(at, 1) == b"\0" else unpack(">I", r.at(at + 4, 4))
    )
    inner = _first(r, *top[b"iprp"])
    properties = list(boxes(r, *inner[b"ipco"])) if b"ipco" in inner else []  # numbered from 1
    wanted = _associated(r, *inner[b"ipma"], item) if b"ipma" in inner else []
    width = height = turns = 0
    mirror: int | None = None
    for index in wanted:
        if not 0 < index <= len(properties):
            continue
        kind, at, _ = properties[index - 1]
        if kind == b"ispe":
            width, height = unpack(">II", r.at(at + 4, 8))
        elif kind == b"irot":
            turns = r.at(at, 1)[0] & 3
        elif kind == b"imir":
            mirror = r.at(at, 1)[0] & 1
        elif kind == b"clap" and crops:
            wide, wide_by, tall, tall_by = unpack(">IIII", r.at(at, 16))
            if wide_by and tall_by:
                width, height = min(width, wide // wide_by), min(height, tall // tall_by)
    return width, height, _TURNED[turns, mirror], moving


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


def _first(r: Reader, at: int, end: int) -> dict[bytes, tuple[int, int]]:
    """The first box of each type between `at` and `end`."""
    found: dict[bytes, tuple[int, int]] = {}
    for kind, start, stop in boxes(r, at, end):
        found.setdefault(kind, (start, stop))
    return found


def _associated(r: Reader, at: int, end: int, item: int) -> list[int]:
    """The numbers of the properties that belong to an item."""
    version, flags, entries = unpack(">B2xBI", r.at(at, 8))
    block = r.at(at + 8, min(end - at - 8, 1 << 20))
    wide, step, mask = (4, 2, 0x7FFF) if flags & 1 else (4, 1, 0x7F)
    wide = 4 if version else 2
    place = 0
    for _ in range(entries):
        (number,) = unpack_from(">I" if wide == 4 else ">H", block, place)
        count = block[place + wide]
        place += wide + 1
        if number == item:
            return [
                int.from_bytes(block[i : i + step], "big") & mask
                for i in range(place, place + count * step, step)
            ]
        place += count * step
    return []
