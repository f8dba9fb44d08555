"""Megatron's indexed data set: `.bin` with the ids, `.idx` with where each document lies.

Source: megatron/core/datasets/indexed_dataset.py of Megatron-LM; datatrove's MegatronTokenizedFile
writes the same bytes. A document is one sequence.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

from multitok.core.errors import OutputError
from multitok.datasets.shards import About, Width
from multitok.datasets.shards.documents import Documents, documents, mapped
from multitok.datasets.shards.raw import RawWriter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SUFFIXES = (".bin", ".idx")
MAGIC = b"MMIDIDX\x00\x00"
HEADER = struct.Struct("<QBQQ")
"""Version 1, the code of the width, sequences, documents and the 0 before the first."""
CODES: dict[Width, int] = {"int32": 4, "uint16": 8}
SMALL = 65_500
"""Megatron stores ids in two bytes where the vocabulary has fewer."""
LONGEST = 2**31 - 1
"""Ids of a document: its length is an int32."""


def width(ids_below: int | None) -> Width:
    return "uint16" if ids_below is not None and ids_below < SMALL else "int32"


def writer(files: Sequence[BinaryIO], about: About) -> RawWriter:
    data, index = files

    def finish(lengths: NDArray[np.int64]) -> None:
        import numpy as np

        if lengths.max(initial=0) > LONGEST:
            raise OutputError(
                f"a document of {lengths.max()} ids is too long for megatron: at most {LONGEST}."
                " Take another format, or cut the document"
            )
        ends = np.cumsum(lengths)
        size = np.dtype(about.width).itemsize
        index.write(MAGIC + HEADER.pack(1, CODES[about.width], len(lengths), len(lengths) + 1))
        index.write(lengths.astype("<i4").tobytes())
        index.write(((ends - lengths) * size).astype("<i8").tobytes())
        index.write(np.arange(len(lengths) + 1, dtype="<i8").tobytes())

    return RawWriter(data, finish)


def read(stem: str) -> Documents:
    import numpy as np

    with open(f"{stem}.idx", "rb") as file:
        begin = file.read(len(MAGIC) + HEADER.size)
        if not begin.startswith(MAGIC):
            raise ValueError("it does not begin as an index of Megatron's")
        _, code, sequences, _ = HEADER.unpack_from(begin, len(MAGIC))
        lengths = np.frombuffer(file.read(4 * sequences), "<i4", sequences)
    widths = {code: width for width, code in CODES.items()}
    if code not in widths:
        raise ValueError(
            f"its ids are of type {code}, which is none of {', '.join(widths.values())}"
        )
    return documents(mapped(f"{stem}.bin", widths[code]), np.cumsum(lengths, dtype=np.int64))
