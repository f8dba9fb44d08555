"""Files of tables: Parquet, and Arrow IPC as a file (Feather 2 is one) and as a stream. Each lies
in pieces (row groups, record batches), of which those that are asked for are read, and no others.

How many rows a piece has stands in the footer of Parquet, and of Arrow in a few bytes before each
batch, which are read by hand: pyarrow tells it only after it has read, and unpacked, the batch.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from struct import Struct
from typing import Any, BinaryIO, NamedTuple, Protocol

from multitok.core.errors import MultitokError, SourceError
from multitok.datasets.parts import arrow
from multitok.datasets.places import is_remote, opened
from multitok.loaders.placed import filled

BATCH = 4 << 20
"""Bytes of cells that are made Python's at once."""
FEW, MOST = 16, 2048
"""Rows of them: at least, for the bytes may be those of other columns, and at most."""
DENSEST = 1 << 17
"""Rows of a batch a byte: offsets that are all zero are packed some 100,000 to one."""
_PIECE = 1 << 20
"""Bytes of a column that are read at once."""
_U16, _I32, _I64 = Struct("<H"), Struct("<i"), Struct("<q")
_BLOCK = Struct("<qi4xq")
_BEGUN = b"\xff\xff\xff\xff"
"""Before the size of a message, but in streams of Arrow before 0.15."""
_DICTIONARY, _ROWS = 2, 3
"""Kinds of messages."""


class Piece(NamedTuple):
    """A row group, or a record batch: its rows, its bytes, and where it is in a stream."""

    rows: int
    bytes: int
    at: int = 0


DAMAGED = Piece(1, 0)
"""One that does not tell its rows: an error when it is read."""


def piece_of(rows: int, size: int, at: int = 0) -> Piece:
    """A piece, or a damaged one where it states more rows than Arrow's arrays can have."""
    return Piece(rows, size, at) if 0 <= rows < 1 << 31 else DAMAGED._replace(at=at)


def batch_of(rows: int, size: int, at: int = 0) -> Piece:
    """The same of a batch of Arrow, which has no runs: one of more rows than any packing puts into
    its bytes is damaged, and no millions of units."""
    return piece_of(rows, size, at) if rows <= DENSEST * max(size, 1) else DAMAGED._replace(at=at)


class TableFile(Protocol):
    """An open file of a table."""

    @property
    def schema(self) -> Any:
        """Arrow's schema."""

    def pieces(self) -> list[Piece]:
        """All pieces in their order."""

    def read(self, number: int, piece: Piece, columns: Sequence[str]) -> Iterator[Any]:
        """The record batches of a piece, with these columns at least, each of a bounded size."""


@contextmanager
def table_file(path: str) -> Iterator[TableFile]:
    """The file, open; SourceError for what is none, or damaged where it begins or ends."""
    pa = arrow()
    with opened(path) as file:
        head = filled(file, 8)
        if not head:
            raise SourceError(f"{path}: the file is empty (0 bytes)", source=path)
        if head.startswith(b"FEA1"):
            raise SourceError(
                f"{path}: Feather of version 1, which is read whole only: write it again, as"
                " version 2 or as Parquet",
                source=path,
            )
        try:
            if head.startswith(b"PAR1"):
                yield Parquet(file)
                return
            with closing(_mapped(path, file)) as mapped:
                yield (IpcFile if head.startswith(b"ARROW1") else IpcStream)(file, mapped)
        except MultitokError:
            raise
        except (pa.ArrowException, OSError, EOFError, ValueError, struct.error) as error:
            raise SourceError(
                f"{path}: no Parquet, Arrow or Feather file, or a damaged one: {told(error)}",
                source=path,
            ) from None


def _mapped(path: str, file: BinaryIO) -> Any:
    """A file of this machine is mapped: of a batch only the bytes that are looked at are read."""
    pa = arrow()
    return pa.PythonFile(file, "r") if is_remote(path) else pa.memory_map(path)


def told(error: BaseException) -> str:
    """What a library says, in one line of bounded length."""
    return " ".join(str(error).split())[:300] or type(error).__name__


class Parquet:
    """A Parquet file. Its columns are read through buffers, so that memory does not grow with its
    row groups."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = arrow().parquet.ParquetFile(file, pre_buffer=False, buffer_size=_PIECE)
        self.schema = self._file.schema_arrow

    def pieces(self) -> list[Piece]:
        # Of all columns: what a damaged footer says of one of them ends the process in pyarrow.
        about = self._file.metadata
        groups = (about.row_group(number) for number in range(about.num_row_groups))
        return [piece_of(group.num_rows, group.total_byte_size) for group in groups]

    def read(self, number: int, piece: Piece, columns: Sequence[str]) -> Iterator[Any]:
        yield from self._file.iter_batches(
            _step(piece), row_groups=[number], columns=list(columns), use_threads=False
        )


def _step(piece: Piece) -> int:
    """Rows of a piece that are read at once."""
    return min(max(BATCH * piece.rows // max(piece.bytes, 1), FEW), MOST)


class _Ipc:
    """What both forms of Arrow IPC share: batches, read whole where the file is not mapped."""

    def __init__(self, file: BinaryIO, mapped: Any) -> None:
        self._file, self._mapped = file, mapped

    def _options(self, schema: Any, columns: Sequence[str]) -> Any:
        fields = [schema.get_field_index(name) for name in columns]
        return arrow().ipc.IpcReadOptions(use_threads=False, included_fields=fields)

    @staticmethod
    def _cut(batch: Any, piece: Piece) -> Iterator[Any]:
        if batch.num_rows != piece.rows:
            why = f"a batch says that it has {batch.num_rows:,} rows, more than its bytes hold"
            raise arrow().ArrowInvalid(why)
        step = _step(piece)
        for start in range(0, batch.num_rows, step):
            yield batch.slice(start, step)


class IpcFile(_Ipc):
    """An Arrow file: its footer lists its batches."""

    def __init__(self, file: BinaryIO, mapped: Any) -> None:
        super().__init__(file, mapped)
        self.schema = arrow().ipc.open_file(mapped).schema

    def pieces(self) -> list[Piece]:
        end = self._file.seek(-10, os.SEEK_END)
        size = _I32.unpack(filled(self._file, 4))[0]
        self._file.seek(end - size)
        footer = filled(self._file, size)
        blocks = _field(footer, _root(footer), 3)
        if blocks is None:
            return []
        blocks += _I32.unpack_from(footer, blocks)[0]
        count = _I32.unpack_from(footer, blocks)[0]
        found = []
        for number in range(count):
            at, _, size = _BLOCK.unpack_from(footer, blocks + 4 + number * _BLOCK.size)
            try:
                message = _message(self._file, at)
            except EOFError:
                message = None
            found.append(batch_of(message.rows, size) if message is not None else DAMAGED)
        return found

    def read(self, number: int, piece: Piece, columns: Sequence[str]) -> Iterator[Any]:
        options = self._options(self.schema, columns)
        reader = arrow().ipc.open_file(self._mapped, options=options)
        yield from self._cut(reader.get_batch(number), piece)


class IpcStream(_Ipc):
    """An Arrow stream: batches one behind the other, found by the sizes before them."""

    def __init__(self, file: BinaryIO, mapped: Any) -> None:
        super().__init__(file, mapped)
        self.schema = arrow().ipc.open_stream(mapped).schema
        self._coded = False

    def pieces(self) -> list[Piece]:
        end = self._file.seek(0, os.SEEK_END)
        found: list[Piece] = []
        at = 0
        try:
            while at <= end and (message := _message(self._file, at)) is not None:
                self._coded = self._coded or message.kind == _DICTIONARY
                if message.kind == _ROWS:
                    found.append(batch_of(message.rows, message.bytes, at))
                at = message.end
        except EOFError:
            found.append(DAMAGED._replace(at=at))
        return found

    def read(self, number: int, piece: Piece, columns: Sequence[str]) -> Iterator[Any]:
        ipc = arrow().ipc
        if self._coded:  # what its words are is said on the way
            self._mapped.seek(0)
            reader = ipc.open_stream(self._mapped, options=self._options(self.schema, columns))
            batch = next(islice(reader, number, None), None)
            if batch is None:  # a stream that is cut ends where a message should begin
                raise EOFError(f"the stream ends before its batch {number:,}")
        else:
            self._mapped.seek(piece.at)
            batch = ipc.read_record_batch(ipc.read_message(self._mapped), self.schema)
        yield from self._cut(batch, piece)


class _Message(NamedTuple):
    """What stands before a batch: its kind, its rows and bytes, and where the next message is."""

    kind: int
    rows: int
    bytes: int
    end: int


def _message(file: BinaryIO, at: int) -> _Message | None:
    """The message at a place; None at the end of a stream."""
    file.seek(at)
    head = filled(file, 8)
    if head[:4] != _BEGUN:
        head, at = head[:4].rjust(8), at - 4
    if len(head) < 8 or not (size := _I32.unpack_from(head, 4)[0]):
        return None
    file.seek(at + 8)
    told = filled(file, size) if 0 < size <= 1 << 28 else b""
    if len(told) < size or not told:
        raise EOFError(f"at byte {at:,}: the message of a batch is cut off, or none")
    try:
        return _read_message(told, at + 8 + size)
    except (IndexError, struct.error) as error:
        raise EOFError(f"at byte {at:,}: the message of a batch is damaged") from error


def _read_message(told: bytes, body: int) -> _Message:
    """Message{version, header type, header, body length}, whose header of a batch begins with its
    rows (format/Message.fbs)."""
    root = _root(told)
    kind, header, size = (_field(told, root, number) for number in (1, 2, 3))
    length = _I64.unpack_from(told, size)[0] if size is not None else 0
    rows = 0
    if header is not None:
        inner = _field(told, header + _I32.unpack_from(told, header)[0], 0)
        if inner is not None and kind is not None and told[kind] == _ROWS:
            rows = _I64.unpack_from(told, inner)[0]
    return _Message(told[kind] if kind is not None else 0, rows, length, body + length)


def _root(flat: bytes) -> int:
    """Where the table of a flatbuffer is."""
    root: int = _I32.unpack_from(flat, 0)[0]
    return root


def _field(flat: bytes, table: int, number: int) -> int | None:
    """Where a field of a table is; None where it is left at its default."""
    fields = table - _I32.unpack_from(flat, table)[0]
    at = 4 + 2 * number
    if at >= _U16.unpack_from(flat, fields)[0]:
        return None
    offset: int = _U16.unpack_from(flat, fields + at)[0]
    return table + offset if offset else None
