"""What Python raises for an archive that is damaged, or packed in a way that it cannot read."""

from __future__ import annotations

import struct
import zlib
from zipfile import BadZipFile

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
