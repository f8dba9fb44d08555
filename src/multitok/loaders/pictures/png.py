"""PNG (ISO/IEC 15948): chunks, each behind its length."""

from __future__ import annotations

from struct import unpack

from multitok.loaders.pictures.exif import exif_orientation, xmp_orientation
from multitok.loaders.pictures.header import MOST_XMP, Damaged, Header, displayed
from multitok.loaders.source import Reader, Source

SIGNATURE = b"\x89PNG\r\n\x1a\n"
END = b"\0\0\0\0IEND"


def read(r: Reader) -> Header:
    """Chunks up to the first IDAT: IHDR has the size, acTL the frames, eXIf the orientation."""
    size: tuple[int, int] | None = None
    deep = False
    frames, exif, xmp, profile = 1, None, None, None
    if r.at(0, 8) != SIGNATURE:
        raise Damaged("not its first bytes")
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
        elif kind == b"iTXt" and length < MOST_XMP:
            if r.at(at + 8, 20) == b"XML:com.adobe.xmp\0\0\0":
                xmp = xmp_orientation(r.at(at + 28, length - 20))
        elif kind in (b"zTXt", b"tEXt") and length < MOST_XMP:
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
    missing = "" if _ends(r, at) else "no IEND chunk"
    return displayed(*size, orientation, max(frames, 1), deep=deep, missing=missing)


def _ends(r: Reader, at: int) -> bool:
    """Whether the last chunk is in the file: mostly at its end, else it is looked for."""
    if r.far or r.at(r.size - 12, 8) == END:
        return True
    try:
        while at + 12 <= r.size:
            length, kind = unpack(">I4s", r.at(at, 8))
            if kind == b"IEND":
                return True
            if not kind.isalpha():
                return False
            at += length + 12
    except EOFError:  # too long to look through
        return True
    return False


def _hex_profile(text: bytes, packed: bool) -> int | None:
    """Orientation in the EXIF block that ImageMagick once wrote as hexadecimal text."""
    import zlib

    try:
        if packed:
            text = zlib.decompressobj().decompress(text[1:], MOST_XMP)
        exif = bytes.fromhex(b"".join(text.split()[2:]).decode("ascii"))
    except (zlib.error, ValueError):
        return None
    block = Reader(Source("<exif>", data=exif, size=len(exif)))
    return exif_orientation(block, 0, len(exif))
