"""CSV and TSV: the delimiter, the header and the clock are found; what is no number is named.

`layout` tells how the file is written, `clocks` which column is the time; the rest is read a block
at a time. Of a count only the lines, and the first rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.core.errors import SourceError
from multitok.loaders.columns import cells, clocks, layout as layouts
from multitok.loaders.columns.bounds import loadable
from multitok.loaders.columns.cells import Block, Plan
from multitok.loaders.columns.clocks import SAMPLE, Clock
from multitok.loaders.columns.dates import day_first, either
from multitok.loaders.columns.layout import Layout
from multitok.loaders.columns.tables import (
    WATCHED,
    Table,
    checked_clock,
    chosen,
    is_number,
    number,
    rate,
    usual_step,
    wrong,
)
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SPELLED = {"\t": "tab", ",": "comma", ";": "semicolon", " ": "spaces"}


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """The table of a CSV or TSV file; with `values=False` its shape, by counting lines, and what is
    odd in its clock.

    The clock is no channel unless it is asked for by name, and neither is a column without a name
    that counts the rows."""
    layout = layouts.layout_of(source, options)
    if options.rows_are_series or options.id is not None:
        from multitok.loaders.columns import many

        of = many.by_row if options.rows_are_series else many.by_id
        return of(source, options, layout, values=values)
    plan, facts, notes = planned(source.name, layout, options)
    names = tuple(layout.names[c] for c in plan.channels)
    if not values and plan.clock is None:
        return Table(
            names=names, rows=_counted(source, options, plan), facts=facts, notes=tuple(notes)
        )
    told = (cell for _, cell in clock_cells(source, options, plan))
    order, doubt = order_of(plan, told)
    found, span = _taken(source, options, plan, order, whole=values), {}
    if not values and plan.clock is not None and found.stamps is not None:
        step = usual_step(found.stamps)
        span = plan.clock.facts(plan.stamp(layout.body[0]), found.last, step)
        if found.whole:
            at = partial(_at, source, options, plan)
            doubt += checked_clock(plan.time or "", found.stamps, at, plan.clock.spelled)
    timed = plan.clock is not None and plan.clock.timed and found.whole
    return Table(
        names=names,
        rows=found.rows,
        values=found.numbers if values else None,
        time=plan.time,
        timestamps=found.stamps if values else None,
        dated=plan.clock is not None and plan.clock.kind != "numbers",
        span=span,
        hz=rate(found.stamps) if timed else None,
        facts=facts,
        notes=(*notes, *doubt),
    )


def planned(
    name: str, layout: Layout, options: ReadOptions, apart: Sequence[int] = ()
) -> tuple[Plan, dict[str, Any], list[str]]:
    """What is read of each row, and what to tell of it. The columns `apart` are neither channels
    nor the clock."""
    facts = {
        "delimiter": _SPELLED.get(layout.delimiter, layout.delimiter),
        "header": layout.header,
        **({"decimal": "comma"} if layout.decimal == "," else {}),
    }
    clock = _clock(name, layout, options.time, apart)
    keep = chosen(name, layout.names, options.columns)
    told = () if clock is None else clock.places
    if options.time == clocks.NONE and clocks.NONE not in layout.names:
        clock = None
    if options.columns:
        named = clock is not None and set(told) & set(keep)
        return Plan(name, layout, keep, None if named else clock), facts, list(layout.notes)
    left = {*apart, *layout.empty}
    left |= {c for c in told if clock is not None or not _numeric(layout, c)}
    for c in keep:
        column = [row[c] for row in layout.body]
        if c not in left and clock is not None and clocks.numbers_rows(layout.names[c], column):
            facts["row numbers"] = layout.names[c]
            left.add(c)
    keep = [c for c in keep if c not in left]
    if not keep:
        shown = layout.names[0] if clock is None else clock.name(layout.names)
        raise wrong(name, f"the only column, {shown!r}, is the clock: name it to read it")
    return Plan(name, layout, keep, clock), facts, list(layout.notes)


def _clock(name: str, layout: Layout, wanted: str | None, apart: Sequence[int]) -> Clock | None:
    """The clock that is named, or found among the columns that are not `apart`."""
    body = [["" if c in apart else cell for c, cell in enumerate(row)] for row in layout.body]
    if wanted in layout.names or wanted not in (None, clocks.NONE):
        return clocks.clock_named(name, wanted, layout.names, layout.units, body)
    return clocks.clock_of(layout.names, layout.units, body, bare=layout.header == "no")


def _numeric(layout: Layout, c: int) -> bool:
    return all(is_number(layout.plain(row[c])) for row in layout.body)


def _counted(source: Source, options: ReadOptions, plan: Plan) -> int:
    """The rows by their lines. The first are looked at as a load would."""
    found = 0
    for block in cells.blocks(source, options, plan.layout):
        if not found:
            for line, row in islice(cells.whole_rows(plan.name, block, plan.layout), SAMPLE):
                for _ in cells.numbers_of(plan, line, row):
                    pass
        found += cells.count(plan.name, block, plan.layout)
    return found


def clock_cells(source: Source, options: ReadOptions, plan: Plan) -> Iterator[tuple[int, str]]:
    """The line and the clock of each row, as it is written."""
    for block in cells.blocks(source, options, plan.layout):
        for line, row in cells.whole_rows(plan.name, block, plan.layout):
            yield line, plan.stamp(row)


def _at(source: Source, options: ReadOptions, plan: Plan, row: int) -> tuple[int, str]:
    return next(islice(clock_cells(source, options, plan), row, None))


def order_of(plan: Plan, told: Iterable[str]) -> tuple[bool | None, list[str]]:
    """Whether 1/2/2024 is in February, by all cells of the clock; a note where none tells."""
    if plan.clock is None or plan.clock.kind == "numbers":
        return None, []
    first = plan.stamp(plan.layout.body[0])
    if not either(first):
        return None, []
    order = day_first(told)
    if order is not None:
        return order, []
    return False, [
        f"dates such as {first!r} are read month first: no day of the column is beyond 12"
    ]


class _Taken(NamedTuple):
    """What was read: all rows, or the first of them and how many there are; the last stamp."""

    rows: int
    numbers: NDArray[np.float64]
    stamps: NDArray[np.float64] | None
    last: str
    whole: bool


def _taken(
    source: Source, options: ReadOptions, plan: Plan, order: bool | None, *, whole: bool
) -> _Taken:
    """The numbers and the clock: of all rows, or else of the first WATCHED of them."""
    from multitok.loaders.columns import quick_cells

    width = len(plan.channels)
    numbers, stamps = _Grown(width), _Grown(1)
    size, more, end = source.size or 0, 0, None
    left = size if whole else 0
    blocks = cells.blocks(source, options, plan.layout)
    ahead = quick_cells.read_ahead if whole else quick_cells.read_each
    for block, found in ahead(blocks, plan, size=size):
        to_come = left / len(block.data)
        loadable(plan.name, numbers.rows + len(found.numbers), width)
        numbers.add(found.numbers, to_come)
        if found.clock is not None and plan.clock is not None:
            stamps.add(
                _seconds(block, plan, plan.clock, found.clock, order)[:, None],
                left / len(block.data),
            )
        left -= len(block.data)
        end = block if len(found.numbers) else end
        if not whole and numbers.rows >= WATCHED:
            break
    for block in blocks:
        rows = cells.count(plan.name, block, plan.layout)
        end, more = block if rows else end, more + rows
    last = "" if end is None or plan.clock is None else _last(end, plan)
    times = stamps.whole()[:, 0] if plan.clock is not None else None
    return _Taken(numbers.rows + more, numbers.whole(), times, last, not more)


def _last(block: Block, plan: Plan) -> str:
    """The clock of the last row of a block."""
    *_, (_, row) = cells.whole_rows(plan.name, block, plan.layout)
    return plan.stamp(row)


def _seconds(
    block: Block, plan: Plan, clock: Clock, told: NDArray[Any], order: bool | None
) -> NDArray[np.float64]:
    """Seconds of the clock's cells; of numbers without a unit, the numbers themselves."""
    import numpy as np

    from multitok.loaders.columns import moments

    try:
        if clock.kind == "numbers":
            if told.dtype.kind == "S":
                told = np.array([number(cell.decode()) for cell in told.tolist()])
            return told * clocks.SECONDS.get(clock.unit, 1.0)
        return moments.stamps(told, order)
    except ValueError as error:
        odd = error.args[0] if isinstance(error.args[0], int) else _first_word(told)
        line = next(islice(cells.whole_rows(plan.name, block, plan.layout), odd, None))[0]
        raise no_time(plan, told[odd].decode("utf-8", "replace"), line) from None


def _first_word(told: NDArray[Any]) -> int:
    return next(i for i, cell in enumerate(told.tolist()) if not is_number(cell.decode()))


def no_time(plan: Plan, cell: str, line: int | None = None) -> SourceError:
    """For a cell of the clock that is none, and how to read the file all the same."""
    where = "" if line is None else f" in line {line}"
    then = "--time none leaves it out (time=)"
    return wrong(plan.name, f"column {plan.time!r} tells no time{where}: {cell[:40]!r}: {then}")


class _Grown:
    """An array that rows are added to, of unknown number."""

    def __init__(self, width: int) -> None:
        import numpy as np

        self._array = np.empty((0, width))
        self.rows = 0

    def add(self, rows: NDArray[np.float64], more: float) -> None:
        """Rows of a block; `more` blocks like it, this one too, may come: mostly room for all of
        them is made once, and only what is written to is held."""
        import numpy as np

        end = self.rows + len(rows)
        if end > len(self._array):
            room = max(end, len(self._array) * 5 // 4, self.rows + int(len(rows) * more * 1.02))
            held = self._array[: self.rows]
            self._array = np.empty((room, rows.shape[1]))  # resize would write zeros to all of it
            self._array[: self.rows] = held
        self._array[self.rows : end] = rows
        self.rows = end

    def whole(self) -> NDArray[np.float64]:
        self._array.resize((self.rows, self._array.shape[1]), refcheck=False)
        return self._array
