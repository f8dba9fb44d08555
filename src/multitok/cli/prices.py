"""multitok prices: the falling price of tokens, and what one content costs over the years."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

import multitok
from multitok.cli import options as opt, printing
from multitok.cli.names import ModelName
from multitok.cli.outputs import PAGES, PICTURES, Output, SourceType
from multitok.core.errors import UnknownNameError
from multitok.core.info import ImageInfo
from multitok.core.writing import write_text
from multitok.counting.content_costs import content_costs
from multitok.counting.subject import subject_of
from multitok.loaders.saving import save_picture
from multitok.prices.dated import history, of_model
from multitok.prices.listing import update as update_prices
from multitok.prices.rates import dated_prices, price_for
from multitok.report import prices_page
from multitok.report.price_panels import prices_to_picture
from multitok.report.prices import (
    model_prices_to_dict,
    prices_to_csv,
    prices_to_dict,
    render_model_prices,
    render_prices,
)

DOCUMENT = Path(os.path.dirname(multitok.__file__)) / "prices" / "document.txt"
PICTURE = ImageInfo(1024, 1024)


@click.command(short_help="The falling price of tokens, and of one content over the years.")
@click.argument("model", type=ModelName(), required=False)
@click.option(
    "--content", type=SourceType(), metavar="FILE", help="Your own file as the fixed content."
)
@click.option("--picture", is_flag=True, help="A picture of 1024 x 1024 as the fixed content.")
@opt.size_option
@click.option("--png", type=Output(suffixes=PICTURES), help="Write the chart as a PNG.")
@click.option("--html", type=Output("HTML", PAGES), help="Write the chart as a page.")
@opt.force_option
@click.option("--csv", "as_csv", is_flag=True, help="The rows, as CSV.")
@click.option("--live", is_flag=True, help="A model's rates from the installed genai-prices.")
@click.option("--update", is_flag=True, help="With --live: fetch today's list first (network).")
@opt.json_option
def prices(
    model: str | None,
    content: str | None,
    picture: bool,
    sizes: tuple[Any, ...],
    png: str | None,
    html: str | None,
    as_csv: bool,
    live: bool,
    update: bool,
    as_json: bool,
) -> None:
    """What a million tokens cost since 2021, and what one fixed content costs at each date.

    A price is what a provider charges. It is not what training or running the model costs.

    \b
    multitok prices                       the chart, in the terminal
    multitok prices --png prices.png --html prices.html
    multitok prices --content report.pdf  your own file through each model's own count
    multitok prices gpt-4o                one model's dated rates
    """
    if update:
        if not live:
            raise click.UsageError("--update fetches the list that --live reads: pass both")
        printing.echo(f"price list of {update_prices()}", err=True)
    if model is not None:
        _one_model(model, as_json=as_json, as_csv=as_csv, live=live)
        return
    subject, what = _content(content, picture, sizes)
    rows = history()
    costs, missing = content_costs(subject, [row for row in rows if row.flagship])
    if as_json:
        printing.echo_json(prices_to_dict(rows, costs, missing, what))
        return
    if as_csv:
        printing.echo(prices_to_csv(rows), nl=False)
        return
    if png:
        save_picture(prices_to_picture(rows, costs, what), png)
        printing.wrote(png)
    if html:
        write_text(html, prices_page.html(rows, costs, missing, what))
        printing.wrote(html)
    if not png and not html:
        printing.echo(render_prices(rows, costs, missing, what, **printing.form()))


def _content(content: str | None, picture: bool, sizes: tuple[Any, ...]) -> tuple[Any, str]:
    """What is priced at each date: the user's file, a picture, or the document that ships."""
    if (content is not None) + picture + len(sizes) > 1:
        raise click.UsageError("one fixed content: --content, --picture or one --size")
    if content is not None:
        return subject_of(content), os.path.basename(content)
    if sizes or picture:
        size = sizes[0] if sizes else PICTURE
        return subject_of(size), f"a picture of {size}"
    from multitok.core.media import Text

    text = Text(DOCUMENT.read_text("utf-8"))
    return subject_of(text), "a page of text"


def _one_model(model: str, *, as_json: bool, as_csv: bool, live: bool) -> None:
    """A model's price now, and its dated rates."""
    dated = of_model(history(), model)
    now = price_for(model, live=live)
    changes = [] if live else dated_prices(model)
    if now is None and not dated:
        names = {row.name for row in history()}
        raise UnknownNameError.of("price of model", model, names, "See: multitok prices --csv")
    if as_csv and dated:
        printing.echo(prices_to_csv(dated), nl=False)
    elif as_json:
        printing.echo_json(model_prices_to_dict(model, now, changes, dated))
    else:
        printing.echo(render_model_prices(now, changes, dated, **printing.form()))
