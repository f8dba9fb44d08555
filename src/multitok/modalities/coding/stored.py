"""The arrays of a file, by name, each read when it is asked for: .npy, .npz and .safetensors.

Nothing of a file is run (no pickle), and no shape is believed: what a header says to hold is held
against the limit before memory is taken for it, and against the bytes that are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, NamedTuple, TypedDict
from zipfile import ZipFile

from multitok.core.schema import Within, misfit, parsed

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_NUMBERS = 1 << 26
"""Numbers of an array: published codebooks have 4 million, and 64 are half a gigabyte."""
LONGEST_HEADER = 100_000_000
"""Bytes of a safetensors header: the format's own limit."""
_TYPES: Mapping[str, str] = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4",
    "I16": "<i2", "I8": "|i1", "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1",
}  # fmt: skip
"""numpy's name of each type of safetensors. It has no bfloat16: its bits are the upper half of a
float32's."""


class Stored(NamedTuple):
    """One array of a file: its shape, and how it is read."""

    shape: tuple[int, ...]
    read: Callable[[], NDArray[Any]]


@contextmanager
def arrays_of(path: str) -> Iterator[dict[str, Stored]]:
    """The arrays of a file that is open meanwhile; of an .npy the name is empty. OSError where
    it cannot be read, ValueError or an error of zipfile where it is damaged or of another kind."""
    with Path(path).open("rb") as file:
        start = file.read(8)
        file.seek(0)
        if start.startswith(b"\x93NUMPY"):
            yield {"": _npy(partial(open, path, "rb"))}
        elif start.startswith(b"PK"):
            with ZipFile(file) as archive:
                names = [name for name in archive.namelist() if name.endswith(".npy")]
                yield {name[:-4]: _npy(partial(archive.open, name)) for name in names}
        elif path.lower().endswith(".safetensors"):
            yield _tensors(file, start)
        else:
            raise ValueError("it is no .npy, .npz or .safetensors file")


def _npy(opened: Callable[[], AbstractContextManager[Any]]) -> Stored:
    from numpy.lib import format as numpy_format

    npy: Any = numpy_format  # numpy says of none of these what it takes
    with opened() as file:
        version = npy.read_magic(file)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"an .npy of version {version[0]}.{version[1]}, 1 and 2 are read")
        first = version == (1, 0)
        shape, _, dtype = (
            npy.read_array_header_1_0(file) if first else npy.read_array_header_2_0(file)
        )

    def read() -> NDArray[Any]:
        if dtype.kind not in "iuf":
            raise ValueError(f"an array of {dtype}, numbers are read")
        _within(shape)
        with opened() as file:
            made: NDArray[Any] = npy.read_array(file, allow_pickle=False)
        return made

    return Stored(tuple(shape), read)


def _within(shape: tuple[int, ...]) -> int:
    """How many numbers these are; ValueError for more than are read."""
    if (many := prod(shape)) > MOST_NUMBERS:
        raise ValueError(f"an array of {many:,} numbers, {MOST_NUMBERS:,} are read at most")
    return many


_Place = Annotated[int, Within("a whole number from 0 on", 0)]


class _Tensor(TypedDict):
    dtype: str
    shape: list[_Place]
    data_offsets: tuple[_Place, _Place]


def _tensors(file: BinaryIO, start: bytes) -> dict[str, Stored]:
    """The header is JSON behind its length; behind it lie the bytes of all tensors."""
    length = int.from_bytes(start, "little")
    if len(start) < 8 or not 2 <= length <= LONGEST_HEADER:
        raise ValueError(f"a header of {length:,} bytes")
    file.seek(8)
    header = parsed(file.read(length))
    if isinstance(header, dict):
        header.pop("__metadata__", None)
    if why := misfit(header, dict[str, _Tensor], ""):
        raise ValueError(why)
    end = file.seek(0, 2)
    return {name: _tensor(file, name, one, 8 + length, end) for name, one in header.items()}


def _tensor(file: BinaryIO, name: str, one: _Tensor, data: int, end: int) -> Stored:
    import numpy as np

    shape, (first, last) = tuple(one["shape"]), one["data_offsets"]

    def read() -> NDArray[Any]:
        if one["dtype"] not in _TYPES:
            raise ValueError(f"{name} is of {one['dtype']}, which is not read")
        kind, many = np.dtype(_TYPES[one["dtype"]]), _within(shape)
        if last - first != many * kind.itemsize or data + last > end:
            raise ValueError(f"{name} lacks bytes: the file is cut, or damaged")
        file.seek(data + first)
        made = np.frombuffer(file.read(last - first), kind)
        if one["dtype"] == "BF16":
            made = (made.astype("<u4") << 16).view("<f4")
        return made.reshape(shape)

    return Stored(shape, read)
