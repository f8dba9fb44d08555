"""TIFF 6.0 and BigTIFF: directories of tags, one a page."""

from __future__ import annotations

import struct
from struct import unpack, unpack_from

from multitok.loaders.pictures.exif import directory
from multitok.loaders.pictures.header import MOST_FRAMES, Damaged, Header, displayed
from multitok.loaders.source import Reader

_FORMATS = {1: "", 2: " signed", 3: " float"}
_MOST_STRIPS = 1 << 16


def read(r: Reader) -> Header:
    """Width, height and orientation of the first page; the chain of pages gives their number."""
    order, big, at = _start(r)
    tags, following = directory(r, order, at, 0, None, big)
    try:
        width, height = tags[256], tags[257]
    except KeyError as missing:
        raise Damaged(f"no tag {missing}") from None
    pages: int | None = 1
    seen = {at}
    end = 0
    while following and following not in seen and pages is not None:
        seen.add(following)
        last = following
        try:
            following = _following(r, order, last, big)
        except struct.error:
            end = _page_end(r, order, last, big)
            break
        if not following:
            end = _page_end(r, order, last, big)
        pages = pages + 1 if pages < MOST_FRAMES else None
    end = max(end, _page_end(r, order, at, big))
    deep = tags.get(258) == 16
    return displayed(width, height, tags.get(274), pages, end if end > r.size else None, deep=deep)


def kind(r: Reader) -> str:
    """What the pixels of the first page are: "3 x 32-bit float"; "" where that makes no sense."""
    order, big, at = _start(r)
    depths = _values(r, order, at, big, 258) or [1]
    (sample,) = _values(r, order, at, big, 339)[:1] or [1]
    if sample not in _FORMATS or not all(0 < depth <= 64 for depth in depths):
        return ""
    (packing,) = _values(r, order, at, big, 259)[:1] or [1]
    packed = f", compression {packing}" if packing != 1 else ""
    return f"{len(depths)} x {depths[0]}-bit{_FORMATS[sample]}{packed}"


def _start(r: Reader) -> tuple[str, bool, int]:
    """Byte order, whether it is BigTIFF, and where the first directory is."""
    head = r.at(0, 16)
    order = "<" if head[:2] == b"II" else ">"
    big = head[2:4] in (b"+\0", b"\0+")
    return order, big, unpack_from(order + ("Q" if big else "I"), head, 8 if big else 4)[0]


def _following(r: Reader, order: str, at: int, big: bool) -> int:
    (entries,) = unpack(order + ("Q" if big else "H"), r.at(at, 8 if big else 2))
    place = at + (8 + 20 * entries if big else 2 + 12 * entries)
    following: int = unpack(order + ("Q" if big else "I"), r.at(place, 8 if big else 4))[0]
    return following


def _page_end(r: Reader, order: str, at: int, big: bool) -> int:
    """The last byte of a page: of its directory, or of its strips or tiles."""
    wide, step, slot = (8, 20, 8) if big else (2, 12, 4)
    entries = int.from_bytes(r.at(at, wide), "little" if order == "<" else "big")
    ends = [at + wide + entries * step + slot]
    for places, lengths in ((273, 279), (324, 325)):
        offsets = _values(r, order, at, big, places)
        ends += map(sum, zip(offsets, _values(r, order, at, big, lengths), strict=False))
    return max(ends)


def _values(r: Reader, order: str, at: int, big: bool, tag: int) -> list[int]:
    """Whole numbers of a tag; none where it is missing, cut off or of another type."""
    wide, step, slot = (8, 20, 8) if big else (2, 12, 4)
    entries = int.from_bytes(r.at(at, wide), "little" if order == "<" else "big")
    block = r.at(at + wide, min(entries, 65535) * step)
    for place in range(0, len(block) - step + 1, step):
        found, kind, count = unpack_from(order + ("HHQ" if big else "HHI"), block, place)
        if found != tag or kind not in (3, 4, 16) or count > _MOST_STRIPS:
            continue
        letter, size = {3: ("H", 2), 4: ("I", 4), 16: ("Q", 8)}[kind]
        value = block[place + step - slot : place + step]
        if size * count > slot:
            value = r.at(unpack(order + ("Q" if big else "I"), value)[0], size * count)
        if len(value) < size * count:
            return []
        return [*unpack_from(f"{order}{count}{letter}", value)]
    return []
