"""The .ts files of UEA and UCR (aeon, sktime) and the .tsf files of the Monash archive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.loaders.columns.dates import seconds
from multitok.loaders.columns.stacking import stacked
from multitok.loaders.columns.tables import Table, decoded, number, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class _Case(NamedTuple):
    """One series of a file, and where it begins: its first stamp, or all of them."""

    values: list[float]
    start: str = ""
    stamps: tuple[str, ...] = ()


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """Each series (case) of the file by name; those of one length are channels together.

    In a .ts file a case has dimensions, divided by ':', and may end with its class label; in a .tsf
    file its attributes come first. '?' is a missing value. The clock is told where all that is read
    shares it: the stamps of a .ts file, the start and frequency of a .tsf file."""
    header, body = _parts(source, options)
    monash = "attribute" in header
    cases = dict((_tsf if monash else _ts)(source.name, header, body))
    facts: dict[str, Any] = {"series": len(body)}
    frequency = header.get("frequency", [""])[0]
    if frequency:
        facts["frequency"] = frequency
    table = stacked(
        source.name,
        {name: case.values for name, case in cases.items()},
        options.columns,
        values=values,
        facts=facts,
    )
    if table.rows == 0:
        raise wrong(source.name, "no values in its series")
    clocks = {(cases[name].start, cases[name].stamps) for name in table.names}
    if len(clocks) > 1:
        return table
    ((start, stamps),) = clocks
    if start:
        table = replace(table, facts={**table.facts, "start": start})
    if not values:
        return replace(table, time="timestamps") if stamps else table
    return _clocked(source.name, table, start, stamps, frequency)


def _parts(
    source: Source, options: ReadOptions
) -> tuple[dict[str, list[str]], list[tuple[int, str]]]:
    """The directives by name, and the lines after @data with their numbers.

    Comments begin with # or, as in ARFF, with %."""
    text = decoded(source, options.encoding or "utf-8-sig", errors="replace")
    header: dict[str, list[str]] = {}
    body: list[tuple[int, str]] = []
    started = False
    for at, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith(("#", "%")):
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
    return header, body


def _ts(
    source: str, header: dict[str, list[str]], body: list[tuple[int, str]]
) -> Iterator[tuple[str, _Case]]:
    """case0, case1, ..., or case0[0], case0[1], ... of several dimensions."""
    labeled = any(
        header.get(key, ["false"])[0].lower().startswith("true")
        for key in ("classlabel", "targetlabel")
    )
    stamped = header.get("timestamps", ["false"])[0].lower() == "true"
    for at_case, (at, line) in enumerate(body):
        if stamped:
            parts = re.split(r":(?![^(]*\))", line)  # a clock in brackets has colons of its own
        else:
            parts = line.split(":")
        dimensions = parts[:-1] if labeled else parts
        if not dimensions:
            raise wrong(source, f"line {at}: a labeled case needs ':' before its label")
        for d, part in enumerate(dimensions):
            name = f"case{at_case}" if len(dimensions) == 1 else f"case{at_case}[{d}]"
            yield name, _stamped(source, at, part) if stamped else _Case(_values(source, at, part))


_PAIR = re.compile(r"\s*\(\s*([^,()]*),([^,()]*)\)\s*")


def _stamped(source: str, at: int, part: str) -> _Case:
    """(stamp,value),(stamp,value),..."""
    pairs = part.split("),")
    stamps, cells = [], []
    for i, pair in enumerate(pairs):
        found = _PAIR.fullmatch(pair + ")" * (i < len(pairs) - 1))
        if not found:
            raise wrong(source, f"line {at}: expected (stamp,value), got {pair.strip()[:40]!r}")
        stamps.append(found[1].strip())
        cells.append(found[2])
    return _Case(_values(source, at, ",".join(cells)), stamps=tuple(stamps))


def _tsf(
    source: str, header: dict[str, list[str]], body: list[tuple[int, str]]
) -> Iterator[tuple[str, _Case]]:
    """By their attributes of text (group.name), else T1, T2, ..."""
    attributes = [words.split()[-1].lower() for words in header["attribute"] if words]
    taken = set()
    for at_case, (at, line) in enumerate(body):
        *before, series = line.split(":")
        # a start time may hold colons of its own: "1990-01-01 00:00:00" is written with dashes
        if len(before) != len(attributes):
            raise wrong(
                source, f"line {at}: {len(attributes)} attributes come first, got {len(before)}"
            )
        told = list(zip(attributes, before, strict=True))
        name = ".".join(word for kind, word in told if kind == "string" and word)
        name = name or f"T{at_case + 1}"
        name = name if name not in taken else f"{name}.{at_case}"
        taken.add(name)
        start = next((word for kind, word in told if kind == "date"), "")
        yield name, _Case(_values(source, at, series), start=start)


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


def _clocked(
    source: str, table: Table, start: str, stamps: tuple[str, ...], frequency: str
) -> Table:
    """With the time stamps that the file tells, in seconds since 1970 where they are dates."""
    import numpy as np

    if stamps:
        try:
            told = np.array([seconds(stamp) for stamp in stamps])
        except ValueError as error:
            raise wrong(source, f"a stamp tells no time: {error}") from None
        return replace(table, time="timestamps", timestamps=told)
    times = _regular(start, frequency, table.rows) if start else None
    return table if times is None else replace(table, timestamps=times, dated=True)


_UNITS = {
    "secondly": "s", "seconds": "s", "minutely": "m", "minutes": "m", "hourly": "h", "hours": "h",
    "daily": "D", "days": "D", "weekly": "W", "monthly": "M", "quarterly": "3M", "yearly": "Y",
}  # fmt: skip


def _regular(start: str, frequency: str, rows: int) -> NDArray[np.float64] | None:
    """Evenly from a start, by a frequency as Monash writes it: hourly, 10_minutes, half_hourly;
    None where either is none. Months and years are those of the calendar."""
    import numpy as np

    found = re.fullmatch(r"(?:(\d{1,6}|half)_)?([a-z]+)", frequency)
    if not found or found[2] not in _UNITS:
        return None
    day, _, clock = start.partition(" ")
    try:
        first = np.datetime64(f"{day}T{clock.replace('-', ':') or '00:00:00'}", "s")
    except ValueError:
        return None
    unit = _UNITS[found[2]]
    if found[1] == "half":
        many, unit = 30, "m"
    else:
        many = int(found[1] or 1) * (3 if unit == "3M" else 1)
    unit = unit[-1]
    steps = np.arange(rows) * many
    whole = first.astype(f"datetime64[{unit}]")
    times = (whole + steps).astype("datetime64[s]") + (first - whole.astype("datetime64[s]"))
    seconds_since: NDArray[np.float64] = times.astype(np.int64).astype(np.float64)
    return seconds_since
