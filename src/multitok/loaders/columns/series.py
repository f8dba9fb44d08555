"""Time series from files: tables, arrays, JSON, .ts and .tsf, Parquet, tracks, motion and sound.

`table` reads every format into a Table; this module makes a Series of it, loaders.actions makes
Actions: the same files, the same errors.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from multitok.core.errors import SourceError
from multitok.core.info import SeriesInfo
from multitok.loaders.columns.tables import Table, wrong
from multitok.loaders.probed import Probed, ReadOptions
from multitok.loaders.source import Source

if TYPE_CHECKING:
    from multitok.core.media import Series

_READERS = {
    "CSV": "delimited",
    "TSV": "delimited",
    "TXT": "delimited",
    "JSON": "series_json",
    "JSONL": "series_json",
    "NDJSON": "series_json",
    "TS": "ts_files",
    "TSF": "ts_files",
    "ARFF": "arff",
    "NPY": "arrays",
    "NPZ": "npz",
    "Parquet": "parquet",
    "Arrow": "arrow",
    "HDF5": "hdf5",
    "MCAP": "mcap",
    "GPX": "gpx",
    "BVH": "motion",
    "C3D": "c3d",
    "AMC": "amc",
    "TRC": "opensim",
    "STO": "opensim",
    "LeRobot": "lerobot",
    "WAV": "pcm",
}

_INSTEAD = {
    "Excel": "a workbook is not read here: save its sheet as CSV",
    "pickle": "a pickle runs code when it is opened: save the array with numpy.save, a table as CSV"
    " or Parquet",
    "MATLAB": "read it with scipy.io.loadmat, and save the array with numpy.save",
    "SQLite": "a database is not read here: export the table, or the topic, as CSV",
    "ROS bag": "convert it to MCAP (mcap convert), or export the topic as CSV",
    "TCX": "convert it to GPX, or export it as CSV",
    "FIT": "convert it to GPX, or export it as CSV",
    "FBX": "export the motion as BVH",
    "ASF skeleton": "a skeleton without its motion: name the .amc file beside it",
}
"""Formats that hold numbers and are refused, and what to do."""


_TEXT = ("CSV", "TSV", "TXT")
_TAKES = {
    "time": (*_TEXT, "JSON", "JSONL", "NDJSON", "NPZ", "Parquet", "Arrow", "HDF5"),
    "id": (*_TEXT, "Parquet", "Arrow"),
    "rows_are_series": _TEXT,
}
"""Options of tables, and the formats that have them."""

SHOWN = 100
"""Names of columns that `inspect` tells."""


def table(source: Source, read: ReadOptions, *, values: bool) -> Table:
    """The numbers of a file, or with `values=False` only their shape, as cheaply as it goes."""
    if read.format in _INSTEAD:
        raise SourceError(f"{source.name}: {_INSTEAD[read.format]}", source=source.name)
    module = _READERS.get(read.format)
    if module is None:
        form = read.format or "no extension"
        raise SourceError(
            f"{source.name}: no series in {form}. There are: {', '.join(_READERS)}",
            source=source.name,
        )
    if not source.size and not source.directory:
        raise SourceError(
            f"{source.name}: the file is empty: there is nothing to read", source=source.name
        )
    for word, formats in _TAKES.items():
        if getattr(read, word) and read.format not in formats:
            option = f"--{word}".replace("_", "-")
            raise wrong(
                source.name, f"{option} ({word}=) is of {', '.join(formats)}, not {read.format}"
            )
    reader: Any = import_module(f"multitok.loaders.columns.{module}")
    found: Table = reader.read(source, read, values=values)
    return found


def _one(source: Source, read: ReadOptions, *, values: bool) -> Table:
    """A table of one series: those of several episodes are movement."""
    found = table(source, read, values=values)
    if found.episodes:
        raise wrong(
            source.name,
            f"{len(found.episodes):,} episodes, no one series: name one (episode=, --episode),"
            " or read them as movement (--as actions)",
        )
    return found


def examine(source: Source, read: ReadOptions) -> Probed:
    """Steps and channels; the clock, when there is one, is told and not counted as a channel."""
    found = _one(source, read, values=False)
    info = SeriesInfo(found.rows, len(found.names))
    return Probed(info, read.format, source.name, facts_of(found), found.notes)


def load(source: Source, read: ReadOptions) -> Series:
    """The values, with NaN where one is missing, and their time stamps."""
    from multitok.core.media import Series

    found = _one(source, read, values=True)
    return Series(found.values, names=found.names, timestamps=found.timestamps)  # type: ignore[arg-type]


def facts_of(found: Table) -> dict[str, Any]:
    """What `inspect` tells of the file beside its shape."""
    more = f", and {len(found.names) - SHOWN} more" if len(found.names) > SHOWN else ""
    facts = {**found.facts, "columns": ", ".join(found.names[:SHOWN]) + more}
    if found.time is not None:
        facts |= {"time column": found.time, **found.span}
    if found.hz is not None and not found.dated:
        facts["rate"] = f"{found.hz:.6g} Hz"
    return facts
