"""What a file is: magic bytes first, the extension second.

A name that disagrees with the content is a note, not an error.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from multitok.core.errors import SourceError
from multitok.loaders.source import Source


class Kind(NamedTuple):
    """Modality and format, and what the reader should know of the name."""

    modality: str
    format: str
    notes: tuple[str, ...] = ()


_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image", "PNG"),
    (b"\xff\xd8\xff", "image", "JPEG"),
    (b"GIF87a", "image", "GIF"),
    (b"GIF89a", "image", "GIF"),
    (b"II*\x00", "image", "TIFF"),
    (b"MM\x00*", "image", "TIFF"),
    (b"II+\x00", "image", "BigTIFF"),
    (b"MM\x00+", "image", "BigTIFF"),
    (b"\x00\x00\x00\x0cJXL ", "image", "JPEG XL"),
    (b"\xff\x0a", "image", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "image", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "image", "JPEG 2000"),
    (b"8BPS\x00", "image", "PSD"),
    (b"\x00\x00\x01\x00", "image", "ICO"),
    (b"icns", "image", "ICNS"),
    (b"DDS \x7c\x00", "image", "DDS"),
    (b"qoif", "image", "QOI"),
    (b"%PDF-", "pdf", "PDF"),
    (b"\x1aE\xdf\xa3", "video", "Matroska"),
    (b"FLV\x01", "video", "FLV"),
    (b"\x00\x00\x01\xba", "video", "MPEG-PS"),
    (b"\x00\x00\x01\xb3", "video", "MPEG"),
    (b"\x00\x00\x00\x01\x67", "video", "H.264"),
    (b"\x00\x00\x00\x01\x09", "video", "H.264"),
    (b"fLaC", "audio", "FLAC"),
    (b"OggS", "audio", "Ogg"),
    (b"ID3\x02", "audio", "MP3"),
    (b"ID3\x03", "audio", "MP3"),
    (b"ID3\x04", "audio", "MP3"),
    (b"\xff\xfb", "audio", "MP3"),
    (b"\xff\xf3", "audio", "MP3"),
    (b"\xff\xf2", "audio", "MP3"),
    (b"\xff\xf1", "audio", "AAC"),
    (b"\xff\xf9", "audio", "AAC"),
    (b"\x93NUMPY", "series", "NPY"),
    (b"PAR1\x15", "series", "Parquet"),
)
_RAW_PHOTOS = frozenset(("dng", "nef", "cr2", "cr3", "arw", "orf", "rw2", "raf", "pef", "srw"))
_RIFF = {b"WEBP": ("image", "WebP"), b"AVI ": ("video", "AVI"), b"WAVE": ("audio", "WAV")}
_STILL_BRANDS = {
    b"avif": "AVIF", b"avis": "AVIF", b"heic": "HEIC", b"heix": "HEIC", b"hevc": "HEIC",
    b"hevx": "HEIC", b"heim": "HEIC", b"heis": "HEIC", b"mif1": "HEIF", b"msf1": "HEIF",
}  # fmt: skip
_SOUND_BRANDS = (b"M4A ", b"M4B ", b"F4A ")

_SUFFIXES: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("jpg", "jpeg", "jpe", "jfif"), ("image", "JPEG")),
    **dict.fromkeys(("png", "apng"), ("image", "PNG")),
    **dict.fromkeys(("tif", "tiff"), ("image", "TIFF")),
    **dict.fromkeys(("heic", "heif"), ("image", "HEIC")),
    **dict.fromkeys(("bmp", "dib"), ("image", "BMP")),
    **dict.fromkeys(("jp2", "j2k", "jpf", "jpx"), ("image", "JPEG 2000")),
    **dict.fromkeys(("ppm", "pgm", "pbm", "pnm"), ("image", "PPM")),
    "tga": ("image", "TGA"), "pcx": ("image", "PCX"), "sgi": ("image", "SGI"),
    "ico": ("image", "ICO"), "cur": ("image", "CUR"), "psd": ("image", "PSD"),
    "qoi": ("image", "QOI"),
    "dds": ("image", "DDS"), "jxl": ("image", "JPEG XL"), "svg": ("image", "SVG"),
    "gif": ("image", "GIF"), "webp": ("image", "WebP"), "avif": ("image", "AVIF"),
    **dict.fromkeys(("mp4", "m4v", "mov", "3gp"), ("video", "MP4")),
    **dict.fromkeys(("mkv", "webm"), ("video", "Matroska")),
    "avi": ("video", "AVI"), "flv": ("video", "FLV"), "mts": ("video", "MPEG-TS"),
    **dict.fromkeys(("h264", "264"), ("video", "H.264")),
    **dict.fromkeys(("mpg", "mpeg"), ("video", "MPEG")),
    "wav": ("audio", "WAV"), "flac": ("audio", "FLAC"), "mp3": ("audio", "MP3"),
    "m4a": ("audio", "MP4"), "aac": ("audio", "AAC"), "aiff": ("audio", "AIFF"),
    **dict.fromkeys(("ogg", "oga", "opus"), ("audio", "Ogg")),
    "pdf": ("pdf", "PDF"),
    "csv": ("series", "CSV"), "tsv": ("series", "TSV"), "ts": ("series", "TS"),
    "tsf": ("series", "TSF"), "npy": ("series", "NPY"), "npz": ("series", "NPZ"),
    "parquet": ("series", "Parquet"), "bvh": ("actions", "BVH"),
    **dict.fromkeys(("txt", "md", "rst", "log", "json", "jsonl", "xml", "html", "css", "js", "py",
                     "yaml", "yml", "toml", "ini", "sh", "c", "h", "cpp", "rs", "go", "java",
                     "tex", "srt", "vtt"), ("text", "text")),
}  # fmt: skip
FORMATS = frozenset(
    (
        *(form for _, _, form in _MAGIC),
        *(form for _, form in (*_RIFF.values(), *_SUFFIXES.values())),
        *_STILL_BRANDS.values(),
        *("AIFF", "MPEG-TS", "QuickTime"),
    )
)
"""The formats of files, as they are named here; what is in memory already has none of them."""
READ_AS_TEXT_TOO = ("CSV", "TSV", "TS", "TSF", "BVH", "text")


def by_suffix(name: str) -> tuple[str, str] | None:
    """Modality and format by the extension; None when it says nothing."""
    return _SUFFIXES.get(os.path.splitext(name)[1].lower().lstrip("."))


def by_magic(head: bytes) -> tuple[str, str] | None:
    """Modality and format by the first bytes; None when they say nothing."""
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "audio", "AIFF"
    if head[4:8] == b"ftyp":
        brands = {head[8:12], *(head[i : i + 4] for i in range(16, _box_end(head), 4))}
        if head[8:12] in _STILL_BRANDS:
            still = [_STILL_BRANDS[b] for b in sorted(brands & _STILL_BRANDS.keys())]
            return "image", next((f for f in still if f != "HEIF"), still[0])
        return ("audio", "MP4") if head[8:12] in _SOUND_BRANDS else ("video", "MP4")
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "video", "QuickTime"
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        return "image", "BMP"
    if len(head) > 376 and head[0] == head[188] == head[376] == 0x47:
        return "video", "MPEG-TS"
    for magic, modality, form in _MAGIC:
        if head.startswith(magic):
            return modality, form
    if head[:2] in (b"P4", b"P5", b"P6") and head[2:3] in (b"\n", b" ", b"\r", b"\t"):
        return "image", "PPM"
    if head[:9] == b"HIERARCHY" and b"ROOT" in head[:64]:
        return "actions", "BVH"
    return None


def _box_end(head: bytes) -> int:
    return min(int.from_bytes(head[:4], "big"), len(head), 64)


def sniff(source: Source) -> Kind:
    """The modality and format of a source, or SourceError when nothing here can read it."""
    head = source.head()
    suffix = source.suffix
    named = _SUFFIXES.get(suffix)
    found = by_magic(head)
    if suffix in _RAW_PHOTOS:
        raise SourceError(
            f"{source.name}: camera raw (.{suffix}) holds a sensor's readings, not a picture:"
            " develop it to JPEG or PNG first",
            source=source.name,
        )
    if found is not None:
        if found == named or named is None or suffix == "ts":
            return Kind(*found)
        return Kind(*found, _mismatch(source, suffix, named, found))
    if head[:2] == b"PK" and named == ("series", "NPZ"):
        return Kind(*named)
    if not head and (named is None or named[1] in READ_AS_TEXT_TOO):
        return Kind(*(named or ("text", "text")))
    if not head:
        raise SourceError(f"{source.name}: the file is empty", source=source.name)
    if suffix == "ts" and not _is_sktime(head):
        named = ("text", "text")  # TypeScript
    readable = looks_like_text(head)
    if named is not None:
        if readable and named[1] not in READ_AS_TEXT_TOO and not _may_be_text(named[1]):
            raise SourceError(
                f"{source.name}: not {_article(named[0])} multitok can read (looks like text)."
                " To count it as text, pass --as text",
                source=source.name,
            )
        return Kind(*named)
    if readable:
        return Kind("text", "text")
    raise SourceError(
        f"{source.name}: not a file multitok can read (starts with {head[:8].hex(' ')}). To read it"
        " as text, pass --as text --encoding NAME",
        source=source.name,
    )


def _is_sktime(head: bytes) -> bool:
    """A .ts file of time series starts with @ directives, after its comments."""
    lower = head.lower()
    return any(
        word in lower for word in (b"@problemname", b"@timestamps", b"@univariate", b"@data")
    )


def _may_be_text(form: str) -> bool:
    return form in ("SVG", "PPM")


FAMILIES = (
    {"MP4", "QuickTime", "Matroska"},
    {"MPEG", "MPEG-PS"},
    {"HEIC", "HEIF"},
    {"TIFF", "BigTIFF"},
)
"""Formats that go by each other's names."""


def _mismatch(
    source: Source, suffix: str, named: tuple[str, str], found: tuple[str, str]
) -> tuple[str, ...]:
    if named[0] == found[0] and any({named[1], found[1]} <= family for family in FAMILIES):
        return ()
    if source.declared:
        return (f"declared as {source.declared}, but holds {found[1]}",)
    return (f"named .{suffix}, but holds {found[1]}",)


def _article(modality: str) -> str:
    return ("an " if modality[0] in "aeiou" else "a ") + modality


_CONTROLS = bytes({*range(32)} - {*b"\t\n\v\f\r\x1b"})


def looks_like_text(head: bytes) -> bool:
    """UTF-8 (cut anywhere) of few control characters, or UTF-16 or 32 with a byte order mark."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") and len(head) % 2 == 0:
        return True
    if head[:4] == b"\0\0\xfe\xff":
        return True
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if b"\0" in head or controls * 10 > len(head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3 and error.reason == "unexpected end of data"
    return True
