"""CSV and TSV: the delimiter, the header and the clock are found; what is no number is named."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from multitok.loaders.columns.dates import day_first, either, is_compact_date, is_date, seconds
from multitok.loaders.columns.tables import (
    TIME_NAMES,
    WATCHED,
    Table,
    checked_clock,
    chosen,
    decoded,
    is_number,
    number,
    rate,
    spelled,
    wrong,
)
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SPELLED = {"\t": "tab", ",": "comma", ";": "semicolon", " ": "spaces"}

_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?")

NO_ROWS = "no rows under the header"

SAMPLE = 50
"""Lines that decide what the columns are."""


class _Form(NamedTuple):
    """How a file is written, and what of it is read.

    comma    numbers have a decimal comma
    header   lines of it: 0 or 1
    above    lines before the first that counts
    keep     the places of the columns that are channels
    clock    the place of the column that tells the time
    """

    delimiter: str
    comma: bool
    header: int
    above: int
    names: tuple[str, ...]
    keep: list[int]
    clock: int | None

    @property
    def first(self) -> int:
        """The line of the first row, from 1."""
        return self.above + self.header + 1


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """The table of a CSV or TSV file; with `values=False` its shape, by counting lines, and what is
    odd in its clock.

    A first row with a word in it, where the second has none, is the header. A column that holds
    dates, or is named time, date, year, ..., or is an unnamed 0, 1, 2, ... is the clock, and is no
    channel unless it is asked for by name."""
    text = _text(source, options)
    lines, above = _lines(text)
    if not lines:
        raise wrong(source.name, "the file is empty: there is nothing to read")
    delimiter = _delimiter(lines[:SAMPLE], options.format)
    if delimiter == " ":
        lines = [" ".join(line.split()) for line in lines]
    form = _form(source.name, lines, delimiter, above, options.columns)
    names = tuple(form.names[c] for c in form.keep)
    time = None if form.clock is None else form.names[form.clock]
    facts = {
        "delimiter": _SPELLED.get(delimiter, delimiter),
        "header": "yes" if form.header else "no",
    }
    order, doubt = _order(source.name, lines, form)
    if not values and (time is None or len(lines) > WATCHED):
        _slow(source.name, lines[:SAMPLE], form, order)
        rows = len(lines)
        if '"' in text:
            rows = len(_rows(source.name, lines, delimiter, above))
        if rows == form.header:
            raise wrong(source.name, NO_ROWS)
        return Table(names=names, rows=rows - form.header, time=time, facts=facts, notes=doubt)
    open_quote = lines[0].count('"') % 2  # the first row goes on in the next line
    found = None if open_quote else _fast(lines[form.header :], form)
    numbers, stamps, shown = found or _slow(source.name, lines, form, order)
    if not len(numbers):
        raise wrong(source.name, NO_ROWS)
    notes = doubt
    dated = bool(shown) and (is_date(shown[0]) or is_compact_date(shown[0]))
    if time is not None and stamps is not None:
        notes = (*doubt, *checked_clock(time, stamps, shown.__getitem__, form.first))
        if len(stamps) > 1 and dated:
            facts |= {"from": shown[0], "to": shown[-1], "step": spelled(1 / (rate(stamps) or 1))}
    return Table(
        names=names,
        rows=len(numbers),
        values=numbers if values else None,
        time=time,
        timestamps=stamps if values else None,
        dated=dated,
        hz=rate(stamps) if values else None,
        facts=facts,
        notes=notes,
    )


def _form(name: str, lines: list[str], delimiter: str, above: int, columns: Sequence[str]) -> _Form:
    """Told by the first lines: header, names, clock and channels."""
    sample = _rows(name, lines[:SAMPLE], delimiter, above)
    comma = delimiter == ";" and _decimal_comma(sample)
    sample = [[_plain(cell, comma) for cell in row] for row in sample]
    header = _has_header(sample)
    width = len(sample[0])
    names = _names(sample[0] if header else (), width)
    if len(lines) == int(header):
        raise wrong(name, NO_ROWS)
    clock = _clock(names, sample[1:] if header else sample, header)
    keep = chosen(name, names, columns)
    if not columns:
        keep = [c for c in keep if c != clock]
        if _ends_empty(sample, lines, delimiter):
            keep = [c for c in keep if c != width - 1]
    if not keep:
        raise wrong(name, f"the only column, {names[0]!r}, is the clock: name it to read it")
    return _Form(
        delimiter, comma, int(header), above, names, keep, None if clock in keep else clock
    )


def _rows(name: str, lines: Iterable[str], delimiter: str, above: int) -> list[list[str]]:
    """The cells of each row; SourceError for a line that csv cannot cut."""
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        return [row for row in reader if row]
    except csv.Error as error:
        raise wrong(name, f"line {above + reader.line_num}: {error}") from None


def _text(source: Source, options: ReadOptions) -> str:
    wide = source.head()[:2] in (b"\xff\xfe", b"\xfe\xff")
    return decoded(source, options.encoding or ("utf-16" if wide else "utf-8-sig"))


def _lines(text: str) -> tuple[list[str], int]:
    """Lines with something in them, and how many stand above the first; leading lines that begin
    with # are comments."""
    lines = text.splitlines()
    said = (i for i, line in enumerate(lines) if line.strip() and not line.startswith("#"))
    above = next(said, len(lines))
    return [line for line in lines[above:] if line.strip()], above


def _delimiter(lines: list[str], form: str) -> str:
    """The commonest in the first line; a comma inside of numbers is no delimiter beside a ;, and
    spaces are one where there is no other and numbers stand between them."""
    line = lines[0]
    if form == "TSV" or "\t" in line:
        return "\t"
    if line.count(";") and _decimal_comma([line.split(";") for line in lines]):
        return ";"
    found = max((",", ";", "|"), key=line.count)
    words = lines[-1].split()
    if found not in line and len(words) == len(line.split()) > 1 and all(map(is_number, words)):
        return " "
    return found


def _decimal_comma(sample: list[list[str]]) -> bool:
    cells = [cell for row in sample for cell in row if "," in cell]
    return bool(cells) and all(is_number(c.replace(",", ".", 1)) for c in cells if c[:1].isdigit())


def _plain(cell: str, comma: bool) -> str:
    return cell.strip().replace(",", ".") if comma else cell.strip()


def _has_header(sample: list[list[str]]) -> bool:
    """The first row has a word where the second has a number, a date or nothing."""
    words = [not is_number(cell) and not is_date(cell) for cell in sample[0]]
    if not any(words) or len(sample) == 1:
        return any(words)
    below = [not is_number(cell) and not is_date(cell) for cell in sample[1]]
    if any(here and not there for here, there in zip(words, below, strict=False)):
        return True
    bare = not any(char.isdigit() for cell in sample[0] for char in cell)
    return all(words) and bare and any(char.isdigit() for cell in sample[1] for char in cell)


def _ends_empty(sample: list[list[str]], lines: list[str], delimiter: str) -> bool:
    """Every line ends with a delimiter: what stands after it is no column."""
    return len(sample[0]) > 1 and all(line.rstrip(" ").endswith(delimiter) for line in lines)


def _names(header: Sequence[str], width: int) -> tuple[str, ...]:
    """The header's names, numbered where empty or repeated."""
    names: dict[str, None] = {}
    for i in range(width):
        name = header[i] if i < len(header) and header[i] else f"column{i}"
        names[name if name not in names else f"{name}.{i}"] = None
    return tuple(names)


def _clock(names: Sequence[str], body: list[list[str]], header: bool) -> int | None:
    """The place of the column that tells the time."""
    full = [row for row in body if len(row) == len(names)]
    for c in range(len(names)):
        if full and all(is_date(row[c]) for row in full):
            return c
    for c, name in enumerate(names):
        if header and name.lower() in TIME_NAMES and len(names) > 1:
            cells = [row[c] for row in full]
            if all(is_number(cell) and cell for cell in cells):
                return c
    if header and names[0] == "column0" and len(names) > 1 and len(full) > 1:
        cells = [row[0] for row in full]
        first = cells[0]
        if first.isdecimal() and len(first) < 10:
            counted = all(cell == str(int(first) + i) for i, cell in enumerate(cells))
            return 0 if counted else None
    return None


def _order(name: str, lines: list[str], form: _Form) -> tuple[bool | None, tuple[str, ...]]:
    """Whether 1/2/2024 is in February, by the whole column; a note where no cell tells."""
    if form.clock is None:
        return None, ()
    rows = _rows(name, lines[form.header : SAMPLE], form.delimiter, form.first)
    if not rows or len(rows[0]) <= form.clock or not either(rows[0][form.clock]):
        return None, ()
    whole = _rows(name, lines[form.header :], form.delimiter, form.first)
    cells = [row[form.clock] for row in whole if len(row) > form.clock]
    order = day_first(cells)
    if order is not None:
        return order, ()
    told = f"dates such as {cells[0]!r} are read month first: no day of the column is beyond 12"
    return False, (told,)


def _fast(
    lines: list[str], form: _Form
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, list[str]] | None:
    """numpy's own reader, when every cell is a plain number; None when one is not."""
    import numpy as np

    delimiter, comma, _, _, _, keep, clock = form
    if comma:
        return None
    width = lines[0].count(delimiter)
    if any(line.count(delimiter) != width for line in lines):
        return None
    try:
        cells = np.loadtxt(
            lines, delimiter=delimiter, usecols=keep, comments=None, dtype=np.float64, ndmin=2
        )
    except ValueError:
        return None
    if clock is None:
        return cells, None, []
    shown = [line.split(delimiter, clock + 1)[clock].strip() for line in lines]
    stamps = _stamps(shown)
    return None if stamps is None else (cells, stamps, shown)


def _stamps(shown: list[str]) -> NDArray[np.float64] | None:
    """Numbers, or dates written all in one way, at once; None when they are neither."""
    import numpy as np

    try:
        if not is_date(shown[0]) and not is_compact_date(shown[0]):
            return np.array(shown, dtype=np.float64)
        if not _ISO.fullmatch(shown[0]) or len(set(map(len, shown))) > 1:
            return None
        dates = np.array(shown, dtype="datetime64[us]")
    except ValueError:
        return None
    told = (dates >= np.datetime64("0001-01-01")).all()  # no day of the year 0, and none missing
    return None if not told else dates.astype(np.int64) / 1e6


def _slow(
    name: str, lines: list[str], form: _Form, order: bool | None
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, list[str]]:
    """Cell by cell, to name the first that is wrong by column and line."""
    import numpy as np

    delimiter, comma, header, above, names, keep, clock = form
    width, first = len(names), form.first
    rows = _rows(name, io.StringIO("\n".join(lines)), delimiter, above)[header:]
    for r, row in enumerate(rows):
        if len(row) != width:
            raise wrong(
                name,
                f"line {r + first} has {len(row)} cell{'s' * (len(row) != 1)}, the"
                f" {'header' if header else 'first'} has {width}",
            )
    out = np.empty((len(rows), len(keep)))
    for place, c in enumerate(keep):
        for r, row in enumerate(rows):
            try:
                out[r, place] = number(_plain(row[c], comma))
            except ValueError:
                others = [n for i, n in enumerate(names) if i in keep and i != c]
                then = (
                    f": name those that are: {', '.join(others)} (columns=, --columns)"
                    if others
                    else ""
                )
                raise wrong(
                    name,
                    f"column {names[c]!r} is not numeric: line {r + first} holds"
                    f" {row[c].strip()[:40]!r}{then}",
                ) from None
    if clock is None:
        return out, None, []
    shown = [row[clock].strip() for row in rows]
    stamps = np.empty(len(shown))
    for r, cell in enumerate(shown):
        try:
            stamps[r] = seconds(cell, order)
        except ValueError:
            raise wrong(
                name, f"column {names[clock]!r} tells no time in line {r + first}: {cell[:40]!r}"
            ) from None
    return out, stamps, shown
