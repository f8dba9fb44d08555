"""Every command as the site shows it, from the command line itself: what --help says, with anchors.

`make docs` puts the page on the site; `python tools/make_help.py` prints it.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from multitok.cli import COMMANDS, multitok


def page() -> str:
    """The whole page, in Markdown: a section a command."""
    context = click.Context(multitok, info_name="multitok", **multitok.context_settings)
    lines = ["# Every command", "", "What `multitok COMMAND --help` says.", ""]
    lines += [*options_of(multitok, context), ""]
    for name in COMMANDS:
        lines += section(multitok.get_command(context, name) or multitok, name, context)
    return "\n".join(lines) + "\n"


def section(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    """A command: what it does, how it is typed, its options."""
    context = click.Context(command, info_name=name, parent=parent)
    typed = " ".join(command.collect_usage_pieces(context))
    yield from (f"## {name}", "", "```text", f"multitok {name} {typed}", "```", "")
    yield from words(command.help or "")
    yield from options_of(command, context)
    yield ""


def words(help: str) -> Iterator[str]:
    """Paragraphs as they stand; what follows a \\b is shown line by line."""
    for paragraph in inspect.cleandoc(help).split("\n\n"):
        if paragraph.startswith("\b"):
            yield from ("```text", *paragraph.splitlines()[1:], "```", "")
        else:
            yield from (escaped(paragraph), "")


def options_of(command: click.Command, context: click.Context) -> Iterator[str]:
    """A row an option that --help shows, with what it says there."""
    yield from ("| option | means |", "|---|---|")
    for param in command.get_params(context):
        record = param.get_help_record(context)
        if record is not None and isinstance(param, click.Option):
            yield f"| `{record[0]}` | {escaped(record[1])} |"


def escaped(text: str) -> str:
    """Plain words as Markdown shows them.

    >>> escaped("*.png [default: a|b]")
    '\\\\*.png \\\\[default: a\\\\|b]'
    """
    for sign in "\\*_`[<|":
        text = text.replace(sign, f"\\{sign}")
    return text


if __name__ == "__main__":
    print(page(), end="")
