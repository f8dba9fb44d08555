"""Tables of OpenSim: markers by frame (.trc), and storage files of any quantity (.sto, .mot)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import isfinite
from typing import NamedTuple

from multitok.loaders.columns.stacking import stacked
from multitok.loaders.columns.tables import Table, decoded, number, rate, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source


class _Head(NamedTuple):
    """What stands above the numbers: the names of the columns behind the clock, the place of the
    clock, the rate where it is told, and the first line of numbers."""

    names: list[str]
    clock: int
    hz: float | None
    line: int
    facts: dict[str, str]


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """Markers as name.x, name.y, name.z; other columns by their names. `time` is the clock."""
    lines = decoded(source, options.encoding or "utf-8-sig", errors="replace").splitlines()
    head = (_markers if options.format == "TRC" else _storage)(source.name, lines)
    width = head.clock + 1 + len(head.names)
    times: list[float] = []
    columns: list[list[float]] = [[] for _ in head.names]
    for at in range(head.line, len(lines)):
        if not lines[at].strip(_EDGES):
            continue
        cells = _cells(lines[at])
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            raise wrong(source.name, f"line {at + 1} has {len(cells)} cells, {width} are named")
        numbers = [_number(source.name, at, cell) for cell in cells[:width]]
        numbers += [float("nan")] * (width - len(numbers))  # markers not seen at the end of a line
        if not isfinite(numbers[head.clock]):
            raise wrong(source.name, f"line {at + 1} has no time")
        times.append(numbers[head.clock])
        for column, cell in zip(columns, numbers[head.clock + 1 :], strict=True):
            column.append(cell)
    if not times:
        raise wrong(source.name, "no rows under the header")
    named = dict(zip(head.names, columns, strict=True))
    table = stacked(source.name, named, options.columns, values=values, facts=head.facts)
    return _clocked(table, times, head.hz, values)


def _markers(source: str, lines: Sequence[str]) -> _Head:
    """Five lines: path, words, their values, a name every third column, X1 Y1 Z1 X2 ..."""
    rows = [_cells(line) for line in lines[:5]]
    if len(rows) < 5 or rows[0][0].strip() != "PathFileType":
        raise wrong(source, "not a .trc file: it does not begin with PathFileType and four lines")
    told = dict(zip((w.strip() for w in rows[1]), (w.strip() for w in rows[2]), strict=False))
    words = [word.strip() for word in rows[3]]
    if [word.lower() for word in words[:2]] != ["frame#", "time"]:
        raise wrong(source, f"line 4: expected 'Frame#' and 'Time', got {lines[3][:40]!r}")
    axes = sum(bool(cell.strip()) for cell in rows[4])
    found = [word for word in words[2:] if word]
    if not found or axes != 3 * len(found):
        raise wrong(source, f"line 5: {len(found)} markers need 3 axes each, got {axes}")
    names = _single(f"{name}.{axis}" for name in _single(found) for axis in "xyz")
    facts = {"units": told["Units"]} if told.get("Units") else {}
    return _Head(names, 1, _rate(told.get("DataRate", "")), 5, facts)


def _storage(source: str, lines: Sequence[str]) -> _Head:
    """Lines of words down to `endheader`, then the names of the columns."""
    end = next(
        (i for i, line in enumerate(lines) if line.strip(_EDGES).lower() == "endheader"), None
    )
    if end is None or end + 1 >= len(lines):
        raise wrong(source, "not a .sto or .mot file: no endheader and names under it")
    first, *names = [cell.strip() for cell in _cells(lines[end + 1].strip(_EDGES))] or [""]
    if first.lower() != "time":
        raise wrong(source, f"line {end + 2}: the first column must be time, got {first[:40]!r}")
    if not names:
        raise wrong(source, f"line {end + 2}: no columns beside time")
    told = {line.strip(_EDGES).replace(" ", "").lower() for line in lines[:end]}
    degrees = "indegrees=yes" in told
    return _Head(_single(names), 0, None, end + 2, {"units": "degrees"} if degrees else {})


def _single(names: Iterable[str]) -> list[str]:
    """Each name once: one that stands twice has its place behind it."""
    out: dict[str, None] = {}
    for i, name in enumerate(names):
        out[name if name not in out else f"{name}.{i}"] = None
    return [*out]


_EDGES = " \t,"


def _cells(line: str) -> list[str]:
    """Divided by tabs, by commas once a spreadsheet has saved it, else by spaces."""
    gap = next((gap for gap in "\t," if gap in line), None)
    return line.split(gap) or [""]


def _number(source: str, at: int, cell: str) -> float:
    try:
        return number(cell)
    except ValueError:
        raise wrong(
            source, f"line {at + 1} is not numeric: it holds {cell.strip()[:40]!r}"
        ) from None


def _rate(word: str) -> float | None:
    try:
        hz = float(word)
    except ValueError:
        return None
    return hz if isfinite(hz) and hz > 0 else None


def _clocked(table: Table, times: list[float], hz: float | None, values: bool) -> Table:
    table = replace(table, time="time", hz=hz)
    if not values:
        return table
    import numpy as np

    stamps = np.array(times)
    return replace(table, timestamps=stamps, hz=hz or rate(stamps))
