"""Text files: UTF-8 with and without its mark, UTF-16 and UTF-32 with theirs, or as told.

Nothing is guessed: bytes that are none of these, and UTF-16 without its mark, are an error that
asks for the encoding. Line ends stay as they are; a byte order mark is left out, since it marks the
file.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from multitok.core.errors import SourceError, UnknownNameError
from multitok.core.info import TextInfo

if TYPE_CHECKING:
    from multitok.core.media import Text
    from multitok.core.quiet import quiet
    from multitok.loaders.probed import Probed, ReadOptions
from multitok.core.quiet import quiet
from multitok.loaders.source import Source

CHUNK = 1 << 20
"""Bytes read at once."""

# The marks of UTF-32 begin with those of UTF-16: the longer first.
MARKS: tuple[tuple[bytes, str, str], ...] = (
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
)
_NAME_IT = "Name the encoding: --encoding cp1252, latin-1, shift_jis, ..."
_KNOWN = (
    "utf-8",
    "utf-16",
    "latin-1",
    "cp1252",
    "cp1251",
    "shift_jis",
    "euc-jp",
    "gb18030",
    "big5",
)


def examine(source: Source, read: ReadOptions) -> Probed:
    """Length in UTF-8 bytes, encoding and lines; reads the text once, in chunks."""
    from multitok.loaders.probed import Probed

    size = lines = 0
    last = ""
    with source.open() as file:
        mark, _, title = _encoding(file, read.encoding)
        for chunk in chunks(file, encoding=read.encoding, name=source.name):
            size += len(chunk) if chunk.isascii() else len(chunk.encode("utf-8", "surrogatepass"))
            lines += chunk.count("\n")
            last = chunk[-1]
    facts = {"encoding": title, "lines": lines + (last not in ("", "\n"))}
    notes = (f"{title} byte order mark left out",) if mark else ()
    if is_request(source.head()):
        notes = (*notes, f"looks like an API request: {_as_request(source)}")
    return Probed(TextInfo(bytes=size), "text", source.name, facts, notes)


_A_REQUEST = re.compile(
    rb"""
      "(messages|contents)" \s*:\s* \[ \s* \{ \s* "(role|content|parts)"   # a conversation
    | "(custom_id|recordId|key)" \s*: .*? "(body|params|modelInput|request)" \s*:\s* \{  # a batch
    | "name" \s*: .*? "(inputSchema|input_schema)" \s*:\s* \{                   # tools of MCP
    | "model" \s*:\s* "[^"]+" \s*, .*? "input" \s*:\s* ["\[]                   # Responses
    """,
    re.VERBOSE | re.DOTALL,
)
"""What the first bytes of JSON say of it."""


def is_request(head: bytes) -> bool:
    """Whether a file that starts so looks like the JSON of an API request, of many, or of tools:
    counted as text it has another number than as it is billed."""
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    return start in (b"{", b"[") and _A_REQUEST.search(head) is not None


def _as_request(source: Source) -> str:
    """What counts it as it is billed."""
    from shlex import quote

    if source.name.startswith("<"):
        return "multitok request counts it as it is billed"
    return f"multitok request {quote(source.name)} counts it as it is billed"


def load(source: Source, read: ReadOptions) -> Text:
    """The whole text."""
    from multitok.core.media import Text

    return Text(decode(source.read(), read.encoding, name=source.name)[0])


def decode(
    data: bytes, encoding: str | None = None, *, name: str = "text"
) -> tuple[str, tuple[str, ...]]:
    """The text of some bytes, and what to note of it.

    >>> decode(b"\\xff\\xfeh\\x00i\\x00")
    ('hi', ('UTF-16 byte order mark left out',))
    """
    from io import BytesIO

    file = BytesIO(data)
    mark, _, title = _encoding(file, encoding)
    notes = (f"{title} byte order mark left out",) if mark else ()
    return "".join(chunks(file, encoding=encoding, name=name)), notes


def chunks(
    file: BinaryIO, encoding: str | None = None, *, size: int = CHUNK, name: str = "text"
) -> Iterator[str]:
    """The text of a binary file in chunks, none empty; SourceError where the bytes are not text."""
    mark, codec, title = _encoding(file, encoding)
    file.seek(mark)
    if not mark and encoding is None and (wide := _unmarked(file.read(4))):
        raise SourceError(
            f"{name}: every second byte is 0, as in UTF-16 without its mark. Name the encoding:"
            f" --encoding {wide}, or utf-8 to take it as it stands",
            source=name,
        )
    file.seek(mark)
    decoder = codecs.lookup(codec).incrementaldecoder()
    at = mark
    while True:
        data = file.read(size)
        pending = len(decoder.getstate()[0])
        try:
            with quiet():  # unicode_escape warns of each escape that Python has not
                text = decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            raise _not_text(name, error, at - pending, title, encoding) from None
        except UnicodeError as error:  # of idna and punycode: they tell no place
            raise SourceError(f"{name}: not {title} ({error}). {_NAME_IT}", source=name) from None
        at += len(data)
        if text:
            yield text
        if not data:
            return


def _encoding(file: BinaryIO, asked: str | None) -> tuple[int, str, str]:
    """Bytes of the mark, the codec, and what to call it; the file is read from its start."""
    file.seek(0)
    head = file.read(4)
    found = next((mark for mark in MARKS if head.startswith(mark[0])), None)
    marked = (len(found[0]), *found[1:]) if found else (0, "utf-8", "UTF-8")
    if asked is None:
        return marked
    try:
        "a".encode(asked)  # refuses what is no text encoding, such as base64
    except (LookupError, ValueError):
        raise UnknownNameError.of(
            "encoding", asked, _KNOWN, f"For example: {', '.join(_KNOWN)}"
        ) from None
    codec = codecs.lookup(asked).name
    wide = codec in ("utf-16", "utf-32")
    if found and (found[1] == codec or (wide and found[1].startswith(codec))):
        return marked
    return 0, codec, codec


def _unmarked(head: bytes) -> str | None:
    """The UTF-16 that two characters of ASCII look like: valid UTF-8 too, but no one's text.

    >>> _unmarked(b"h\\0i\\0"), _unmarked(b"\\0h\\0i"), _unmarked(b"a\\0b\\n")
    ('utf-16-le', 'utf-16-be', None)
    """
    if len(head) < 4:
        return None
    if head[0] and head[2] and not (head[1] or head[3]):
        return "utf-16-le"
    if head[1] and head[3] and not (head[0] or head[2]):
        return "utf-16-be"
    return None


def _not_text(
    name: str, error: UnicodeDecodeError, before: int, title: str, asked: str | None
) -> SourceError:
    offset = before + error.start
    byte = error.object[error.start]
    tried = f"not {title}" if asked or title != "UTF-8" else "neither UTF-8 nor marked as UTF-16"
    return SourceError(
        f"{name}: byte 0x{byte:02x} at offset {offset} is {tried}. {_NAME_IT}",
        source=name,
        offset=offset,
    )
