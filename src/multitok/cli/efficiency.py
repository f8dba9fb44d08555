"""multitok efficiency: what a token buys, in each modality."""

from __future__ import annotations

from dataclasses import asdict

import click

from multitok.cli import options as opt, printing
from multitok.cli.reading import Reading, reading_options
from multitok.cli.tally import Input, Tally
from multitok.counting.efficiency import Bought, bought, by_language
from multitok.counting.premiums import premiums
from multitok.report.efficiency import (
    efficiency_to_dict,
    premiums_to_dict,
    render_efficiency,
    render_premiums,
)


@click.command(short_help="What a token buys: words, megapixels, seconds, values.")
@opt.sources_argument
@opt.model_option
@opt.tokenizers_option
@opt.settings_option
@reading_options
@opt.catalog_option
@click.option(
    "--languages", is_flag=True, help="The same text in 204 languages, as times English: no file."
)
@opt.json_option
@opt.jsonl_option
def efficiency(
    sources: tuple[str, ...],
    models: tuple[str, ...],
    tokenizers: tuple[str, ...],
    settings: opt.Settings,
    reading: Reading,
    catalog: tuple[str, ...],
    languages: bool,
    as_json: bool,
    as_lines: bool,
) -> None:
    """Tokens per word, character and byte; per megapixel; per second; per value of a series.

    Text is measured in every vocabulary that ships; a language in a file's name (guide.fr.md) is
    compared with the others. --languages shows counts that ship.

    \b
    multitok efficiency book.txt
    multitok efficiency guide.en.md guide.fr.md guide.zh.md -t o200k_base
    multitok efficiency photo.jpg -m gpt-5.4 -m claude-opus-5
    multitok efficiency --languages -t cl100k_base -t o200k_base
    """
    if tokenizers and opt.from_environment("models"):
        models = ()  # as everywhere, a tokenizer replaces MULTITOK_MODEL
    if languages:
        if sources:
            raise click.UsageError("--languages shows counts that ship: name no file with it")
        _show_languages(models, tokenizers, as_json=as_json, as_lines=as_lines)
        return
    sources = opt.given(sources)
    if not sources:
        raise click.UsageError("nothing to measure: name a file, or - for stdin")
    tally = Tally(as_lines=as_lines)
    rows: list[Bought] = []
    for name in sources:
        given = Input.of(name)
        subject = tally.attempt(given, reading.subject, name, set())
        if subject is not None:
            found = tally.attempt(
                given, bought, name, subject, models=models, tokenizers=tokenizers,
                options=reading.request(settings, subject), files=catalog,
            )  # fmt: skip
            rows += found or []
            for row in found or () if as_lines else ():
                printing.echo_line(asdict(row))
    compared = by_language(rows)
    if as_json:
        printing.echo_json(efficiency_to_dict(rows, compared, tally.errors))
    elif not as_lines:
        printing.echo(render_efficiency(rows, compared, **printing.form()))
    tally.exit()


def _show_languages(
    models: tuple[str, ...], tokenizers: tuple[str, ...], *, as_json: bool, as_lines: bool
) -> None:
    found = premiums(models=models, tokenizers=tokenizers)
    for row in found.rows if as_lines else ():
        printing.echo_line(asdict(row))
    if as_json:
        printing.echo_json(premiums_to_dict(found))
    elif not as_lines:
        printing.echo(render_premiums(found, **printing.form()))
