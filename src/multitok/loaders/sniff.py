"""What a file is: magic bytes first, the extension second.

A name that disagrees with the content is a note, not an error.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from multitok.core.errors import SourceError
from multitok.loaders import formats
from multitok.loaders.heif import STILL_BRANDS, brands, shows_a_picture
from multitok.loaders.source import Reader, Source


class Kind(NamedTuple):
    """Modality and format, and what the reader should know of the name."""

    modality: str
    format: str
    notes: tuple[str, ...] = ()


_RAW_PHOTOS = frozenset(("dng", "nef", "cr2", "cr3", "arw", "orf", "rw2", "raf", "pef", "srw"))
_OTHER_PICTURES = frozenset((
    "xcf", "kra", "ora", "pdn", "ai", "cdr", "wmf", "emf", "pict", "pct", "iff", "ilbm", "fli",
    "flc", "msp", "pcd", "gbr", "pxr", "im", "ftc", "ftu", "djvu", "jxr", "wdp", "hdp", "jb2",
    "ktx", "ktx2", "vtf", "dpx", "cin", "bpg", "flif", "xwd", "dcm", "eps",
))  # fmt: skip
"""Pictures, drawings and works in progress that nothing here reads, and that are no text either."""
_SOUND_BRANDS = (b"M4A ", b"M4B ", b"F4A ")
_BEGINS = 2
"""The flag of an Ogg page with which a stream begins."""
_OGG_VIDEOS = (b"\x80theora", b"OVP80", b"BBCD\0", b"\x80daala", b"\1video\0")
"""How the first packet of a video in Ogg begins: Theora, VP8, Dirac, Daala, those of OGM."""
_JPEGS = ("video", "Motion JPEG")
"""A row of JPEGs, which starts as a single one does."""
_OTHER_SOUNDS = frozenset((
    "aa3", "aax", "adx", "aptx", "aptxhd", "dff", "dfpwm", "dss", "g722", "g726", "g729", "gsm",
    "ircam", "latm", "loas", "lc3", "mlp", "mmf", "msbc", "ofr", "oma", "pcm", "qcp", "sbc", "shn",
    "spdif", "sph", "spx", "tak", "vag", "vqf",
))  # fmt: skip
_OTHER_CLIPS = frozenset((
    "a64", "amv", "bik", "braw", "cavs", "cpk", "gxf", "h261", "h263", "h266", "nsv", "r3d", "roq",
    "smk", "swf", "vc1", "vvc", "yuv",
))  # fmt: skip
"""Sounds and clips that nothing here reads: of telephones, games, cameras, or of no header."""
_OTHERS = (
    ("a picture", _OTHER_PICTURES, "PNG"),
    ("a sound", _OTHER_SOUNDS, "WAV"),
    ("a clip", _OTHER_CLIPS, "MP4"),
)
READ_AS_TEXT_TOO = frozenset(row.name for row in formats.TABLE if row.written) - {"SVG", "PPM"}


def by_suffix(name: str) -> tuple[str, str] | None:
    """Modality and format by the extension; None when it says nothing."""
    row = formats.BY_SUFFIX.get(os.path.splitext(name)[1].lower().lstrip("."))
    return row and (row.modality, row.name)


def by_magic(head: bytes) -> tuple[str, str] | None:
    """Modality and format by the first bytes; None when they say nothing."""
    if head[4:8] == b"ftyp":
        return _by_brands(head)
    if (row := formats.by_magic(head)) is not None:
        return (_by_streams(head) if row.name == "Ogg" else row.modality), row.name
    if head[:9] == b"HIERARCHY" and b"ROOT" in head[:64]:
        return "actions", "BVH"
    return _by_words(head)


def _by_words(head: bytes) -> tuple[str, str] | None:
    """The same for formats that begin with words or numbers."""
    from multitok.loaders.pictures.netpbm import is_plain
    from multitok.loaders.unheard import by_first_words

    if head[:1] == b"P" and is_plain(head):
        return "image", "PPM"
    if (name := by_first_words(head)) is not None:
        return "audio", name
    return None


def _by_streams(head: bytes) -> str:
    """A clip or a sound: an Ogg begins with a page for each stream, which names the codec."""
    at = 0
    while head[at : at + 4] == b"OggS" and len(head) > at + 27 and head[at + 5] & _BEGINS:
        packet = at + 27 + head[at + 26]
        if head[packet : packet + 8].startswith(_OGG_VIDEOS):
            return "video"
        at = packet + sum(head[at + 27 : packet])
    return "audio"


def _by_brands(head: bytes) -> tuple[str, str]:
    """What a file of boxes says it is: a still picture, a sound or a clip."""
    if head[8:12] in STILL_BRANDS:
        return "image", _still_format(head)
    return ("audio", "MP4") if head[8:12] in _SOUND_BRANDS else ("video", "MP4")


def _still_format(head: bytes) -> str:
    """AVIF or HEIC, where one of the brands says so; else HEIF, which all of them are."""
    if (major := STILL_BRANDS.get(head[8:12], "HEIF")) != "HEIF":
        return major
    for brand in brands(head):
        if (form := STILL_BRANDS.get(brand, "HEIF")) != "HEIF":
            return form
    return "HEIF"


def _in_boxes(source: Source, found: tuple[str, str]) -> tuple[str, str]:
    """A picture or a clip, by what the file holds, where its brands leave that open."""
    head = source.head()
    if found[0] == "image":
        return found if shows_a_picture(source) else ("video", "MP4")
    if STILL_BRANDS.keys().isdisjoint(brands(head)) or not shows_a_picture(source):
        return found
    return "image", _still_format(head)


def _inside(
    source: Source, found: tuple[str, str], named: tuple[str, str] | None
) -> tuple[str, str]:
    """What a file is whose first bytes leave that open: boxes, an ASF, one JPEG or many."""
    if source.head()[4:8] == b"ftyp":
        return _in_boxes(source, found)
    if found[1] == "ASF":
        from multitok.loaders.asf import holds

        with Reader(source) as r:
            return holds(r) or "video", "ASF"
    return _JPEGS if found[1] == "JPEG" and named == _JPEGS else found


def sniff(source: Source) -> Kind:
    """The modality and format of a source, or SourceError when nothing here can read it."""
    head = source.head()
    suffix = source.suffix
    row = formats.BY_SUFFIX.get(suffix)
    named = row and (row.modality, row.name)
    found = by_magic(head)
    if found is not None:
        found = _inside(source, found, named)
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
        from multitok.loaders.pictures.by_name import may_be

        if readable and named[1] not in READ_AS_TEXT_TOO and not _may_be_text(named[1]):
            raise SourceError(
                f"{source.name}: not {_article(named[0])} multitok can read (looks like text)."
                " To count it as text, pass --as text",
                source=source.name,
            )
        if named[0] == "image" and not may_be(source, named[1]):
            raise SourceError(
                f"{source.name}: named .{suffix}, but it is no {named[1]}, nor another picture"
                f" multitok can read (starts with {head[:8].hex(' ')}): convert it to PNG",
                source=source.name,
            )
        return Kind(*named)
    if readable:
        return Kind("text", "text")
    for what, suffixes, target in _OTHERS:
        if suffix in suffixes:
            raise SourceError(
                f"{source.name}: {what} (.{suffix}) that nothing here reads: convert it to"
                f" {target}",
                source=source.name,
            )
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
    {"MP4", "MPEG-4"},
    {"HEIC", "HEIF"},
    {"TIFF", "BigTIFF"},
    {"BMP", "DIB"},
    {"PSD", "PSB"},
    {"PPM", "PAM"},
    {"ICO", "CUR"},
)
"""Formats that go by each other's names."""


def _mismatch(
    source: Source, suffix: str, named: tuple[str, str], found: tuple[str, str]
) -> tuple[str, ...]:
    if named[1] == found[1]:  # a container of several things, whose streams tell which
        return ()
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
