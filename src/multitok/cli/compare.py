"""multitok compare: one input through many models' own rules."""

from __future__ import annotations

from typing import Any

import click

from multitok.cli import options as opt, printing
from multitok.cli.reading import Reading, reading_options
from multitok.cli.tally import Input, Tally
from multitok.core.boundary import boundary
from multitok.counting import comparison
from multitok.counting.rules import answering_models, default_models, modalities_of
from multitok.counting.subject import Subject, subject_of
from multitok.report.comparison import render_bare, render_rows, row_to_dict, rows_to_dict, ties


@click.command(short_help="One input through many models' own rules.")
@opt.source_argument
@opt.size_option
@opt.model_option
@click.option("--all", "every", is_flag=True, help="Every model that takes this and answers.")
@click.option("--sort", type=click.Choice(["tokens", "cost"]), help="The least of it first.")
@click.option("--fits", is_flag=True, help="Only models whose context window holds it.")
@click.option("--cheapest", is_flag=True, help="Only the cheapest (and those it ties with).")
@click.option("--output-tokens", type=click.IntRange(min=0), default=0, help="Priced as well.")
@opt.requests_option
@opt.settings_option
@reading_options
@opt.catalog_option
@opt.without_out
@opt.quiet_option
@opt.json_option
@opt.jsonl_option
def compare(
    source: str | None,
    sizes: tuple[Any, ...],
    models: tuple[str, ...],
    every: bool,
    sort: str | None,
    fits: bool,
    cheapest: bool,
    output_tokens: int,
    requests: int,
    settings: opt.Settings,
    reading: Reading,
    catalog: tuple[str, ...],
    quiet: bool,
    as_json: bool,
    as_lines: bool,
) -> None:
    """One input through many models' own rules: tokens, kind, size seen, share of context, cost.

    Counts whose stated errors overlap are a tie: they are not ranked. What is retired, or is for
    another task (embedding, transcription), is shown where it is named, and is never the cheapest.

    \b
    multitok compare photo.jpg
    multitok compare --size 1920x1080 -m gpt-5.4 -m claude-opus-5
    multitok compare photo.jpg --all --sort tokens
    multitok compare report.md --all --cheapest --fits --output-tokens 500
    """
    source = next(iter(opt.given((source,) if source else (), sizes)), None)
    takes = modalities_of(models, None, catalog, sizes or [source])
    subject, name = _subject(source, sizes, reading, takes)
    chosen = models or _usual(subject.modality, every, catalog)
    request = reading.request(settings, subject)
    with boundary("comparing", subject):
        counted = (comparison.row_for(subject, model, request, catalog) for model in chosen)
        rows = [comparison.priced(r, output=output_tokens, requests=requests) for r in counted]
    tally = Tally(as_lines=as_lines)
    for row in rows:
        if row.error is not None:
            tally.tell(Input.of(source or name), row.error, model=row.model)
    if fits:
        rows = [
            row for row in rows if row.share is not None and row.share <= 1 and not row.rejected
        ]
    if sort or cheapest:
        rows = comparison.ranked(rows, sort or "cost")
    if cheapest:
        rows = comparison.first_with_ties(rows)
    if as_json:
        printing.echo_json(rows_to_dict(rows, name))
    elif as_lines:
        for row in rows:
            printing.echo_line({"input": name, **row_to_dict(row)})
    else:
        _show(rows, quiet)
    tally.exit()


def _show(rows: list[comparison.Row], quiet: bool) -> None:
    if not rows:
        raise click.UsageError(
            "no model is left: its context window is too small, or unknown, or its price is, or its"
            " API rejects it"
        )
    if quiet:
        printing.echo(render_bare(rows))
    else:
        printing.echo("\n".join([render_rows(rows, **printing.form()), *ties(rows)]))


def _usual(modality: str, every: bool, catalog: tuple[str, ...]) -> tuple[str, ...]:
    """The models that are compared when none is named."""
    chosen = (answering_models if every else default_models)(modality, catalog)
    if not chosen:
        raise click.UsageError(
            f"no model is compared by default for {modality}: name one with -m,"
            " or all of them with --all"
        )
    return chosen


def _subject(
    source: str | None, sizes: tuple[Any, ...], reading: Reading, takes: set[str]
) -> tuple[Subject, str]:
    if (source is None) == (not sizes) or len(sizes) > 1:
        raise click.UsageError("compare one input: a file, - for stdin, or one --size")
    if sizes:
        return subject_of(sizes[0]), f"{sizes[0].width}x{sizes[0].height}"
    subject = reading.subject(source, takes)
    return subject, subject.probed.name if subject.probed is not None else ""
