"""Blocks of plain numbers at once, by readers in C: numpy's, and pyarrow's where it is installed.

They give what `cells.one_by_one` gives, or nothing where a block holds what they do not know.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from io import StringIO
from typing import TYPE_CHECKING, Any

from multitok.core.extras import optional
from multitok.loaders.columns.arrow_arrays import floats, texts
from multitok.loaders.columns.cells import (
    Block,
    Cells,
    Plan,
    has_blank_rows,
    has_comments,
    one_by_one,
)
from multitok.loaders.columns.clocks import Clock
from multitok.loaders.columns.layout import said
from multitok.loaders.columns.tables import MISSING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ARROW_FROM = 8 << 20
"""Bytes of a file from which on pyarrow's reader is worth the time of its import (0.1 s)."""

ARROW_COLUMNS = 4096
"""Columns up to which pyarrow reads it: each takes 20 kB, a million of them 23 GB."""

THREADS = 2

_LONGEST = 64
"""Bytes of a stamp; a column that holds a longer one is read cell by cell."""

_WORDS = [
    word for low in sorted(MISSING) for word in dict.fromkeys((low, low.upper(), low.capitalize()))
]
"""What pyarrow reads as missing, which knows no case."""


def read_each(blocks: Iterator[Block], plan: Plan, *, size: int) -> Iterator[tuple[Block, Cells]]:
    """Block by block, the next when it is asked for; `size` is that of the file in bytes."""
    return ((block, read(block, plan, size=size)) for block in blocks)


def read_ahead(blocks: Iterator[Block], plan: Plan, *, size: int) -> Iterator[tuple[Block, Cells]]:
    """The same, of a long file by two threads, a few blocks ahead: pyarrow lets both run."""
    if size < ARROW_FROM or optional("pyarrow.csv") is None:
        yield from read_each(blocks, plan, size=size)
        return
    with ThreadPoolExecutor(THREADS) as pool:
        waiting: deque[tuple[Block, Future[Cells]]] = deque()
        for block in blocks:
            waiting.append((block, pool.submit(read, block, plan, size=size)))
            if len(waiting) > THREADS:
                first, found = waiting.popleft()
                yield first, found.result()
        for first, found in waiting:
            yield first, found.result()


def read(block: Block, plan: Plan, *, size: int) -> Cells:
    """The cells of a block of a file of this size, by the fastest reader that knows all of them."""
    data = block.data
    if has_comments(data):
        if b'"' in data:  # a cell in quotes may hold a line that looks like one
            return one_by_one(block, plan)
        data = "".join(line for line in StringIO(block.text) if said(line)).encode()
    if plan.layout.decimal == ",":
        data = data.replace(b",", b".")
    arrow = size >= ARROW_FROM and len(plan.layout.names) <= ARROW_COLUMNS
    found = by_arrow(data, plan) if arrow else None
    return found or by_numpy(data, plan) or one_by_one(block, plan)


def by_numpy(data: bytes, plan: Plan) -> Cells | None:
    """numpy's own reader, when every cell is a plain number; None when one is not."""
    import numpy as np

    names, clock = plan.layout.names, plan.clock
    text = data.decode()
    if not _simple(plan) or not text.strip():
        return None
    kept = set(plan.channels)
    kinds = ["f8" if c in kept else "U1" for c in range(len(names))]
    if clock is not None:
        for place in clock.places:
            kinds[place] = "f8" if clock.kind == "numbers" else f"S{_LONGEST}"
    plain = set(kinds) == {"f8"}
    delimiter = None if plan.layout.delimiter == " " else plan.layout.delimiter
    try:
        table = np.loadtxt(
            StringIO(text),
            delimiter=delimiter,
            comments=None,
            quotechar='"' if '"' in text else None,
            dtype=np.float64 if plain else [(str(c), kind) for c, kind in enumerate(kinds)],
            ndmin=2 if plain else 1,
        )
    except ValueError:
        return None
    if plain:
        if table.shape[1] != len(names):
            return None
        columns: Any = table.T
        numbers = table if clock is None else table[:, list(plan.channels)]
    else:
        columns = [table[str(c)] for c in range(len(names))]
        numbers = np.stack([columns[c] for c in plan.channels], axis=1)
    if clock is None:
        return Cells(numbers, None)
    return _told(numbers, [columns[c] for c in clock.places], clock)


def _told(numbers: NDArray[np.float64], told: Sequence[NDArray[Any]], clock: Clock) -> Cells | None:
    """With the cells of the clock; None where one may have been cut."""
    import numpy as np

    if clock.kind == "numbers":
        return Cells(numbers, told[0])
    texts = [np.char.strip(column) for column in told]
    if any(int(np.char.str_len(column).max(initial=0)) >= _LONGEST for column in told):
        return None
    return Cells(numbers, texts[0] if len(texts) == 1 else _with_space(*texts))


def _with_space(days: NDArray[Any], times: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    return np.char.add(np.char.add(days, b" "), times)


def _simple(plan: Plan) -> bool:
    """Numbers that a program reads as they are, and a clock that is one column, or a day and its
    time."""
    return not plan.layout.grouping and (
        plan.clock is None or not plan.clock.parts or plan.clock.parts == ("date", "time")
    )


def by_arrow(data: bytes, plan: Plan) -> Cells | None:
    """pyarrow's reader; None without it, and for what it does not read as numpy does."""
    import numpy as np

    pa, pc = optional("pyarrow"), optional("pyarrow.csv")
    names, clock = plan.layout.names, plan.clock
    if not (pa and pc) or not _simple(plan) or plan.layout.delimiter == " " or b'"' in data:
        return None
    if has_blank_rows(data, plan.layout):
        return None
    keep = [*plan.channels, *(clock.places if clock is not None else ())]
    number = {str(c) for c in keep if clock is None or c not in clock.places}
    if clock is not None and clock.kind == "numbers":
        number |= {str(c) for c in clock.places}
    try:
        table = pc.read_csv(
            pa.BufferReader(data),
            read_options=pc.ReadOptions(
                use_threads=False,
                block_size=len(data) + 1,
                column_names=[str(c) for c in range(len(names))],
            ),
            parse_options=pc.ParseOptions(delimiter=plan.layout.delimiter, quote_char=False),
            convert_options=pc.ConvertOptions(
                include_columns=[str(c) for c in keep],
                column_types={
                    str(c): pa.float64() if str(c) in number else pa.binary() for c in keep
                },
                null_values=_WORDS if len(names) > 1 else [word for word in _WORDS if word],
            ),
        )
    except (pa.ArrowException, UnicodeError):
        return None
    columns = [floats(table.column(str(c))) for c in plan.channels]
    numbers = columns[0][:, None] if len(columns) == 1 else np.stack(columns, axis=1)
    if clock is None:
        return Cells(numbers, None)
    told = [table.column(str(c)) for c in clock.places]
    if clock.kind == "numbers":
        return None if told[0].null_count else Cells(numbers, floats(told[0]))
    return _told(numbers, [texts(column) for column in told], clock)
