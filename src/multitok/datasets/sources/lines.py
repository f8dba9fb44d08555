"""JSON lines: requests of batch files, or rows with a text or a picture.

Each line is parsed by itself, never by what infers one type for a column: content that is a text in
one request and a list of blocks in the next is lost there without a word.

Blocks are cut by content. A border stands behind a line whose hash says so, so that lines that are
added, or go, move no border far behind them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, BinaryIO
from zlib import crc32

from multitok.core.errors import MediaError, MultitokError, PayloadError
from multitok.datasets.places import opened
from multitok.datasets.sources import turns
from multitok.datasets.sources.cells import medium_in, text_in
from multitok.datasets.units import REQUEST, Item, Reading, Unit
from multitok.requests.batches import MAX_PAYLOAD, name_in
from multitok.requests.payloads import is_request

LEAST, MEAN, MOST = 4 << 20, 4 << 20, 32 << 20
"""Bytes of a block: at least, behind that on average, at most (but for a line that goes on)."""
PIECE = 1 << 20
"""Bytes that are read at once: a line may be longer."""
_DECODER = json.JSONDecoder()
TEXT = "text"
"""The key of a text, where none is named."""


def units(source: str, reading: Reading) -> Iterator[Unit]:
    """The blocks of a file. The number of an item is that of its line, from 0."""
    with opened(source) as file:
        start = line = 0
        while (block := _block(file)) is not None:
            stamp, size, lines = block
            yield Unit("lines", source, stamp, start, start + size, line)
            start, line = start + size, line + lines


def _block(file: BinaryIO) -> tuple[str, int, int] | None:
    """The hash of the block that begins here, its bytes and its lines; None at the end."""
    told = blake2b(digest_size=10)
    size = lines = 0
    whole = True  # whether the last line is
    while size < LEAST and (piece := file.read(min(PIECE, LEAST - size))):
        told.update(piece)
        size, lines, whole = size + len(piece), lines + piece.count(b"\n"), piece.endswith(b"\n")
    if not size:
        return None
    begun = whole  # the first line here begins here, so that its hash is that of all of it
    while not (whole and size >= MOST) and (piece := file.readline(PIECE)):
        told.update(piece)
        size, last = size + len(piece), piece.endswith(b"\n")
        lines += last
        if begun and last and whole and crc32(piece) % max(MEAN // len(piece), 1) == 0:
            break
        begun = begun or last
        whole = last
    return told.hexdigest(), size, lines


def items(unit: Unit, reading: Reading) -> Iterator[Item]:
    """The lines of a block; blank ones are none."""
    with opened(unit.source) as file:
        file.seek(unit.start)
        left, row = unit.stop - unit.start, 0
        while left > 0 and (line := file.readline(min(left, MAX_PAYLOAD + 1))):
            left -= len(line)
            if len(line) > MAX_PAYLOAD:
                left -= _passed(file, left) if not line.endswith(b"\n") else 0
                yield Item(row, None, None, _too_long())
            elif line.strip():
                yield from _of_line(row, line, unit, reading)
            row += 1


def _passed(file: BinaryIO, left: int) -> int:
    """Read to the end of a line that is too long; how many bytes that were."""
    passed = 0
    while passed < left and (piece := file.readline(min(PIECE, left - passed))):
        passed += len(piece)
        if piece.endswith(b"\n"):
            break
    return passed


def _too_long() -> MultitokError:
    return PayloadError(
        f"a line of over {MAX_PAYLOAD >> 20} MB: no provider takes a larger request", path=""
    )


def _of_line(row: int, line: bytes, unit: Unit, reading: Reading) -> Iterator[Item]:
    if row == 0 and unit.first == 0:
        line = line.removeprefix(b"\xef\xbb\xbf")
    try:
        value = _DECODER.decode(line.decode("utf-8").rstrip("\r\n"))
    except (ValueError, RecursionError) as error:
        why = "its bytes are no text" if isinstance(error, UnicodeDecodeError) else str(error)
        message = f"not JSON: {why}: a line is one object"
        yield Item(row, None, None, PayloadError(message, path=""))
        return
    yield from items_of(row, value, unit.source, reading)


def items_of(row: int, value: Any, source: str, reading: Reading) -> Iterator[Item]:
    """The items of a value: a request, or what its keys hold."""
    if not isinstance(value, Mapping):
        yield _bare(row, value, reading)
        return
    name, group = _called(value, reading.id), _grouped(value, reading.by)
    if reading.text or reading.image:
        for key in reading.text:
            yield Item(row, name, "text", text_in(value.get(key), key), group)
        for key in reading.image:
            yield Item(row, name, "image", medium_in(value.get(key), key, source), group)
    elif reading.read_as in (None, REQUEST) and (said := turns.in_line(value)) is not None:
        yield Item(row, name, REQUEST, said, group)
    elif reading.read_as == REQUEST or (reading.read_as is None and is_request(value)):
        yield Item(row, name, REQUEST, value, group)
    elif TEXT in value and reading.read_as in (None, "text"):
        yield Item(row, name, "text", text_in(value[TEXT], TEXT), group)
    else:
        keys = ", ".join(map(repr, list(value)[:8])) or "none"
        yield Item(row, name, None, MediaError(
            f"no request, and no key 'text'. Its keys are {keys}: name one, --column or"
            " --image-column"
        ), group)  # fmt: skip


def _bare(row: int, value: Any, reading: Reading) -> Item:
    """A line that is no object: a text, or a list of messages."""
    if isinstance(value, str) and reading.read_as in (None, "text"):
        return Item(row, None, "text", text_in(value, "the line"))
    if isinstance(value, list) and reading.read_as in (None, REQUEST):
        return Item(row, None, REQUEST, value)
    kind = type(value).__name__
    return Item(row, None, None, MediaError(f"expected an object or a text in a line, got {kind}"))


def _called(value: Mapping[str, Any], column: str | None) -> str | None:
    """Its own name: of the key that was named, or as batch files have it."""
    if column is None:
        return name_in(value)
    found = value.get(column)
    return None if found is None else str(found)


def _grouped(value: Mapping[str, Any], column: str | None) -> str | None:
    found = None if column is None else value.get(column)
    return None if found is None else str(found)
