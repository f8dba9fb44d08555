"""Tar archives, as WebDataset has them: each member that is a picture, a sound, a clip, a document
or a text is an item, and a member of JSON that is a request.

What a member is, its suffix tells, or else its first bytes. Classes, captions in JSON and other
words about a sample are no items; what holds items itself, a table or an archive, is an error. A
member is read where it lies in the archive, and no further than it is asked for, so that a
clip of gigabytes is counted from its header.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from multitok.core.errors import MediaError, MultitokError, PayloadError, SourceError
from multitok.counting.subject import STREAM_FROM
from multitok.datasets.places import opened, stamp_of
from multitok.datasets.sources import form_of
from multitok.datasets.sources.cells import text_in
from multitok.datasets.sources.tar_headers import Member, members
from multitok.datasets.units import REQUEST, Item, Reading, Unit
from multitok.loaders.formats import BY_SUFFIX, by_magic
from multitok.loaders.placed import Placed, filled
from multitok.loaders.source import HEAD, Source
from multitok.requests.batches import MAX_PAYLOAD
from multitok.requests.payloads import is_request

if TYPE_CHECKING:
    pass

LARGE = 256 << 20
"""Bytes of a unit: a larger archive is several."""
WHOLE = 1 << 16
"""Bytes of a member that are read at once, which takes less time than to read its header apart."""
ITEMS = ("image", "audio", "video", "pdf", "text", REQUEST)
"""What a member may be, where nothing else is asked for."""
HOLDER = "items"
"""What holds items itself, which nothing here looks for inside of an archive."""
ABOUT = frozenset(["json", "xml", "yaml", "yml", "toml", "ini", "log", "css", "js"])
"""Suffixes of text that says something about a sample, and is none."""
_PACKED = {
    ".gz": "gunzip -k", ".tgz": "gunzip -k", ".bz2": "bunzip2 -k", ".tbz2": "bunzip2 -k",
    ".xz": "unxz -k", ".txz": "unxz -k", ".zst": "unzstd", ".tzst": "unzstd",
}  # fmt: skip


def units(source: str, reading: Reading) -> Iterator[Unit]:
    """The archive, or runs of the members of a large one."""
    if packer := _PACKED.get(os.path.splitext(source)[1].lower()):
        raise SourceError(
            f"{source}: it is packed, so that nothing in it can be found without unpacking all that"
            f" comes before: {packer} {source}, then scan the .tar",
            source=source,
        )
    stamp = stamp_of(source)
    with opened(source) as file:
        size = file.seek(0, os.SEEK_END)
        start = first = number = 0
        try:
            _check(file, source, size)
            for member in members(file) if size > LARGE else ():
                if member.header - start >= LARGE:
                    yield _unit(source, stamp, start, member.header, first)
                    start, first = member.header, number
                number += 1
        except SourceError:
            if not start and not number:
                raise
            # else the last unit says so, in its place
        yield _unit(source, stamp, start, size, first)


def _unit(source: str, stamp: str, start: int, stop: int, first: int) -> Unit:
    return Unit("tar", source, f"{stamp} {start}-{stop}", start, stop, first)


def _check(file: BinaryIO, source: str, size: int) -> None:
    """SourceError for what is no archive at all."""
    if not size:
        raise SourceError(f"{source}: the file is empty (0 bytes)", source=source)
    try:
        next(members(file), None)
    except SourceError as error:
        raise SourceError(f"{source}: no tar archive: {error}", source=source) from None


def items(unit: Unit, reading: Reading) -> Iterator[Item]:
    """The members that are items, under their names; what is cut off or damaged ends with its
    error. A row is a file of the archive, whether it is an item or not."""
    asked = ITEMS if reading.read_as is None else (reading.read_as,)
    suffixes: Counter[str] = Counter()
    row = found = 0
    with opened(unit.source) as file:
        size = file.seek(0, os.SEEK_END)
        try:
            for member in members(file, unit.start, unit.stop):
                suffix = _suffix(member.name)
                suffixes[suffix] += 1
                kind = _kind(member, suffix, file, asked)
                if kind is not None:
                    for item in _of_member(row, member, kind, file, size, asked):
                        found += 1
                        yield item
                row += 1
        except SourceError as error:
            found += 1
            yield Item(row, None, None, error)
    if suffixes and not found and (unit.start, unit.stop) == (0, size):
        yield Item(0, None, None, _nothing(suffixes, asked))


def _nothing(suffixes: Counter[str], asked: tuple[str, ...]) -> MultitokError:
    met = ", ".join(f".{one}" if one else "none" for one, _ in suffixes.most_common(5))
    return MediaError(
        f"none of its {suffixes.total():,} members is {' or '.join(asked)} by its suffix (theirs:"
        f" {met}): unpack it, and scan the folder"
    )


def _of_member(
    row: int, member: Member, kind: str, file: BinaryIO, size: int, asked: tuple[str, ...]
) -> Iterator[Item]:
    """The item that a member is; JSON may be none."""
    name = member.name
    wrong = _wrong(member, size)
    if kind == HOLDER:
        wrong = MediaError("it holds items itself: unpack it, and scan that")
        yield Item(row, name, None, wrong)
    elif wrong is not None:
        yield Item(row, name, None if kind == REQUEST else kind, wrong)  # type: ignore[arg-type]
    elif kind == REQUEST:
        yield from _request(row, name, MemberFile(file, member), required=asked == (REQUEST,))
    elif kind == "text" and member.size <= STREAM_FROM:
        yield Item(row, name, "text", text_in(MemberFile(file, member).read(), name))
    else:
        # a container of clips may hold sound alone, and one of sounds a clip: its streams tell
        told = None if kind in ("audio", "video") and len(asked) > 1 else kind
        yield Item(row, name, told, _source(file, member))  # type: ignore[arg-type]


def _kind(member: Member, suffix: str, file: BinaryIO, asked: tuple[str, ...]) -> str | None:
    """What a member is, among what is asked for, by its name or else by its first bytes; None for
    what is no item."""
    if len(asked) > 1 and form_of(member.name) != "files":
        return HOLDER
    if suffix in BY_SUFFIX:
        return _modality(suffix, asked)
    file.seek(member.start)
    known = by_magic(filled(file, min(member.size, HEAD)))
    return known.modality if known is not None and known.modality in asked else None


def _modality(suffix: str, asked: tuple[str, ...]) -> str | None:
    """What a member of such a name is, among what is asked for; None for what is no item."""
    if suffix == "json" and REQUEST in asked:
        return REQUEST
    known = BY_SUFFIX[suffix]
    if known.modality not in asked:
        return None
    return None if suffix in ABOUT and len(asked) > 1 else known.modality


def _suffix(name: str) -> str:
    _, dot, suffix = name.rpartition("/")[2].rpartition(".")
    return suffix.lower() if dot else ""


def _wrong(member: Member, size: int) -> MultitokError | None:
    """Why a member cannot be read, where that is seen before."""
    if member.sparse:
        return SourceError(
            "a sparse file, whose holes are left out: pack it without tar --sparse",
            source=member.name,
        )
    if member.start + member.size > size:
        there = max(size - member.start, 0)
        return SourceError(
            f"the archive is cut off here: {there:,} of {member.size:,} bytes are there",
            source=member.name,
        )
    if not member.size:
        return SourceError("the member is empty (0 bytes)", source=member.name)
    return None


def _request(row: int, name: str, file: MemberFile, *, required: bool) -> Iterator[Item]:
    """A member of JSON that is a request; where all are to be, what is wrong with it."""
    try:
        if file.end() > MAX_PAYLOAD:
            raise ValueError(f"over {MAX_PAYLOAD >> 20} MB: no provider takes a larger request")
        value = json.loads(file.read())
    except (ValueError, RecursionError) as error:
        if required:
            yield Item(row, name, REQUEST, PayloadError(f"not JSON: {error}", path=""))
        return
    if required or (isinstance(value, dict) and is_request(value)):
        yield Item(row, name, REQUEST, value)


def _source(file: BinaryIO, member: Member) -> Source | MemberFile:
    """What a member is counted from: a small one is in memory."""
    found = MemberFile(file, member)
    return found if member.size > WHOLE else Source(found.name, data=found.read(), size=member.size)


class MemberFile(Placed):
    """The content of a member as a file of its own, as long as the archive is open."""

    def __init__(self, file: BinaryIO, member: Member) -> None:
        super().__init__()
        self.name = member.name
        self._file, self._start, self._size = file, member.start, member.size

    def end(self) -> int:
        return self._size

    def read(self, size: int | None = -1, /) -> bytes:
        """What is asked for, as far as the member goes."""
        left = max(self._size - self._at, 0)
        size = left if size is None or size < 0 else min(size, left)
        self._file.seek(self._start + self._at)
        data = filled(self._file, size)
        self._at += len(data)
        return data
