"""A cell of a table, or a value of a JSON line, as an item: a column has a modality, and an empty
cell is an error and never no tokens."""

from __future__ import annotations

import binascii
import os
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from multitok.core.errors import MediaError, MultitokError, SourceError
from multitok.datasets.places import contents, is_remote
from multitok.loaders.base64_file import Base64File
from multitok.loaders.formats import by_magic

_HEAD = 64
"""Characters of base64 that are looked at: the smallest pictures have more."""


def text_in(value: Any, column: str) -> str | MultitokError:
    """The text of a cell, or what is wrong with it."""
    if isinstance(value, str):
        return value or MediaError(f"{column}: the text is empty")
    if value is None:
        return MediaError(f"{column}: there is no text (null)")
    if isinstance(value, bytes):
        try:
            return text_in(value.decode("utf-8"), column)
        except UnicodeDecodeError:
            return MediaError(f"{column}: its bytes are no UTF-8 text: is it a picture? --as image")
    return MediaError(
        f"{column}: expected a text, got {_told(value)}. Name the column of text: --column"
    )


def medium_in(value: Any, column: str, source: str) -> Any:
    """What a picture, or another medium, of a cell is read from, or what is wrong with it: its
    bytes, {bytes, path} as data sets of Hugging Face have it, base64, a data: URL, or the path of
    a file in the folder of the source."""
    if isinstance(value, Mapping) and {"bytes", "path"} & value.keys():
        inside = value.get("bytes")
        return medium_in(inside if inside is not None else value.get("path"), column, source)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value) or MediaError(f"{column}: the cell is empty (0 bytes)")
    if value is None:
        return MediaError(f"{column}: the cell is empty (null)")
    if not isinstance(value, str):
        return MediaError(
            f"{column}: expected bytes, {{bytes, path}} or a path, got {_told(value)}. Name the"
            " column of pictures: --image-column"
        )
    if value.startswith("data:"):
        return value
    if _is_base64(value):
        try:
            return Base64File(value, name=column)
        except SourceError as error:
            return error
    return _beside(value, column, source) if value else MediaError(f"{column}: the path is empty")


def _is_base64(value: str) -> bool:
    """Whether a text is a medium in base64, as no path is: its first bytes bear the sign of one."""
    head = value[:_HEAD]
    if len(head) < _HEAD or not head.isascii():
        return False
    try:
        known = by_magic(b64decode(head, validate=True))
    except binascii.Error:
        return False
    return known is not None and known.modality in ("image", "audio", "video", "pdf")


def _beside(path: str, column: str, source: str) -> Any:
    """A file that data names: only of the folder that the data is in, wherever that is."""
    if is_remote(path):
        return SourceError(
            f"{column}: {path[:80]!r} is a URL, and nothing is fetched because data names it:"
            " scan the pictures themselves",
            source=source,
        )
    folder = os.path.dirname(source)
    if is_remote(source):
        outside = path.startswith("/") or ".." in path.split("/")
        whole = f"{folder}/{path}"
    else:
        whole = os.path.join(folder, path)
        home = os.path.realpath(folder)
        outside = os.path.commonpath([home, os.path.realpath(whole)]) != home
    if outside:
        return SourceError(
            f"{column}: {path[:80]!r} is outside of the folder of {source}: what data names is read"
            " there only",
            source=source,
        )
    return next(contents([whole]))


def _told(value: Any) -> str:
    """`list`, `dict with a, b`: what stands in a cell, in few words."""
    if isinstance(value, Mapping):
        return f"an object with {', '.join(map(str, list(value)[:5]))}" if value else "an object"
    return type(value).__name__
