"""The members of a tar archive, told by its headers: ustar, GNU and pax.

Headers alone are read, each behind the content of the one before it, so that what lies between
costs nothing. A damaged header ends the walk with an error: nothing tells where the next one is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO, NamedTuple
from zlib import adler32

from multitok.core.errors import SourceError
from multitok.core.integers import decimal
from multitok.loaders.placed import filled

BLOCK = 512
LONGEST = 1 << 20
"""Bytes of a header's own content, a name or what pax says: a longer one is no header."""
_FILES = b"0\x007"
"""Types of a member that is a file; \\0 is that of old archives, 7 lies in one piece."""
_SPARSE = b"S"
_NAMES = {b"L": "path", b"K": "linkpath"}
"""GNU's headers before a member, whose content is a long name of it, by pax's words."""
_SPARSE_WORDS = ("GNU.sparse.major", "GNU.sparse.map", "GNU.sparse.size", "GNU.sparse.realsize")


class Member(NamedTuple):
    """A file in an archive.

    name           what the archive calls it
    start, size    where its content is
    header         where the first of its headers is
    end            where the next header is
    sparse         whether holes of it are left out, so that its content is not what stands there
    """

    name: str
    start: int
    size: int
    header: int
    end: int
    sparse: bool = False


def members(file: BinaryIO, start: int = 0, stop: int | None = None) -> Iterator[Member]:
    """The files whose headers begin in a range of an archive. Folders and links are none. Behind
    its end another archive may follow, as `cat a.tar b.tar` leaves it; other bytes there are none.

    SourceError where a header is damaged, or the archive ends within one."""
    at = start
    while stop is None or at < stop:
        begun, said = at, dict[str, str]()
        while True:  # headers about the next header, then that of the member
            header = _header(file, at)
            if header is None:
                following = _following(file, at)
                if following is None or (stop is not None and following >= stop):
                    return
                begun = at = following
                continue
            kind, size = header[156:157], _number(header[124:136], at)
            at += BLOCK
            if kind not in b"LKxg":
                break
            content = _content(file, at, size)
            at += _padded(size)
            if kind in _NAMES:
                said.setdefault(_NAMES[kind], _text(content.partition(b"\0")[0]))
            elif kind == b"x":
                said = _pax(content, begun) | said
        name = _name(header)
        if said:
            told = decimal(said.get("size", ""))
            size = size if told is None else told
            name = said.get("GNU.sparse.name") or said.get("path") or name
        end = at + (_padded(size) if _has_content(kind) else 0)
        if kind in _FILES and not (kind == b"\0" and name.endswith("/")):
            yield Member(name, at, size, begun, end, bool(said) and _is_sparse(said))
        elif kind == _SPARSE:
            at = _past_maps(file, header, at)
            end = at + _padded(size)
            yield Member(name, at, size, begun, end, sparse=True)
        at = end


def _is_sparse(said: Mapping[str, str]) -> bool:
    return any(word in said for word in _SPARSE_WORDS)


def _following(file: BinaryIO, at: int) -> int | None:
    """Where another archive begins behind the zeros that end one; None where none does."""
    file.seek(at)
    while len(block := filled(file, BLOCK)) == BLOCK:
        if block.strip(b"\0"):
            try:
                _header(file, at)
            except SourceError:
                return None
            return at
        at += BLOCK
    return None


def _header(file: BinaryIO, at: int) -> bytes | None:
    """The header at a place; None where the archive ends."""
    try:
        file.seek(at)
    except (OSError, OverflowError, ValueError):  # a size of more than any file has
        raise _damaged(at, "no file is as long as the member before it says") from None
    block = filled(file, BLOCK)
    if not block or not block.strip(b"\0"):
        return None
    if len(block) < BLOCK:
        raise _damaged(at, "it is cut off in a header")
    if not _is_summed(block):
        raise _damaged(at, "no tar header is there, or a damaged one")
    return block


def _is_summed(block: bytes) -> bool:
    """Whether a header states the sum of its bytes, with blanks in place of the sum itself. Some
    archivers take bytes for signed. The lower half of Adler's checksum is a sum too, and faster."""
    field = block[148:156]
    told = _octal(field)
    if told is None:
        return False
    if (told + sum(field) - 8 * 32 + 1) % 65521 == adler32(block) & 0xFFFF:
        return True
    rest = block[:148] + block[156:]
    return told == sum(rest) + 8 * 32 - 256 * sum(byte > 127 for byte in rest)


def _damaged(at: int, why: str) -> SourceError:
    return SourceError(f"at byte {at:,}: {why}: the rest of the archive cannot be read", source="")


def _octal(field: bytes) -> int | None:
    digits = field.rstrip(b"\0 ")
    try:
        return int(digits, 8) if digits else 0
    except ValueError:
        digits, end, _ = field.partition(b"\0")
        return _octal(digits) if end else None


def _number(field: bytes, at: int) -> int:
    """A size: octal digits, or the number itself behind a byte that says so."""
    found = int.from_bytes(field[1:], "big") if field[0] == 0x80 else _octal(field)
    if found is None or found < 0:
        raise _damaged(at, "a header states no size")
    return found


def _content(file: BinaryIO, at: int, size: int) -> bytes:
    """The content of a header about the next one."""
    if size > LONGEST:
        raise _damaged(at, f"a header of {size:,} bytes")
    file.seek(at)
    content = filled(file, size)
    if len(content) < size:
        raise _damaged(at, "it is cut off in a header")
    return content


def _pax(content: bytes, at: int) -> dict[str, str]:
    """What pax says: records `<length> <word>=<value>\\n`, as long as each says."""
    said: dict[str, str] = {}
    while content.strip(b"\0"):
        length, space, _ = content.partition(b" ")
        size = int(length) if space and length.isdigit() and len(length) < 10 else 0
        record = content[len(length) + 1 : size - 1]
        word, equals, value = record.partition(b"=")
        if not equals or not len(length) < size <= len(content):
            raise _damaged(at, "a header of pax is damaged")
        said[_text(word)] = _text(value)
        content = content[size:]
    return said


def _name(header: bytes) -> str:
    """The name in a header itself; its front stands apart in those of POSIX."""
    name = header[:100].partition(b"\0")[0]
    front = b""
    if header[345] and header[257:263] == b"ustar\0":
        front = header[345:500].partition(b"\0")[0]
    return _text(front + b"/" + name if front else name)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _has_content(kind: bytes) -> bool:
    """Links, devices, folders and pipes have none, whatever size they state; a type that nobody
    knows is skipped as a file is."""
    return kind not in b"123456"


def _past_maps(file: BinaryIO, header: bytes, at: int) -> int:
    """Where the content of a sparse file of GNU begins: behind the blocks that list its pieces."""
    more = header[482]
    while more:
        file.seek(at)
        block = filled(file, BLOCK)
        if len(block) < BLOCK:
            raise _damaged(at, "it is cut off in a header")
        more, at = block[504], at + BLOCK
    return at


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK
