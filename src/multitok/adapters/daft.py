"""Daft: an expression over a column, on this machine or on a Ray cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from multitok.adapters.columns import FIELDS, NUMBERS, count_column

if TYPE_CHECKING:
    import daft

__all__ = ["tokens"]


def tokens(
    column: str | daft.Expression,
    *,
    model: str | None = None,
    modality: str = "text",
    tokenizer: str | None = None,
    options: Mapping[str, Any] | None = None,
    batch_size: int = 256,
    **daft_words: Any,
) -> daft.Expression:
    """A struct of the counts of each cell: tokens, kind, most, width, height, error.

        from multitok.adapters.daft import tokens
        df = df.with_column("counted", tokens("text", model="gpt-4o"))
        df.select(df["counted"]["tokens"])

    batch_size    cells that are counted at once
    daft_words    how Daft runs it, the words of `daft.cls`: max_concurrency, use_process, cpus
    """
    import daft
    from daft import DataType

    types = {n: DataType.int64() if n in NUMBERS else DataType.string() for n in FIELDS}
    words = {"model": model, "modality": modality, "tokenizer": tokenizer, "options": options}

    @daft.cls(**daft_words)
    class Counter:
        def __init__(self, words: dict[str, Any]) -> None:
            self.words = words

        @daft.method.batch(  # type: ignore[untyped-decorator]
            return_dtype=DataType.struct(types), batch_size=batch_size
        )
        def count(self, cells: daft.Series) -> list[dict[str, Any]]:
            counted = count_column(cells.to_pylist(), **self.words)
            return [
                dict(zip(FIELDS, row, strict=True)) for row in zip(*counted.values(), strict=True)
            ]

    asked = daft.col(column) if isinstance(column, str) else column
    return Counter(words).count(asked)
