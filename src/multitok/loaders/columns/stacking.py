"""Series by name, as lists, as the channels of one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from multitok.core.schema import shown
from multitok.loaders.columns.tables import MISSING, Table, chosen, number, wrong

_PLAIN = {bool, int, float, type(None)}


def stacked(
    source: str,
    columns: Mapping[str, Sequence[Any]],
    asked: Sequence[str] = (),
    *,
    values: bool = True,
    facts: Mapping[str, Any] | None = None,
) -> Table:
    """Those asked for, when they have one length; SourceError that lists them when they have not,
    and for a cell that is no number. Without `values` numpy is not imported."""
    if not columns:
        raise wrong(source, "no series in it")
    names = tuple(columns)
    kept = [names[place] for place in chosen(source, names, asked)]
    rows = _length(source, {name: len(columns[name]) for name in kept})
    plain = [name for name in kept if _PLAIN.issuperset(map(type, columns[name]))]
    if len(plain) < len(kept):
        then = f": name those that are: {', '.join(plain)} (columns=, --columns)" if plain else ""
        others = {
            name: _read(source, name, columns[name], then) for name in kept if name not in plain
        }
        columns = {**columns, **others}
    if not values:
        return Table(names=tuple(kept), rows=rows, facts=facts or {})
    import numpy as np

    out = np.empty((rows, len(kept)))
    for place, name in enumerate(kept):
        try:
            out[:, place] = columns[name]
        except OverflowError:  # a whole number of more than 308 digits
            out[:, place] = _read(source, name, columns[name], "")
    return Table(names=tuple(kept), rows=rows, values=out, facts=facts or {})


def _length(source: str, lengths: Mapping[str, int]) -> int:
    """The one length of the series. A case of several channels is told once, by its own name."""
    if len(set(lengths.values())) > 1:
        cases: dict[str, int] = {}
        for name, n in lengths.items():
            cases.setdefault(name.partition("[")[0], n)
        told = cases if len(set(cases.values())) > 1 else lengths
        listed = ", ".join(f"{name} ({n})" for name, n in list(told.items())[:6])
        more = f" and {len(told) - 6} more" if len(told) > 6 else ""
        raise wrong(
            source,
            f"{len(told)} series of different lengths: {listed}{more}: name one, as in --columns"
            f" {next(iter(told))} (columns=)",
        )
    return next(iter(lengths.values()))


def _read(source: str, name: str, column: Sequence[Any], then: str) -> list[float]:
    return [_number(source, name, row, cell, then) for row, cell in enumerate(column)]


def _number(source: str, name: str, row: int, cell: Any, then: str) -> float:
    if cell is None:
        return float("nan")
    if isinstance(cell, bool | int | float):
        try:
            return float(cell)
        except OverflowError:
            pass
    if isinstance(cell, str) and cell.strip().lower() in MISSING | {"inf", "-inf"}:
        return number(cell)
    held = repr(cell[:40]) if isinstance(cell, str) else shown(cell)
    raise wrong(source, f"column {name!r} is not numeric: row {row} holds {held}{then}")
