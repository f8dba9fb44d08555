"""Shards: files of token ids as training reads them, a module a format.

A shard is written as one thing: its data, then what makes it readable, each under a temporary name
until all of it is on the disk. A format knows bytes; what a document is framed by, and whether its
ids fit, is settled before (`writing`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, BinaryIO, Literal, NamedTuple, Protocol, cast, get_args

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from multitok.datasets.shards.documents import Documents

Format = Literal["megatron", "datatrove", "npy", "arrow"]
"""megatron: .bin and .idx; datatrove and nanotron: .ds; numpy arrays; Hugging Face datasets."""
FORMATS: tuple[Format, ...] = get_args(Format)
Width = Literal["uint16", "int32", "uint32"]
"""What an id is stored as."""


class About(NamedTuple):
    """What a format may want to know: the tokenizer by its name, and the width of an id."""

    tokenizer: str
    width: Width


class Writer(Protocol):
    """What writes the documents of one shard."""

    def write(self, ids: NDArray[np.integer], lengths: list[int]) -> None:
        """Documents of these lengths, their ids one after another."""

    def finish(self) -> None:
        """All that stands behind the last document, and in the index."""


class Module(Protocol):
    """A module of this folder."""

    SUFFIXES: tuple[str, ...]
    """Its files: the data first, last what a reader looks for."""

    def width(self, ids_below: int | None) -> Width:
        """How wide an id is, where all lie below this number; None where that is not known."""

    def writer(self, files: Sequence[BinaryIO], about: About) -> Writer:
        """A writer to open files, one a suffix."""

    def read(self, stem: str) -> Documents:
        """The documents of a shard, read where they lie."""


def module(name: Format) -> Module:
    """The module of a format."""
    return cast(Module, import_module(f"multitok.datasets.shards.{name}"))
