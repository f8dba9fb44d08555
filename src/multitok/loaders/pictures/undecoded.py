"""Why a decoder gives up: on what it does not know, which is no damage, or on what is damaged."""

from __future__ import annotations

import re
import struct
from contextlib import suppress

from multitok.loaders.isobmff import Damaged
from multitok.loaders.pictures import psd, tiff
from multitok.loaders.source import Reader, Source

_NOT_KNOWN = re.compile(
    "unknown (pixel mode|raw mode|data organization|PCX mode|TGA map depth)|unsupported|unimpl"
    "emented|cannot handle|cannot load this image|not implemented|compression support"
    "|missing layer|codec configuration|decoder .* not available",
    re.IGNORECASE,
)
"""What Pillow says of pixels that it has no way to read."""
_KINDS = {"TIFF": tiff.kind, "BigTIFF": tiff.kind, "PSD": psd.kind}


def undecoded_kind(source: Source, form: str, error: Exception) -> str | None:
    """The kind of pixels, where Pillow does not know it; None where the file is damaged."""
    unknown = isinstance(_cause(error), KeyError | NotImplementedError)
    if not unknown and _NOT_KNOWN.search(str(error)) is None:
        return None
    if form in _KINDS:
        with Reader(source) as r, suppress(struct.error, IndexError, KeyError, Damaged, EOFError):
            return _KINDS[form](r) or None
        return None
    return in_words(error)


def in_words(error: Exception) -> str:
    """What an exception says to a reader: a bare number or an index says nothing."""
    if isinstance(_cause(error), struct.error | IndexError | EOFError | KeyError | OverflowError):
        return "not as the format has it"
    said = str(error)
    if not re.search("[a-z]{3}", said) or said.startswith("invalid literal"):
        return "not as the format has it"
    return said[:1].lower() + said[1:] if said[1:2].islower() else said


def _cause(error: Exception) -> BaseException:
    """What Pillow met, where it only turned it into a SyntaxError of the same words."""
    cause = error.__cause__
    return cause if cause is not None and str(cause) == str(error) else error
