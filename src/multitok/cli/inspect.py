"""multitok inspect: what a file is, and what models make of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from multitok.cli import options as opt, printing
from multitok.cli.outputs import PAGES, PICTURES, Output, SourceType, on_stdout
from multitok.cli.tally import Input, Tally
from multitok.core.info import plural
from multitok.core.writing import STDOUT, write_text
from multitok.counting.inspection import Inspection
from multitok.counting.rules import modalities_of
from multitok.drawing.figures import figures_of, overlay_of, prepared_of, rate_of
from multitok.loaders.saving import save_picture
from multitok.report.inspection import (
    inspection_to_dict,
    inspections_to_dict,
    render_inspection,
)


@click.command(short_help="What a file is, and what models make of it.")
@click.argument("sources", type=SourceType(), nargs=-1, metavar="[FILE|-]...")
@opt.size_option
@opt.model_option
@opt.tokenizer_option
@opt.settings_option
@opt.reading_options
@opt.catalog_option
@click.option(
    "--overlay", metavar="OUT.png", type=Output(suffixes=PICTURES),
    help="Draw the patches, tiles, bins or symbols over what the model sees.",
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
@opt.json_option
def inspect(
    sources: tuple[str, ...],
    sizes: tuple[Any, ...],
    models: tuple[str, ...],
    tokenizer: str | None,
    settings: opt.Settings,
    reading: opt.Reading,
    catalog: tuple[str, ...],
    overlay: str | None,
    plot: str | None,
    prepared: str | None,
    html_path: str | None,
    as_json: bool,
) -> None:
    """What a file is, what models would charge for it, and the sum worked in words.

    \b
    multitok inspect photo.jpg
    multitok inspect photo.jpg -m gpt-4o --overlay seen.png
    multitok inspect prompt.txt -t o200k_base        the tokens, colored
    multitok inspect --size 4000x3000 -m claude-opus-5
    multitok inspect series.csv -t chronos --overlay seen.png
    multitok inspect series.csv --columns a --plot rate.png
    multitok inspect photo.jpg notes.txt --html report.html
    """
    if not sources and not sizes:
        raise click.UsageError("nothing to inspect: name a file, - for stdin, or --size")
    if (overlay or prepared or plot) and len(sources) != 1:
        raise click.UsageError("--overlay, --plot and --save-prepared take one file")
    aside = on_stdout(overlay, plot, prepared, html_path)
    models = opt.named(models, tokenizer)
    takes = modalities_of(models, tokenizer, catalog)
    drawings = ((overlay, overlay_of), (plot, rate_of), (prepared, prepared_of))
    tally = Tally()
    documents, sections = [], []
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
        if as_json:
            documents.append(tally.attempt(given, inspection_to_dict, found))
        elif not html_path:
            text = tally.attempt(given, render_inspection, found, **printing.form())
            if text is not None:
                printing.echo(text, err=aside)
        for path, draw in drawings:
            if path:
                tally.attempt(given, _draw, draw, found, path)
        for error in tally.attempt(given, found.unexpected) or ():
            tally.tell(given, error)
    if as_json:
        whole = [document for document in documents if document is not None]
        printing.echo_json(inspections_to_dict(whole, tally.errors), err=aside)
    if html_path:
        _write(html_path, [section for section in sections if section is not None])
    tally.exit()


def _draw(draw: Callable[[Inspection], Any], found: Inspection, path: str) -> None:
    save_picture(draw(found), path)


def _section(found: Inspection) -> Any:
    """The input on the page: the JSON report with prices, and what can be drawn."""
    from multitok.report.page import Section

    found = found.priced()
    names = [row.model for row in found.rows]
    document, figures = inspection_to_dict(found), figures_of(found)
    return Section(document=document, names=names, figures=figures)


def _write(path: str, sections: list[Any]) -> None:
    from multitok.report import page

    write_text(path, page.html(sections))
    if path not in STDOUT:
        printing.wrote(path, plural(len(sections), "input"))
