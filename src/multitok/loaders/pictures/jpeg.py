"""JPEG (ITU-T T.81): marker segments, each behind 0xFF and its code.

As lenient as libjpeg, which decodes it: bytes between segments are skipped up to the next marker,
and a segment that is shorter than its own length field ends behind that field.
"""

from __future__ import annotations

from struct import unpack, unpack_from

from multitok.loaders.pictures.exif import exif_orientation, xmp_orientation
from multitok.loaders.pictures.header import Damaged, Header, displayed
from multitok.loaders.source import Reader

_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Frame headers (SOF), which tell the size."""
_BARE = frozenset((0x01, *range(0xD0, 0xD9)))
"""Markers without a length."""
_SCAN = 1 << 20


def read(r: Reader) -> Header:
    """Segments up to the first frame header; APP1 holds EXIF and XMP."""
    exif, xmp, at = None, (0, 0), 2
    while True:
        code, at, segment = _segment(r, at)
        if code in _BARE:
            continue
        if code in (0xD9, 0xDA):
            raise Damaged("the pixels start before the size is told")
        (length,) = unpack_from(">H", segment)
        if code in _SIZES:
            height, width = unpack(">HH", segment[3:])
            break
        if code == 0xE1:
            label = r.at(at + 2, 6)
            if label == b"Exif\0\0" and exif is None:
                exif = exif_orientation(r, at + 8, length - 8)
            elif label == b"http:/":
                xmp = at + 2, length - 2
        at += max(length, 2)
    if exif is None and xmp[0]:
        exif = xmp_orientation(r.at(*xmp))
    return displayed(width, height, exif, 1, missing="" if _ends(r, at) else "no EOI marker")


def _segment(r: Reader, at: int) -> tuple[int, int, bytes]:
    """The next marker's code, the place behind it and the 7 bytes there, as far as the size of a
    frame stands in them. A marker is 0xFF, then neither 0x00 nor 0xFF."""
    while True:
        found = r.at(at, 9)
        first, second = unpack_from("BB", found)
        if first == 0xFF and second not in (0x00, 0xFF):
            return second, at + 2, found[2:]
        if first == second == 0xFF:
            at += 1
        else:
            skipped = r.at(at + 1, 512).find(b"\xff")
            at += 1 + (skipped if skipped >= 0 else 512)


def _ends(r: Reader, at: int) -> bool:
    """Whether the end of the image (EOI) stands in the file: mostly as its last bytes.

    Behind a frame header 0xFF 0xD9 is nothing else, for pixels have 0x00 behind each 0xFF. Phones
    write whole clips behind it, so where the last bytes are others it is looked for.
    """
    if r.far or r.at(r.size - 2, 2) == b"\xff\xd9":
        return True
    while at < r.size:
        block = r.at(at, _SCAN)
        if b"\xff\xd9" in block:
            return True
        at += _SCAN - 1
    return False
