"""What an image file's header says: size as displayed, EXIF orientation, how many frames.

A module of `pictures` for each format, by its published layout; nothing is decoded, and no more is
read than the header and the end of the file, which tells whether it is whole (a file of another
machine is taken as whole: its end would be a request). Sizes are as
displayed: the sides are swapped where the orientation turns the picture by a quarter. Damaged
headers raise SourceError; none hangs: every step of a walk is a read, and a Reader ends after so
many.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache
from importlib import import_module

from multitok.core.errors import SourceError
from multitok.loaders.heif import still
from multitok.loaders.isobmff import Damaged
from multitok.loaders.pictures.exif import exif_orientation, xmp_orientation
from multitok.loaders.pictures.header import MOST_FRAMES, Header, displayed
from multitok.loaders.source import Reader, Source

__all__ = ["MOST_FRAMES", "Header", "exif_orientation", "read_header", "xmp_orientation"]

_MODULES = {
    "PNG": "png", "JPEG": "jpeg", "GIF": "gif", "WebP": "webp", "BMP": "bmp", "DIB": "bmp",
    "TIFF": "tiff", "BigTIFF": "tiff", "ICO": "ico", "CUR": "ico", "PSD": "psd", "PSB": "psd",
    "JPEG XL": "jxl", "EXR": "exr", "HDR": "hdr", "PAM": "netpbm", "PFM": "netpbm", "WBMP": "wbmp",
}  # fmt: skip
"""Who reads the header of each format."""


def read_header(source: Source, form: str) -> Header | None:
    """The header of a source whose format is known; None for a format that is not parsed here."""
    parse = _parser(form)
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
    except (Damaged, EOFError, OSError, OverflowError) as error:
        if isinstance(error, SourceError):
            raise
        why = str(error) if isinstance(error, Damaged | EOFError) else "a place that no file has"
        raise SourceError(
            f"{source.name}: damaged {form} header: {why}", source=source.name
        ) from None
    if header.width < 1 or header.height < 1:
        raise SourceError(
            f"{source.name}: damaged {form} header: the picture is"
            f" {header.width} x {header.height} pixels",
            source=source.name,
        )
    return header


@cache
def _parser(form: str) -> Callable[[Reader], Header] | None:
    if form in _BOXES:
        return _BOXES[form]
    if form not in _MODULES:
        return None
    module = import_module(f"multitok.loaders.pictures.{_MODULES[form]}")
    found: Callable[[Reader], Header] = module.read_dib if form == "DIB" else module.read
    return found


def _avif(r: Reader) -> Header:
    return _heif(r, crops=False)  # decoders of AVIF leave the clean aperture to the viewer


def _heif(r: Reader, crops: bool = True) -> Header:
    width, height, orientation, frames, length, _ = still(r, crops=crops)
    return displayed(width, height, orientation, frames, length)


_BOXES = {"AVIF": _avif, "HEIC": _heif, "HEIF": _heif}
