"""ARFF, the tables of Weka: attributes of numbers are channels, one of dates is the clock."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from multitok.loaders.columns.dates import seconds
from multitok.loaders.columns.stacking import stacked
from multitok.loaders.columns.tables import Table, check_apart, decoded, number, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

_NUMBERS = ("numeric", "real", "integer")
_ATTRIBUTE = re.compile(
    r"""@attribute\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\S+)\s+(.+)""", re.IGNORECASE
)
_COUNTED = re.compile(r"(.*?)(\d{1,9})")


class _Attribute(NamedTuple):
    """A column: its name, and its kind in lower case (`numeric`, `date`, `{a,b}`)."""

    name: str
    kind: str


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """A row an instance, '?' for a missing value; classes and text are left out and told.

    Attributes that are numbered (att1, att2, ...) are the steps of a series, and each row is one,
    as UEA and UCR write them: case0, case1, ..."""
    attributes, rows = _parts(source, options)
    numeric = [i for i, a in enumerate(attributes) if a.kind in _NUMBERS]
    if not numeric:
        raise wrong(source.name, "no numeric attribute in it")
    others = [a.name for a in attributes if a.kind not in (*_NUMBERS, "date")]
    facts = {"left out": ", ".join(others)} if others else {}
    cells = [[_cell(source.name, at, row[i]) for i in numeric] for at, row in rows]
    names = [attributes[i].name for i in numeric]
    check_apart(source.name, names, "attributes")
    if _numbered(names):
        facts["layout"] = f"a row a series: {len(rows)} series of {len(numeric)} steps"
        columns = {f"case{case}": row for case, row in enumerate(cells)}
        return stacked(source.name, columns, options.columns, values=values, facts=facts)
    columns = {name: [row[i] for row in cells] for i, name in enumerate(names)}
    table = stacked(source.name, columns, options.columns, values=values, facts=facts)
    dates = [i for i, a in enumerate(attributes) if a.kind == "date"]
    if not dates:
        return table
    stamps = [_moment(source.name, at, row[dates[0]]) for at, row in rows]
    import numpy as np

    table = replace(table, time=attributes[dates[0]].name, dated=True)
    return replace(table, timestamps=np.array(stamps)) if values else table


def _parts(
    source: Source, options: ReadOptions
) -> tuple[list[_Attribute], list[tuple[int, list[str]]]]:
    """The attributes, and the rows with their lines."""
    text = decoded(source, options.encoding or "utf-8-sig", errors="replace")
    attributes: list[_Attribute] = []
    lines = _lines(text)
    for at, line in lines:
        word = line.split(None, 1)[0].lower()
        if word == "@data":
            break
        if word == "@attribute":
            attributes.append(_attribute(source.name, at, line))
        elif word != "@relation":
            raise wrong(source.name, f"line {at}: expected @attribute or @data, got {line[:40]!r}")
    else:
        raise wrong(source.name, "no @data section: not an ARFF file")
    rows = [(at, _row(source.name, at, line, len(attributes))) for at, line in lines]
    if not rows:
        raise wrong(source.name, "no rows after @data")
    return attributes, rows


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with something in them but a comment, and their numbers."""
    for at, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if line and not line.startswith("%"):
            yield at, line


def _attribute(source: str, at: int, line: str) -> _Attribute:
    found = _ATTRIBUTE.fullmatch(line)
    if not found:
        raise wrong(source, f"line {at}: an attribute has a name and a kind, got {line[:60]!r}")
    name = found[1]
    if name[0] in "'\"" and len(name) > 1:
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    kind = found[2].strip()
    word = kind.split(None, 1)[0].lower()
    if word == "relational":
        raise wrong(
            source,
            f"attribute {name!r} is relational (a table in each row), which is not read here: the"
            " .ts file of the same data is",
        )
    return _Attribute(name, word if word in (*_NUMBERS, "date", "string") else kind)


def _row(source: str, at: int, line: str, width: int) -> list[str]:
    if line.startswith("{"):
        return _sparse(source, at, line, width)
    quote = "'" if "'" in line else '"'
    try:
        (cells,) = csv.reader([line], quotechar=quote, skipinitialspace=True)
    except csv.Error as error:
        raise wrong(source, f"line {at}: {error}") from None
    if len(cells) != width:
        raise wrong(source, f"line {at} has {len(cells)} values, {width} attributes are declared")
    return cells


def _sparse(source: str, at: int, line: str, width: int) -> list[str]:
    """{place value, place value}: what is not named is 0."""
    cells = ["0"] * width
    for part in line.strip("{} \t").split(","):
        place, _, cell = part.strip().partition(" ")
        if not part.strip():
            continue
        if not place.isdecimal() or len(place) > 9 or int(place) >= width:
            raise wrong(source, f"line {at}: no attribute {place[:20]!r}: there are {width}")
        cells[int(place)] = cell.strip()
    return cells


def _cell(source: str, at: int, cell: str) -> float:
    try:
        return number(cell)
    except ValueError:
        raise wrong(source, f"line {at} is not numeric: it holds {cell.strip()[:40]!r}") from None


def _moment(source: str, at: int, cell: str) -> float:
    try:
        return seconds(cell.strip("'\" "))
    except ValueError:
        raise wrong(source, f"line {at} tells no time: {cell.strip()[:40]!r}") from None


def _numbered(names: list[str]) -> bool:
    """Whether they are one stem with the numbers that follow each other: att0, att1, att2."""
    found = [_COUNTED.fullmatch(name) for name in names]
    if len(names) < 3 or not all(found):
        return False
    stems = {match[1] for match in found if match}
    counts = [int(match[2]) for match in found if match]
    return len(stems) == 1 and counts == list(range(counts[0], counts[0] + len(counts)))
