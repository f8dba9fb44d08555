"""Ray Data: a class for `map_batches`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from multitok.adapters.columns import NUMBERS, count_column, named

if TYPE_CHECKING:
    import pyarrow

__all__ = ["Counter"]


class Counter:
    """Adds the counts of a column to each batch.

        from multitok.adapters.ray import Counter
        ds.map_batches(
            Counter, fn_constructor_kwargs={"column": "text", "model": "gpt-4o"},
            batch_format="pyarrow", num_cpus=0.5, compute=ray.data.ActorPoolStrategy(size=2),
        )

    prefix    in front of the new columns' names, where a table has two that are counted

    `num_cpus=0.5` matters: counters that hold every core leave none for whoever reads, and the job
    waits forever.
    """

    def __init__(
        self,
        column: str,
        *,
        model: str | None = None,
        modality: str = "text",
        tokenizer: str | None = None,
        options: Mapping[str, Any] | None = None,
        prefix: str = "",
    ) -> None:
        self._column, self._prefix = column, prefix
        self._words: dict[str, Any] = {
            "model": model, "modality": modality, "tokenizer": tokenizer, "options": options,
        }  # fmt: skip

    def __call__(self, batch: pyarrow.Table) -> pyarrow.Table:
        import pyarrow as pa

        counted = count_column(batch[self._column].to_pylist(), **self._words)
        for name, column in named(counted, self._prefix).items():
            whole = name.removeprefix(self._prefix) in NUMBERS
            batch = batch.append_column(
                name, pa.array(column, pa.int64() if whole else pa.string())
            )
        return batch
