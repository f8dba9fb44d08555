"""What an output may replace: a file of its own kind, and never an input.

Asked before the work begins: the writer itself (core/writing.py) cannot know what was read.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from multitok.core.errors import OutputError, SourceError
from multitok.core.writing import check_place, straight
from multitok.loaders.sniff import FAMILIES, by_suffix, sniff
from multitok.loaders.source import source_of

_TEXTS = frozenset(("text", "HTML", "JSON", "JSON lines"))


def check_output(
    path: str, kind: str | None = None, *, inputs: Iterable[str] = (), force: bool = False
) -> None:
    """Raise OutputError where writing to `path` would lose one of `inputs`, or, unless `force`,
    a file of another kind than `kind`: PNG, NPZ, HTML, JSON, text, ... (None: as its suffix says),
    and where it could not be written at all.

    An input is known behind links and as the file that stdin ("-") comes from; in a folder that is
    an input, every file is. An empty file, a pipe and a device have nothing to lose.
    """
    check_place(path)
    there = _status(path)
    if there is None or straight(path, there):
        return
    for given in inputs:
        _check_input(path, there, given)
    if force or not there.st_size:
        return
    wanted, held = kind or _named(path), _held(path)
    if not _alike(wanted, held):
        raise OutputError(
            f"{path}: holds {held}, and {wanted} would replace it: name another output, or pass"
            " --force",
            output=path,
        )


def _status(name: str) -> os.stat_result | None:
    """Of a file, of what a link leads to, or of what is stdin; None where there is none."""
    try:
        return os.fstat(sys.stdin.fileno()) if name == "-" else os.stat(name)
    except (OSError, ValueError, AttributeError):  # no such file; stdin closed or no file at all
        return None


def _check_input(path: str, there: os.stat_result, given: str) -> None:
    read = _status(given)
    if read is None:
        return
    if os.path.samestat(there, read):
        same = given == "-" or os.path.normpath(path) == os.path.normpath(given)
        what = "the input itself" if same else f"the input {given} by another name"
        raise OutputError(f"{path}: is {what}: name another output", output=path)
    folder = os.path.realpath(given)
    if os.path.isdir(folder) and os.path.realpath(path).startswith(os.path.join(folder, "")):
        raise OutputError(
            f"{path}: is a part of the input {given}: name another output", output=path
        )


def _named(path: str) -> str:
    """The format that the suffix means; text where it means none."""
    return (by_suffix(path) or ("text", "text"))[1]


def _held(path: str) -> str:
    """The format of an existing file, by its first bytes and its name."""
    source = source_of(path)
    head = source.head()
    if head.startswith(b"PK"):
        return "NPZ" if _holds_arrays(path) else "another ZIP"
    try:
        form = sniff(source).format
    except SourceError:
        return "other data"
    return _text_kind(path, head) if form == "text" else form


def _holds_arrays(path: str) -> bool:
    """A ZIP of arrays and nothing else is an .npz; a .docx is none."""
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(path) as file:
            return all(name.endswith(".npy") for name in file.namelist())
    except (BadZipFile, OSError, ValueError):
        return False


def _text_kind(path: str, head: bytes) -> str:
    import json

    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "HTML"
    if not start.startswith((b"{", b"[")):
        return "text"
    if path.lower().endswith(".jsonl"):
        return "JSON lines"
    try:
        json.loads(source_of(path).read())
    except (ValueError, RecursionError):
        return "text"
    return "JSON"


def _alike(wanted: str, held: str) -> bool:
    if wanted == "text":
        return held in _TEXTS
    return wanted == held or any({wanted, held} <= family for family in FAMILIES)
