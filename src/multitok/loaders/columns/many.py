"""Tables of text that hold many series: one after the other or mixed under a name (long, or tidy,
tables), or one a row (as in the M4 files).

As series they stand side by side, a channel for each; as movement one after the other, as episodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.loaders.columns import cells, clocks, delimited
from multitok.loaders.columns.cells import Plan
from multitok.loaders.columns.clocks import Clock
from multitok.loaders.columns.layout import Layout
from multitok.loaders.columns.stacking import stacked
from multitok.loaders.columns.tables import Table, chosen, is_number, number, rate, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Long(NamedTuple):
    """A long table: the name of the series of each row, its channels, and its clock in seconds.

    time    the name of the clock
    timed   its steps have a length in seconds
    """

    ids: Sequence[str]
    rows: Sequence[Sequence[float]]
    names: Sequence[str]
    stamps: NDArray[np.float64] | None = None
    time: str | None = None
    dated: bool = False
    timed: bool = True


def by_id(source: Source, options: ReadOptions, layout: Layout, *, values: bool) -> Table:
    """A series of the rows that have one name in the column that `id` tells.

    `columns` may name columns of the file, and series."""
    [place] = chosen(source.name, layout.names, (str(options.id),))
    columns, series = asked(layout.names, options.columns)
    plan, facts, notes = delimited.planned(
        source.name, layout, options._replace(columns=columns), apart=(place,)
    )
    ids, rows, told = [], [], []
    for block in cells.blocks(source, options, layout):
        for line, row in cells.whole_rows(source.name, block, layout):
            ids.append(row[place])
            rows.append(list(cells.numbers_of(plan, line, row)))
            told.append(plan.stamp(row))
    long = Long(ids, rows, [layout.names[c] for c in plan.channels])
    if plan.clock is not None:
        order, doubt = delimited.order_of(plan, told)
        notes += doubt
        long = long._replace(
            stamps=_stamps(plan, plan.clock, told, order),
            time=plan.time,
            dated=plan.clock.kind != "numbers",
            timed=plan.clock.timed,
        )
    facts["named by"] = layout.names[place]
    table = apart(source.name, long, series, options.modality, facts, values=values)
    return replace(table, notes=(*notes, *table.notes))


def asked(names: Sequence[str], columns: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of what is asked for, the columns of the file; and all else, which names series."""
    told = [str(one) for one in columns]
    return tuple(n for n in told if n in names), tuple(n for n in told if n not in names)


def apart(
    source: str,
    long: Long,
    series: Sequence[str],
    modality: str,
    facts: Mapping[str, Any],
    *,
    values: bool,
) -> Table:
    """The series of a long table, those asked for or all."""
    found: dict[str, list[int]] = {}
    for row, key in enumerate(long.ids):
        found.setdefault(key, []).append(row)
    facts = {**facts, "series": f"{len(found):,}"}
    if modality == "actions":
        wanted = [list(found)[i] for i in chosen(source, list(found), series)]
        return _episodes(long, [found[key] for key in wanted], facts, values=values)
    beside = {
        key if len(long.names) == 1 else f"{key}.{name}": [long.rows[row][c] for row in places]
        for key, places in found.items()
        for c, name in enumerate(long.names)
    }
    table = stacked(source, beside, series, values=values, facts=facts)
    if long.stamps is None:
        return table
    kept = {name if name in found else name.rpartition(".")[0] for name in table.names}
    times = [long.stamps[found[key]] for key in kept]
    if any((one != times[0]).any() for one in times):
        return replace(table, notes=("the series have clocks that differ: none is read",))
    return replace(
        table,
        time=long.time,
        timestamps=times[0] if values else None,
        dated=long.dated,
        hz=rate(times[0]) if long.timed else None,
    )


def _episodes(
    long: Long, found: Sequence[Sequence[int]], facts: Mapping[str, Any], *, values: bool
) -> Table:
    """One after the other. The rate is that of the first: the clock of each begins anew."""
    table = Table(
        names=tuple(long.names),
        rows=sum(map(len, found)),
        time=long.time,
        hz=rate(long.stamps[found[0]]) if long.stamps is not None and long.timed else None,
        episodes=tuple(map(len, found)),
        facts=facts,
    )
    if not values:
        return table
    import numpy as np

    return replace(table, values=np.array([long.rows[r] for one in found for r in one], np.float64))


def _stamps(
    plan: Plan, clock: Clock, told: Sequence[str], order: bool | None
) -> NDArray[np.float64]:
    """Seconds of a clock; SourceError that names the first cell that tells no time."""
    import numpy as np

    from multitok.loaders.columns import moments

    try:
        if clock.kind == "numbers":
            return np.array(list(map(number, told))) * clocks.SECONDS.get(clock.unit, 1.0)
        return moments.stamps(np.array([cell.encode() for cell in told], np.bytes_), order)
    except ValueError as error:
        odd = error.args[0] if isinstance(error.args[0], int) else _first_word(told)
        raise delimited.no_time(plan, told[odd]) from None


def _first_word(told: Sequence[str]) -> int:
    return next(i for i, cell in enumerate(told) if not is_number(cell))


def by_row(source: Source, options: ReadOptions, layout: Layout, *, values: bool) -> Table:
    """A series of each row, named by its first cell where that is a word, or by the column that
    `id` tells. Empty cells behind its last number are none of it."""
    place = _label(source.name, options, layout)
    series: dict[str, list[float]] = {}
    for block in cells.blocks(source, options, layout):
        for line, row in cells.rows(source.name, block, layout):
            name = row[place] if place is not None and place < len(row) else f"row{len(series)}"
            told = [cell for c, cell in enumerate(row) if c != place]
            while told and not told[-1]:
                told.pop()
            try:
                numbers = [number(layout.plain(cell)) for cell in told]
            except ValueError:
                odd = next(cell for cell in told if not is_number(layout.plain(cell)))
                raise wrong(
                    source.name, f"the series in line {line} is not numeric: it holds {odd[:40]!r}"
                ) from None
            series[name if name not in series else f"{name}.{len(series)}"] = numbers
    facts = {"layout": f"{len(series):,} series, one a row", "header": layout.header}
    return stacked(source.name, series, options.columns, values=values, facts=facts)


def _label(name: str, options: ReadOptions, layout: Layout) -> int | None:
    """The place of the cells that name the rows."""
    if options.id is not None:
        return chosen(name, layout.names, (options.id,))[0]
    return None if all(is_number(row[0]) for row in layout.body) else 0
