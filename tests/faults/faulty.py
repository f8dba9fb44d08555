"""Faults on order, as SQLite's own tests have them: the n-th time that an operation reaches the
disk fails, for every n, until it comes through.

    for fault in sweep(lambda: run("encode ..."), errno.ENOSPC, WRITES, tmp_path):
        assert fault.outcome == 2

What is patched is where Python reaches the system: `os` and `open`, whose files count each read and
write as the kernel would see it. What C code reads and writes by itself is tried for real:
RLIMIT_FSIZE, RLIMIT_AS, /dev/full, a tiny disk.
"""

import builtins
import io
import os
from contextlib import contextmanager
from itertools import count

WRITES = frozenset(("create", "write", "fsync", "replace", "mkdir", "chmod"))
READS = frozenset(("open", "read", "stat", "list"))
_OPEN, _OS = open, {name: getattr(os, name) for name in (
    "open", "read", "write", "fsync", "replace", "mkdir", "chmod", "stat", "listdir", "scandir",
    "fdopen",
)}  # fmt: skip
_WORDS = {"listdir": "list", "scandir": "list"}


class Fault:
    """The n-th of these calls, at a file below a folder, and with `lasting` all after it, fail.

    `calls` tells what was called so far, of which file; `hit` whether the n-th was reached.
    """

    def __init__(self, nth, error, calls, under, lasting):
        self.nth, self.error, self.lasting = nth, error, lasting
        self.kinds, self.under = calls, os.path.join(os.path.realpath(under), "")
        self.calls, self.outcome = [], None

    @property
    def hit(self):
        return len(self.calls) >= self.nth

    def step(self, kind, where):
        """Called before the system is."""
        if kind not in self.kinds:
            return
        path = _path(where)
        if not os.path.join(path, "").startswith(self.under):
            return
        self.calls.append((kind, path))
        if len(self.calls) == self.nth or (self.lasting and self.hit):
            names = () if kind in ("read", "write", "fsync") else (where,)  # a number has none
            raise OSError(self.error, os.strerror(self.error), *names)

    def __repr__(self):
        return f"call {self.nth}: {' '.join(self.calls[self.nth - 1])}"


def _path(where):
    if isinstance(where, int):
        where = f"/proc/self/fd/{where}"
    folder, name = os.path.split(os.path.abspath(os.fsdecode(where)))
    if folder == "/proc/self/fd":
        return os.readlink(os.path.join(folder, name))
    return os.path.join(os.path.realpath(folder), name)


@contextmanager
def failing(nth, error, calls, under, *, lasting=False):
    """The block, with this fault on its way."""
    fault = Fault(nth, error, calls, under, lasting)
    patched = {name: _stepping(fault, name) for name in _OS}
    try:
        for name, function in patched.items():
            setattr(os, name, function)
        os.fdopen = builtins.open = io.open = _opening(fault)
        yield fault
    finally:
        builtins.open = io.open = _OPEN
        for name, function in _OS.items():
            setattr(os, name, function)


def _stepping(fault, name):
    real = _OS[name]

    def called(*args, **words):
        where = args[1] if name == "replace" else (args or (".",))[0]
        making = name == "open" and args[1] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if not (name == "mkdir" and os.path.isdir(where)):  # which says so, whatever the disk
            fault.step("create" if making else _WORDS.get(name, name), where)
        return real(*args, **words)

    return called


def _opening(fault):
    """`open`, whose raw file counts."""

    class Raw(io.FileIO):
        def write(self, data):
            fault.step("write", self.fileno())
            return super().write(data)

        def read(self, size=-1):
            fault.step("read", self.fileno())
            return super().read(size)

        def readall(self):
            fault.step("read", self.fileno())
            return super().readall()

        def readinto(self, data):
            fault.step("read", self.fileno())
            return super().readinto(data)

    def opened(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None,
               closefd=True, opener=None):  # fmt: skip
        if not isinstance(file, int):
            fault.step("create" if set(mode) & set("wxa+") else "open", file)
        raw = Raw(file, mode.replace("t", ""), closefd, opener)
        if buffering == 0:
            return raw
        kind = io.BufferedRandom if "+" in mode else (
            io.BufferedReader if raw.readable() else io.BufferedWriter
        )  # fmt: skip
        return kind(raw) if "b" in mode else io.TextIOWrapper(kind(raw), encoding, errors, newline)

    return opened


def sweep(operation, error, calls, under, *, lasting=False, every=1):
    """Run the operation again and again, with its first call failing, its second, ...: each fault,
    with what the operation gave as its `outcome`; ends when it makes no such call any more. What
    takes a second is tried at `every` third."""
    for nth in count(1, every):
        with failing(nth, error, calls, under, lasting=lasting) as fault:
            fault.outcome = operation()
        if not fault.hit:
            assert nth > 1, "the operation made no such call: nothing was tried"
            return
        yield fault
