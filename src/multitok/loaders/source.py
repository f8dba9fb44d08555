"""Sources: anything a user may point at, resolved once to a name and a way to read bytes.

A path, "-" for stdin, bytes, an open binary file, or a data: URL. `os.stat` comes before any open,
so a FIFO, a device, a socket or a directory is an error that says so, and nothing hangs. Nothing is
ever fetched.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from collections.abc import Mapping
from io import BytesIO
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from multitok.core.boundary import DECLARED
from multitok.core.errors import SourceError
from multitok.core.stamps import unfit
from multitok.loaders.placed import Placed, View, filled

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 4096
"""Bytes that are enough to tell what a file is, and the header of most."""

TAIL = 512
"""Bytes at the end of a longer file that are read along with its head: most pictures end with a
mark, and to open a file twice takes longer than to read its header."""

DATA_SET = ("meta", "info.json")
"""What a folder has that is one source, without a word: a data set of LeRobot."""

_SPOOL = 64 << 20
"""Bytes of a pipe that are kept in memory; a longer one goes to a temporary file."""

_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


class Source:
    """Bytes with a name. `open()` gives a seekable binary file, as often as asked.

    name       what to call it in messages: the path, "<stdin>", "<bytes>", the start of a data: URL
    declared   the media type that a data: URL states, else ""
    size       its length in bytes; None for a directory
    far        whether each look into it is a request: then none is made to see that it is whole
    """

    # A plain class: a frozen dataclass of these fields takes longer to make than the file to open.
    __slots__ = (
        "__weakref__", "_head", "_tail", "data", "declared", "directory", "far", "file", "name",
        "size",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        *,
        data: bytes | None = None,
        file: BinaryIO | None = None,
        size: int | None = None,
        directory: bool = False,
        declared: str = "",
    ) -> None:
        self.name = name
        self.data = data
        self.file = file
        self.size = size
        self.directory = directory
        self.declared = declared
        self.far = isinstance(file, Placed) and file.far
        self._head: bytes | None = None
        self._tail = b""

    def __repr__(self) -> str:
        return f"Source({self.name!r}, size={self.size})"

    @property
    def path(self) -> Path | None:
        """Where it lies, when it is a file or a directory on disk."""
        from pathlib import Path  # 3 ms, and a header path never asks

        return Path(self.name) if self.data is None and self.file is None else None

    @property
    def suffix(self) -> str:
        """The extension in lower case without its dot, or ""."""
        if self.declared:
            subtype = self.declared.rpartition("/")[2]
            return _SUBTYPES.get(subtype, subtype)
        return os.path.splitext(self.name)[1].lower().lstrip(".")

    def open(self, *, buffered: bool = True) -> BinaryIO:
        """A binary file at its start; unbuffered, one on disk is opened faster for a few reads."""
        if self.data is not None:
            return BytesIO(self.data)
        if self.file is not None:
            return cast("BinaryIO", View(self.file))
        try:
            return open(self.name, "rb", buffering=-1 if buffered else 0)
        except OSError as error:
            raise _os_error(self.name, error) from None

    def head(self) -> bytes:
        """The first HEAD bytes, read once."""
        if self._head is None:
            self._head = self._read_head()
        return self._head

    def tail(self) -> bytes:
        """The last TAIL bytes of a longer file on disk, read with its head; of others none."""
        self.head()
        return self._tail

    def _read_head(self) -> bytes:
        if self.data is not None:
            return self.data[:HEAD]
        if self.file is not None:
            self.file.seek(0)
            return filled(self.file, HEAD)
        try:
            descriptor = os.open(self.name, _READ)
            try:
                head = os.read(descriptor, HEAD)
                if self.size is not None and self.size >= HEAD + TAIL:
                    os.lseek(descriptor, self.size - TAIL, os.SEEK_SET)
                    self._tail = os.read(descriptor, TAIL)
                return head
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _os_error(self.name, error) from None

    def read(self) -> bytes:
        if self.data is not None:
            return self.data
        with self.open() as file:
            return file.read()


class Reader:
    """Bytes at offsets, for header parsers: head and tail, then the file, in a few small reads.

    `at` gives fewer bytes than asked for at the end of the file. A header that leads a parser round
    in circles ends after LIMIT reads, or `limit`, with EOFError.
    """

    LIMIT = 20_000
    __slots__ = (
        "_ending", "_file", "_left", "_source", "_start", "_whole", "_window", "far", "size",
    )  # fmt: skip

    def __init__(self, source: Source, limit: int = LIMIT) -> None:
        self._source = source
        self._window = source.head()
        self._start = 0
        self._whole = len(self._window) < HEAD
        self._file: BinaryIO | None = None
        self._left = limit
        self.size = source.size if source.size is not None else len(self._window)
        self.far = source.far
        self._ending = self.size - len(source.tail())

    def at(self, offset: int, size: int) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise EOFError("the header goes on for too long")
        start = offset - self._start
        if start >= 0 and start + size <= len(self._window):
            return self._window[start : start + size]
        if self._whole:
            return self._window[offset : offset + size]
        if offset >= self._ending:
            start = offset - self._ending
            return self._source.tail()[start : start + size]
        if self._file is None:
            self._file = self._source.open(buffered=False)
        self._file.seek(offset)
        most = min(max(size, HEAD), self.size - offset)  # what a header asks for has any size
        self._window, self._start = self._file.read(most), offset
        return self._window[:size]

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def source_of(given: Any, *, directories: bool = False) -> Source:
    """Resolve what a user pointed at, or raise SourceError saying what it is instead."""
    if isinstance(given, Source):
        return given
    if isinstance(given, str):
        if given == "-":
            return _stdin()
        return (":" in given and _url(given)) or _path(given, directories)
    if isinstance(given, os.PathLike):
        return _path(os.fspath(given), directories)
    if isinstance(given, bytes | bytearray | memoryview):
        data = bytes(given)
        return Source("<bytes>", data=data, size=len(data))
    if hasattr(given, "read"):
        return _file(given)
    raise SourceError(
        f"cannot read {type(given).__name__!r}: {_meant(given)}", source=repr(given)[:80]
    )


def _meant(given: Any) -> str:
    """What to pass in place of what is no source."""
    items = given if isinstance(given, list | tuple) else [given]
    if items and all(isinstance(item, Mapping) for item in items):
        return "a request, or its messages, is counted by multitok.count_request(payload)"
    if len(items) == 2 and all(type(item) is int for item in items):
        return f"a picture of this size is multitok.ImageInfo({items[0]}, {items[1]})"
    if hasattr(given, "collect"):
        return "a frame that is not worked out yet: pass frame.collect()"
    if isinstance(given, list | tuple):
        return "several sources are counted by multitok.count_many(sources)"
    return (
        "pass a path, '-', bytes, an open binary file, a data: URL, a PIL image, an array, a data"
        " frame, a medium (multitok.Text('...')) or a shape (multitok.ImageInfo(1920, 1080))"
    )


def _stdin() -> Source:
    if sys.stdin is None:  # `<&-`, or a program without a console
        raise SourceError("<stdin>: it is closed: pipe the input in, or name a file", source="-")
    return _spooled("<stdin>", sys.stdin.buffer)


def _url(given: str) -> Source | None:
    """A data: URL; None for what may be a path. Anything that would have to be fetched is not."""
    if given[:5].lower() == "data:":
        return _data_url(given)
    if given[:8].lower().startswith(("http://", "https://")):
        raise SourceError(
            f"{given}: multitok fetches nothing: download the file, or give its size", source=given
        )
    return None


def is_data_set(folder: str) -> bool:
    """Whether a folder is one of LeRobot's."""
    return os.path.isfile(os.path.join(folder, *DATA_SET))


def _path(given: str | bytes, directories: bool) -> Source:
    name = given if type(given) is str else os.fsdecode(given)
    try:
        status = os.stat(name)
    except (OSError, ValueError) as error:
        raise _os_error(name, error) from None
    mode = status.st_mode
    if stat.S_ISDIR(mode) and (directories or is_data_set(name)):
        return Source(name, directory=True)
    if not stat.S_ISREG(mode):
        raise SourceError(f"{name}: {_what(mode)}, not a file. {_instead(mode)}", source=name)
    return Source(name, size=status.st_size)


def _what(mode: int) -> str:
    for test, words in (
        (stat.S_ISDIR, "a directory"),
        (stat.S_ISFIFO, "a named pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    ):
        if test(mode):
            return words
    return "something else"


def _instead(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "Name the files in it, or: multitok count -r"
    if stat.S_ISFIFO(mode):
        return "Pipe it in instead, with - for stdin"
    return "Pass a regular file"


def _os_error(name: str, error: Exception) -> SourceError:
    number = getattr(error, "errno", None)
    as_text = "To count it as text, pass --text or multitok.Text"
    missing = "no such file"
    if " " in name or "\n" in name:
        missing += f". {as_text}"
    if size := re.fullmatch(r"(\d+)\s*[xX×]\s*(\d+)", name):
        missing += (
            f". A picture of this size is multitok.ImageInfo({size[1]}, {size[2]}),"
            f" or --size {size[1]}x{size[2]}"
        )
    if "://" in name:
        missing = "multitok fetches nothing: download the file, or give its size"
    problem = {
        errno.ENOENT: missing,
        errno.EACCES: "permission denied",
        errno.EPERM: "permission denied",
        errno.ELOOP: "a symbolic link that leads back to itself",
        errno.ENAMETOOLONG: f"the name is too long for a file. {as_text}",
    }.get(number or 0, str(getattr(error, "strerror", None) or error).lower())
    if isinstance(error, ValueError) and (why := unfit(name)):
        problem = f"{why}. {as_text}"
    shown = (name if len(name) <= 200 else name[:100] + "...") or "''"
    return SourceError(f"{shown}: {problem}", source=name)


def _file(given: Any) -> Source:
    name = str(getattr(given, "name", "<file>"))
    if getattr(given, "closed", False):
        raise SourceError(f"{name}: the file is closed: open it again", source=name)
    probe = given.read(0)
    if not isinstance(probe, bytes):
        raise SourceError(f"{name}: open the file in binary mode ('rb'), got text", source=name)
    try:
        seekable = given.seekable()
    except AttributeError:
        seekable = False
    if not seekable:
        return _spooled(name, given)
    size = given.seek(0, os.SEEK_END)
    given.seek(0)
    return Source(name, file=given, size=size)


def _spooled(name: str, stream: Any) -> Source:
    """A pipe can be read once: keep it, in memory while it is small, on disk beyond that."""
    data = filled(stream, _SPOOL)
    if len(data) < _SPOOL:
        return Source(name, data=data, size=len(data))
    import shutil
    import tempfile
    import weakref
    from contextlib import ExitStack

    try:
        with ExitStack() as stack:
            file = stack.enter_context(tempfile.TemporaryFile())
            file.write(data)
            shutil.copyfileobj(stream, file, 1 << 20)
            file.flush()
            stack.pop_all()  # closed when the source goes
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise SourceError(
            f"{name}: it cannot be kept in {tempfile.gettempdir()} ({why}): name a folder with"
            " room, TMPDIR=..., or save it first and name the file",
            source=name,
        ) from error
    source = Source(name, file=cast("BinaryIO", file), size=file.tell())
    weakref.finalize(source, file.close)
    return source


_SUBTYPES = {
    "jpeg": "jpg", "svg+xml": "svg", "plain": "txt", "x-wav": "wav", "vnd.wave": "wav",
    "mpeg": "mp3", "quicktime": "mov", "x-matroska": "mkv", "markdown": "md", "octet-stream": "",
}  # fmt: skip
"""Subtypes of media types whose usual extension is another word."""


def _data_url(url: str) -> Source:
    """data:[media type][;base64],payload (RFC 2397)."""
    import binascii
    from base64 import b64decode
    from urllib.parse import unquote_to_bytes

    header, comma, payload = url.partition(",")
    name = header[:DECLARED]
    if not comma:
        raise SourceError(f"{name}: a data: URL needs a comma before its data", source=name)
    try:  # a byte of the command line that is no UTF-8 is half of a pair to Python
        data = unquote_to_bytes(payload.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        why = "half of a surrogate pair is in its data: write what is no ASCII as %XX"
        raise SourceError(f"{name}: {why}", source=name) from None
    if header.lower().endswith(";base64"):
        # White space and missing padding are forgiven, as browsers do; anything else is not.
        packed = b"".join(data.split()).rstrip(b"=")
        try:
            data = b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
        except binascii.Error:
            raise SourceError(
                f"{name}: the data is not base64: {packed[:20].decode('latin-1')!r}...",
                source=name,
            ) from None
    return Source(name, data=data, size=len(data), declared=header[5:].partition(";")[0].lower())
