"""What a command says: text, JSON and complaints, each by one door.

The renderers of `report` spell what comes from outside. Here no line can become a command of the
workflow that logs it, and a stream that is not UTF-8 gets escapes where it lacks a sign. What
`truncate`, `split` and `decode` write is the content itself, byte for byte, and takes no door.
"""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

import click

from multitok.core.writing import STDOUT
from multitok.report import documents
from multitok.report.safe import shown, unforged


def prepare() -> None:
    """Escapes in place of an error where a stream cannot hold a sign (cp1252, latin-1)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def echo(text: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Text for people, in the colors it has."""
    click.echo(unforged(text), err=err, nl=nl, color=True)


def echo_json(document: Mapping[str, Any], *, err: bool = False) -> None:
    """One JSON document."""
    click.echo(documents.dump(document, ascii_only=not _utf8()), err=err)


def echo_line(document: Mapping[str, Any], *, err: bool = False) -> None:
    """One JSON object as a line, at once: whoever reads the stream need not wait."""
    stream = sys.stderr if err else sys.stdout
    stream.write(documents.line(document, ascii_only=err or not _utf8()) + "\n")
    stream.flush()


def write_content(text: str) -> None:
    """A text itself on stdout, byte for byte: no line end is added, but on a terminal, where what
    is said next would go on in its line."""
    seen = sys.stdout.isatty() and not text.endswith("\n")
    sys.stdout.buffer.write((text + "\n" * seen).encode("utf-8"))
    sys.stdout.buffer.flush()


def say(message: object) -> None:
    """A line on stderr, beside the result: what went wrong, what was written."""
    echo(f"multitok: {shown(message)}", err=True)


def wrote(path: object, what: str = "") -> None:
    """`wrote page.html: 3 inputs`, on stderr; of stdout whoever reads it knows."""
    if str(path) not in STDOUT:
        echo(f"wrote {shown(path)}{f': {what}' if what else ''}", err=True)


def _utf8() -> bool:
    return _is_utf8(getattr(sys.stdout, "encoding", None) or "utf-8")


@cache
def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name == "utf-8"


def color_wanted() -> bool:
    """Color on a terminal only; NO_COLOR turns it off, FORCE_COLOR on."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


def columns_wanted() -> int | None:
    """Columns of the terminal; a pipe gets its lines whole."""
    if not sys.stdout.isatty():
        return None
    import shutil  # brings the compression modules: 5 ms

    return shutil.get_terminal_size((100, 24)).columns


def form() -> dict[str, Any]:
    """How text is rendered here: `color`, and the `width` that it is folded to."""
    return {"color": color_wanted(), "width": columns_wanted()}
