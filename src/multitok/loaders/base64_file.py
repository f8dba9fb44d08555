"""Base64 as a seekable binary file: only the blocks that are read are decoded.

A picture of 10 MB inside a request is told by its first kilobyte; a clip whose `moov` box stands
last by a seek to the end. Line breaks and the URL-safe alphabet are taken; padding may lack.
"""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING

from multitok.core.errors import SourceError
from multitok.loaders.placed import Placed

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK = 3 * 4096
"""Bytes decoded at once, from 4 * 4096 characters."""

MAX_WRAPPED = 256 * 1024 * 1024
"""Characters of base64 with line breaks: they are copied without the breaks, so not without end."""

_URL_SAFE = str.maketrans("-_", "+/")


class Base64File(Placed):
    """Characters `text[start:]` of base64, read as the bytes they stand for.

    >>> Base64File("aGVsbG8gd29ybGQ=").read()
    b'hello world'
    """

    def __init__(self, text: str, start: int = 0, *, name: str = "<base64>") -> None:
        super().__init__()
        self.name = name
        if any(text.find(mark, start) >= 0 for mark in "\n\r \t%"):
            text, start = self._unwrapped(text, start), 0
        if not text.isascii():
            raise SourceError(f"{name}: base64 holds a character that is not ASCII", source=name)
        end = len(text)
        while end > start and text[end - 1] == "=":
            end -= 1
        self._text, self._start, self._end = text, start, end
        characters = end - start
        if characters % 4 == 1:
            raise SourceError(f"{name}: base64 is cut: {characters} characters", source=name)
        self._size = characters * 3 // 4
        self._block: tuple[int, bytes] = (-1, b"")

    def _unwrapped(self, text: str, start: int) -> str:
        if len(text) - start > MAX_WRAPPED:
            raise SourceError(
                f"{self.name}: base64 with line breaks is read up to {MAX_WRAPPED >> 20} MB, got"
                f" {(len(text) - start) >> 20} MB",
                source=self.name,
            )
        body = text[start:]
        if "%" in body:
            from urllib.parse import unquote

            body = unquote(body)
        return "".join(body.split())

    def end(self) -> int:
        return self._size

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if self._at >= self._size or not len(view):
            return 0
        number, within = divmod(self._at, BLOCK)
        block = self._decoded(number)
        found = block[within : within + len(view)]
        view[: len(found)] = found
        self._at += len(found)
        return len(found)

    def _decoded(self, number: int) -> bytes:
        if self._block[0] != number:
            first = self._start + number * (BLOCK // 3 * 4)
            piece = self._text[first : min(first + BLOCK // 3 * 4, self._end)].translate(_URL_SAFE)
            piece += "=" * (-len(piece) % 4)
            try:
                self._block = number, binascii.a2b_base64(piece, strict_mode=True)
            except binascii.Error as error:
                raise SourceError(f"{self.name}: not base64 ({error})", source=self.name) from None
        return self._block[1]
