"""A shard, written document by document."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.core.errors import MediaError
from multitok.core.writing import writing
from multitok.datasets.shards import About, Format, Module, Width, Writer, module

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK = 1 << 18
"""Ids that are gathered before they are written: a megabyte."""


class Framing(NamedTuple):
    """The ids around each document; None where there is none."""

    bos: int | None = None
    eos: int | None = None

    def most(self) -> int:
        """The larger of them; -1 where there is none."""
        return max(-1 if self.bos is None else self.bos, -1 if self.eos is None else self.eos)


UNFRAMED = Framing()


class Shard:
    """A shard that is being written.

    `write` takes the ids of a document; `documents` and `tokens`, framing included, tell how many
    there are. `told` is what a manifest says of it.
    """

    def __init__(self, format: Module, writer: Writer, width: Width, framing: Framing) -> None:
        import numpy as np

        self.width, self.framing = width, framing
        self.documents = self.tokens = 0
        self._format, self._writer = format, writer
        self._before, self._after = (
            [] if id is None else [np.array([id], np.int64)] for id in framing
        )
        self._parts: list[NDArray[Any]] = []
        self._lengths: list[int] = []
        self._held = 0

    def write(self, ids: NDArray[np.integer]) -> int:
        """One document; how many ids that are, with its framing."""
        parts = [*self._before, ids, *self._after]
        length = sum(map(len, parts))
        self._parts += parts
        self._lengths.append(length)
        self.documents += 1
        self.tokens += length
        self._held += length
        if self._held >= BLOCK:
            self._flush()
        return length

    def finish(self) -> None:
        """Called at the end of `shard`."""
        if self._lengths:
            self._flush()
        self._writer.finish()

    def told(self) -> dict[str, Any]:
        """JSON-able: what is in it, and how it is framed."""
        return {
            "documents": self.documents,
            "tokens": self.tokens,
            "width": self.width,
            "bos": self.framing.bos,
            "eos": self.framing.eos,
        }

    def _flush(self) -> None:
        import numpy as np

        ids = np.concatenate(self._parts)
        most = np.iinfo(self.width).max
        if len(ids) and (ids.min() < 0 or ids.max() > most):
            wrong = int(ids.max() if ids.max() > most else ids.min())
            raise MediaError(f"id {wrong} does not fit into {self.width}: it holds 0 to {most}")
        kind = np.dtype(self.width).newbyteorder("<")
        self._writer.write(ids.astype(kind, copy=False), self._lengths)
        self._parts, self._lengths, self._held = [], [], 0


def width_of(form: Module, ids_below: int | None, framing: Framing) -> Width:
    """How wide an id is: the framing may lie beyond the vocabulary."""
    return form.width(None if ids_below is None else max(ids_below, framing.most() + 1))


@contextmanager
def shard(
    stem: str,
    format: Format,
    *,
    ids_below: int | None = None,
    framing: Framing = UNFRAMED,
    tokenizer: str = "unnamed",
) -> Iterator[Shard]:
    """The files of a shard: there, whole and readable when the block ends, and none before.

    `stem` is their path without what the format puts behind it.
    """
    form = module(format)
    width = width_of(form, ids_below, framing)
    with ExitStack() as stack:
        # the last that is opened is the first to take its place: the data before its index
        files = [stack.enter_context(writing(stem + suffix)) for suffix in form.SUFFIXES[::-1]]
        made = Shard(form, form.writer(files[::-1], About(tokenizer, width)), width, framing)
        yield made
        made.finish()
