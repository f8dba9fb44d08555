"""The one writer: a file appears whole, or the one that was there stays whole.

What is written goes to a temporary name beside the target and takes its place when all of it is on
the disk. A kill or a full disk on the way leaves the old file; a failure also takes the temporary
one away. A symbolic link is written through to what it points at.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from multitok.core.errors import MultitokError, OutputError
from multitok.core.stamps import unfit

if TYPE_CHECKING:
    from pathlib import Path

STDOUT = frozenset(("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"))
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


@contextmanager
def writing(path: str | Path) -> Iterator[BinaryIO]:
    """A binary file, open and seekable, for all that `path` shall hold when the block ends.

    "-" and other names of stdout, pipes and devices get it in one go. OutputError names the path
    and what to do when it cannot be written; an error of the block itself passes as it is.
    """
    name = os.fspath(path)
    with named(name):
        old = None if name in STDOUT else _status(name)
        if straight(name, old):
            yield from _at_once(name)
        else:
            yield from _beside(os.path.realpath(name), old)


@contextmanager
def named(path: str | Path) -> Iterator[None]:
    """What the system refuses in the block is an OutputError that names `path`, and what to do."""
    try:
        yield
    except (MultitokError, BrokenPipeError):
        raise  # an error that says more, or a reader who has seen enough
    except OSError as error:
        raise unwritten(os.fspath(path), error) from error
    except ValueError:
        name = os.fspath(path)
        if why := unfit(name):
            raise OutputError(f"{name}: {why}. Name another output", output=name) from None
        raise


def write_text(path: str | Path, text: str) -> None:
    """`text` in UTF-8, byte for byte: line ends are as they are given."""
    with writing(path) as file:
        file.write(text.encode("utf-8"))


def put(whole: str, path: str) -> None:
    """Move a file that is written to its place on the same disk, over what is there."""
    with named(path):
        os.replace(whole, path)


def make_folder(path: str | Path) -> None:
    """A folder and those above it; one that is there stays as it is."""
    with named(path):
        os.makedirs(path, exist_ok=True)


def check_place(path: str | Path) -> None:
    """Raise at once what `writing` would find at the end: no folder, or no permission."""
    name = os.fspath(path)
    if name in STDOUT:
        return
    with named(name):
        folder = os.path.dirname(os.path.realpath(name))
    if not os.path.isdir(folder):
        raise unwritten(name, OSError(errno.ENOENT, os.strerror(errno.ENOENT)))
    if not os.access(name if os.path.exists(name) else folder, os.W_OK):
        raise unwritten(name, OSError(errno.EACCES, os.strerror(errno.EACCES)))


def straight(name: str, status: os.stat_result | None) -> bool:
    """True for what has no place beside it: stdout, a pipe, a device."""
    return name in STDOUT or (status is not None and not stat.S_ISREG(status.st_mode))


def _status(name: str) -> os.stat_result | None:
    """What is at the end of `name`, links followed; None when nothing is."""
    try:
        return os.stat(name)
    except FileNotFoundError:
        return None


def _at_once(name: str) -> Iterator[BinaryIO]:
    """Made in memory, as some formats go back to fill in their header."""
    content = BytesIO()
    yield content
    if name not in STDOUT:
        with open(name, "wb") as file:
            file.write(content.getbuffer())
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(content.getbuffer())
    sys.stdout.buffer.flush()


def _beside(target: str, old: os.stat_result | None) -> Iterator[BinaryIO]:
    if old is not None and not os.access(target, os.W_OK):  # a rename would not ask
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    temporary = os.path.join(os.path.dirname(target), f".multitok-{os.urandom(8).hex()}")
    descriptor = os.open(temporary, _NEW, 0o666)  # less the umask, as any new file
    try:
        with os.fdopen(descriptor, "w+b") as file:
            if old is not None:
                _belongs_like(temporary, old)
            yield file
            file.flush()
            os.fsync(descriptor)  # a rename that outlives a crash of the machine must find it all
        os.replace(temporary, target)
    except BaseException:  # Ctrl-C as well
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _belongs_like(temporary: str, old: os.stat_result) -> None:
    """The owner, where that may be given away, and the mode of the file that is replaced."""
    if sys.platform != "win32":
        with suppress(OSError):
            os.chown(temporary, old.st_uid, old.st_gid)
    os.chmod(temporary, stat.S_IMODE(old.st_mode))


def unwritten(name: str, error: OSError) -> OutputError:
    folder = os.path.dirname(name) or "."
    why = {
        errno.ENOSPC: "no space is left on the disk. Free some, or name an output elsewhere",
        errno.EDQUOT: "the disk quota is used up. Free some, or name an output elsewhere",
        errno.EROFS: "the disk is read-only. Name an output elsewhere",
        errno.EACCES: "permission denied. Name an output elsewhere",
        errno.EPERM: "permission denied. Name an output elsewhere",
        errno.ENOENT: f"there is no folder {folder!r}. Make it first",
        errno.ENOTDIR: f"{folder!r} is no folder. Name an output elsewhere",
        errno.EISDIR: "it is a folder. Name a file in it",
        errno.ELOOP: "it is a symbolic link that leads back to itself. Name another output",
        errno.ENAMETOOLONG: "the name is too long for a file. Name a shorter one",
        errno.EEXIST: "a file is there, and no folder. Name an output elsewhere",
        errno.EMFILE: "too many files are open. Raise their number: ulimit -n",
        errno.EFBIG: "it is larger than a file may be here (ulimit -f). Name an output elsewhere",
    }.get(error.errno or 0) or _other(error)
    return OutputError(f"{name}: cannot be written: {why}", output=name)


def _other(error: OSError) -> str:
    """What else the system says: a disk that fails is no fault of the name."""
    return (
        f"{(error.strerror or str(error)).lower()}. Look at the disk, or name an output elsewhere"
    )
