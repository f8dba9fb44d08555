"""The command line: one file per command, imported when the command is run.

The table holds what `--help` shows, so that help imports no command. A command parses, calls the
library, prints, and sets the exit code; everything it knows is a function elsewhere.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

import multitok as package
from multitok.core.boundary import unforeseen
from multitok.core.errors import closest

COMMANDS: dict[str, tuple[str, str]] = {
    "inspect": ("multitok.cli.inspect:inspect", "What a file is, and what models make of it."),
    "count": ("multitok.cli.count:count", "Tokens of files, stdin, a text or a size."),
    "compare": ("multitok.cli.compare:compare", "One input through many models' own rules."),
    "fit": ("multitok.cli.fit:fit", "The largest size within a token budget."),
    "request": ("multitok.cli.request:request", "A whole API request, before it is sent."),
    "scan": ("multitok.cli.scan:scan", "Data sets: a million items, on many processes."),
    "tokenize": ("multitok.cli.tokenize:tokenize", "Shards of token ids for training."),
    "pack": ("multitok.cli.pack:pack", "Rows of a training batch, from the counts of a scan."),
    "check": ("multitok.cli.check:check", "Files against token limits, for a hook or CI."),
    "truncate": ("multitok.cli.truncate:truncate", "A text cut to so many tokens, exactly."),
    "split": ("multitok.cli.split:split", "A text in pieces of so many tokens."),
    "reconcile": (
        "multitok.cli.reconcile:reconcile",
        "Counted against billed, by a log.",
    ),
    "efficiency": ("multitok.cli.efficiency:efficiency", "What a token buys, in each modality."),
    "prices": ("multitok.cli.prices:prices", "The falling price of tokens since 2021."),
    "economics": (
        "multitok.cli.economics:economics",
        "What training and serving take: work, hours, dollars.",
    ),
    "encode": ("multitok.cli.encode:encode", "The tokens themselves, saved as .npz."),
    "decode": ("multitok.cli.decode:decode", "From saved tokens back to media."),
    "train": ("multitok.cli.train:train", "A tokenizer trained on your own data."),
    "serve": (
        "multitok.cli.serve:serve",
        "The providers' count endpoints on this machine, and a live page.",
    ),
    "mcp": ("multitok.cli.mcp:mcp", "Tools for agents: counts over stdin and stdout."),
    "models": ("multitok.cli.models:models", "The catalogue: models, their rules and sources."),
    "tokenizers": ("multitok.cli.tokenizers:tokenizers", "Tokenizers that can be named."),
    "completion": (
        "multitok.cli.completion:completion",
        "What your shell needs to complete commands, files and names.",
    ),
    "doctor": ("multitok.cli.doctor:doctor", "What is installed, and what each plugin costs."),
}

HELP = """\
Count, see and make the tokens of text, images, video, audio, series and movement: offline, from
headers, with an honest label on every number.

\b
multitok inspect photo.jpg                   what it is, and what eight models would charge
multitok count report.md -m gpt-4o           tokens of a file for a model
multitok count *.png -m claude-opus-5 -q     the bare number, for scripts
multitok count --size 1920x1080 -m gpt-5.4   no file needed
cat notes.txt | multitok count - -m gpt-5    stdin
multitok request payload.json                a whole request, before it is sent
multitok fit photo.jpg -m gpt-4o --max-tokens 500
multitok models gemini-2.5-flash             one model whole, with its sources
"""


class LazyGroup(click.Group):
    """A group whose commands are imported by name, with a suggestion for a misspelt one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, short) for name, (_, short) in COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        name = args[0]
        if ctx.resilient_parsing and name not in COMMANDS:  # a shell completes: nothing is wrong
            return None, None, []
        if name not in COMMANDS and not name.startswith("-"):
            raise click.UsageError(f"no command {name!r}.{_instead(name)}", ctx)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """The commands by the table, so that none is imported, and the options."""
        from multitok.cli.names import items

        known = [(name, short) for name, (_, short) in COMMANDS.items()]
        return [*items(known, incomplete), *click.Command.shell_complete(self, ctx, incomplete)]

    def main(self, *args: Any, **words: Any) -> Any:
        if "_MULTITOK_COMPLETE" in os.environ:  # a shell asks: its own classes answer
            import_module("multitok.cli.completion")
        return super().main(*args, **words)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        args = _meant(args)
        with _spelled():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """The command; three ends that click would all call an abort, with exit 1."""
        try:
            with _spelled():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(130)
        except BrokenPipeError:  # `multitok models | head`: the reader has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except EOFError as error:
            raise unforeseen(error) from error


def _meant(args: list[str]) -> list[str]:
    """`help`, `help count` and `version`, as other programs have them."""
    if args[:1] == ["help"] and len(args) < 3:
        return [*args[1:], "--help"]
    return ["--version"] if args == ["version"] else args


def _instead(name: str) -> str:
    """What to type for a word that is no command: a file is a question of its own."""
    if os.path.exists(name):
        import shlex

        path = shlex.quote(name)
        if os.path.isdir(name):
            return f" It is a folder: multitok count -r {path} -m MODEL counts what is in it"
        return (
            f" It is a file: multitok inspect {path} (what it is, and what models make of it), or"
            f" multitok count {path} -m MODEL"
        )
    close = closest(name, COMMANDS)
    hint = f" Did you mean {close!r}?" if close else ""
    return f"{hint} See: multitok --help"


@contextmanager
def _spelled() -> Iterator[None]:
    """Click repeats the words it was given: they are spelled like all that comes from outside."""
    try:
        yield
    except click.UsageError as error:
        from multitok.report.safe import shown, unforged

        vars(error)["message"] = unforged(shown(error.message))
        raise


def _show_causes(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    """Tracebacks of what was not foreseen, as the log `multitok` has them, on stderr."""
    if not wanted:
        return
    import logging

    log = logging.getLogger("multitok")
    log.setLevel(logging.DEBUG)
    if not log.handlers:
        log.addHandler(logging.StreamHandler())


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=HELP,
)
@click.version_option(package.__version__, "-V", "--version", message="multitok %(version)s")
@click.option(
    "--debug", is_flag=True, expose_value=False, callback=_show_causes, envvar="MULTITOK_DEBUG",
    help="Show where an unexpected error arose (or MULTITOK_DEBUG=1).",
)  # fmt: skip
def multitok() -> None:
    """Before any command: its streams."""
    from multitok.cli.printing import prepare

    prepare()
