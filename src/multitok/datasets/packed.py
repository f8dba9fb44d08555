"""The items of a scan, packed into rows: a plan by their names, and their lengths for samplers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.core.errors import MediaError
from multitok.core.parameters import listed
from multitok.core.writing import make_folder, writing
from multitok.datasets import parts
from multitok.datasets.packing import PackingPlan, pack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.datasets.scanned import Scan

PLAN, LENGTHS = "pack.parquet", "lengths.npy"
NOT_COUNTED = "not counted"
LONGER, MORE_IMAGES = "longer than a row", "more images than a row may have"
"""Why an item is left out; one that could not be counted says its error."""


class Packed(NamedTuple):
    """The rows of a scan.

    plan      where each counted item lies, in the order of the data
    table     a line for each item that has a row, row by row (pyarrow): row, order, id, source,
              tokens
    left_out  the items that have none: id, tokens, images, and why
    lengths   tokens of every item of the scan, in the order of the data; 0 where it has no count
    """

    plan: PackingPlan
    table: Any
    left_out: list[dict[str, Any]]
    lengths: NDArray[np.int64]

    def save(self, folder: str | Path) -> tuple[str, str]:
        """Write `lengths.npy` and `pack.parquet` into a folder; their paths."""
        import numpy as np

        make_folder(folder)
        lengths, plan = os.path.join(folder, LENGTHS), os.path.join(folder, PLAN)
        with writing(plan) as file:
            parts.arrow().parquet.write_table(self.table, file, compression="zstd")
            file.flush()  # both are written before one takes its place
            with writing(lengths) as numbers:
                np.save(numbers, self.lengths, allow_pickle=False)
        return lengths, plan


def pack_scan(
    scan: Scan, size: int, *, model: str | None, max_images: int | None, extra: int
) -> Packed:
    """`Scan.pack`."""
    import numpy as np

    items = _items(scan, model)
    counted = items.column("tokens").is_valid().to_numpy()
    lengths = items.column("tokens").fill_null(-extra).to_numpy() + extra
    images = items.column("images").fill_null(0).to_numpy()
    kept = np.flatnonzero(counted)
    plan = pack(lengths[kept], size, images=images[kept], max_images=max_images)
    order = kept[np.lexsort((plan.order, plan.rows))[len(plan.left_out) :]]
    out = np.sort(np.concatenate([kept[plan.left_out], np.flatnonzero(~counted)]))
    return Packed(
        plan,
        _table(items, plan, kept, order, lengths),
        [_why(row, extra, size) for row in items.take(parts.arrow().array(out)).to_pylist()],
        lengths,
    )


def _items(scan: Scan, model: str | None) -> Any:
    """The rows of one model."""
    import pyarrow.compute as pc

    names = scan.models
    if model is None and len(names) > 1:
        raise MediaError(f"name the model whose counts are packed: {listed(names)}")
    if model is not None and model not in names:
        raise MediaError(f"{scan.out} has no counts of {model!r}: {listed(names) or 'no model'}")
    rows = scan.table(["id", "source", "row", "model", "tokens", "images", "error"])
    if model is not None:
        rows = rows.filter(pc.equal(rows.column("model"), model))
    return _whole(rows) if len(rows) else rows


def _whole(rows: Any) -> Any:
    """The text and the pictures of one row of a table, or of one line, are one item: with the
    tokens of all, or of none where one could not be counted."""
    import numpy as np

    pa = parts.arrow()
    source = rows.column("source").combine_chunks().dictionary_encode().indices.to_numpy()
    number = rows.column("row").to_numpy()
    begins = np.ones(len(rows), np.bool_)
    begins[1:] = (source[1:] != source[:-1]) | (number[1:] != number[:-1])
    starts = np.flatnonzero(begins)
    if len(starts) == len(rows):
        return rows
    failed = rows.column("tokens").is_null().to_numpy()
    lacking = np.logical_or.reduceat(failed, starts)
    tokens = np.add.reduceat(rows.column("tokens").fill_null(0).to_numpy(), starts)
    images = np.add.reduceat(rows.column("images").fill_null(0).to_numpy(), starts)
    first = np.minimum.reduceat(np.where(failed, np.arange(len(rows)), len(rows)), starts)
    told = rows.take(pa.array(np.where(lacking, first, starts)))
    for name, column in (("tokens", pa.array(tokens, mask=lacking)), ("images", pa.array(images))):
        told = told.set_column(told.schema.get_field_index(name), name, column)
    return told


def _table(
    items: Any,
    plan: PackingPlan,
    kept: NDArray[np.int64],
    order: NDArray[np.int64],
    lengths: NDArray[np.int64],
) -> Any:
    import numpy as np

    pa = parts.arrow()
    place = np.searchsorted(kept, order)
    found = items.take(pa.array(order))
    return pa.table(
        {
            "row": plan.rows[place],
            "order": plan.order[place].astype(np.int32),
            "id": found.column("id"),
            "source": found.column("source").dictionary_encode(),
            "tokens": lengths[order],
        }
    )


def _why(row: dict[str, Any], extra: int, size: int) -> dict[str, Any]:
    """What is left out, and why."""
    tokens = None if row["tokens"] is None else row["tokens"] + extra
    if tokens is None:
        why = row["error"] or NOT_COUNTED
    else:
        why = LONGER if tokens > size else MORE_IMAGES
    return {"id": row["id"], "tokens": tokens, "images": row["images"], "why": why}
