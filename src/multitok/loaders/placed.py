"""Files to read that keep a place of their own, over whatever holds their bytes."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Placed(io.RawIOBase):
    """A seekable file to read. What it is made of says where it ends and gives the bytes.

    far    whether a look elsewhere in it is a request to another machine
    """

    far = False

    def __init__(self) -> None:
        super().__init__()
        self._at = 0

    def end(self) -> int:
        """Its length in bytes."""
        raise NotImplementedError

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = self.end() if whence == os.SEEK_END else self._at if whence == os.SEEK_CUR else 0
        if base + offset < 0:
            raise ValueError(f"negative seek position {base + offset}")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)


class View(Placed):
    """A user's own file object at a place of its own: whoever else reads it, between two reads of
    this one, leads neither astray. Closing it is the user's business."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file

    def end(self) -> int:
        self._file.seek(0, os.SEEK_END)
        return self._file.tell()

    def read(self, size: int | None = -1, /) -> bytes:
        """All that is asked for, whatever one read of the file gives."""
        self._file.seek(self._at)
        data = self._file.read() if size is None or size < 0 else filled(self._file, size)
        self._at += len(data)
        return data


def filled(file: Any, size: int) -> bytes:
    """`size` bytes, fewer at the end of the file only: a raw file gives what it has at hand."""
    data: bytes = file.read(size) or b""
    if not data or len(data) >= size:
        return data
    parts, left = [data], size - len(data)
    while left and (more := file.read(left)):
        parts.append(more)
        left -= len(more)
    return b"".join(parts)
