"""How far a packed array may expand: a file of a megabyte must not ask for a gigabyte."""

from __future__ import annotations

from multitok.loaders.columns.tables import wrong

FREE = 256 << 20
"""Bytes that any file may expand to."""
TIMES = 200
"""Beyond that, its packed bytes times this: numbers that were measured pack to a tenth at best."""


def bounded(source: str, packed: int, whole: int) -> None:
    """SourceError for what expands to more than a file of its size may hold."""
    if whole > FREE and whole > TIMES * packed:
        raise wrong(
            source,
            f"{packed:,} bytes expand to {whole:,}: a decompression bomb, or all one value; save"
            " it without compression",
        )
