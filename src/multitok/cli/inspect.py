"""multitok inspect: what a file is, and what models make of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import click

from multitok.cli import options as opt, printing
from multitok.cli.outputs import PAGES, PICTURES, Output, on_stdout
from multitok.cli.reading import Reading, reading_options
from multitok.cli.tally import Input, Tally
from multitok.core.info import plural
from multitok.core.writing import write_text
from multitok.counting.inspection import Inspection
from multitok.counting.rules import modalities_of
from multitok.drawing.figures import overlay_of, prepared_of, rate_of
from multitok.report.inspection import (
    inspection_to_dict,
    inspections_to_dict,
    render_inspection,
)

Drawings: TypeAlias = tuple[tuple[str | None, Callable[[Inspection], Any]], ...]


@click.command(short_help="What a file is, and what models make of it.")
@opt.sources_argument
@opt.size_option
@opt.model_option
@opt.tokenizer_option
@opt.settings_option
@reading_options
@opt.catalog_option
@click.option("--explain", "explained", is_flag=True, help="Each model's sum in words.")
@click.option(
    "--overlay", metavar="OUT.png", type=Output(suffixes=PICTURES),
    help="Draw the patches, tiles, bins or symbols over what the model sees, or hears.",
)  # fmt: skip
@click.option(
    "--plot", metavar="RATE.png", type=Output(suffixes=PICTURES),
    help="Draw bits against error: what each tokenizer of a series or motion costs and loses.",
)  # fmt: skip
@click.option(
    "--save-prepared", "prepared", metavar="OUT.png", type=Output(),
    help="Save the picture as the model sees it.",
)  # fmt: skip
@click.option(
    "--html", "html_path", metavar="OUT.html", type=Output("HTML", PAGES),
    help="One page for people, of all inputs: pictures, tokens, sums. - is stdout.",
)  # fmt: skip
@opt.force_option
@opt.without_out
@opt.json_option
@opt.jsonl_option
def inspect(
    sources: tuple[str, ...],
    sizes: tuple[Any, ...],
    models: tuple[str, ...],
    tokenizer: str | None,
    settings: opt.Settings,
    reading: Reading,
    catalog: tuple[str, ...],
    explained: bool,
    overlay: str | None,
    plot: str | None,
    prepared: str | None,
    html_path: str | None,
    as_json: bool,
    as_lines: bool,
) -> None:
    """What a file is, what models make of it and what that costs; of one model the sum in words.

    \b
    multitok inspect photo.jpg
    multitok inspect photo.jpg --explain             each model's sum
    multitok inspect photo.jpg -m gpt-4o --overlay seen.png
    multitok inspect prompt.txt -t o200k_base        the tokens, colored
    multitok inspect --size 4000x3000 -m claude-opus-5
    multitok inspect series.csv -t chronos --overlay seen.png
    multitok inspect series.csv --columns a --plot rate.png
    multitok inspect photo.jpg notes.txt --html report.html
    """
    sources = _given(sources, sizes, drawn=bool(overlay or prepared or plot))
    aside = on_stdout(overlay, plot, prepared, html_path)
    models = opt.named(models, tokenizer)
    takes = modalities_of(models, tokenizer, catalog, (*sources, *sizes))
    drawings = ((overlay, overlay_of), (plot, rate_of), (prepared, prepared_of))
    tally = Tally(as_lines=as_lines)
    documents, sections = [], []  # None for what failed
    for given in map(Input.of, (*sources, *sizes)):
        subject = tally.attempt(given, reading.subject, given.source, takes)
        if subject is None:
            continue
        found = Inspection(
            subject=subject, models=models, tokenizer=tokenizer,
            options=reading.request(settings, subject), files=catalog,
        )  # fmt: skip
        if html_path:
            sections.append(tally.attempt(given, _section, found))
        if as_json or as_lines:
            documents.append(tally.attempt(given, inspection_to_dict, found))
        if as_lines and documents[-1] is not None:
            printing.echo_line(documents[-1])
        if not (as_json or as_lines or html_path):
            words: Any = {"explained": explained, **printing.form()}
            text = tally.attempt(given, render_inspection, found, **words)
            printing.echo(text or "", err=aside, nl=text is not None)
        _draw(tally, given, found, drawings)
        for error in tally.attempt(given, found.unexpected) or ():
            tally.tell(given, error)
    if as_json:
        printing.echo_json(inspections_to_dict(list(filter(None, documents)), tally.errors))
    if html_path and any(sections):
        _write(html_path, list(filter(None, sections)))
    tally.exit()


def _given(sources: tuple[str, ...], sizes: tuple[Any, ...], drawn: bool) -> tuple[str, ...]:
    """What is inspected, and that it can be: a drawing is of one file."""
    sources = opt.given(sources, sizes)
    if not sources and not sizes:
        raise click.UsageError("nothing to inspect: name a file, - for stdin, or --size")
    if drawn and len(sources) != 1:
        raise click.UsageError("--overlay, --plot and --save-prepared take one file")
    return sources


def _draw(tally: Tally, given: Input, found: Inspection, drawings: Drawings) -> None:
    """The drawings that are asked for, each to its file."""
    for path, draw in drawings:
        if path:
            tally.attempt(given, _save, draw, found, path)


def _save(draw: Callable[[Inspection], Any], found: Inspection, path: str) -> None:
    from multitok.loaders.saving import save_picture

    save_picture(draw(found), path)
    printing.wrote(path)


def _section(found: Inspection) -> Any:
    from multitok.report.pages import section_of

    return section_of(found)


def _write(path: str, sections: list[Any]) -> None:
    from multitok.report import page

    write_text(path, page.html(sections))
    printing.wrote(path, plural(len(sections), "input"))
