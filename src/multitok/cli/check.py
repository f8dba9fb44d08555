"""multitok check: files against token limits, for a pre-commit hook or CI."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from multitok.budgets.files import Budget, Checked, Limits, settings_of, share, totals
from multitok.cli import options as opt, printing
from multitok.report.checks import annotation, checks_to_dict, render_check, summary


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
    "--config", type=click.Path(dir_okay=False), default="pyproject.toml", show_default=True,
    help="Where [tool.multitok] is read.",
)  # fmt: skip
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
    config: str,
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
    stored = settings_of(Path(config))
    limits = Limits(
        max_tokens=stored.limits.max_tokens if max_tokens is None else max_tokens,
        patterns=stored.limits.patterns,
        warn_at=share(warn_at) if warn_at else stored.limits.warn_at,
        exclude=(*stored.limits.exclude, *exclude),
    )
    if limits.max_tokens is None and not limits.patterns:
        raise click.UsageError(
            "no limit: pass --max-tokens 8000, or write [tool.multitok] limits in pyproject.toml"
        )
    given = model is not None or tokenizer is not None
    budget = Budget(
        limits=limits,
        model=model if given else stored.model,
        tokenizer=tokenizer if given else stored.tokenizer,
        options=dict(settings),
        files=catalog,
        encoding=encoding,
    )
    if budget.model is None and budget.tokenizer is None:
        raise click.UsageError("name a model (-m gpt-4o) or a tokenizer (-t o200k_base)")
    checked = list(budget.check(paths or (".",), ignored=no_ignore))
    _show(checked, form)
    found = totals(checked)
    sys.exit(2 if found["failed"] else 1 if found["over"] else 0)


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
