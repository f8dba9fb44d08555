"""JSON and JSON lines: rows, columns, records, and the series of GluonTS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from multitok.core.schema import misfit, parsed
from multitok.loaders.columns.stacking import stacked
from multitok.loaders.columns.tables import Table, decoded, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """[1, 2], [[1, 2], [3, 4]] (rows), {"a": [1, 2]} (columns), [{"a": 1}, ...] (records), or the
    GluonTS form {"start": ..., "target": [...]}, one a line: series of one length are channels."""
    found = _parse(source, options)
    columns, facts = _columns(source.name, found)
    return stacked(source.name, columns, options.columns, values=values, facts=facts)


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


def _columns(source: str, found: Any) -> tuple[dict[str, Sequence[Any]], dict[str, Any]]:
    """Every series in the document, by name."""
    if isinstance(found, dict) and "target" in found:
        found = [found]
    if isinstance(found, dict):
        flat: dict[str, Sequence[Any]] = {
            str(k): v for k, v in found.items() if isinstance(v, list)
        }
        if not flat:
            named = f" under {', '.join(map(repr, found))}" if found else " in it"
            raise wrong(source, f"no lists of numbers{named}")
        return flat, {}
    if not isinstance(found, list):
        raise wrong(source, f"a series is a list, got {type(found).__name__}")
    if not found:
        raise wrong(source, "no rows in it")
    if all(isinstance(row, dict) and "target" in row for row in found):
        return gluonts(source, found)
    if all(isinstance(row, dict) for row in found):
        names = list(dict.fromkeys(str(key) for row in found for key in row))
        columns: dict[str, Sequence[Any]] = {n: [row.get(n) for row in found] for n in names}
        return columns, {}
    if all(isinstance(row, list) for row in found):
        width = len(found[0])
        for r, row in enumerate(found):
            if len(row) != width:
                raise wrong(source, f"row {r} has {len(row)} numbers, row 0 has {width}")
        return {f"channel{i}": [row[i] for row in found] for i in range(width)}, {}
    return {"channel0": found}, {}


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
