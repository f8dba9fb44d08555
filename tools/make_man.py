"""Write the manual page from the command line itself: `make man`, then `man build/multitok.1`.

Everything on it is what `multitok COMMAND --help` shows: commands, options, examples.
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click

import multitok as package
from multitok.__main__ import ERROR, FAULT, INTERRUPTED
from multitok.catalog.lifecycle import today
from multitok.cli import COMMANDS, multitok

PAGE = Path("build") / "multitok.1"

CODES = (
    (0, "All went well."),
    (1, "Something is over its limit."),
    (ERROR, "Bad usage, or an input or output that failed: the rest was done."),
    (FAULT, "A fault of multitok that no input explains."),
    (INTERRUPTED, "Interrupted by Ctrl-C."),
)


def escaped(text: str) -> str:
    """Text as roff prints it: no sign of it is a command, and a hyphen is one that can be copied.

    >>> escaped("-m gpt-4o\\\\n"), escaped(".hidden")
    ('\\\\-m gpt\\\\-4o\\\\en', '\\\\&.hidden')
    """
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq")
    return rf"\&{text}" if text.startswith(".") else text


def page() -> str:
    """The whole page, in the man macros."""
    context = click.Context(multitok, info_name="multitok", **multitok.context_settings)
    lines = [
        f'.TH MULTITOK 1 "{today()}" "multitok {package.__version__}" "User Commands"',
        ".SH NAME",
        r"multitok \- count, see and make the tokens of text, images, video and more",
        ".SH SYNOPSIS",
        r".B multitok",
        r"\fICOMMAND\fR [\fIOPTION\fR]... [\fIFILE\fR]...",
        ".SH DESCRIPTION",
        *words(multitok.help or ""),
        *options_of(multitok, context),
        ".SH COMMANDS",
    ]
    for name in COMMANDS:
        lines += section(multitok.get_command(context, name) or multitok, name, context)
    lines += [".SH EXIT STATUS"]
    for code, means in CODES:
        lines += [".TP", rf"\fB{code}\fR", escaped(means)]
    return "\n".join(lines) + "\n"


def section(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    """A command: how it is typed, what it does, its options."""
    context = click.Context(command, info_name=name, parent=parent)
    typed = " ".join(command.collect_usage_pieces(context))
    yield f".SS multitok {name}"
    yield rf"\fBmultitok {name}\fR {escaped(typed)}"
    yield ".PP"
    yield from words(command.help or "")
    yield from options_of(command, context)


def words(help: str) -> Iterator[str]:
    """Paragraphs are filled; what follows a \\b is shown line by line."""
    for number, paragraph in enumerate(inspect.cleandoc(help).split("\n\n")):
        if number:
            yield ".PP"
        if not paragraph.startswith("\b"):
            yield from filled(paragraph)
            continue
        yield from (".nf", ".RS 4", *map(escaped, paragraph.splitlines()[1:]), ".RE", ".fi")


def options_of(command: click.Command, context: click.Context) -> Iterator[str]:
    """Each option that --help shows, with what it says there."""
    for param in command.get_params(context):
        record = param.get_help_record(context)
        if record is not None and isinstance(param, click.Option):
            yield ".TP"
            yield rf"\fB{escaped(record[0])}\fR"
            yield from filled(record[1])


def filled(text: str) -> list[str]:
    """Lines of a paragraph, none longer than the macros like them."""
    return [escaped(line) for line in textwrap.wrap(" ".join(text.split()), 70)]


if __name__ == "__main__":
    path = Path(sys.argv[1]) if sys.argv[1:] else PAGE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(), "utf-8")
    print(f"wrote {path}")
