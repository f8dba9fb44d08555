"""multitok check: files against token limits, for a pre-commit hook or CI."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from multitok.budgets.files import Checked, check as check_files, totals
from multitok.cli import options as opt, printing
from multitok.core.errors import MediaError
from multitok.report.checks import annotation, checks_to_dict, render_check, summary

SETTINGS = "pyproject.toml"


@click.command(short_help="Files against token limits, for a hook or CI.")
@click.argument("paths", nargs=-1, metavar="[FILE|FOLDER]...")
@click.option("--max-tokens", type=click.IntRange(min=0), help="The limit of a file.")
@click.option("-m", "--model", metavar="MODEL", help="The model that counts.")
@opt.tokenizer_option
@opt.settings_option
@click.option("--warn-at", metavar="SHARE", help="Warn from this share of a limit on: 80%.")
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave these files out.")
@click.option("--no-ignore", is_flag=True, help="Look at what .gitignore leaves out, too.")
@click.option(
    "--config", type=click.Path(dir_okay=False), show_default=SETTINGS,
    help="Where [tool.multitok] is read.",
)  # fmt: skip
@click.option(
    "--allow-empty", is_flag=True, help="No error when the limits leave no file to check: a hook."
)
@click.option(
    "--format", "form", type=click.Choice(("text", "github", "json")), default="text",
    help="github: annotations in a workflow.",
)  # fmt: skip
@opt.encoding_option
@opt.catalog_option
def check(
    paths: tuple[str, ...],
    max_tokens: int | None,
    model: str | None,
    tokenizer: str | None,
    settings: tuple[tuple[str, Any], ...],
    warn_at: str | None,
    exclude: tuple[str, ...],
    no_ignore: bool,
    config: str | None,
    allow_empty: bool,
    form: str,
    encoding: str | None,
    catalog: tuple[str, ...],
) -> None:
    """Files against token limits. Exit 1 when one is over, 2 when one cannot be read.

    A small text is proven to fit by its size, without loading a vocabulary. Limits by file come
    from [tool.multitok] of pyproject.toml.

    \b
    multitok check AGENTS.md --max-tokens 500 -m gpt-4o
    multitok check docs/ --max-tokens 8000 --warn-at 80%
    multitok check . --format github
    """
    try:
        found = check_files(
            paths or (".",),
            max_tokens=max_tokens,
            warn_at=warn_at,
            exclude=exclude,
            model=model,
            tokenizer=tokenizer,
            options=dict(settings),
            catalog=catalog,
            encoding=encoding,
            ignored=no_ignore,
            config=config or (SETTINGS if os.path.exists(SETTINGS) else None),
        )
    except MediaError as error:
        raise click.UsageError(str(error)) from None
    checked = list(found)
    _show(checked, form)
    sums = totals(checked)
    if paths and len(checked) == sums["skipped"] and not allow_empty:
        printing.say(
            f"nothing was checked of {', '.join(paths)}: every file is left out (exclude,"
            " .gitignore), has no limit, or is none that multitok reads. If that is meant, pass"
            " --allow-empty"
        )
        sys.exit(2)
    sys.exit(2 if sums["failed"] else 1 if sums["over"] else 0)


def _show(checked: list[Checked], form: str) -> None:
    if form == "json":
        printing.echo_json(checks_to_dict(checked))
        return
    color = printing.color_wanted()
    for one in checked:
        if one.status in ("ok", "skipped"):
            continue
        if form == "github":
            click.echo(annotation(one))  # a command of the workflow: the one that is meant
        else:
            printing.echo(render_check(one, color=color), err=one.status == "failed")
    printing.echo(summary(checked), err=form == "github")
