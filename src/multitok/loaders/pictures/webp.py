"""WebP (RFC 9649): a RIFF file, plain or extended."""

from __future__ import annotations

from struct import unpack, unpack_from

from multitok.loaders.pictures.exif import exif_orientation, xmp_orientation
from multitok.loaders.pictures.header import MOST_FRAMES, MOST_XMP, Damaged, Header, displayed
from multitok.loaders.source import Reader


def read(r: Reader) -> Header:
    head = r.at(0, 30)
    (riff,) = unpack_from("<I", head, 4)
    kind = head[12:16]
    if kind == b"VP8X":
        flags = head[20]
        width, height = unpack("<II", head[24:27] + b"\0" + head[27:30] + b"\0")
        orientation, frames = _webp_chunks(r, riff) if flags & 0x0E else (None, 1)
        return displayed(width + 1, height + 1, orientation, frames, riff + 8)
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
        elif kind == b"XMP " and length < MOST_XMP:
            xmp = xmp_orientation(r.at(at + 8, length))
        at += 8 + length + (length & 1)
    return (xmp if exif is None else exif), max(frames, 1)
