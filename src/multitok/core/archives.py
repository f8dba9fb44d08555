"""How far an archive may expand, and what Python raises for one that is damaged, or packed in a way
that it cannot read."""

from __future__ import annotations

import struct
import zlib
from zipfile import BadZipFile

FREE = 256 << 20
"""Bytes that any archive may expand to."""
TIMES = 200
"""Beyond that, its packed bytes times this: numbers that were measured pack to a tenth at best."""


def expands_too_far(packed: int, whole: int) -> bool:
    """Whether an archive says to hold more than one of its size may."""
    return whole > FREE and whole > TIMES * packed


BROKEN: tuple[type[Exception], ...] = (
    BadZipFile,
    EOFError,
    OSError,
    RuntimeError,  # a password, an unknown method of compression, a newer version of the format
    ValueError,
    struct.error,
    zlib.error,
)
"""Errors of zipfile, and of numpy over it. Those of multitok come first: `except MultitokError`."""

try:
    from lzma import LZMAError
except ImportError:  # a Python without it says so by RuntimeError
    pass
else:
    BROKEN += (LZMAError,)
