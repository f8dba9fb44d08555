"""Where data lies: files and folders of this machine, and object stores by their URL.

Whoever reads asks here, and never `open` or `os.stat`, so that what works on a folder works on
`s3://bucket/folder` too.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple

from multitok.core.boundary import unforeseen
from multitok.core.errors import MultitokError, SourceError
from multitok.loaders.folders import files_in
from multitok.loaders.source import is_data_set

Tell = Callable[[str, MultitokError], None]
"""Called with the path of what could not be read, and why."""


class Entry(NamedTuple):
    """A file that was found: what to call it, and what tells its content apart."""

    path: str
    stamp: str


def is_remote(path: str) -> bool:
    """Whether it is the URL of an object store."""
    return "://" in path


def is_web(path: str) -> bool:
    """Whether it is a URL of the web, which names one file: nothing there lists what lies below."""
    return path.startswith(("http://", "https://"))


def folder_of(path: str) -> str:
    """That of a path of this machine, or of a URL; of each of millions of files.

    >>> folder_of("a/b/c.png"), folder_of("c.png")
    ('a/b', '')
    """
    folder = path.rpartition("/")[0]
    plain = os.sep == "/" and folder and folder[-1] != "/"
    return folder if plain else os.path.dirname(path)


def root_of(named: str) -> str:
    """The folder of what was named: itself, or that around a file."""
    if os.path.isdir(named) or (is_remote(named) and not is_web(named)):
        return named
    return os.path.dirname(named.partition("?")[0] if is_web(named) else named)


def entries(named: str, tell: Tell, *, ignored: bool = False) -> Iterator[Entry]:
    """The files of a folder, a pattern or a URL, in a sorted order; a file gives itself. A folder
    that is one data set of movement is one of them."""
    if is_remote(named):
        from multitok.datasets import cloud

        yield from cloud.entries(named, tell)
        return
    for path in _paths(named, tell, ignored=ignored):
        try:
            yield Entry(path, stamp_of(path))
        except MultitokError as error:
            tell(path, error)


def _paths(named: str, tell: Tell, *, ignored: bool) -> Iterator[str]:
    if os.path.isdir(named):
        yield from [named] if is_data_set(named) else files_in(named, tell, ignored=ignored)
    elif os.path.lexists(named) or not glob.has_magic(named):
        yield named
    else:
        found = sorted(glob.glob(named, recursive=True))
        if not found:
            error = SourceError(f"{named}: no file is called so", source=named)
            tell(named, error)
        for path in found:
            yield from _paths(path, tell, ignored=ignored)


def stamp_of(path: str) -> str:
    """Bytes and time of the last change; SourceError where it is not there."""
    if is_remote(path):
        from multitok.datasets import cloud

        return cloud.stamp_of(path)
    try:
        seen = os.stat(path)
    except (OSError, ValueError) as error:
        raise unforeseen(error, "reading", path) from None
    return f"{seen.st_size}-{seen.st_mtime_ns}"


def opened(path: str) -> BinaryIO:
    """The file, open for reading and seekable."""
    if is_remote(path):
        from multitok.datasets import cloud

        return cloud.opened(path)
    try:
        return open(path, "rb")
    except (OSError, ValueError) as error:
        raise unforeseen(error, "reading", path) from None


def contents(paths: Sequence[str]) -> Iterator[Any]:
    """What loose files are counted from, in their order: paths here; elsewhere files of ranges,
    with their heads, or the error that asking for one gave."""
    if not paths or not is_remote(paths[0]):
        yield from paths
        return
    from multitok.datasets import cloud

    yield from cloud.ahead(paths)
