"""multitok efficiency: what a token buys, in each modality."""

from __future__ import annotations

from dataclasses import asdict

import click

from multitok.cli import options as opt
from multitok.cli.tally import Input, Tally
from multitok.counting.efficiency import Bought, bought, by_language
from multitok.report.text import SCHEMA, table


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
        document = {
            "schema": SCHEMA,
            "rows": [asdict(row) for row in rows],
            "languages": [
                {"language": language, "by": by, "per_character": value, "times_least": times}
                for (language, by), (value, times) in languages.items()
            ],
            "errors": tally.errors,
        }
        click.echo(opt.dump(document))
    else:
        click.echo(_tables(rows, languages))
    tally.exit()


def _tables(rows: list[Bought], languages: dict[tuple[str, str], tuple[float, float]]) -> str:
    """A table a modality, then the languages."""
    color, shown = opt.color_wanted(), []
    for modality in dict.fromkeys(row.modality for row in rows):
        of = [row for row in rows if row.modality == modality]
        units = list(of[0].per)
        body = [
            [
                row.by,
                str(row.tokens),
                row.kind,
                *(_amount(row.per.get(u)) for u in units),
                row.input,
            ]
            for row in of
        ]
        headers = ["by", "tokens", "kind", *(f"per {unit}" for unit in units), "input"]
        right = (1, *range(3, 3 + len(units)))
        shown.append(table(headers, body, right=right, color=color))
    if len({language for language, _ in languages}) > 1:
        body = [
            [language, by, f"{value:.3f}", f"{times:.2f}"]
            for (language, by), (value, times) in languages.items()
        ]
        headers = ["language", "by", "per character", "times the least"]
        shown.append(table(headers, body, right=(2, 3), color=color))
    return "\n\n".join(shown)


def _amount(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
