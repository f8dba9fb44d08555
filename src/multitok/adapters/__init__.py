"""Counting inside engines that people live in already: columns in, columns out.

    from multitok.adapters import count_column
    count_column(["hello world", None], model="gpt-4o")["tokens"]        # [2, None]

    multitok.adapters.huggingface    a function for `datasets.Dataset.map`
    multitok.adapters.daft           an expression over a column
    multitok.adapters.ray            a class for `ray.data.Dataset.map_batches`

Each imports its engine on use, and none is needed for the others. What is wrong with a cell is in
the column `error`, never raised, so a job of a night ends with its numbers.
"""

from multitok.adapters.columns import FIELDS, count_column

__all__ = ["FIELDS", "count_column"]
