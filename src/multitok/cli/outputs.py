"""Files that a command writes: how an option names one, and what no output may replace."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import click

from multitok.cli.names import file_items
from multitok.core.writing import STDOUT

PICTURES = (".png", ".webp", ".jpg", ".jpeg")
"""What drawings are written as."""
PAGES = (".html", ".htm")

Kind: TypeAlias = str | Callable[[dict[str, Any]], str]


class SourceType(click.ParamType):  # type: ignore[type-arg]
    """A source that is read: a file, a folder, - for stdin. What it is, its reader finds out."""

    name = "file"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        return value

    def shell_complete(self, ctx: Any, param: Any, incomplete: str) -> Any:
        return file_items(incomplete)


class Output(click.Path):
    """A file that is written; - is stdout.

    kind       the format that is written, or how the command's words tell it; None: by its suffix
    suffixes   the only endings it may have: told apart before anything is worked out
    """

    def __init__(self, kind: Kind | None = None, suffixes: tuple[str, ...] = ()) -> None:
        super().__init__(dir_okay=False, allow_dash=True)
        self.kind = kind
        self.suffixes = suffixes

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        path = str(value)
        if "-o" in param.opts:
            refuse_setting(path)
        if self.suffixes and path not in STDOUT and not path.lower().endswith(self.suffixes):
            *most, last = self.suffixes
            self.fail(f"{value!r}: write {', '.join(most)} or {last}", param, ctx)
        return super().convert(value, param, ctx)


class OutputFolder(click.Path):
    """A folder that files are written into; it is made when there is none."""

    def __init__(self) -> None:
        super().__init__(file_okay=False)


def refuse_setting(value: str) -> None:
    """-o detail=low was a rule's option once; ./detail=low is a file."""
    if re.match(r"[A-Za-z_]\w*=", value):
        raise click.UsageError(f"-o is the output now: a rule's option is -s {value}")


def check_outputs(context: click.Context, force: bool) -> None:
    """Refuse outputs that would lose a file, before anything is worked out (see check_output)."""
    from multitok.loaders.replacing import check_output

    inputs = list(inputs_of(context))
    named: dict[str, str] = {}
    for param, path in _outputs(context):
        option = param.opts[0]
        other = named.setdefault(_place(path), option)
        if other != option:
            raise click.UsageError(f"{other} and {option} both name {path!r}: name two files")
        if on_stdout(path) and (context.params.get("as_json") or context.params.get("as_lines")):
            raise click.UsageError(f"{option} {path} takes stdout, and JSON needs it: name a file")
        kind = param.type.kind
        told = kind(context.params) if callable(kind) else kind
        check_output(path, told, inputs=inputs, force=force)


def check_pieces(paths: Iterable[str], kind: str | None, *read: str) -> None:
    """The same for files that the words of the command do not name: all of them before the first
    is written. `read` are inputs that they do not name either."""
    from multitok.loaders.replacing import check_output

    context = click.get_current_context()
    inputs = [*inputs_of(context), *read]
    for path in paths:
        check_output(path, kind, inputs=inputs, force=context.params["force"])


def on_stdout(*paths: str | None) -> bool:
    """True when a file takes stdout: what else a command says must go to stderr."""
    return any(path in STDOUT for path in paths)


def inputs_of(context: click.Context) -> Iterator[str]:
    """Whatever the command reads: its sources, its other files, and the files of a rule
    (codebook=codes.npz)."""
    for param in context.command.params:
        value = context.params.get(param.name or "")
        values = value if isinstance(value, tuple) else (value,)
        if isinstance(param.type, Output | OutputFolder):
            continue
        if isinstance(param.type, SourceType | click.Path):
            yield from (str(one) for one in values if one is not None)
        elif param.name == "settings":
            yield from (str(setting) for _, setting in values)


def _outputs(context: click.Context) -> Iterator[tuple[Any, str]]:
    for param in context.command.params:
        value = context.params.get(param.name or "")
        if isinstance(param.type, Output) and value is not None:
            yield param, str(value)


def _place(path: str) -> str:
    return "-" if path in STDOUT else os.path.realpath(path)
