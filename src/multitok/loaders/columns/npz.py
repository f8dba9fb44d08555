"""NPZ archives: arrays of one length side by side, among others that are left out and told."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from multitok.core.archives import BROKEN
from multitok.core.errors import MultitokError
from multitok.core.widening import widened
from multitok.loaders.columns.arrays import header, no_numbers, numbers, whole
from multitok.loaders.columns.bounds import bounded, loadable
from multitok.loaders.columns.clocks import in_seconds, speaks_of_time, told_by
from multitok.loaders.columns.sides import Sides, sides
from multitok.loaders.columns.tables import Table, chosen, rate, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

if TYPE_CHECKING:
    from zipfile import ZipFile

    import numpy as np
    from numpy.typing import NDArray

AMASS = {"poses", "trans"}
"""The arrays of an AMASS file that move: rotations (axis and angle) and the place of the root."""

RATES = ("mocap_framerate", "mocap_frame_rate", "framerate", "frame_rate", "fps", "hz")
"""Numbers beside the arrays that are steps a second."""


class _Held(NamedTuple):
    """What an archive holds: tables by name, what is left out and why, and the steps a second."""

    tables: Mapping[str, Sides]
    others: Mapping[str, str]
    hz: float | None


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """The arrays asked for by name, or all that are of one length.

    One named time, timestamps, ... is the clock. Of an AMASS file its poses and trans are read."""
    from zipfile import ZipFile

    try:
        with source.open() as file, ZipFile(file) as archive:
            return _table(source, archive, options, values)
    except MultitokError:
        raise
    except BROKEN as error:
        why = str(error) or "cut short"
        raise wrong(source.name, f"damaged .npz archive ({why})") from None


def _table(source: Source, archive: ZipFile, options: ReadOptions, values: bool) -> Table:
    held = _held(source, archive, options.modality)
    places = {
        column: (name, place)
        for name, table in held.tables.items()
        for place, column in enumerate(table.names)
    }
    clock = told_by(source.name, options.time, list(held.tables), _clock(held.tables))
    columns = _asked(source.name, held, places, clock, options.columns)
    used: dict[str, list[int]] = {}
    for column in columns:
        name, place = places[column]
        used.setdefault(name, []).append(place)
    rows = _rows(source.name, {name: held.tables[name].rows for name in used})
    if clock is not None and (clock in used or held.tables[clock].rows != rows):
        clock = None
    facts: dict[str, str] = {}
    for name, wanted in used.items():
        held.tables[name].one_movement(source.name, wanted)
        facts |= held.tables[name].facts
    left = [name for name in (*held.tables, *held.others) if name not in (*used, clock, *RATES)]
    if left and not options.columns:
        facts["left out"] = ", ".join(left)
    if not values:
        return Table(names=columns, rows=rows, hz=held.hz, time=clock, facts=facts)
    for name in used:
        loadable(source.name, rows, len(held.tables[name].names))
    loadable(source.name, rows, len(columns))
    import numpy as np

    out = np.empty((rows, len(columns)))
    for name, wanted in used.items():
        into = [i for i, column in enumerate(columns) if places[column][0] == name]
        out[:, into] = widened(
            held.tables[name].flat(_array(source.name, archive, name))[:, wanted]
        )
    stamps = None
    if clock is not None:
        stamps = in_seconds(clock, widened(_array(source.name, archive, clock)).reshape(-1))
    return Table(
        names=columns, rows=rows, values=out, time=clock, timestamps=stamps,
        hz=held.hz or rate(stamps), facts=facts,
    )  # fmt: skip


def _held(source: Source, archive: ZipFile, modality: str) -> _Held:
    tables: dict[str, Sides] = {}
    others: dict[str, str] = {}
    hz = None
    for file in archive.namelist():
        if not file.endswith(".npy"):
            continue
        name = file.removesuffix(".npy")
        where = f"{source.name}: {name}"
        info = archive.getinfo(file)
        bounded(where, min(info.compress_size, source.size or 0), info.file_size)
        with archive.open(file) as member:
            head = member.read(1 << 16)
        shape, dtype, at = header(where, head)
        why = no_numbers(dtype)
        if not why:
            whole(where, info.file_size - at, shape, dtype)
        if why:
            others[name] = why
        elif prod(shape) == 1 and (not shape or name in RATES):
            others[name] = "a single number"
            if name in RATES:
                hz = _single(head[at:], dtype)
        else:
            tables[name] = sides(where, name, shape, modality)
    if not tables:
        what = ", ".join(f"{name} holds {why}" for name, why in others.items())
        raise wrong(source.name, f"no arrays of numbers in it{what and f': {what}'}")
    return _Held(tables, others, hz)


def _single(data: bytes, dtype: str) -> float | None:
    """The first number of an array, which is no rate when it is not above 0."""
    letter = {"f2": "e", "f4": "f", "f8": "d"}.get(dtype[1:])
    letter = letter or {"1": "b", "2": "h", "4": "i", "8": "q"}.get(dtype[2:])
    if letter is None:
        return None
    (number,) = struct.unpack_from(("<" if dtype[0] in "<|" else ">") + letter, data)
    return float(number) if number > 0 else None


def _clock(tables: Mapping[str, Sides]) -> str | None:
    """The one column that is named as a clock."""
    alone = (name for name, table in tables.items() if table.names == (name,))
    return next((name for name in alone if speaks_of_time(name) or name == "index"), None)


def _asked(
    source: str,
    held: _Held,
    places: Mapping[str, tuple[str, int]],
    clock: str | None,
    asked: tuple[str, ...],
) -> tuple[str, ...]:
    """The columns to read: those asked for, those that move in an AMASS file, else all."""
    columns = tuple(places)
    for name in asked:
        if name in held.others:
            raise wrong(source, f"{name} holds {held.others[name]}: name another of its arrays")
    if asked:
        return tuple(columns[place] for place in chosen(source, columns, asked))
    wanted = AMASS if held.tables.keys() >= AMASS else held.tables.keys() - {clock}
    return tuple(column for column in columns if places[column][0] in wanted) or columns


def _rows(source: str, lengths: Mapping[str, int]) -> int:
    """How many steps all of them have."""
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} ({rows})" for name, rows in lengths.items())
        raise wrong(
            source,
            f"arrays of different lengths: {listed}: name one, as in --columns"
            f" {next(iter(lengths))} (columns=)",
        )
    return next(iter(lengths.values()))


def _array(source: str, archive: ZipFile, name: str) -> NDArray[np.generic]:
    with archive.open(f"{name}.npy") as file:
        return numbers(f"{source}: {name}", file)
