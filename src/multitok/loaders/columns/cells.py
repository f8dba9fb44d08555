"""The rows of a table of text, a block of the file at a time, so that a table of any length is read
in the memory that its numbers take; and cell by cell, to know every word and to say which is wrong.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.core.errors import SourceError
from multitok.loaders.columns.clocks import Clock
from multitok.loaders.columns.dates import is_date
from multitok.loaders.columns.layout import COMMENTS, Layout, opened_below, said
from multitok.loaders.columns.tables import is_number, number, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK = 3 << 19
"""Bytes that are read at a time."""

_SPACES = [bytes([code]) for code in range(128) if chr(code).isspace() and code != ord("\n")]
_BLANK = re.compile(rb"^[ \t\f\v\x1c-\x1f]+$", re.MULTILINE)
_BLANK_TEXT = re.compile(r"^[^\S\n]+$", re.MULTILINE)
_TABS = re.compile(rb"^[ \f\v\x1c-\x1f]*\t[ \t\f\v\x1c-\x1f]*$", re.MULTILINE)
_TABS_TEXT = re.compile(r"^[^\S\n\t]*\t[^\S\n]*$", re.MULTILINE)
_COMMENTS = [sign.encode() for sign in COMMENTS]


class Block(NamedTuple):
    """Whole rows of the file in UTF-8, each ended by \\n; the line of the first, from 1, and how
    many line ends there are."""

    data: bytes
    line: int
    ends: int

    @property
    def text(self) -> str:
        return self.data.decode()


class Plan(NamedTuple):
    """What is read of each row: the channels by their places, and the clock."""

    name: str
    layout: Layout
    channels: Sequence[int]
    clock: Clock | None

    @property
    def time(self) -> str | None:
        """The name of the clock."""
        return None if self.clock is None else self.clock.name(self.layout.names)

    def stamp(self, row: Sequence[str]) -> str:
        """The clock of a row, as it is written; "" without one."""
        clock = self.clock
        return "" if clock is None else clock.joined([row[c] for c in clock.places])


class Cells(NamedTuple):
    """The numbers of some rows, float64 (rows, channels), and the cells of their clock: numbers, or
    as they are written."""

    numbers: NDArray[np.float64]
    clock: NDArray[Any] | None


def blocks(source: Source, options: ReadOptions, layout: Layout) -> Iterator[Block]:
    """The file below its header. A cell in quotes that goes on in the next line stays whole."""
    with opened_below(source, options, layout.skip) as file:
        line = layout.skip + 1
        while data := file.read(BLOCK):
            data += file.readline()
            odd = data.count(b'"') % 2 if b'"' in data else 0
            while odd and (more := file.readline()):
                data += more
                odd ^= more.count(b'"') % 2
            if b"\r" in data:
                data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            if not data.isascii():
                data.decode()  # what is no text is found here, whoever reads the block
            ends = _line_ends(data)
            yield Block(data, line, ends)
            line += ends
            data = b""  # two blocks are never held here


def _line_ends(data: bytes) -> int:
    """numpy, which whoever reads the numbers has at hand, counts them five times as fast."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return data.count(b"\n")
    return int(numpy.count_nonzero(numpy.frombuffer(data, numpy.uint8) == ord("\n")))


def rows(name: str, block: Block, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """The line and the cells of each row, without the spaces around them; empty lines and comments
    are none."""
    spaces = layout.delimiter == " "
    at = block.line - 1

    def lines() -> Iterator[str]:
        nonlocal at
        for line in StringIO(block.text):
            at += 1
            if said(line):
                yield " ".join(line.split()) if spaces else line

    reader = csv.reader(lines(), delimiter=layout.delimiter, skipinitialspace=True)
    try:
        for row in reader:
            yield at, [cell.strip() for cell in row]
    except csv.Error as error:
        raise wrong(name, f"line {at}: {error}") from None


def whole_rows(name: str, block: Block, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """The same; SourceError for one that is shorter or longer than the header."""
    width = len(layout.names)
    for line, row in rows(name, block, layout):
        if len(row) != width:
            first = "first" if layout.header == "no" else "header"
            raise wrong(
                name,
                f"line {line} has {len(row)} cell{'s' * (len(row) != 1)}, the {first} has {width}",
            )
        yield line, row


def count(name: str, block: Block, layout: Layout) -> int:
    """How many rows there are, by their line ends where these say it all."""
    data, width = block.data, len(layout.names)
    if b'"' in data or layout.delimiter == " " or has_comments(data) or b"\n\n" in data:
        return sum(1 for _ in whole_rows(name, block, layout))
    found = block.ends + (not data.endswith(b"\n"))
    if (
        data.startswith(b"\n")
        or has_blank_rows(data, layout)
        or data.count(layout.delimiter.encode()) != found * (width - 1)
    ):
        return sum(1 for _ in whole_rows(name, block, layout))
    return found


def has_blank_rows(data: bytes, layout: Layout) -> bool:
    """Lines of spaces, which are no rows: where there is one column, or tabs part them."""
    if len(layout.names) == 1:
        return _found(_BLANK, _BLANK_TEXT, data)
    return layout.delimiter == "\t" and _found(_TABS, _TABS_TEXT, data)


def _found(plain: re.Pattern[bytes], text: re.Pattern[str], data: bytes) -> bool:
    """Whether there is such a line, whatever its spaces are called."""
    if not data.isascii():
        return text.search(data.decode()) is not None
    return any(space in data for space in _SPACES) and plain.search(data) is not None


def has_comments(data: bytes) -> bool:
    """Lines that begin with a sign of comments; to look for the sign alone is much faster."""
    return any(
        sign in data and (data.startswith(sign) or b"\n" + sign in data) for sign in _COMMENTS
    )


def numbers_of(plan: Plan, line: int, row: Sequence[str]) -> Iterator[float]:
    """The channels of one row; SourceError that names the first cell that is no number."""
    for c in plan.channels:
        try:
            yield number(plan.layout.plain(row[c]))
        except ValueError:
            raise not_numeric(plan, line, row, c) from None


def not_numeric(plan: Plan, line: int, row: Sequence[str], c: int) -> SourceError:
    """Names the cell, and what to do: the columns of numbers by the first rows, and the column
    itself where it may be the name of a series."""
    names, body = plan.layout.names, plan.layout.body
    others = [
        names[o] for o in plan.channels if o != c and all(is_number(sample[o]) for sample in body)
    ]
    then = f": name those that are: {', '.join(others)} (columns=, --columns)" if others else ""
    if others and len({sample[c] for sample in body}) < len(body):
        then += f", or make a series of each: --id {names[c]} (id=)"
    held = f"line {line} holds {row[c][:40]!r}"
    if is_date(row[c]):
        odd = next((sample[c] for sample in body if not is_date(sample[c])), None)
        held += f", and it is no clock: it holds {odd[:40]!r}, too" if odd else ""
    return wrong(plan.name, f"column {names[c]!r} is not numeric: {held}{then}")


def one_by_one(block: Block, plan: Plan) -> Cells:
    """Cell by cell, to know every word and to name the first that is wrong by column and line."""
    import numpy as np

    numbers, told = [], []
    for line, row in whole_rows(plan.name, block, plan.layout):
        numbers.append(list(numbers_of(plan, line, row)))
        told.append(plan.stamp(row).encode())
    out = np.array(numbers, np.float64).reshape(len(numbers), len(plan.channels))
    return Cells(out, None if plan.clock is None else np.array(told, np.bytes_))
