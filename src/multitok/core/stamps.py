"""What a cache of a file's content is keyed by, so that a file that is changed is read again."""

from __future__ import annotations

import os
from collections.abc import Iterable
from stat import S_ISDIR
from typing import NamedTuple

from multitok.core.errors import SourceError

ABSENT = -1
"""The size of a file that cannot be asked: whoever reads it says why."""
FOLDER = -2
"""The size of a folder."""


class Stamp(NamedTuple):
    """A file as it stands: its path, nanoseconds of its last change, bytes."""

    path: str
    changed: int
    size: int


def stamp(path: str | os.PathLike[str]) -> Stamp:
    """The file as it stands now; a missing one has a stamp too, of size ABSENT. SourceError for a
    name that none can have."""
    name = os.fspath(path)
    try:
        seen = os.stat(name)
    except ValueError as error:
        raise SourceError(f"{name}: {unfit(name) or error}", source=name) from None
    except OSError:
        return Stamp(name, 0, ABSENT)
    return Stamp(name, seen.st_mtime_ns, FOLDER if S_ISDIR(seen.st_mode) else seen.st_size)


def unfit(name: str) -> str | None:
    """Why no file can have this name, which Python says by a ValueError; None where one can."""
    if "\0" in name:
        return "no file has a null byte in its name"
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return "no file has half of a surrogate pair in its name"
    return None


def digest(paths: Iterable[str]) -> str | None:
    """The sha256 of what files hold, one after the other; None where there are none."""
    from hashlib import sha256

    told = None
    for path in paths:
        told = told or sha256()
        with open(path, "rb") as file:
            while block := file.read(1 << 20):
                told.update(block)
    return told.hexdigest() if told is not None else None
