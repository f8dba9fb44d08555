"""The picture that a file of boxes shows (HEIF, AVIF and their kin): its size, turn and codec.

That is its primary item; where it has none, the one picture of a `mini` box, or the first picture
of its track of pictures. Source: ISO/IEC 23008-12 (items and their properties; Annex O: `mini`),
14496-12 (tracks).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from struct import unpack, unpack_from
from typing import NamedTuple

from multitok.loaders.isobmff import Damaged, boxes, first_boxes
from multitok.loaders.source import Reader, Source

STILL_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), "AVIF"),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "HEIC"),
    **dict.fromkeys((b"mif1", b"mif2", b"mif3", b"msf1", b"avci", b"avcs", b"j2ki", b"j2is",
                     b"jpeg", b"jpgs", b"vvic", b"vvis", b"evbi", b"evbs"), "HEIF"),
}  # fmt: skip
"""Brands of pictures, and what a file of each is called here."""
_SEQUENCES = frozenset((b"avis", b"hevc", b"hevx", b"msf1", b"avcs", b"j2is", b"jpgs", b"vvis",
                        b"evbs"))  # fmt: skip

_CODECS = {
    b"hvc1": "HEVC", b"hev1": "HEVC", b"lhv1": "layered HEVC", b"av01": "AV1",
    b"avc1": "H.264", b"avc3": "H.264", b"vvc1": "H.266", b"evc1": "EVC",
    b"j2k1": "JPEG 2000", b"jpeg": "JPEG", b"unci": "uncompressed samples",
    b"uncv": "uncompressed samples",
}  # fmt: skip
_MADE_OF = (b"grid", b"iden", b"iovl", b"tmap")
"""Items that are made of other items: tiles, a copy, layers, a picture and its gain map."""

# EXIF orientation of (quarter turns anticlockwise, mirror axis or None): HEIF turns first.
_TURNED = {
    (0, None): 1, (1, None): 8, (2, None): 3, (3, None): 6,
    (0, 0): 4, (1, 0): 5, (2, 0): 2, (3, 0): 7,
    (0, 1): 2, (1, 1): 7, (2, 1): 4, (3, 1): 5,
}  # fmt: skip
_MOST_BLOCK = 1 << 20


class Still(NamedTuple):
    """The picture that a file shows: its stored size and its orientation as EXIF numbers it.

    frames   pictures of its track, where it is a sequence too
    length   bytes up to the end of its last item; None where that is not said
    place    where it lies: "item", "mini" or "track"
    """

    width: int
    height: int
    orientation: int
    frames: int = 1
    length: int | None = None
    place: str = "item"


class _Track(NamedTuple):
    handler: bytes
    enabled: bool
    width: int
    height: int
    turn: int
    codec: bytes
    samples: int


def brands(head: bytes) -> list[bytes]:
    """The brands of a file that starts with `head`: the major one first; a `mini` box is named
    after its codec in the place of the version."""
    end = min(int.from_bytes(head[:4], "big"), len(head), 128)
    version = [head[12:16]] if head[8:12] == b"mif3" else []
    return [head[8:12], *version, *(head[at : at + 4] for at in range(16, end, 4))]


def shows_a_picture(source: Source) -> bool:
    """Whether a file that bears a brand of pictures is one: by its boxes, not by its name.

    A brand among others is not enough: a clip may have a cover. What decides is a primary item, a
    `mini` box or a track of pictures; and no track of video, where the major brand is one of clips.
    """
    head = source.head()
    major = head[8:12] in STILL_BRANDS
    start = int.from_bytes(head[:4], "big")
    if major and head[start + 4 : start + 8] in (b"meta", b"mini"):
        return True
    item, handlers = False, set()
    with Reader(source) as r, suppress(struct.error, IndexError, Damaged, EOFError):
        for kind, at, end in boxes(r, 0, r.size):
            if kind == b"mini":
                return True
            if kind == b"meta":
                item = b"pitm" in first_boxes(r, at + 4, end)
            elif kind == b"moov":
                handlers = {track.handler for track in _tracks(r, at, end)}
    if major:
        return item or b"pict" in handlers or b"vide" not in handlers
    return b"vide" not in handlers and (item or b"pict" in handlers)


def still(r: Reader, *, crops: bool) -> Still:
    """The picture that the file shows. Its EXIF orientation does not count: what turns it are the
    properties irot and imir. `crops` says whether the clean aperture (clap) cuts it."""
    named = brands(r.at(0, 128))
    sequence = not _SEQUENCES.isdisjoint(named)
    top: dict[bytes, tuple[int, int]] = {}
    end = 0
    for kind, start, end in boxes(r, 0, r.size):
        if kind == b"mini":
            return _mini(r, start)
        top.setdefault(kind, (start, end))
        if kind == b"meta" and not sequence:
            break
    found = _item(r, *top[b"meta"], crops=crops) if b"meta" in top else None
    track = _shown_track(r, *top[b"moov"]) if b"moov" in top else None
    if found is not None:
        return found._replace(frames=track.samples) if track and track.samples > 1 else found
    if track is not None:
        orientation = _TURNED[-track.turn // 90 % 4, None]
        return Still(track.width, track.height, orientation, track.samples, end, "track")
    raise Damaged("cut short" if end > r.size else "no primary picture")


def _item(r: Reader, start: int, end: int, *, crops: bool) -> Still | None:
    """The primary item of a `meta` box; None where there is none."""
    top = first_boxes(r, start + 4, end)
    if not {b"pitm", b"iprp"} <= top.keys():
        return None
    item = _primary(r, top)
    properties: list[tuple[bytes, int, int]] = []  # numbered from 1
    wanted: list[int] = []
    for kind, at, stop in boxes(r, *top[b"iprp"]):
        if kind == b"ipco":
            properties = list(boxes(r, at, stop))
        elif kind == b"ipma":
            wanted = wanted or _associated(r, at, stop, item)
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
    length = max(end, _reach(r, *top[b"iloc"])) if b"iloc" in top else None
    return Still(width, height, _TURNED[turns, mirror], 1, length)


def _primary(r: Reader, top: dict[bytes, tuple[int, int]]) -> int:
    at = top[b"pitm"][0]
    wide = r.at(at, 1) != b"\0"
    number: int = unpack(">I" if wide else ">H", r.at(at + 4, 4 if wide else 2))[0]
    return number


def _associated(r: Reader, at: int, end: int, item: int) -> list[int]:
    """The numbers of the properties that belong to an item."""
    version, flags, entries = unpack(">B2xBI", r.at(at, 8))
    block = r.at(at + 8, min(end - at - 8, _MOST_BLOCK))
    step, mask = (2, 0x7FFF) if flags & 1 else (1, 0x7F)
    wide = 4 if version else 2
    place = 0
    for _ in range(entries):
        (number,) = unpack_from(">I" if wide == 4 else ">H", block, place)
        count = block[place + wide]
        place += wide + 1
        if number == item:
            numbers = unpack_from(f">{count}{'H' if step == 2 else 'B'}", block, place)
            return [number & mask for number in numbers]
        place += count * step
    return []


def _reach(r: Reader, at: int, end: int) -> int:
    """The last byte that the item locations (iloc) name in the file itself."""
    block = r.at(at, min(end - at, _MOST_BLOCK))
    number, version = int.from_bytes, block[0]
    offset, length, base = block[4] >> 4, block[4] & 15, block[5] >> 4
    index = block[5] & 15 if version else 0
    wide = 4 if version == 2 else 2
    place, reach = 6 + wide, 0
    for _ in range(number(block[6:place], "big")):
        if place >= len(block):
            break
        place += wide + (2 if version else 0)  # the item; then 0: in the file, 1: in the idat box
        inside = version and block[place - 1] & 15
        inside = inside or number(block[place : place + 2], "big")  # which file, 0 being this one
        start = number(block[place + 2 : place + 2 + base], "big")
        place += 4 + base
        for _ in range(number(block[place - 2 : place], "big")):
            place += index
            stop = start + number(block[place : place + offset], "big")
            place += offset + length
            stop += number(block[place - length : place], "big")
            if place > len(block):
                return reach
            if stop > reach and not inside:
                reach = stop
    return reach


def _mini(r: Reader, at: int) -> Still:
    """A picture with its whole header in some bytes: version, nine flags, then these fields."""
    bits = int.from_bytes(r.at(at, 8), "big")
    orientation = (bits >> 48 & 7) + 1
    wide = 15 if bits >> 47 & 1 else 7
    width, height = bits >> 47 - wide, bits >> 47 - 2 * wide
    mask = (1 << wide) - 1
    return Still((width & mask) + 1, (height & mask) + 1, orientation, place="mini")


def _shown_track(r: Reader, start: int, end: int) -> _Track | None:
    """The track of pictures that a player shows: the first that is enabled."""
    shown = None
    with suppress(struct.error, IndexError, Damaged):
        for track in _tracks(r, start, end):
            if track.handler in (b"pict", b"vide") and track.enabled:
                return track
            shown = shown or (track if track.handler == b"pict" else None)
    return shown


def _tracks(r: Reader, start: int, end: int) -> Iterator[_Track]:
    for kind, at, stop in boxes(r, start, min(end, r.size)):
        if kind == b"trak":
            with suppress(KeyError):  # a box that a track needs is not there
                yield _track(r, at, stop)


def _track(r: Reader, start: int, end: int) -> _Track:
    from multitok.loaders.clips.boxes import matrix_turn

    inner = first_boxes(r, start, end)
    head = r.at(inner[b"tkhd"][0], 96)
    media = first_boxes(r, *inner[b"mdia"])
    table = first_boxes(r, *first_boxes(r, *media[b"minf"])[b"stbl"])
    first = table[b"stsd"][0] + 8  # of the sample descriptions
    width, height = unpack(">HH", r.at(first + 32, 4))
    return _Track(
        handler=r.at(media[b"hdlr"][0] + 8, 4),
        enabled=bool(head[3] & 1),
        width=width,
        height=height,
        turn=matrix_turn(head),
        codec=r.at(first + 4, 4),
        samples=unpack(">8xI", r.at(table[b"stsz"][0], 12))[0] if b"stsz" in table else 1,
    )


def codec_of(source: Source) -> str:
    """What the picture is packed with, in words; "" where the file does not say."""
    with Reader(source) as r, suppress(struct.error, IndexError, KeyError, Damaged, EOFError):
        top = first_boxes(r, 0, r.size)
        if b"mini" in top:
            named = {"AVIF": "AV1", "HEIC": "HEVC"}
            inside = (STILL_BRANDS.get(brand, "") for brand in brands(r.at(0, 128))[1:])
            codec = next((named[form] for form in inside if form in named), "")
            return f"{codec} in a mini box".strip()
        if b"meta" in top:
            inner = first_boxes(r, top[b"meta"][0] + 4, top[b"meta"][1])
            if b"pitm" in inner:
                kind = _type_of(r, inner, _primary(r, inner))
                return _CODECS.get(kind, repr(kind.decode("latin-1")))
        track = _shown_track(r, *top[b"moov"])
        return _CODECS.get(track.codec, repr(track.codec.decode("latin-1"))) if track else ""
    return ""


def split_associations(source: Source) -> bool:
    """Whether properties are given to items by two `ipma` boxes of one version and flags: the
    standard has one of each, and readers differ in whether they take more."""
    kinds: list[bytes] = []
    with Reader(source) as r, suppress(struct.error, IndexError, KeyError, Damaged, EOFError):
        meta = first_boxes(r, 0, r.size)[b"meta"]
        properties = first_boxes(r, meta[0] + 4, meta[1])[b"iprp"]
        kinds += (r.at(at, 4) for kind, at, _ in boxes(r, *properties) if kind == b"ipma")
    return len(kinds) > len({*kinds})


def _type_of(r: Reader, inner: dict[bytes, tuple[int, int]], item: int) -> bytes:
    """The four letters of an item's codec; of one that is made of others, those of the first."""
    at, end = inner[b"iinf"]
    types: dict[int, bytes] = {}
    for kind, start, _ in boxes(r, at + (6 if r.at(at, 1) == b"\0" else 8), end):
        if kind == b"infe" and (version := r.at(start, 1)[0]) >= 2:
            wide = 4 if version > 2 else 2
            number = int.from_bytes(r.at(start + 4, wide), "big")
            types[number] = r.at(start + 6 + wide, 4)
    for _ in range(len(_MADE_OF)):
        if types.get(item) not in _MADE_OF:
            break
        item = _made_of(r, inner, item)
    return types[item]


def _made_of(r: Reader, inner: dict[bytes, tuple[int, int]], item: int) -> int:
    at, end = inner[b"iref"]
    wide = 4 if r.at(at, 1) != b"\0" else 2
    for kind, start, _ in boxes(r, at + 4, end):
        if kind == b"dimg" and int.from_bytes(r.at(start, wide), "big") == item:
            return int.from_bytes(r.at(start + wide + 2, wide), "big")
    raise KeyError(item)
