"""How many numbers are held at once, and how far a packed array may expand: a file of a megabyte
must not ask for a gigabyte."""

from __future__ import annotations

from multitok.core.archives import expands_too_far
from multitok.loaders.columns.tables import wrong

MOST = 1 << 27
"""Numbers of a table that is loaded: a gigabyte of float64, of which rules hold a copy or two."""


def loadable(source: str, rows: int, channels: int) -> None:
    """SourceError for a table that is too large to be held."""
    if rows * channels > MOST:
        raise wrong(
            source,
            f"{rows:,} steps of {channels:,} channels are {rows * channels:,} numbers,"
            f" {MOST:,} at most are loaded: a count needs none of them; name fewer columns"
            " (columns=, --columns), or cut the file",
        )


def bounded(source: str, packed: int, whole: int) -> None:
    """SourceError for what expands to more than a file of its size may hold."""
    if expands_too_far(packed, whole):
        raise wrong(
            source,
            f"{packed:,} bytes expand to {whole:,}: a decompression bomb, or all one value; save"
            " it without compression",
        )
