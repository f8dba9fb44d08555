"""datatrove's tokenized file, which nanotron reads: `.ds` with the ids, `.ds.metadata` with whose
they are, `.ds.index` with where each document ends.

Source: datatrove.pipeline.tokens.tokenizer.TokenizedFile, which writes the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
from typing import TYPE_CHECKING, BinaryIO

from multitok.datasets.shards import About
from multitok.datasets.shards.documents import Documents, documents, mapped
from multitok.datasets.shards.raw import RawWriter, unsigned as width

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SUFFIXES", "read", "width", "writer"]

SUFFIXES = (".ds", ".ds.metadata", ".ds.index")
PREFIXES = ("", "k", "M", "G", "T", "P", "E")


def writer(files: Sequence[BinaryIO], about: About) -> RawWriter:
    data, metadata, index = files

    def finish(lengths: NDArray[np.int64]) -> None:
        import numpy as np

        ends = np.cumsum(lengths)
        tokens = int(lengths.sum())
        whose = f"{about.tokenizer}|{np.dtype(about.width).itemsize}"
        metadata.write(f"{whose}\n{tokens}\n{in_words(tokens)}".encode())
        index.write(ends.astype("<u8").tobytes())

    return RawWriter(data, finish)


def in_words(tokens: int) -> str:
    """Three digits and a prefix, as the `humanize` package writes it: 1.23 MT."""
    power = floor(log10(tokens)) if tokens else 0
    digits = 2 - power % 3
    value = tokens / 10 ** (power // 3 * 3)
    if round(value, digits) >= 10 ** (power % 3 + 1):  # 999.9 k is 1.00 M
        power += 1
        digits, value = 2 - power % 3, tokens / 10 ** (power // 3 * 3)
    return f"{value:.{digits}f} {PREFIXES[power // 3]}T"


def read(stem: str) -> Documents:
    import numpy as np

    with open(f"{stem}.ds.metadata", encoding="utf-8") as file:
        size = file.readline().strip().rpartition("|")[2]
    if size not in ("2", "4"):
        raise ValueError(f"its metadata tell of ids of {size!r} bytes: 2 or 4")
    ids = mapped(f"{stem}.ds", "uint16" if size == "2" else "uint32")
    return documents(ids, np.array(mapped(f"{stem}.ds.index", "uint64"), dtype=np.int64))
