"""A finished scan: its rows, and what they add up to, read from its folder and never kept."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import finalize

from multitok.core.notebook import Displayed
from multitok.datasets import folder, parts
from multitok.datasets.totals import (
    Total,
    costs_of,
    errors_of,
    histogram_of,
    remarks_of,
    top_of,
    totals_of,
)
from multitok.prices.rates import Cost, Mode

if TYPE_CHECKING:
    from multitok.datasets.packed import Packed


class Scan(Displayed):
    """The table of counts in a folder, and its totals: what `scan` gives, or `Scan("counts/")`."""

    def __init__(
        self, out: str | Path, *, shard: tuple[int, int] | None = None, kept: bool = True
    ) -> None:
        """Of a folder: all its shards, or one. SourceError where some are not finished."""
        self.out = os.fspath(out)
        if not kept:  # it goes when nobody has the scan any more
            finalize(self, shutil.rmtree, out, ignore_errors=True)
        self.manifests = folder.manifests(self.out, shard)
        self.parts = folder.listed(self.manifests)

    @property
    def models(self) -> tuple[str, ...]:
        """Who counted."""
        return self.manifests[0].models

    @property
    def items(self) -> int:
        return sum(about.items for about in self.parts)

    @property
    def rows(self) -> int:
        """An item has one for each model."""
        return sum(about.rows for about in self.parts)

    @property
    def failed(self) -> int:
        """Rows that are errors."""
        return sum(about.errors for about in self.parts)

    @property
    def unread(self) -> int:
        """Of what was named, or found in a folder, how much could not be read at all."""
        return sum(about.items for about in self.parts if not about.source)

    @cached_property
    def tokens(self) -> int:
        """Of all rows: of all items, for all models."""
        return sum(about.tokens for about in self.parts)

    def tables(self, columns: Sequence[str] | None = None) -> Iterator[Any]:
        """The rows as pyarrow tables, one a unit, in the order of the data."""
        for about in self.parts:
            yield parts.read(os.path.join(self.out, about.key + parts.SUFFIX), columns)

    def table(self, columns: Sequence[str] | None = None) -> Any:
        """All rows as one pyarrow table: its columns are those of a part."""
        pa = parts.arrow()
        found = [table.replace_schema_metadata(None) for table in self.tables(columns)]
        return pa.concat_tables(found) if found else parts.schema().empty_table()

    def totals(self, *by: str) -> list[Total]:
        """What the rows add up to, by some of source, group, modality, model and kind; by modality,
        model and kind where nothing is named. Read anew from the parts."""
        return totals_of(self.tables, by or ("modality", "model", "kind"))

    def costs(
        self,
        output: int | tuple[int, int] = 0,
        *,
        mode: Mode = "standard",
        provider: str | None = None,
    ) -> dict[str, Cost]:
        """What the items cost each model, in dollars, each sent by itself.

        output    output tokens of each: a number, or (least, most)
        mode      standard, batch, flex, priority or fast
        provider  who sells it, where that is not its maker
        """
        return costs_of(self.tables, output=output, mode=mode, provider=provider)

    def histogram(self) -> dict[str | None, list[tuple[int, int]]]:
        """By model: (tokens from which a class is, rows in it); each is twice as wide as the
        last."""
        return histogram_of(self.tables)

    def top(self, number: int = 10) -> list[dict[str, Any]]:
        """The rows with the most tokens: id, source, modality, model, tokens and kind of each."""
        return top_of(self.tables, number)

    def errors(self, number: int | None = None) -> Iterator[dict[str, Any]]:
        """The items that could not be counted, or the first of them, each with its error."""
        return errors_of(self.tables, number)

    def pack(
        self,
        size: int,
        *,
        model: str | None = None,
        max_images: int | None = None,
        extra: int = 0,
    ) -> Packed:
        """Rows of `size` tokens, and of at most `max_images` pictures, of the items as a model
        counts them; `extra` tokens stand around each (BOS, EOS)."""
        from multitok.datasets.packed import pack_scan

        return pack_scan(self, size, model=model, max_images=max_images, extra=extra)

    def remarks(self, number: int | None = None) -> Iterator[dict[str, Any]]:
        """The requests that are known only in part, and what an API would reject, or the first of
        them, each with its remark."""
        return remarks_of(self.tables, number)

    def __int__(self) -> int:
        return self.tokens

    def __repr__(self) -> str:
        """<Scan: 1,281 items, 12,345 tokens, 3 errors in counts/>"""
        wrong = f", {self.failed:,} errors" if self.failed else ""
        return f"<Scan: {self.items:,} items, {self.tokens:,} tokens{wrong} in {self.out}>"
