"""NPY arrays: a row a step, a column a channel; how three sides are read is told."""

from __future__ import annotations

import re
import struct
from ast import literal_eval
from math import prod
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from multitok.core.archives import BROKEN
from multitok.core.schema import Within, misfit
from multitok.core.widening import widened
from multitok.loaders.columns.bounds import loadable
from multitok.loaders.columns.sides import sides
from multitok.loaders.columns.tables import Table, chosen, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

if TYPE_CHECKING:
    from numpy.typing import NDArray


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """One array of numbers."""
    with source.open() as file:
        shape, dtype, at = header(source.name, file.read(1 << 16))
        if why := no_numbers(dtype):
            raise wrong(source.name, f"the array must hold numbers, {_got(why)}")
        whole(source.name, source.size and source.size - at, shape, dtype)
        table = sides(source.name, "", shape, options.modality)
        keep = chosen(source.name, table.names, options.columns)
        table.one_movement(source.name, keep)
        kept = tuple(table.names[c] for c in keep)
        facts = {"dtype": dtype, **table.facts}
        if not values:
            return Table(names=kept, rows=table.rows, facts=facts, notes=table.notes)
        loadable(source.name, table.rows, len(table.names))
        file.seek(0)
        array = numbers(source.name, file)
    flat = widened(table.flat(array)[:, keep])
    return Table(names=kept, rows=table.rows, values=flat, facts=facts, notes=table.notes)


class _Told(TypedDict):
    """What the text at the beginning of an .npy file says."""

    descr: Any
    fortran_order: bool
    shape: list[Annotated[int, Within("a length", 0)]]


_SIZES = {"f": (2, 4, 8, 12, 16), "i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "b": (1,)}
"""Bytes of a number, by the letter of its kind."""


def header(name: str, head: bytes) -> tuple[tuple[int, ...], str, int]:
    """Shape, dtype and where the numbers begin, from the text that begins every .npy file; numpy is
    not imported."""
    if head[:6] != b"\x93NUMPY" or len(head) < 12:
        raise wrong(name, "not an .npy array: it does not begin with \\x93NUMPY")
    if head[6] not in (1, 2, 3) or head[7]:
        raise wrong(name, f"an .npy array of version {head[6]}.{head[7]}: 1.0, 2.0, 3.0 are read")
    size, at = ("<H", 10) if head[6] == 1 else ("<I", 12)
    (length,) = struct.unpack_from(size, head, 8)
    try:
        told = literal_eval(head[at : at + length].decode("latin-1"))
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError) as error:
        raise wrong(name, f"damaged .npy header ({str(error) or 'nested too deep'})") from None
    if why := misfit(told, _Told, ""):
        raise wrong(name, f"damaged .npy header ({why})")
    return tuple(told["shape"]), str(told["descr"]), at + length


_OTHERS = {
    "O": "Python objects, which only a pickle reads: save it as float64, or arrays of several"
    " lengths by numpy.savez, each under its name",
    "U": "text",
    "S": "text",
    "T": "text",
    "M": "dates: save its seconds, array.astype('datetime64[s]').astype(float)",
    "c": "complex numbers: save its real and imaginary parts as two channels",
    "V": "records: save each field under its name, by numpy.savez",
    "[": "records: save each field under its name, by numpy.savez",
}
"""What an array holds that are no numbers, by the letter of its kind, and what to do."""


def no_numbers(dtype: str) -> str:
    """Why an array of this dtype is no table of numbers; "" where it is one."""
    found = re.fullmatch(r"[<>|=]?([fiub])([1-9]\d?)", dtype)
    if found and int(found[2]) in _SIZES[found[1]]:
        return ""
    kind = dtype.lstrip("<>|=")[:1]
    return _OTHERS.get(kind, f"dtype {dtype}")


def _got(why: str) -> str:
    return f"got {why}" if why.startswith("dtype") else f"it holds {why}"


def whole(name: str, left: int | None, shape: tuple[int, ...], dtype: str) -> None:
    """SourceError where fewer bytes are left after the header than its values take."""
    if left is None:
        return
    values = prod(shape)
    there = max(left, 0) // int(re.sub(r"\D", "", dtype))
    if there < values:
        raise wrong(name, f"damaged .npy array ({values} values are announced, {there} are there)")


def numbers(name: str, file: Any) -> NDArray[Any]:
    import numpy as np

    try:
        return np.asarray(np.load(file, allow_pickle=False))
    except BROKEN as error:
        raise wrong(name, f"damaged .npy array ({error})") from None
