"""Items made into ids: a document of a shard for each, and a row that tells how long it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, cast

from multitok.core.boundary import boundary
from multitok.core.errors import MediaError, MultitokError, OnlyCountsError
from multitok.core.media import Actions, Text
from multitok.core.tokenizer import Ranged, Tokenizer
from multitok.core.writing import put
from multitok.counting.door import subject_for
from multitok.counting.ranges import clipping, ranged
from multitok.counting.rules import Resolved, resolve
from multitok.datasets.asked import Asked, Shards
from multitok.datasets.parts import Row
from multitok.datasets.rows import billed_apart, said
from multitok.datasets.shards import module
from multitok.datasets.shards.writing import Framing, Shard, shard
from multitok.datasets.units import REQUEST, Item

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.datasets.work import Place

COUNTS = "_counts"
"""The folder of the rows, in that of the shards."""


class Tokenizing:
    """Makes tokens of items; a unit is a shard of its own, under its name."""

    def __init__(self, asked: Asked, shards: Shards) -> None:
        self._rule = rule_of(asked)
        self.tokenizer = cast("Tokenizer[Any, Any]", self._rule.counter)
        self._asked, self._shards = asked, shards
        self._of_text = self.tokenizer.modality == "text"
        self._ranged = isinstance(self.tokenizer, Ranged)
        self._kind = self.tokenizer.kind_at_hand()
        self._stack = ExitStack()
        self._shard: Shard | None = None
        self._stem = ""

    @contextmanager
    def unit(self, place: Place, key: str) -> Iterator[None]:
        """The shard of a unit: at its place when the block ends. Without a document there is
        none."""
        self._stem, self._shard = os.path.join(place.work, key), None
        with ExitStack() as self._stack:
            yield
        if self._shard is not None:
            self._put(key, os.path.dirname(place.out))

    def rows(self, item: Item) -> Iterator[Row]:
        """Write the document of an item; its row."""
        try:
            modality, ids, remark = self.document(item)
        except MultitokError as error:
            yield from self.failed(item, said(error))
            return
        if self._shard is None:
            self._shard = self._stack.enter_context(self._opened())
        tokens = self._shard.write(ids)
        told = tokens, self._kind, tokens, *billed_apart({modality: tokens})
        yield Row(item.id, item.row, item.group, modality, None, *told, remark=remark)

    def failed(self, item: Item, error: str) -> Iterator[Row]:
        """The row of an item that has no document."""
        yield Row(item.id, item.row, item.group, item.modality, None, error=error)

    def document(self, item: Item) -> tuple[str, NDArray[np.int64], str | None]:
        """The modality of an item, its ids, and what is to know of them."""
        if isinstance(item.content, MultitokError):
            raise item.content.with_traceback(None)
        if item.modality == REQUEST:
            raise MediaError(
                "a request has no ids of its own: which text is learned from? Name it, --column"
            )
        if self._of_text and item.modality == "text" and isinstance(item.content, str):
            with boundary("encoding", "the text"):
                return "text", self.tokenizer.encode_ids(Text(item.content)), None
        name = self._asked.tokenizer
        with boundary("reading", item.content):
            subject = subject_for(item.content, cast("Any", item.modality), None, name, (), {})
        with boundary("encoding", subject):
            content = subject.content()
            tokenizer, notes = self._in_range(content) if self._ranged else (self.tokenizer, ())
            ids = tokenizer.encode_ids(content)
        return subject.modality, ids, next(iter(notes), None)

    def _in_range(self, content: Any) -> tuple[Tokenizer[Any, Any], tuple[str, ...]]:
        """The tokenizer in the range that was named, else in that which the data set states. It is
        never learned from the movement itself, which would number each document in its own way:
        what lies outside is clipped, and told."""
        stated = content.quantiles if isinstance(content, Actions) else None
        if stated is not None:
            found, notes = ranged(self._rule, content)
            if found.counter.config().get("q01") == list(stated[0]):
                return cast("Tokenizer[Any, Any]", found.counter), notes
        return self.tokenizer, clipping(self.tokenizer, content)

    def _opened(self) -> Any:
        framing = Framing(self._shards.bos, self._shards.eos)
        return shard(
            self._stem,
            self._shards.format,
            ids_below=self.tokenizer.ids_below,
            framing=framing,
            tokenizer=self._asked.tokenizer or self.tokenizer.name,
        )

    def _put(self, key: str, folder: str) -> None:
        """The files to their place, what makes them readable last."""
        for suffix in module(self._shards.format).SUFFIXES:
            put(self._stem + suffix, os.path.join(folder, key + suffix))


def rule_of(asked: Asked) -> Resolved:
    """The rule of the tokenizer that was asked; an error for one whose ids nothing can be learned
    from."""
    rule = resolve("text", tokenizer=asked.tokenizer, options=asked.options)
    found = rule.counter
    if not isinstance(found, Tokenizer):
        raise OnlyCountsError(
            f"{found.name} only counts: its tokens are not published. See: multitok tokenizers"
        )
    if not found.shared_ids:
        raise MediaError(
            f"{found.name} numbers the words of each input anew: its ids mean nothing to a model."
            " Take another tokenizer (-t o200k_base)"
        )
    return rule
