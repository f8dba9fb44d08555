"""Hugging Face datasets: a function for `Dataset.map`, and the features that it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from multitok.adapters.columns import FIELDS, NUMBERS, count_column, named

if TYPE_CHECKING:
    import datasets

__all__ = ["features", "map_function"]


def map_function(
    column: str,
    *,
    model: str | None = None,
    modality: str = "text",
    tokenizer: str | None = None,
    options: Mapping[str, Any] | None = None,
    prefix: str = "",
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """A function of batches that adds the counts of a column.

        from multitok.adapters.huggingface import features, map_function
        ds = ds.map(map_function("text", model="gpt-4o"), batched=True, features=features(ds))

    prefix    in front of the new columns' names, where a data set has two that are counted

    Pictures are not decoded to be counted: `ds.cast_column("image", Image(decode=False))` first. It
    is pickled by its words, so the cache of `map` knows it again.
    """
    words = {"model": model, "modality": modality, "tokenizer": tokenizer, "options": options}
    return partial(_mapped, column=column, words=words, prefix=prefix)


def _mapped(
    batch: Mapping[str, Any], *, column: str, words: dict[str, Any], prefix: str
) -> dict[str, Any]:
    return named(count_column(batch[column], **words), prefix)


def features(dataset: datasets.Dataset, *, prefix: str = "") -> datasets.Features:
    """The features of a data set with those of its counts. `map` needs them: a first batch without
    an error would make a column of nothing of `error`."""
    from datasets import Features, Value

    types = {name: Value("int64" if name in NUMBERS else "string") for name in FIELDS}
    return Features({**dataset.features, **named(types, prefix)})
