"""JSON and JSON lines: rows, columns, the frames of pandas, and the series of GluonTS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from multitok.core.schema import misfit, parsed
from multitok.loaders.columns.json_frames import Frame, frame, index_like
from multitok.loaders.columns.stacking import stacked
from multitok.loaders.columns.stamps import Clock, clock_of, clock_of_labels
from multitok.loaders.columns.tables import Table, decoded, rate, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """[1, 2], [[1, 2], [3, 4]] (rows), [[[1, 2], ...], ...] (series of rows), {"a": [1, 2]}
    (columns), what pandas writes, or the GluonTS form {"start": ..., "target": [...]}; a line each
    in JSON lines. Series of one length are channels; dates or epoch numbers are the clock."""
    found = _parse(source, options)
    laid, facts = _frame(source.name, found)
    columns = _unpacked(source.name, laid.columns)
    clock, left = clock_of_labels(source.name, laid.label, laid.labels), frozenset[str]()
    if clock is None or options.time is not None:
        clock, left = clock_of(source.name, columns, options.time)
    if clock is not None and clock.name in options.columns:
        clock = None  # asked for, it is a column like any other
    if not options.columns:
        columns = {name: cells for name, cells in columns.items() if name not in left}
    table = stacked(source.name, columns, options.columns, values=values, facts=facts)
    return table if clock is None else _clocked(table, clock, values)


def _clocked(table: Table, clock: Clock, values: bool) -> Table:
    told = {"from": str(clock.told[0]), "to": str(clock.told[-1])} if clock.dated else {}
    table = replace(table, time=clock.name, dated=clock.dated, facts={**table.facts, **told})
    if not values:
        return table
    import numpy as np

    times = np.array(clock.seconds)
    return replace(table, timestamps=times, hz=rate(times))


def _parse(source: Source, options: ReadOptions) -> Any:
    text = decoded(source, options.encoding or "utf-8-sig", errors="replace")
    if options.format == "JSON":
        try:
            return parsed(text)
        except ValueError as error:
            raise wrong(source.name, f"not JSON: {error}") from None
    rows = []
    for at, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                rows.append(parsed(line))
            except ValueError as error:
                raise wrong(source.name, f"line {at}: not JSON: {error}") from None
    return rows


def _frame(source: str, found: Any) -> tuple[Frame, dict[str, Any]]:
    """Every series in the document, by name, and what to tell of the layout."""
    if isinstance(found, dict) and "target" in found and not _labeled(found["target"]):
        columns, facts = gluonts(source, [found])
        return Frame(columns), facts
    if isinstance(found, list):
        if not found:
            raise wrong(source, "no rows in it")
        if all(isinstance(row, dict) and isinstance(row.get("target"), list) for row in found):
            columns, facts = gluonts(source, found)
            return Frame(columns), facts
    if (laid := frame(source, found)) is not None:
        return laid, {"layout": laid.orient}
    if isinstance(found, dict):
        flat = {str(k): v for k, v in found.items() if isinstance(v, list)}
        if not flat:
            named = f" under {', '.join(map(repr, found))}" if found else " in it"
            raise wrong(source, f"no lists of numbers{named}")
        left = ", ".join(str(key) for key in found if str(key) not in flat)
        return Frame(flat, orient="columns"), {"left out": left} if left else {}
    if not isinstance(found, list):
        raise wrong(source, f"a series is a list, got {type(found).__name__}")
    if all(isinstance(row, list) for row in found):
        return _rows(source, found)
    return Frame({"channel0": found}), {}


def _labeled(column: Any) -> bool:
    """Whether it is a column of pandas, {"0": 1, "1": 2}, and no series of GluonTS."""
    return isinstance(column, dict) and bool(column) and index_like(column)


def _rows(source: str, found: list[list[Any]]) -> tuple[Frame, dict[str, Any]]:
    """A row a step, or rows within rows: a series each."""
    nested = all(row and all(isinstance(step, list) for step in row) for row in found)
    if nested:
        cases = {f"case{i}": _by_channel(source, rows) for i, rows in enumerate(found)}
        columns = {
            case if len(channels) == 1 else f"{case}[{c}]": channel
            for case, channels in cases.items()
            for c, channel in enumerate(channels)
        }
        return Frame(columns), {"layout": f"{len(found)} series"}
    channels = _by_channel(source, found, _STEPS)
    return Frame({f"channel{i}": channel for i, channel in enumerate(channels)}), {}


_STEPS = (
    ': a row is a step of all channels. Series of several lengths have names, {"a": [1, 2, 3], "b":'
    " [4, 5]}: then name one, as in --columns a (columns=)"
)


def _by_channel(source: str, rows: Sequence[Sequence[Any]], then: str = "") -> list[list[Any]]:
    for r, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise wrong(source, f"row {r} has {len(row)} numbers, row 0 has {len(rows[0])}{then}")
    return [list(column) for column in zip(*rows, strict=True)]


def _unpacked(source: str, columns: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
    """A column whose cells are lists of one length is as many columns: pose[0], pose[1], ..."""
    out: dict[str, Sequence[Any]] = {}
    for name, cells in columns.items():
        if cells and all(isinstance(cell, list) for cell in cells):
            channels = _by_channel(source, cells)
            out |= {f"{name}[{i}]": channel for i, channel in enumerate(channels)}
        else:
            out[name] = cells
    return out


def gluonts(
    source: str, records: list[dict[str, Any]]
) -> tuple[dict[str, Sequence[Any]], dict[str, Any]]:
    """target is (steps,) or (channels, steps); the dynamic features follow it under their names."""
    columns: dict[str, Sequence[Any]] = {}
    for i, record in enumerate(records):
        name = str(record.get("item_id", i if len(records) > 1 else "target"))
        parts: list[tuple[str, Any]] = [(name, record["target"])]
        parts += [
            (f"{name}.{key}" if len(records) > 1 else key, record[key])
            for key in ("feat_dynamic_real", "past_feat_dynamic_real")
            if record.get(key)
        ]
        for label, part in parts:
            nested = isinstance(part, list) and any(isinstance(row, list) for row in part)
            if why := misfit(part, list[list[Any]] if nested else list[Any], label):
                raise wrong(source, why)
            if nested:
                columns |= {f"{label}[{j}]": row for j, row in enumerate(part)}
            else:
                columns[label] = part
    facts = {"start": str(records[0]["start"])} if "start" in records[0] else {}
    return columns, {**facts, "records": len(records)}
