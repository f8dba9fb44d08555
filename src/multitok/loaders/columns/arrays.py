"""NPY and NPZ arrays, and WAV as a series: a row a step, a column a channel."""

from __future__ import annotations

import re
import struct
from ast import literal_eval
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from multitok.core.archives import BROKEN
from multitok.core.errors import MultitokError
from multitok.core.schema import Within, misfit
from multitok.loaders.columns.tables import Table, chosen, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

if TYPE_CHECKING:
    from zipfile import ZipFile

    import numpy as np
    from numpy.typing import NDArray


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """One array of (steps,) or (steps, channels), or an NPZ of several of one length."""
    if options.format == "WAV":
        return _wav(source, options, values)
    if options.format == "NPZ":
        return _npz(source, options, values)
    with source.open() as file:
        shape, dtype = _header(source.name, file.read(1 << 16))
        rows, width = _shape(source.name, shape, dtype)
        _whole(source.name, source.size, rows * width, dtype)
        names = tuple(f"channel{i}" for i in range(width))
        keep = chosen(source.name, names, options.columns)
        kept = tuple(names[c] for c in keep)
        if not values:
            return Table(names=kept, rows=rows, facts={"dtype": dtype})
        file.seek(0)
        numbers = _numbers(source.name, file)
    return Table(names=kept, rows=rows, values=numbers[:, keep], facts={"dtype": dtype})


class _Told(TypedDict):
    """What the text at the beginning of an .npy file says."""

    descr: Any
    shape: list[Annotated[int, Within("a length", 0)]]


_SIZES = {"f": (2, 4, 8, 12, 16), "i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "b": (1,)}
"""Bytes of a number, by the letter of its kind."""


def _header(name: str, head: bytes) -> tuple[tuple[int, ...], str]:
    """Shape and dtype from the text that begins every .npy file; numpy is not imported."""
    if head[:6] != b"\x93NUMPY" or len(head) < 12:
        raise wrong(name, "not an .npy array: it does not begin with \\x93NUMPY")
    size, at = ("<H", 10) if head[6] == 1 else ("<I", 12)
    (length,) = struct.unpack_from(size, head, 8)
    try:
        told = literal_eval(head[at : at + length].decode("latin-1"))
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError) as error:
        raise wrong(name, f"damaged .npy header ({str(error) or 'nested too deep'})") from None
    if why := misfit(told, _Told, ""):
        raise wrong(name, f"damaged .npy header ({why})")
    return tuple(told["shape"]), str(told["descr"])


def _shape(name: str, shape: tuple[int, ...], dtype: str) -> tuple[int, int]:
    found = re.fullmatch(r"[<>|=]?([fiub])([1-9]\d?)", dtype)
    if not found or int(found[2]) not in _SIZES[found[1]]:
        raise wrong(name, f"the array must hold numbers, got dtype {dtype}")
    if len(shape) not in (1, 2):
        raise wrong(name, f"the array must be (steps,) or (steps, channels), got shape {shape}")
    if len(shape) == 2 and shape[1] == 0:
        raise wrong(name, f"the array has no channels: shape {shape}")
    return shape[0], (shape[1] if len(shape) == 2 else 1)


def _whole(name: str, size: int | None, values: int, dtype: str) -> None:
    """SourceError for a file too short for the values that its header promises."""
    if size is None:
        return
    there = size // int(re.sub(r"\D", "", dtype))
    if there < values:
        raise wrong(
            name, f"damaged .npy array ({values} values are announced, at most {there} are there)"
        )


def _numbers(name: str, file: Any) -> NDArray[np.float64]:
    import numpy as np

    try:
        array = np.load(file, allow_pickle=False)
    except BROKEN as error:
        raise wrong(name, f"damaged .npy array ({error})") from None
    width = array.shape[1] if array.ndim == 2 else 1  # -1 tells nothing of an array without rows
    return np.asarray(array, dtype=np.float64).reshape(len(array), width)


def _npz(source: Source, options: ReadOptions, values: bool) -> Table:
    """Arrays by name: all of them as channels when they are of one length, else those asked for."""
    from zipfile import ZipFile

    try:
        with source.open() as file, ZipFile(file) as archive:
            return _members(source, archive, options, values)
    except MultitokError:
        raise
    except BROKEN as error:
        why = str(error) or "cut short"
        raise wrong(source.name, f"damaged .npz archive ({why})") from None


def _members(source: Source, archive: ZipFile, options: ReadOptions, values: bool) -> Table:
    members = {n.removesuffix(".npy"): n for n in archive.namelist() if n.endswith(".npy")}
    if not members:
        raise wrong(source.name, "no arrays in it")
    names = tuple(members)
    asked = [names[i] for i in chosen(source.name, names, options.columns)]
    shapes = {}
    for name in asked:
        where = f"{source.name}: {name}"
        with archive.open(members[name]) as member:
            shape, dtype = _header(where, member.read(1 << 16))
        shapes[name] = rows, width = _shape(where, shape, dtype)
        _whole(where, archive.getinfo(members[name]).file_size, rows * width, dtype)
    lengths = {rows for rows, _ in shapes.values()}
    if len(lengths) > 1:
        listed = ", ".join(f"{n} ({rows})" for n, (rows, _) in shapes.items())
        raise wrong(source.name, f"arrays of different lengths: {listed}: name one (columns=)")
    columns = tuple(
        name if width == 1 else f"{name}[{i}]"
        for name, (_, width) in shapes.items()
        for i in range(width)
    )
    (rows,) = lengths
    if not values:
        return Table(names=columns, rows=rows)
    import numpy as np

    parts = []
    for name in asked:
        with archive.open(members[name]) as member:
            parts.append(_numbers(f"{source.name}: {name}", member))
    return Table(names=columns, rows=rows, values=np.concatenate(parts, axis=1))


def _wav(source: Source, options: ReadOptions, values: bool) -> Table:
    """Integer PCM in -1..1, a step a sample."""
    import wave

    try:
        with source.open() as file, wave.open(file) as sound:
            rows, width, rate = sound.getnframes(), sound.getsampwidth(), sound.getframerate()
            if width > 4:
                raise wave.Error(f"{8 * width} bits")
            names = tuple(f"channel{i}" for i in range(sound.getnchannels()))
            keep = chosen(source.name, names, options.columns)
            kept = tuple(names[c] for c in keep)
            if not values:
                return Table(names=kept, rows=rows, hz=float(rate))
            data = sound.readframes(rows)
    except (wave.Error, EOFError, RuntimeError, struct.error) as error:
        why = str(error) or "cut short"
        raise wrong(source.name, f"not a WAV of whole numbers ({why}): read it as audio") from None
    data = data[: len(data) // (width * len(names)) * width * len(names)]  # steps that are whole
    numbers = _pcm(data, width).reshape(-1, len(names))[:, keep]
    return Table(names=kept, rows=len(numbers), values=numbers, hz=float(rate))


def _pcm(data: bytes, width: int) -> NDArray[np.float64]:
    """Samples of 1 to 4 bytes as numbers in -1..1; 8 bits are unsigned, the others signed."""
    import numpy as np

    if width == 1:
        return (np.frombuffer(data, np.uint8).astype(np.float64) - 128) / 128
    raw = np.frombuffer(data, np.uint8).reshape(-1, width)
    wide = np.zeros((len(raw), 4), np.uint8)
    wide[:, 4 - width :] = raw
    return wide.view("<i4")[:, 0] / 2.0**31
