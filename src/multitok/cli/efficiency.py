"""multitok efficiency: what a token buys, in each modality."""

from __future__ import annotations

import click

from multitok.cli import options as opt, printing
from multitok.cli.tally import Input, Tally
from multitok.counting.efficiency import Bought, bought, by_language
from multitok.report.efficiency import efficiency_to_dict, render_efficiency


@click.command(short_help="What a token buys: words, megapixels, seconds, values.")
@click.argument("sources", nargs=-1, required=True, metavar="FILE...")
@opt.model_option
@click.option("-t", "--tokenizer", "tokenizers", multiple=True, metavar="NAME")
@opt.reading_options
@opt.json_option
def efficiency(
    sources: tuple[str, ...],
    models: tuple[str, ...],
    tokenizers: tuple[str, ...],
    reading: opt.Reading,
    as_json: bool,
) -> None:
    """Tokens per word, character and byte; per megapixel; per second; per value of a series.

    Text is measured in every vocabulary that ships; a language in a file's name (guide.fr.md) is
    compared with the others.

    \b
    multitok efficiency book.txt
    multitok efficiency guide.en.md guide.fr.md guide.zh.md -t o200k_base
    multitok efficiency photo.jpg -m gpt-5.4 -m claude-opus-5
    """
    tally = Tally()
    rows: list[Bought] = []
    for name in sources:
        given = Input.of(name)
        subject = tally.attempt(given, reading.subject, name, set())
        if subject is not None:
            found = tally.attempt(
                given, bought, name, subject, models=models, tokenizers=tokenizers
            )
            rows += found or []
    languages = by_language(rows)
    if as_json:
        printing.echo_json(efficiency_to_dict(rows, languages, tally.errors))
    else:
        printing.echo(render_efficiency(rows, languages, **printing.form()))
    tally.exit()
