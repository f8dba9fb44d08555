"""A batch file in parts that a provider takes: so many requests, tokens and bytes each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO, NamedTuple

from multitok.core.errors import MediaError, OutputError
from multitok.core.writing import writing
from multitok.datasets.parts import About
from multitok.datasets.places import opened
from multitok.datasets.scanned import Scan


class Written(NamedTuple):
    """A part: its file, its requests, the most that their tokens may be, and its bytes."""

    path: str
    items: int
    tokens: int
    bytes: int


class Split(NamedTuple):
    """The parts, and what is in none: the names of lines that could not be counted, or not whole,
    or alone are more than a part may hold."""

    parts: tuple[Written, ...]
    left_out: tuple[str, ...]


class Most(NamedTuple):
    """What a part may hold; None for as much as there is."""

    tokens: int | None = None
    items: int | None = None
    bytes: int | None = None

    def holds(self, items: int, tokens: int, size: int) -> bool:
        """Whether a part may have so much."""
        given = zip((tokens, items, size), self, strict=True)
        return all(most is None or number <= most for number, most in given)


def split_batch(
    scan: Scan,
    pattern: str,
    *,
    max_tokens: int | None = None,
    max_items: int | None = None,
    max_bytes: int | None = None,
) -> Split:
    """Write the lines that were scanned, byte for byte and in their order, into files of at most
    so many tokens (by the most that each may be), items and bytes.

    pattern   the files: `part-{}.jsonl` is part-0001.jsonl, part-0002.jsonl, ...

    MediaError where no limit is named, or a source holds no lines; OutputError for a file that is
    there already.
    """
    most = Most(max_tokens, max_items, max_bytes)
    _check(scan, pattern, most)
    parts: list[Written] = []
    left_out: list[str] = []
    with ExitStack() as stack:
        file: BinaryIO | None = None
        items = tokens = size = 0
        for name, line, cost in _lines(scan):
            if cost is None or not most.holds(1, cost, len(line)):
                left_out.append(name)
                continue
            if file is None or not most.holds(items + 1, tokens + cost, size + len(line)):
                if file is not None:
                    parts[-1] = parts[-1]._replace(items=items, tokens=tokens, bytes=size)
                    stack.close()
                path = _path(pattern, len(parts) + 1)
                parts.append(Written(path, 0, 0, 0))
                file = stack.enter_context(writing(path))
                items = tokens = size = 0
            file.write(line)
            items, tokens, size = items + 1, tokens + cost, size + len(line)
        if parts:
            parts[-1] = parts[-1]._replace(items=items, tokens=tokens, bytes=size)
    return Split(tuple(parts), tuple(left_out))


def _check(scan: Scan, pattern: str, most: Most) -> None:
    if most == Most():
        raise MediaError("name what a part may hold: max_tokens, max_items or max_bytes")
    if pattern.count("{}") != 1:
        raise MediaError(f"parts are named by one {{}}, got {pattern!r}: part-{{}}.jsonl")
    if len(scan.models) > 1:
        raise MediaError(f"parts are of one model's tokens, and {len(scan.models)} counted")
    for about in scan.parts:
        if about.form != "lines":
            what = about.source or "what cannot be read"
            raise MediaError(f"{what}: only JSON lines are split, got {about.form}")
    if os.path.lexists(_path(pattern, 1)):
        raise OutputError(
            f"{_path(pattern, 1)}: is there already. Take it away, or name other parts",
            output=_path(pattern, 1),
        )


def _path(pattern: str, number: int) -> str:
    return pattern.replace("{}", f"{number:04}")


def _lines(scan: Scan) -> Iterator[tuple[str, bytes, int | None]]:
    """Each line that is an item: its name, its bytes, and the most that it may be; None for one
    that could not be counted, or not whole."""
    source, number = "", 0
    file: BinaryIO | None = None
    tables = scan.tables(["id", "row", "most", "kind"])
    for about, table in zip(scan.parts, tables, strict=True):
        if about.source != source or file is None:
            file, number, source = _begun(file, about), 0, about.source
        for row in table.to_pylist():
            while True:
                line = file.readline()
                number += 1
                if number > row["row"] or not line:
                    break
            known = None if row["kind"] == "unknown" else row["most"]
            yield row["id"], line if line.endswith(b"\n") else line + b"\n", known
    if file is not None:
        file.close()


def _begun(file: BinaryIO | None, about: About) -> BinaryIO:
    if file is not None:
        file.close()
    return opened(about.source)
