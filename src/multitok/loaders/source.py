"""Sources: anything a user may point at, resolved once to a name and a way to read bytes.

A path, "-" for stdin, bytes, an open binary file, or a data: URL. `os.stat` comes before any open,
so a FIFO, a device, a socket or a directory is an error that says so, and nothing hangs. Nothing is
ever fetched.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, cast

from multitok.errors import SourceError

HEAD = 4096
"""Bytes that are enough to tell what a file is."""


@dataclass(frozen=True, slots=True)
class Source:
    """Bytes with a name. `open()` gives a seekable binary file, as often as asked."""

    name: str
    path: Path | None = None
    data: bytes | None = field(default=None, repr=False)
    file: BinaryIO | None = field(default=None, repr=False)
    size: int | None = None
    directory: bool = False

    @property
    def suffix(self) -> str:
        """The extension in lower case without its dot, or ""."""
        return os.path.splitext(self.name)[1].lower().lstrip(".")

    def open(self) -> BinaryIO:
        if self.data is not None:
            return BytesIO(self.data)
        if self.file is not None:
            self.file.seek(0)
            return cast("BinaryIO", _Unclosed(self.file))
        try:
            return open(cast("Path", self.path), "rb")
        except OSError as error:
            raise _os_error(self.name, error) from None

    def head(self, size: int = HEAD) -> bytes:
        with self.open() as file:
            return file.read(size)

    def read(self) -> bytes:
        if self.data is not None:
            return self.data
        with self.open() as file:
            return file.read()


class _Unclosed:
    """A user's own file object: read like any other, but closing it is the user's business."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _Unclosed:
        return self

    def __exit__(self, *exception: object) -> None:
        return None

    def close(self) -> None:
        return None


def source_of(given: Any, *, directories: bool = False) -> Source:
    """Resolve what a user pointed at, or raise SourceError saying what it is instead."""
    if isinstance(given, Source):
        return given
    if isinstance(given, str):
        if given == "-":
            return _spooled("<stdin>", sys.stdin.buffer)
        if given[:5].lower() == "data:":
            return _data_url(given)
        if given[:8].lower().startswith(("http://", "https://")):
            raise SourceError(
                f"{given}: multitok fetches nothing: download the file, or give its size",
                source=given,
            )
        return _path(given, directories)
    if isinstance(given, os.PathLike):
        return _path(os.fspath(given), directories)
    if isinstance(given, bytes | bytearray | memoryview):
        data = bytes(given)
        return Source(name="<bytes>", data=data, size=len(data))
    if hasattr(given, "read"):
        return _file(given)
    raise SourceError(
        f"cannot read {type(given).__name__!r}: pass a path, '-', bytes, an open binary file, a"
        " data: URL, a PIL image or a numpy array",
        source=repr(given)[:80],
    )


def _path(given: str | bytes, directories: bool) -> Source:
    name = os.fsdecode(given)
    try:
        status = os.stat(name)
    except (OSError, ValueError) as error:
        raise _os_error(name, error) from None
    mode = status.st_mode
    if stat.S_ISDIR(mode) and directories:
        return Source(name=name, path=Path(name), directory=True)
    if not stat.S_ISREG(mode):
        raise SourceError(f"{name}: {_what(mode)}, not a file. {_instead(mode)}", source=name)
    return Source(name=name, path=Path(name), size=status.st_size)


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
        return "Name the files in it, or pass -r"
    if stat.S_ISFIFO(mode):
        return "Pipe it in instead, with - for stdin"
    return "Pass a regular file"


def _os_error(name: str, error: Exception) -> SourceError:
    number = getattr(error, "errno", None)
    problem = {
        errno.ENOENT: "no such file",
        errno.EACCES: "permission denied",
        errno.EPERM: "permission denied",
        errno.ELOOP: "a symbolic link that leads back to itself",
        errno.ENAMETOOLONG: "the name is too long for a file. To count it as text, pass --text or"
        " multitok.Text",
    }.get(number or 0, str(error))
    shown = name if len(name) <= 200 else name[:100] + "..."
    return SourceError(f"{shown}: {problem}", source=name)


def _file(given: Any) -> Source:
    name = str(getattr(given, "name", "<file>"))
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
    return Source(name=name, file=given, size=size)


def _spooled(name: str, stream: Any) -> Source:
    """A pipe can be read once: keep it, in memory while it is small, on disk beyond that."""
    import shutil
    import tempfile

    spool = tempfile.SpooledTemporaryFile(max_size=64 << 20)  # noqa: SIM115 - lives with the source
    shutil.copyfileobj(stream, spool, 1 << 20)
    size = spool.tell()
    return Source(name=name, file=cast("BinaryIO", spool), size=size)


def _data_url(url: str) -> Source:
    """data:[media type][;base64],payload (RFC 2397)."""
    import binascii
    from base64 import b64decode
    from urllib.parse import unquote_to_bytes

    header, comma, payload = url.partition(",")
    name = header[:60]
    if not comma:
        raise SourceError(f"{name}: a data: URL needs a comma before its data", source=name)
    if header.lower().endswith(";base64"):
        try:
            data = b64decode(unquote_to_bytes(payload), validate=False)
        except binascii.Error as error:
            raise SourceError(f"{name}: not base64 ({error})", source=name) from None
    else:
        data = unquote_to_bytes(payload)
    return Source(name=name, data=data, size=len(data))
