"""How a table of text is written, told by its first lines: delimiter, header, units, numbers.

Shape and content are read by the same layout, so that a count and a load agree.
"""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import TextIOWrapper
from typing import BinaryIO, NamedTuple, Protocol

from multitok.core.integers import decimal
from multitok.loaders.columns.clocks import SAMPLE
from multitok.loaders.columns.dates import is_date, is_time_of_day
from multitok.loaders.columns.tables import MISSING, by_one, decoded, is_number, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

_SAMPLE_SIZE = 1 << 20
"""Characters of the first rows: of a wide table they are fewer than SAMPLE."""

NO_ROWS = "no rows under the header"
COMMENTS = ("#", "%")
"""Signs that a line begins with which is no row."""
_DELIMITERS = ("\t", ",", ";", "|")
_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_DECIMAL = re.compile(r"[-+]?(\d+|\d{1,3}([. ]\d{3})+)?,\d+(e[-+]?\d+)?", re.ASCII | re.IGNORECASE)


class Layout(NamedTuple):
    """How a file is written.

    decimal   the decimal comma of its numbers, or "."
    grouping  what stands between their thousands where the decimal is a comma, or ""
    header    "yes", "no", or where else the names were found
    units     a row of them under the header; "" where there is none
    skip      lines of the file before the first row
    body      cells of the first rows
    empty     columns without a name and without a cell: what stands behind a last delimiter
    """

    delimiter: str
    decimal: str
    grouping: str
    header: str
    names: tuple[str, ...]
    units: tuple[str, ...]
    skip: int
    body: list[list[str]]
    notes: tuple[str, ...]
    empty: tuple[int, ...]

    def plain(self, cell: str) -> str:
        """A cell with a decimal point."""
        if self.decimal == ".":
            return cell
        return cell.replace(self.grouping or ",", "" if self.grouping else ",").replace(",", ".")


def encoding_of(source: Source, options: ReadOptions) -> str:
    """The one that is named, else by the first bytes."""
    wide = source.head()[:2] in (b"\xff\xfe", b"\xfe\xff")
    return options.encoding or ("utf-16" if wide else "utf-8-sig")


@contextmanager
def opened(source: Source, options: ReadOptions) -> Iterator[TextIOWrapper]:
    """The file as text, its line ends as \\n; SourceError where it is none in its encoding."""
    encoding = encoding_of(source, options)
    try:
        with TextIOWrapper(source.open(), encoding=encoding) as file:
            yield file
    except (UnicodeError, LookupError):
        decoded(source, encoding)  # says where in the file, which a part of it does not
        raise


@contextmanager
def opened_below(source: Source, options: ReadOptions, skip: int) -> Iterator[Lines]:
    """The file below its first lines, in UTF-8; SourceError where it is no text in its encoding."""
    encoding = encoding_of(source, options)
    file = _as_it_stands(source, encoding, skip)
    if file is None:
        with opened(source, options) as text:
            for _ in range(skip):
                text.readline()
            yield _Encoded(text)
        return
    try:
        with file:
            yield file
    except UnicodeError:
        decoded(source, encoding)
        raise


def _as_it_stands(source: Source, encoding: str, skip: int) -> BinaryIO | None:
    """What is in UTF-8 is read as bytes: to decode a long file and to encode it again takes as long
    as to read its numbers. None for another encoding, and where a bare CR ends a line."""
    if encoding.lower() not in ("utf-8-sig", "utf-8", "utf8"):
        return None
    with ExitStack() as stack:
        file = stack.enter_context(source.open())
        if encoding == "utf-8-sig" and source.head().startswith(BOM_UTF8):
            file.read(len(BOM_UTF8))
        lines = [file.readline() for _ in range(skip)]
        if any(b"\r" in line.removesuffix(b"\r\n") for line in lines):
            return None
        stack.pop_all()  # who asked closes it
        return file


class Lines(Protocol):
    """A file in UTF-8, as far as rows are read from it."""

    def read(self, size: int, /) -> bytes: ...
    def readline(self) -> bytes: ...


class _Encoded:
    """A file of text as one in UTF-8."""

    def __init__(self, text: TextIOWrapper) -> None:
        self._text = text

    def read(self, size: int, /) -> bytes:
        return self._text.read(size).encode()

    def readline(self) -> bytes:
        return self._text.readline().encode()


def said(line: str) -> bool:
    """A line that is neither empty nor a comment."""
    return not line.startswith(COMMENTS) and bool(line.strip())


def cut(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """The cells of each row, without the spaces around them."""
    if delimiter == " ":
        lines = (" ".join(line.split()) for line in lines)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    for row in reader:
        if row:
            yield [cell.strip() for cell in row]


def layout_of(source: Source, options: ReadOptions) -> Layout:
    """The layout of a file; SourceError where it is empty or has no row."""
    lines, whole = _first_lines(source, options)
    places = [i for i, line in enumerate(lines) if said(line)]
    if not places:
        signs = " or ".join(COMMENTS)
        comments = f"every line is a comment: they begin with {signs}"
        nothing = "the file is empty: there is nothing to read"
        raise wrong(source.name, comments if any(map(str.strip, lines)) else nothing)
    spoken = [lines[i] for i in places]
    delimiter = _delimiter(spoken, options.format)
    ends, rows = _rows(source.name, spoken, delimiter, places)
    if not whole and len(rows) > 2 and spoken[-1].count('"') % 2:
        ends, rows = ends[:-1], rows[:-1]  # the last goes on where the sample ends
    width = Counter(map(len, rows)).most_common(1)[0][0]
    top, header, names, under = _header(rows, width, lines[: places[0]], delimiter)
    width = width if under or header != "no" else len(rows[0])
    notes = []
    if top:
        above = f"{top} line" + "s" * (top != 1)
        notes.append(f"{above} above the header not read: {spoken[0].strip()[:40]!r}")
    units = tuple(_of_width(rows[top + under - 1], width)) if under > 1 else ("",) * width
    if under > 1:
        notes.append(f"row under the header not read: {delimiter.join(rows[top + 1])[:40]!r}")
    if header == "numbers":
        shown = ", ".join(rows[top][:3]) + (", ..." if width > 3 else "")
        notes.append(f"the first row, {shown}, is read as the header")
    body = [_of_width(row, width) for row in rows[top + under :]]
    if not body:
        raise wrong(source.name, NO_ROWS)
    decimal, grouping, doubt = _numbers(body, delimiter)
    skip = ends[top + under - 1] + 1 if top + under else places[0]
    notes += doubt
    empty = tuple(
        c
        for c in range(1, width)
        if not any(row[c] for row in body) and not (c < len(names) and names[c])
    )
    return Layout(
        delimiter, decimal, grouping, header, _named(names, width), units, skip, body,
        tuple(notes), empty,
    )  # fmt: skip


def _first_lines(source: Source, options: ReadOptions) -> tuple[list[str], bool]:
    """The lines that hold the first rows, and whether they are the whole file."""
    lines: list[str] = []
    rows = size = 0
    with opened(source, options) as file:
        for line in file:
            lines.append(line.rstrip("\n"))
            rows += said(line)
            size += len(line)
            if rows >= SAMPLE or (size > _SAMPLE_SIZE and rows > 2):
                return lines, not file.read(1)
    return lines, True


def _rows(
    name: str, spoken: Sequence[str], delimiter: str, places: Sequence[int]
) -> tuple[list[int], list[list[str]]]:
    """The rows, and the line of the file each ends in, from 0."""
    at = -1

    def counted() -> Iterator[str]:
        nonlocal at
        for at, line in enumerate(spoken):  # noqa: B007 - read below, while the rows are cut
            yield line + "\n"

    ends, rows = [], []
    try:
        for row in cut(counted(), delimiter):
            ends.append(places[at])
            rows.append(row)
    except csv.Error as error:
        raise wrong(name, f"line {places[at] + 1}: {error}") from None
    return ends, rows


def _delimiter(lines: Sequence[str], form: str) -> str:
    """The one that cuts the most lines into as many cells; a comma inside of numbers is none beside
    a ;, and spaces are one where there is no other and numbers stand between them."""
    if form == "TSV":
        return "\t"
    best, found = (0.0, 0), ""
    for delimiter in _DELIMITERS:
        if not any(delimiter in line for line in lines):
            continue
        widths = Counter(map(len, _tried(lines, delimiter)))
        width, times = widths.most_common(1)[0]
        share = times / widths.total() if width > 1 else 0.0
        if delimiter == ";" and share > 0.8 and _commas(_tried(lines, ";")):
            return ";"
        if (share, width) > best:
            best, found = (share, width), delimiter
    if best[0] >= 0.5:
        return found
    words = lines[-1].split()
    if len(words) > 1 and len(lines[0].split()) >= len(words) - 1 and all(map(is_number, words)):
        return " "
    return found or ","


def _tried(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    try:
        return list(cut((line + "\n" for line in lines), delimiter))
    except csv.Error:
        return [line.split(delimiter) for line in lines]


def _commas(rows: Sequence[Sequence[str]]) -> bool:
    cells = [cell for row in rows for cell in row if "," in cell and cell[:1].isdigit()]
    return bool(cells) and all(_DECIMAL.fullmatch(cell) for cell in cells)


def _of_width(row: Sequence[str], width: int) -> list[str]:
    """A row as it is; those of another width are named later, with their line."""
    return [*row, *[""] * (width - len(row))][:width] if len(row) != width else list(row)


def _header(
    rows: Sequence[Sequence[str]], width: int, comments: Sequence[str], delimiter: str
) -> tuple[int, str, Sequence[str], int]:
    """The first row that is read, how the header was found, its names, and the rows it takes."""
    top = next(i for i, row in enumerate(rows) if len(row) == width)
    if top and len(rows[top - 1]) == width - 1 > 1 and all(map(_is_word, rows[top - 1])):
        labels = [row[0] for row in rows[top:]]
        if not any(row[-1] for row in rows[top:]):
            return top - 1, "yes", (*rows[top - 1], ""), 1  # only the rows end with a delimiter
        if all(map(_is_word, labels)) or all(map(is_date, labels)) or by_one(labels):
            return top - 1, "yes", ("", *rows[top - 1]), 1  # R names the rows, not their names
    first, rest = rows[top], [row for row in rows[top + 1 :] if len(row) == width]
    if _counts(first, rest):
        return top, "numbers", first, 1
    if _has_words(first, rest):
        under = 1
        while under < 4 and _says_units(rest[under - 1 : under], rest[under:]):
            under += 1
        return top, "yes", first, under
    if not top and comments:
        names = next(cut([comments[-1].lstrip("#% ")], delimiter), [])
        if len(names) == width and all(map(_is_word, names)):
            return 0, "in a comment", names, 0
    return 0, "no", (), 0


def _is_word(cell: str) -> bool:
    return not is_number(cell) and not is_date(cell) and not is_time_of_day(cell)


def _has_words(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """The first row has a word where another has a number, a date or nothing; or whole numbers
    beside words, over a column of text."""
    words = [_is_word(cell) for cell in first]
    if not any(words) or not rest:
        return any(words)
    here = [c for c, word in enumerate(words) if word]
    if any(not _is_word(row[c]) for row in rest[:5] for c in here):
        return True
    if all(words):
        bare = not any(char.isdigit() for cell in first for char in cell)
        return bare and any(char.isdigit() for cell in rest[0] for char in cell)
    years = [decimal(cell) for c, cell in enumerate(first) if not words[c]]
    if len(years) < 2 or (start := years[0]) is None:
        return False
    return years == list(range(start, start + len(years)))


def _counts(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """0, 1, 2, ... over numbers that do not go on so: pandas writes it where columns have no names.
    Before it stands nothing, over the index."""
    lead = int(first[0] == "")
    n = len(first) - lead
    if not rest or n < 1 or list(first[lead:]) != [str(i) for i in range(n)]:
        return False
    cells = [cell for row in rest for cell in row[lead:]]
    if lead:
        return all(row[0] for row in rest)
    if n == 1:
        return False
    if all(re.search(r"[.eEn]", cell) or cell.lower() in MISSING for cell in cells):
        return True
    goes_on = list(rest[0]) == [str(n + i) for i in range(n)]
    within = all((number := decimal(cell)) is not None and number < n for cell in cells)
    return n > 2 and not goes_on and not within


def _says_units(row: Sequence[Sequence[str]], later: Sequence[Sequence[str]]) -> bool:
    """A row without a number, with words where all later ones have numbers or dates."""
    if not row or not later or not any(row[0]):
        return False
    words = [c for c, cell in enumerate(row[0]) if cell]
    return all(_is_word(row[0][c]) for c in words) and all(
        not _is_word(other[c]) for other in later for c in words
    )


def _named(header: Sequence[str], width: int) -> tuple[str, ...]:
    """The header's names, numbered where empty or repeated."""
    names: dict[str, None] = {}
    for i in range(width):
        name = header[i].strip("'") if i < len(header) and header[i] else f"column{i}"
        names[name if name not in names else f"{name}.{i}"] = None
    return tuple(names)


def _numbers(body: Sequence[Sequence[str]], delimiter: str) -> tuple[str, str, tuple[str, ...]]:
    """The decimal sign, what groups thousands beside a comma, and what is in doubt."""
    cells = [cell for row in body for cell in row if "," in cell and re.match(r"[-+]?[\d,]", cell)]
    if not cells or not all(_DECIMAL.fullmatch(cell) or _GROUPED.fullmatch(cell) for cell in cells):
        return ".", "", ()
    grouped = all(_GROUPED.fullmatch(cell) for cell in cells)
    sure = delimiter == "," or any("." in cell or cell.count(",") > 1 for cell in cells)
    if grouped and sure:
        return ".", "", ()
    if not all(_DECIMAL.fullmatch(cell) for cell in cells):
        return ".", "", ()
    grouping = next((char for cell in cells for char in ". " if char in cell), "")
    doubt = (f"numbers such as {cells[0]!r} are read with a decimal comma",) if grouped else ()
    return ",", grouping, doubt
