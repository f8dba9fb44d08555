"""The .ts files of UEA and UCR (aeon) and the .tsf files of the Monash archive."""

from __future__ import annotations

from typing import Any

from multitok.loaders.columns.series_json import stacked
from multitok.loaders.columns.tables import Table, chosen, decoded, number, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """Each series (case) of the file by name; those of one length are channels together.

    In a .ts file a case has dimensions, divided by ':', and may end with its class label; in a .tsf
    file its attributes come first. '?' is a missing value."""
    text = decoded(source, options.encoding or "utf-8-sig", errors="replace")
    header: dict[str, list[str]] = {}
    body: list[tuple[int, str]] = []
    started = False
    for at, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if started:
            body.append((at, line))
        elif line.lower() == "@data":
            started = True
        elif line.startswith("@") and line[1:].strip():
            key, *rest = line[1:].split()
            header.setdefault(key.lower(), []).append(" ".join(rest))
        else:
            raise wrong(
                source.name, f"line {at}: expected '@data' before the series, got {line[:40]!r}"
            )
    if not started:
        raise wrong(source.name, "no @data section: not a .ts or .tsf file")
    if not body:
        raise wrong(source.name, "no series after @data")
    columns = (
        _tsf(source.name, header, body) if "attribute" in header else _ts(source.name, header, body)
    )
    keep = chosen(source.name, tuple(columns), options.columns)
    kept = {name: columns[name] for i, name in enumerate(columns) if i in keep}
    table = stacked(source.name, kept)
    facts: dict[str, Any] = {"series": len(body)}
    if "frequency" in header:
        facts["frequency"] = header["frequency"][0]
    return Table(
        names=table.names, rows=table.rows, values=table.values if values else None, facts=facts
    )


def _ts(
    source: str, header: dict[str, list[str]], body: list[tuple[int, str]]
) -> dict[str, list[float]]:
    labeled = any(
        header.get(key, ["false"])[0].lower().startswith("true")
        for key in ("classlabel", "targetlabel")
    )
    stamped = header.get("timestamps", ["false"])[0].lower() == "true"
    columns: dict[str, list[float]] = {}
    for case, (at, line) in enumerate(body):
        if stamped:
            raise wrong(source, f"line {at}: time stamps inside a .ts file are not read")
        parts = line.split(":")
        dimensions = parts[:-1] if labeled else parts
        if not dimensions:
            raise wrong(source, f"line {at}: a labeled case needs ':' before its label")
        for d, part in enumerate(dimensions):
            name = f"case{case}" if len(dimensions) == 1 else f"case{case}[{d}]"
            columns[name] = _values(source, at, part)
    return columns


def _tsf(
    source: str, header: dict[str, list[str]], body: list[tuple[int, str]]
) -> dict[str, list[float]]:
    attributes = header["attribute"]
    columns: dict[str, list[float]] = {}
    for case, (at, line) in enumerate(body):
        *before, series = line.split(":")
        # a start time may hold colons of its own: "1990-01-01 00:00:00" is written with dashes
        if len(before) != len(attributes):
            raise wrong(
                source, f"line {at}: {len(attributes)} attributes come first, got {len(before)}"
            )
        name = before[0] if attributes[0].endswith("string") and before[0] else f"T{case + 1}"
        columns[name if name not in columns else f"{name}.{case}"] = _values(source, at, series)
    return columns


def _values(source: str, at: int, part: str) -> list[float]:
    out = []
    for cell in part.split(","):
        try:
            out.append(number(cell))
        except ValueError:
            raise wrong(
                source, f"line {at} is not numeric: it holds {cell.strip()[:40]!r}"
            ) from None
    return out
