"""Hugging Face data sets: an Arrow stream whose column `input_ids` holds a list a document.

`datasets.Dataset.from_file("00000.arrow")` maps it into memory, and `load_dataset("arrow", ...)`
reads many.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from multitok.core.extras import require
from multitok.datasets.shards import About, Width
from multitok.datasets.shards.documents import Documents

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SUFFIXES = (".arrow",)
COLUMN = "input_ids"


def width(ids_below: int | None) -> Width:
    """Torch has no unsigned ids of use."""
    return "int32"


def writer(files: Sequence[BinaryIO], about: About) -> ArrowWriter:
    return ArrowWriter(files[0])


class ArrowWriter:
    """A batch of rows for each block of documents."""

    def __init__(self, data: BinaryIO) -> None:
        self._pa = pyarrow()
        self._schema = self._pa.schema([(COLUMN, self._pa.list_(self._pa.int32()))])
        self._stream = self._pa.ipc.new_stream(data, self._schema)

    def write(self, ids: NDArray[np.integer], lengths: list[int]) -> None:
        import numpy as np

        offsets = np.cumsum([0, *lengths], dtype=np.int32)
        lists = self._pa.ListArray.from_arrays(self._pa.array(offsets), self._pa.array(ids))
        self._stream.write_batch(self._pa.record_batch([lists], schema=self._schema))

    def finish(self) -> None:
        self._stream.close()


def pyarrow() -> Any:
    require("pyarrow", extra="parquet", purpose="Arrow files")
    import pyarrow

    return pyarrow


def read(stem: str) -> Documents:
    pa = pyarrow()
    stream = pa.ipc.open_stream(pa.memory_map(f"{stem}.arrow"))
    table = stream.read_all()
    table.validate(full=True)
    return Documents([_block(chunk) for chunk in table.column(COLUMN).chunks])


def _block(lists: Any) -> tuple[NDArray[Any], NDArray[np.int64]]:
    import numpy as np

    offsets = np.asarray(lists.offsets, dtype=np.int64)
    return lists.flatten().to_numpy(), offsets[1:] - offsets[0]
