"""HDF5: the data sets of a file by their paths, as robomimic, ALOHA and others lay them out.

/data/demo_0/actions, /data/demo_0/obs/...   robomimic: a demonstration a group
/action, /observations/qpos                  ALOHA: one episode a file
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.core.errors import MultitokError
from multitok.core.extras import require
from multitok.core.integers import decimal
from multitok.core.widening import widened
from multitok.loaders.columns.bounds import bounded, loadable
from multitok.loaders.columns.clocks import in_seconds, speaks_of_time, told_by
from multitok.loaders.columns.sides import Sides, sides
from multitok.loaders.columns.tables import Table, chosen, rate, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST = 20
"""Data sets that an error lists."""
_MOVES = ("action", "actions")
"""What a data set of movement is called."""
_RATES = ("hz", "fps", "frequency", "control_freq", "sample_rate", "sampling_rate")


class _Found(NamedTuple):
    """The data sets of numbers by path, in the order of the names, and the others."""

    tables: Mapping[str, Any]
    others: tuple[str, ...]


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """The data set `action` where there is one, else all if they are of one length, or those named.

    "data/demo_0/actions" is a data set, "demo_0" all that lie under it, "actions[2]" a column."""
    h5py: Any = require("h5py", extra="hdf5", purpose="reading HDF5")
    try:
        with source.open() as handle, h5py.File(handle, "r") as file:
            return _table(source, _found(file, h5py), options, values)
    except MultitokError:
        raise
    except Exception as error:  # h5py raises what its library meets, as many kinds
        raise wrong(source.name, f"damaged HDF5 file ({error})") from None


def _found(file: Any, h5py: Any) -> _Found:
    """Every data set once; links to other files are not followed."""
    tables: dict[str, Any] = {}
    others: list[str] = []

    def visit(path: str, node: Any) -> None:
        if not isinstance(node, h5py.Dataset):
            return
        numbers = node.dtype.kind in "fiub" and node.shape is not None
        if numbers and 1 <= len(node.shape) <= 3 and not node.is_virtual and not node.external:
            tables[path] = node
        else:
            others.append(path)

    file.visititems(visit)
    natural = sorted(tables, key=_natural)
    return _Found({path: tables[path] for path in natural}, tuple(others))


def _natural(path: str) -> list[tuple[bool, int, str]]:
    """demo_2 before demo_10."""
    parts = re.split(r"(\d+)", path)
    return [(part.isdecimal(), decimal(part) or 0, part) for part in parts]


def _table(source: Source, found: _Found, options: ReadOptions, values: bool) -> Table:
    if not found.tables:
        what = f": {_listed(found.others)} hold pictures, text or records" if found.others else ""
        raise wrong(source.name, f"no data set of numbers in it{what}")
    paths, columns = _asked(source.name, found, options.columns)
    shapes: dict[str, Sides] = {}
    for path in paths:
        data = found.tables[path]
        where = f"{source.name}: {path}"
        bounded(where, data.id.get_storage_size(), data.size * data.dtype.itemsize)
        _there(where, data, source.size or 0)
        shapes[path] = sides(where, path, data.shape, options.modality)
    lengths = {path: shape.rows for path, shape in shapes.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{path} ({n})" for path, n in [*lengths.items()][:MOST])
        raise wrong(source.name, f"data sets of different lengths: {listed}: name one (columns=)")
    rows = lengths[paths[0]]
    names = tuple(name for shape in shapes.values() for name in shape.names)
    keep = chosen(source.name, names, columns)
    first = 0
    for shape in shapes.values():
        shape.one_movement(
            source.name, [k - first for k in keep if first <= k < first + len(shape.names)]
        )
        first += len(shape.names)
    beside = _clock(found, paths, rows)
    clock = told_by(source.name, options.time, list(found.tables), beside)
    stamps = None if clock is None else _seconds(source.name, clock, found, rows)
    hz = _rate(found, paths)
    table = Table(
        names=tuple(names[k] for k in keep),
        rows=rows,
        time=clock,
        timestamps=stamps if values else None,
        hz=hz or rate(stamps),
        facts={"data sets": len(found.tables)},
    )
    if not values:
        return table
    loadable(source.name, rows, len(names))
    import numpy as np

    blocks = [shape.flat(_read(found.tables[path])) for path, shape in shapes.items()]
    return replace(table, values=np.concatenate(blocks, axis=1)[:, keep])


def _there(where: str, data: Any, size: int) -> None:
    """SourceError for numbers in one piece that the file is too short for."""
    begins = data.id.get_offset()
    if begins is not None and begins + data.size * data.dtype.itemsize > size:
        raise wrong(where, "its numbers lie beyond the end of the file: it is cut, or damaged")


def _asked(source: str, found: _Found, asked: tuple[str, ...]) -> tuple[list[str], tuple[str, ...]]:
    """The data sets to read, and which of their columns."""
    paths = list(found.tables)
    if asked:
        wanted: dict[str, None] = {}
        columns: list[str] = []
        for name in (one.strip("/") for one in asked):
            named = name.partition("[")[0]
            under = [p for p in paths if p == named or f"/{p}/".count(f"/{named}/")]
            if not under:
                raise wrong(source, f"no data set {name!r}. There are: {_listed(paths)} (columns=)")
            wanted |= dict.fromkeys(under)
            columns += [f"{p}{name[len(named) :]}" for p in under]
        return [*wanted], tuple(columns)
    moves = [path for path in paths if path.rpartition("/")[2] in _MOVES]
    series = [path for path in paths if not speaks_of_time(path.rpartition("/")[2])] or paths
    for usual in (moves, series):
        if len(usual) == 1:
            return usual, ()
    flat = {found.tables[path].shape[0] for path in series if len(found.tables[path].shape) < 3}
    if not moves and len(flat) == 1 and len(series) <= MOST:
        return [path for path in series if len(found.tables[path].shape) < 3], ()
    first = (moves or series)[0]
    raise wrong(
        source,
        f"{len(paths)} data sets: {_listed(moves or series)}: name one, as in --columns {first}"
        " (columns=)",
    )


def _listed(paths: Any) -> str:
    more = f" and {len(paths) - MOST} more" if len(paths) > MOST else ""
    return ", ".join(paths[:MOST]) + more


def _clock(found: _Found, paths: list[str], rows: int) -> str | None:
    """The data set beside those that are read which is named as a clock and is as long."""
    beside = {path.rpartition("/")[0] for path in paths}
    for path, data in found.tables.items():
        group, _, name = path.rpartition("/")
        named = speaks_of_time(name) and group in beside and path not in paths
        if named and data.shape in ((rows,), (rows, 1)):
            return path
    return None


def _seconds(source: str, path: str, found: _Found, rows: int) -> NDArray[np.float64]:
    numbers = _read(found.tables[path]).reshape(-1)
    if len(numbers) != rows:
        raise wrong(source, f"{path} has {len(numbers)} stamps, {rows} steps are read (time=)")
    return in_seconds(path.rpartition("/")[2], numbers)


def _rate(found: _Found, paths: list[str]) -> float | None:
    """Steps a second, where the attributes of the data set or of a group above it say."""
    node = found.tables[paths[0]]
    while True:
        for name in _RATES:
            try:
                hz = float(node.attrs[name])
            except (KeyError, TypeError, ValueError, OSError):
                continue
            if 0 < hz < float("inf"):
                return hz
        if node.name == "/":
            return None
        node = node.parent


def _read(data: Any) -> NDArray[np.float64]:
    return widened(data[...])
