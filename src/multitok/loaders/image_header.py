"""What an image file's header says: size as displayed, EXIF orientation, how many frames.

PNG, JPEG, GIF, WebP, BMP, ICO, TIFF, AVIF and HEIC, by their published layouts; nothing is decoded,
and no more is read than the header. Sizes are as displayed: the sides are swapped where the
orientation turns the picture by a quarter. Damaged headers raise SourceError; none hangs: every
step of a walk is a read, and a Reader ends after so many.
"""

from __future__ import annotations

import struct
from struct import unpack, unpack_from
from typing import NamedTuple

from multitok.core.errors import SourceError
from multitok.loaders.heif import still
from multitok.loaders.isobmff import Damaged
from multitok.loaders.source import Reader, Source

MOST_FRAMES = 1000
"""Frames and pages are counted so far, then called "many"."""

_MOST_XMP = 1 << 20


class Header(NamedTuple):
    """width and height as displayed; orientation as EXIF numbers it, 1 to 8 (1 is upright).

    frames   frames or pages; None where there are several and the header does not say how many
    length   the bytes that the header says the file has; None where it does not say
    deep     one channel of 16 bits, which Pillow's convert("RGB") cuts to white
    """

    width: int
    height: int
    orientation: int = 1
    frames: int | None = 1
    length: int | None = None
    deep: bool = False

    @property
    def stored(self) -> tuple[int, int]:
        """Width and height of the stored pixels, before they are turned."""
        return (self.height, self.width) if self.orientation > 4 else (self.width, self.height)


def read_header(source: Source, form: str) -> Header | None:
    """The header of a source whose format is known; None for a format that is not parsed here."""
    parse = _PARSERS.get(form)
    if parse is None:
        return None
    try:
        with Reader(source) as reader:
            header = parse(reader)
    except (struct.error, IndexError):
        why = "cut short" if (source.size or 0) < 65536 else "not as the format has it"
        raise SourceError(
            f"{source.name}: damaged {form} header: {why}", source=source.name
        ) from None
    except (Damaged, EOFError, OSError) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(
            f"{source.name}: damaged {form} header: {error}", source=source.name
        ) from None
    if header.width < 1 or header.height < 1:
        raise SourceError(
            f"{source.name}: damaged {form} header: the picture is"
            f" {header.width} x {header.height} pixels",
            source=source.name,
        )
    return header


def _displayed(
    width: int,
    height: int,
    orientation: int | None,
    frames: int | None,
    length: int | None = None,
    deep: bool = False,
) -> Header:
    if orientation is None or not 1 <= orientation <= 8:
        orientation = 1
    if orientation > 4:
        width, height = height, width
    return Header(width, height, orientation, frames, length, deep)


def _png(r: Reader) -> Header:
    """Chunks up to the first IDAT: IHDR has the size, acTL the frames, eXIf the orientation."""
    size: tuple[int, int] | None = None
    deep = False
    frames, exif, xmp, profile = 1, None, None, None
    at = 8
    while True:
        length, kind = unpack(">I4s", r.at(at, 8))
        if kind == b"IHDR":
            size = unpack(">II", r.at(at + 8, 8))
            deep = r.at(at + 16, 2) == b"\x10\0"  # 16 bits of gray
        elif kind == b"acTL":
            frames = unpack(">I", r.at(at + 8, 4))[0]
        elif kind == b"eXIf":
            exif = exif_orientation(r, at + 8, length)
        elif kind == b"iTXt" and length < _MOST_XMP:
            if r.at(at + 8, 20) == b"XML:com.adobe.xmp\0\0\0":
                xmp = xmp_orientation(r.at(at + 28, length - 20))
        elif kind in (b"zTXt", b"tEXt") and length < _MOST_XMP:
            if r.at(at + 8, 22) == b"Raw profile type exif\0":
                profile = _hex_profile(r.at(at + 30, length - 22), kind == b"zTXt")
        elif kind in (b"IDAT", b"IEND"):
            break
        if length > 0x7FFFFFFF:
            raise Damaged(f"a chunk of {length} bytes")
        at += length + 12
    if size is None:
        raise Damaged("no IHDR chunk")
    orientation = next((o for o in (exif, profile, xmp) if o is not None), None)
    return _displayed(*size, orientation, max(frames, 1), deep=deep)


def _hex_profile(text: bytes, packed: bool) -> int | None:
    """Orientation in the EXIF block that ImageMagick once wrote as hexadecimal text."""
    import zlib

    try:
        if packed:
            text = zlib.decompressobj().decompress(text[1:], _MOST_XMP)
        exif = bytes.fromhex(b"".join(text.split()[2:]).decode("ascii"))
    except (zlib.error, ValueError):
        return None
    block = Reader(Source("<exif>", data=exif, size=len(exif)))
    return exif_orientation(block, 0, len(exif))


def _jpeg(r: Reader) -> Header:
    """Marker segments up to the first frame header (SOF); APP1 holds EXIF and XMP."""
    exif, xmp, at = None, (0, 0), 2
    while True:
        mark, code, length = unpack(">BBH", r.at(at, 4))
        if mark != 0xFF:
            raise Damaged(f"no marker at byte {at}")
        if code == 0xFF:  # fill
            at += 1
            continue
        if code == 0x01 or 0xD0 <= code <= 0xD8:  # markers without a length
            at += 2
            continue
        if 0xC0 <= code <= 0xCF and code not in (0xC4, 0xC8, 0xCC):
            height, width = unpack(">HH", r.at(at + 5, 4))
            break
        if code in (0xD9, 0xDA):
            raise Damaged("the pixels start before the size is told")
        if length < 2:
            raise Damaged(f"a segment of {length} bytes at byte {at}")
        if code == 0xE1:
            label = r.at(at + 4, 6)
            if label == b"Exif\0\0" and exif is None:
                exif = exif_orientation(r, at + 10, length - 8)
            elif label == b"http:/":
                xmp = at + 4, length - 2
        at += length + 2
    if exif is None and xmp[0]:
        exif = xmp_orientation(r.at(*xmp))
    return _displayed(width, height, exif, 1)


def _gif(r: Reader) -> Header:
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
    return Header(width, height, 1, None if moving else 1)


def _webp(r: Reader) -> Header:
    head = r.at(0, 30)
    (riff,) = unpack_from("<I", head, 4)
    kind = head[12:16]
    if kind == b"VP8X":
        flags = head[20]
        width, height = unpack("<II", head[24:27] + b"\0" + head[27:30] + b"\0")
        orientation, frames = _webp_chunks(r, riff) if flags & 0x0E else (None, 1)
        return _displayed(width + 1, height + 1, orientation, frames, riff + 8)
    if kind == b"VP8 ":
        if head[23:26] != b"\x9d\x01\x2a":
            raise Damaged("no VP8 key frame")
        width, height = unpack_from("<HH", head, 26)
        return Header(width & 0x3FFF, height & 0x3FFF, length=riff + 8)
    if kind == b"VP8L":
        if head[20] != 0x2F:
            raise Damaged("no VP8L signature")
        (bits,) = unpack_from("<I", head, 21)
        return Header((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, length=riff + 8)
    raise Damaged(f"it starts with a {kind!r} chunk")


def _webp_chunks(r: Reader, riff: int) -> tuple[int | None, int | None]:
    """Orientation and frames of an extended file: EXIF and XMP stand after the pixels."""
    exif, xmp, frames, at = None, None, 0, 12
    while at + 8 <= min(riff + 8, r.size):
        kind, length = unpack("<4sI", r.at(at, 8))
        if kind == b"ANMF":
            frames += 1
            if frames > MOST_FRAMES:
                return None, None
        elif kind == b"EXIF":
            skip = 6 if r.at(at + 8, 6) == b"Exif\0\0" else 0
            exif = exif_orientation(r, at + 8 + skip, length - skip)
        elif kind == b"XMP " and length < _MOST_XMP:
            xmp = xmp_orientation(r.at(at + 8, length))
        at += 8 + length + (length & 1)
    return (xmp if exif is None else exif), max(frames, 1)


def _bmp(r: Reader) -> Header:
    head = r.at(0, 26)
    length, size = unpack_from("<I8xI", head, 2)
    if size == 12:  # OS/2
        width, height = unpack_from("<HH", head, 18)
    elif size >= 16:
        width, height = unpack_from("<ii", head, 18)
    else:
        raise Damaged(f"a header of {size} bytes")
    return Header(abs(width), abs(height), length=length or None)


def _ico(r: Reader) -> Header:
    """The largest of its pictures; one stored as PNG says its own size. 0 stands for 256."""
    count = unpack("<4xH", r.at(0, 6))[0]
    largest = (0, 0, 0)
    for index in range(count):
        width, height, offset = unpack("<BB10xI", r.at(6 + 16 * index, 16))
        size = (width or 256, height or 256, offset)
        largest = max(largest, size, key=lambda s: s[0] * s[1])
    width, height, offset = largest
    if offset and r.at(offset, 8) == b"\x89PNG\r\n\x1a\n":
        width, height = unpack(">II", r.at(offset + 16, 8))
    return Header(width, height)


def _tiff(r: Reader) -> Header:
    """Width, height and orientation of the first page; the chain of pages gives their number."""
    head = r.at(0, 16)
    order = "<" if head[:2] == b"II" else ">"
    big = head[2:4] in (b"+\0", b"\0+")
    (at,) = unpack_from(order + ("Q" if big else "I"), head, 8 if big else 4)
    tags, following = _directory(r, order, at, 0, None, big)
    try:
        width, height = tags[256], tags[257]
    except KeyError as missing:
        raise Damaged(f"no tag {missing}") from None
    pages: int | None = 1
    seen = {at}
    while following and following not in seen and pages is not None:
        seen.add(following)
        try:
            following = _following(r, order, following, big)
        except struct.error:
            break
        pages = pages + 1 if pages < MOST_FRAMES else None
    return _displayed(width, height, tags.get(274), pages, deep=tags.get(258) == 16)


_TYPES = {1: "B", 3: "H", 4: "I", 16: "Q"}


def _directory(
    r: Reader, order: str, at: int, base: int, end: int | None, big: bool
) -> tuple[dict[int, int], int]:
    """Tags of size, depth and orientation of a TIFF directory, and where the next directory is.

    Offsets count from `base`; a directory of EXIF may not go past `end`.
    """
    width, number = (8, "Q") if big else (2, "H")
    (entries,) = unpack(order + number, r.at(base + at, width))
    step = 20 if big else 12
    if entries > 65535:
        raise Damaged(f"a directory of {entries} tags")
    first = base + at + width
    room = step * entries if end is None else min(step * entries, max(end - first, 0))
    block = r.at(first, room)
    tags: dict[int, int] = {}
    for place in range(0, len(block) - step + 1, step):
        tag, kind, count = unpack_from(order + ("HHQ" if big else "HHI"), block, place)
        if tag in (256, 257, 258, 274) and count == 1 and kind in _TYPES:
            (tags[tag],) = unpack_from(order + _TYPES[kind], block, place + (12 if big else 8))
    following = 0
    if end is None:
        tail = r.at(first + step * entries, 8 if big else 4)
        if len(tail) == (8 if big else 4):
            (following,) = unpack(order + ("Q" if big else "I"), tail)
    return tags, following


def _following(r: Reader, order: str, at: int, big: bool) -> int:
    (entries,) = unpack(order + ("Q" if big else "H"), r.at(at, 8 if big else 2))
    place = at + (8 + 20 * entries if big else 2 + 12 * entries)
    following: int = unpack(order + ("Q" if big else "I"), r.at(place, 8 if big else 4))[0]
    return following


def exif_orientation(r: Reader, base: int, length: int) -> int | None:
    """Tag 274 of an EXIF block, which is laid out as a TIFF file; None where it has none."""
    head = r.at(base, 8)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(head[:4])
    if order is None or length < 8 or len(head) < 8:
        return None
    (at,) = unpack_from(order + "I", head, 4)
    if at + 2 > length:
        return None
    try:
        return _directory(r, order, at, base, base + length, False)[0].get(274)
    except struct.error:
        return None


def xmp_orientation(xmp: bytes) -> int | None:
    """tiff:Orientation of an XMP packet, as an attribute or as an element."""
    at = xmp.find(b"tiff:Orientation")
    if at < 0:
        return None
    value = xmp[at + 16 : at + 19].lstrip(b"=\"'>")[:1]
    return int(value) if value.isdigit() else None


def _avif(r: Reader) -> Header:
    return _heif(r, crops=False)  # decoders of AVIF leave the clean aperture to the viewer


def _heif(r: Reader, crops: bool = True) -> Header:
    width, height, orientation, frames, length, _ = still(r, crops=crops)
    return _displayed(width, height, orientation, frames, length)


_PARSERS = {
    "PNG": _png, "JPEG": _jpeg, "GIF": _gif, "WebP": _webp, "BMP": _bmp, "TIFF": _tiff,
    "BigTIFF": _tiff, "AVIF": _avif, "HEIC": _heif, "HEIF": _heif,
    "ICO": _ico,
}  # fmt: skip
