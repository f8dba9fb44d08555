"""The grammar of the command line: every option that commands share, declared once.

An option means the same wherever it stands. A command uses it by name: `@opt.model_option`.
docs/commands.md shows which command takes which; tools/make_commands_table.py makes the table.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import click

from multitok.cli.names import ModelName, TokenizerName
from multitok.cli.outputs import SourceType, check_outputs, refuse_setting
from multitok.cli.values import SettingType, SizeType
from multitok.core.info import MODALITIES

if TYPE_CHECKING:
    pass

F = TypeVar("F", bound=Callable[..., Any])
Settings: TypeAlias = tuple[tuple[str, Any], ...]


def bundled(name: str, kind: type[Any], *options: Callable[[F], F]) -> Callable[[F], F]:
    """Options that are handed on as one value: a `kind`, whose fields are named as they are."""

    def decorated(function: F) -> F:
        @wraps(function)
        def collected(**given: Any) -> Any:
            made = kind(**{field: given.pop(field) for field in kind._fields})
            return function(**{name: made}, **given)

        for option in reversed(options):
            collected = option(cast("F", collected))
        return cast("F", collected)

    return decorated


def source_argument(function: F) -> F:
    """One thing to read: `source`; see `given` for what is read when none is named."""
    return click.argument("source", type=SourceType(), required=False, metavar="[FILE|-]")(function)


def sources_argument(function: F) -> F:
    """Many things to read: `sources`."""
    return click.argument("sources", type=SourceType(), nargs=-1, metavar="[FILE|-]...")(function)


def given(sources: tuple[str, ...], *instead: Any) -> tuple[str, ...]:
    """The sources; stdin where nothing is named and something is piped in."""
    return sources or (() if any(instead) or not piped() else ("-",))


def source_given(source: str | None, doing: str) -> str:
    """The one source of a command that reads no other thing."""
    if source is None and not piped():
        raise click.UsageError(f"nothing to {doing}: name a file, or - for stdin")
    return source or "-"


def piped() -> bool:
    """True when stdin holds something: no terminal, and not the null device that a job without
    input has."""
    if sys.stdin is None or sys.stdin.closed:
        return False
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError):  # the stream of a program that calls this one
        return not sys.stdin.isatty()
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


def model_option(function: F) -> F:
    return click.option(
        "-m", "--model", "models", multiple=True, metavar="MODEL", type=ModelName(),
        envvar="MULTITOK_MODEL", help="A model of the catalogue; may be repeated.",
    )(function)  # fmt: skip


def payload_model_option(function: F) -> F:
    """For requests, which name a model themselves."""
    return click.option(
        "-m", "--model", metavar="MODEL", type=ModelName(),
        help="Count for this model, whatever is named.",
    )(function)  # fmt: skip


def tokenizer_option(function: F) -> F:
    return _tokenizer(function, "tokenizer", multiple=False)


def tokenizers_option(function: F) -> F:
    """For commands that compare several."""
    return _tokenizer(function, "tokenizers", multiple=True)


def _tokenizer(function: F, name: str, *, multiple: bool) -> F:
    return click.option(
        "-t", "--tokenizer", name, metavar="NAME", type=TokenizerName(), multiple=multiple,
        help="A tokenizer instead of a model: o200k_base, patch, words, ...",
    )(function)  # fmt: skip


def named(models: tuple[str, ...], tokenizer: Any) -> tuple[str, ...]:
    """The models to count for: none beside a tokenizer, which replaces MULTITOK_MODEL."""
    if not tokenizer:
        return models
    if models and not from_environment("models"):
        raise click.UsageError("name a model (-m) or a tokenizer (-t), not both")
    return ()


def from_environment(name: str) -> bool:
    source = click.get_current_context().get_parameter_source(name)
    return source is click.core.ParameterSource.ENVIRONMENT


def one_named(models: tuple[str, ...], tokenizer: str | None) -> str | None:
    """The one model of a command that counts for one; None beside a tokenizer."""
    models = named(models, tokenizer)
    if not models and tokenizer is None:
        raise click.UsageError("name a model (-m gpt-4o) or a tokenizer (-t o200k_base)")
    if len(models) > 1:
        raise click.UsageError("name one model (-m) or one tokenizer (-t)")
    return models[0] if models else None


def provider_option(function: F) -> F:
    """For requests."""
    from multitok.requests.payloads import FORMATS

    return click.option(
        "--provider", type=click.Choice(FORMATS), help="Where the shape does not tell."
    )(function)


def template_option(function: F) -> F:
    """For requests to open models."""
    return click.option(
        "--template", type=click.Path(exists=True), metavar="PATH",
        help="A folder with tokenizer.json and tokenizer_config.json, or a tekken.json.",
    )(function)  # fmt: skip


def calibration_option(function: F) -> F:
    """For requests whose estimates were held against bills."""
    return click.option(
        "--calibration", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
        help="Correct estimates by what multitok reconcile measured (or MULTITOK_CALIBRATION).",
    )(function)  # fmt: skip


def requests_option(function: F) -> F:
    return click.option(
        "--requests", type=click.IntRange(min=1), default=1, help="The cost of so many of it."
    )(function)


def cost_option(function: F) -> F:
    return click.option("--cost", is_flag=True, help="And what the tokens cost.")(function)


def max_tokens_option(function: F) -> F:
    return click.option(
        "--max-tokens", type=click.IntRange(min=1), required=True, help="The budget."
    )(function)


def modality_option(function: F) -> F:
    """For listings."""
    return click.option(
        "--modality", type=click.Choice(MODALITIES), help="Only those that take this."
    )(function)


def settings_option(function: F) -> F:
    """-s, and --online as the parameter it stands for, handed on as one `settings`."""

    @wraps(function)
    def collected(*, settings: Settings, online: bool, **given: Any) -> Any:
        allowed: Settings = (("allow_network", True),) if online else ()
        return function(settings=(*settings, *allowed), **given)

    option = click.option(
        "-s", "--set", "settings", multiple=True, type=SettingType(),
        help="The model's request option (detail=high), or the tokenizer's parameter (size=8).",
    )  # fmt: skip
    online = click.option(
        "--online", is_flag=True, help="With -t hf -s repo=ORG/NAME: it may be downloaded."
    )
    old = renamed("--option", "--set", "-s {}")
    return cast("F", option(online(old(collected))))


def renamed(old: str, new: str, example: str = "", *, flag: bool = False) -> Callable[[F], F]:
    """An option of former days, hidden: it says what to type now, with the value that was given."""

    def tell(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
        if value:
            shown = f": {example.format(value)}" if example else ""
            raise click.UsageError(f"{old} is {new} now{shown}")

    return click.option(old, hidden=True, expose_value=False, is_flag=flag, callback=tell)


def catalog_option(function: F) -> F:
    return click.option(
        "--catalog", "catalog", multiple=True, metavar="FILE",
        type=click.Path(exists=True, dir_okay=False),
        help="A TOML file with models of your own (docs/catalogue.md).",
    )(function)  # fmt: skip


def size_option(function: F) -> F:
    return click.option(
        "--size", "sizes", multiple=True, type=SizeType(),
        help="A picture of this width x height, without a file.",
    )(function)  # fmt: skip


def out_option(kind: click.Path, help: str, *, required: bool = False) -> Callable[[F], F]:
    """-o, the one output of a command."""
    return click.option(
        "-o", "--out", type=kind, metavar="FILE", required=required, help=help
    )  # fmt: skip


def without_out(function: F) -> F:
    """For commands that once took a rule's option by -o, and write no one file."""

    def tell(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
        if value is None:
            return
        refuse_setting(value)
        raise click.UsageError(f"{context.info_name} has no -o: it prints, to a file by > {value}")

    return click.option("-o", "out", hidden=True, expose_value=False, callback=tell)(function)


def force_option(function: F) -> F:
    """--force, for commands that write files: without it no file of another kind is replaced."""

    @wraps(function)
    def checked(*, force: bool, **given: Any) -> Any:
        check_outputs(click.get_current_context(), force)
        return function(**given)

    option = click.option("--force", is_flag=True, help="Replace a file of another kind, too.")
    return cast("F", option(checked))


def quiet_option(function: F) -> F:
    return click.option(
        "-q", "--quiet", is_flag=True, callback=_one_way, help="The bare answer, for scripts."
    )(function)


def json_option(function: F) -> F:
    return click.option(
        "--json", "as_json", is_flag=True, callback=_one_way, help="One JSON document."
    )(function)


def jsonl_option(function: F) -> F:
    return click.option(
        "--jsonl", "as_lines", is_flag=True, callback=_one_way,
        help="One JSON object a line, as they come.",
    )(function)  # fmt: skip


_WAYS = {"quiet": "-q", "as_json": "--json", "as_lines": "--jsonl"}


def _one_way(context: click.Context, parameter: click.Parameter, wanted: bool) -> bool:
    """Each of the three is a way to print: one is named, or none."""
    if wanted and context.meta.setdefault("way", parameter.name) != parameter.name:
        has = {param.name for param in context.command.params}
        *most, last = (word for name, word in _WAYS.items() if name in has)
        number = "three" if len(most) == 2 else "two"
        raise click.UsageError(f"{', '.join(most)} and {last} are {number} ways to print: name one")
    return wanted


def assume_image_option(function: F) -> F:
    """For the commands that count requests."""
    told = "The size of pictures behind a URL or an id."
    return click.option("--assume-image", type=SizeType(), help=told)(function)
