"""multitok truncate: the beginning, the end or both ends of a text, exact to the token."""

from __future__ import annotations

import sys
from typing import Any

import click

from multitok.budgets.texts import truncate as cut_text
from multitok.cli import options as opt, printing
from multitok.cli.reading import encoding_option
from multitok.cli.tally import Input
from multitok.core.boundary import boundary
from multitok.report.texts import cut_to_dict


def read_text(name: str, encoding: str | None) -> str:
    """The text of a file or of stdin."""
    from multitok.loaders.door import load
    from multitok.loaders.source import source_of

    text = load(source_of(name), modality="text", encoding=encoding)
    return text.text


def text_options(function: Any) -> Any:
    """What `truncate` and `split` share."""
    for option in (
        opt.source_argument,
        opt.max_tokens_option,
        opt.model_option,
        opt.tokenizer_option,
        opt.settings_option,
        encoding_option,
        opt.catalog_option,
        opt.quiet_option,
        opt.json_option,
    ):
        function = option(function)
    return function


@click.command(short_help="A text cut to so many tokens, exactly.")
@text_options
@click.option(
    "--keep", type=click.Choice(("head", "tail", "middle")), default="head",
    help="The beginning, the end, or both without the middle.",
)  # fmt: skip
@click.option("--exit-code", is_flag=True, help="Exit 1 when something was cut.")
@opt.renamed("--strict", "--exit-code", flag=True)
def truncate(
    source: str | None,
    max_tokens: int,
    models: tuple[str, ...],
    tokenizer: str | None,
    settings: opt.Settings,
    encoding: str | None,
    catalog: tuple[str, ...],
    quiet: bool,
    as_json: bool,
    keep: Any,
    exit_code: bool,
) -> None:
    """A text cut to --max-tokens, exactly. What was cut is said on stderr.

    \b
    multitok truncate notes.md --max-tokens 500 -m gpt-4o
    git diff | multitok truncate --max-tokens 4000 -m gpt-5 --keep middle
    """
    model = opt.one_named(models, tokenizer)
    source = opt.source_given(source, "cut")
    text = read_text(source, encoding)
    with boundary("cutting", Input.of(source)):
        cut = cut_text(
            text, max_tokens, model=model, tokenizer=tokenizer, keep=keep,
            options=dict(settings), catalog=catalog,
        )  # fmt: skip
    if as_json:
        printing.echo_json(cut_to_dict(cut))
    else:
        printing.write_content(cut.text)
    if cut.truncated and not quiet:
        printing.say(cut.message)
    sys.exit(1 if exit_code and cut.truncated else 0)
