"""multitok check: files against token limits, for a pre-commit hook or CI."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from multitok.budgets.baseline import Drift, baseline_of
from multitok.budgets.baseline_file import write_baseline
from multitok.budgets.drift import check_baseline
from multitok.budgets.files import Checked, Checks, check as check_files, totals
from multitok.budgets.limits import PROJECT, nearest_project, settings_of
from multitok.cli import options as opt, printing
from multitok.cli.outputs import Output, SourceType
from multitok.cli.reading import READING, Reading, reading_options
from multitok.cli.values import FormatType
from multitok.core.errors import MediaError
from multitok.core.info import plural
from multitok.report.checks import (
    annotation,
    check_to_dict,
    checks_to_dict,
    drift_summary,
    drift_to_dict,
    drifts_to_dict,
    render_check,
    summary,
)


@click.command(short_help="Files against token limits, for a hook or CI.")
@click.argument("paths", type=SourceType(), nargs=-1, metavar="[FILE|FOLDER]...")
@click.option("--max-tokens", type=click.IntRange(min=0), help="The limit of a file.")
@opt.model_option
@opt.tokenizer_option
@opt.settings_option
@click.option("--warn-at", metavar="SHARE", help="Warn from this share of a limit on: 80%.")
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave these files out.")
@click.option("--no-ignore", is_flag=True, help="Look at what .gitignore leaves out, too.")
@click.option(
    "--config", type=click.Path(dir_okay=False), show_default=PROJECT,
    help="Where [tool.multitok] is read; without it, in the nearest above.",
)  # fmt: skip
@click.option(
    "--allow-empty", is_flag=True, help="No error when the limits leave no file to check: a hook."
)
@click.option(
    "--format", "form", type=FormatType(("text", "github")), default="text",
    help="github: annotations in a workflow.",
)  # fmt: skip
@reading_options
@opt.catalog_option
@click.option(
    "--baseline", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
    help="Against these counts of before: what moved, and why.",
)  # fmt: skip
@opt.out_option(Output("JSON"), "Write such counts, for any number of models.")
@opt.force_option
@opt.quiet_option
@opt.json_option
@opt.jsonl_option
def check(
    paths: tuple[str, ...],
    max_tokens: int | None,
    models: tuple[str, ...],
    tokenizer: str | None,
    settings: opt.Settings,
    warn_at: str | None,
    exclude: tuple[str, ...],
    no_ignore: bool,
    config: str | None,
    allow_empty: bool,
    form: str,
    reading: Reading,
    catalog: tuple[str, ...],
    baseline: str | None,
    out: str | None,
    quiet: bool,
    as_json: bool,
    as_lines: bool,
) -> None:
    """Files against token limits. Exit 1 when one is over, 2 when one cannot be read.

    A small text is proven to fit by its size, without loading a vocabulary. Limits by file come
    from [tool.multitok] of pyproject.toml. With --baseline no limit is asked for: exit 1 when a
    model, a rule, a vocabulary or a file has moved a count.

    \b
    multitok check AGENTS.md --max-tokens 500 -m gpt-4o
    multitok check docs/ --max-tokens 8000 --warn-at 80%
    multitok check . --format github
    multitok check prompts/ -m gpt-4o -m claude-opus-5 -o counts.json
    multitok check --baseline counts.json
    """
    if form == "github" and (as_json or as_lines):
        raise click.UsageError("--format github and JSON are two ways to print: name one")
    folders = any(os.path.isdir(path) for path in paths)
    project = Path(config) if config else nearest_project()
    where: Any = {"exclude": exclude, "ignored": no_ignore, "config": project}
    if baseline is not None and out is None:
        _refuse(_WHO, "{} says who counts, or how: the baseline does, and -o writes another")
        drifts = list(check_baseline(baseline, paths, **where))
        _show_drifts(drifts, form, False, quiet, as_json, as_lines)
        sys.exit(_code_of(drifts, written=False))
    words: Any = {
        "tokenizer": tokenizer, "options": reading.asked(settings, folders=folders),
        "modality": reading.modality, "catalog": catalog, **where,
        **reading.words(folders=folders),
    }  # fmt: skip
    paths = paths or (".",)
    if out is not None:
        _refuse(_LIMITS, "{} is not for -o, which writes what there is")
        drifts = _written(paths, _names(models, tokenizer, project), out, words)
        _show_drifts(drifts, form, True, quiet, as_json, as_lines)
        sys.exit(_code_of(drifts, written=True))
    try:
        model = _model(models, tokenizer, project)
        found = check_files(paths, max_tokens=max_tokens, warn_at=warn_at, model=model, **words)
    except MediaError as error:
        raise click.UsageError(str(error)) from None
    checked = _show_limits(found, form, quiet, as_json, as_lines)
    sys.exit(_code(checked, () if allow_empty else paths))


def _show_limits(
    found: Checks, form: str, quiet: bool, as_json: bool, as_lines: bool
) -> list[Checked]:
    """Each file, shown when it is checked or when all are; and the limits of no file."""
    checked = []
    for one in found:
        checked.append(one)
        if as_lines:
            printing.echo_line(check_to_dict(one))
    if as_json:
        printing.echo_json(checks_to_dict(checked, found.unmet))
    elif not as_lines:
        _show(checked, form, quiet)
    for pattern in found.unmet:
        printing.say(f"the limit of {pattern!r} holds for no file: is it misspelt?")
    return checked


def _written(paths: tuple[str, ...], models: tuple[str, ...], out: str, words: Any) -> list[Drift]:
    """The counts of a new baseline, which is written if there is one of each."""
    made = baseline_of(paths, models=models, **words)
    drifts = made.rows
    if not made.failed:
        write_baseline(made, out)
        printing.wrote(out, plural(len(drifts), "count"))
    return drifts


def _code(checked: list[Checked], named: tuple[str, ...]) -> int:
    """2 where a file could not be read, or none of what was `named` was checked; 1 where one is
    over."""
    sums = totals(checked)
    if named and len(checked) == sums["skipped"]:
        printing.say(
            f"nothing was checked of {', '.join(named)}: every file is left out (exclude,"
            " .gitignore), has no limit, or is none that multitok reads. If that is meant, pass"
            " --allow-empty"
        )
        return 2
    return 2 if sums["failed"] else 1 if sums["over"] else 0


def _model(models: tuple[str, ...], tokenizer: str | None, config: Path | None) -> str | None:
    """The one model that is named."""
    models = _names(models, tokenizer, config)
    return opt.one_named(models, tokenizer) if models or tokenizer else None


def _names(models: tuple[str, ...], tokenizer: str | None, config: Path | None) -> tuple[str, ...]:
    """The models that are named; a project's own say comes before MULTITOK_MODEL."""
    if config is not None and opt.from_environment("models"):
        stored = settings_of(config)
        models = () if stored.model or stored.tokenizer else models
    return opt.named(models, tokenizer)


_LIMITS = ("max_tokens", "warn_at", "allow_empty", "baseline")
_WHO = ("max_tokens", "warn_at", "allow_empty", "models", "tokenizer", "settings", "catalog",
        *READING)  # fmt: skip


def _refuse(names: Collection[str], why: str) -> None:
    """UsageError for an option that was typed and would say nothing."""
    context = click.get_current_context()
    for param in context.command.params:
        typed = context.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE
        if param.name in names and typed:
            raise click.UsageError(why.format(param.opts[-1]))


def _code_of(drifts: Sequence[Drift], *, written: bool) -> int:
    """2 where a file could not be counted, or none was, 1 where a row is not as the baseline has
    it."""
    if not drifts:
        printing.say("nothing was held against the baseline: what was named has no count in it")
        return 2
    found = {one.status for one in drifts}
    moved = not written and bool(found & {"moved", "new"})
    return 2 if "failed" in found else int(moved)


def _show_drifts(
    drifts: Sequence[Drift], form: str, written: bool, quiet: bool, as_json: bool, as_lines: bool
) -> None:
    """What is not as it was, and a summary unless quiet; of what is `written`, what failed."""
    if as_json:
        printing.echo_json(drifts_to_dict(drifts))
    for one in drifts if as_lines else ():
        printing.echo_line(drift_to_dict(one))
    if as_json or as_lines:
        return
    told = ("failed",) if written else ("moved", "new", "failed")
    _told((one for one in drifts if one.status in told), form)
    if not quiet and not written:
        printing.echo(drift_summary(drifts), err=form == "github")


def _show(checked: list[Checked], form: str, quiet: bool) -> None:
    """What is over, near or failed, and a summary unless quiet."""
    _told((one for one in checked if one.status not in ("ok", "skipped")), form)
    if not quiet:
        printing.echo(summary(checked), err=form == "github")


def _told(rows: Iterable[Checked | Drift], form: str) -> None:
    """A line each, or a command of a workflow."""
    color = printing.color_wanted()
    for one in rows:
        if form == "github":
            click.echo(annotation(one))  # a command of the workflow: the one that is meant
        else:
            printing.echo(render_check(one, color=color), err=one.status == "failed")
