"""multitok prices: the falling price of tokens, and what one content costs over the years."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

import multitok
from multitok.cli import options as opt
from multitok.cli.outputs import PAGES, PICTURES, Output, SourceType
from multitok.core.errors import UnknownNameError
from multitok.core.info import ImageInfo
from multitok.core.writing import write_text
from multitok.counting.subject import subject_of
from multitok.loaders.saving import save_picture
from multitok.prices.history import (
    CHEAPEST,
    DISCLAIMER,
    RULE,
    DatedPrice,
    cheapest,
    history,
    of_model,
)
from multitok.prices.listing import update as update_prices
from multitok.prices.rates import Price, dated_prices, price_for
from multitok.report.prices import (
    content_costs,
    content_panel,
    html as prices_page,
    png as prices_png,
    price_panel,
    terminal,
    text_summary,
)
from multitok.report.text import SCHEMA, table

DOCUMENT = Path(os.path.dirname(multitok.__file__)) / "prices" / "document.txt"
PICTURE = ImageInfo(1024, 1024)


@click.command(short_help="The falling price of tokens, and of one content over the years.")
@click.argument("model", required=False)
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
        click.echo(f"price list of {update_prices()}", err=True)
    if model is not None:
        _one_model(model, as_json=as_json, as_csv=as_csv, live=live)
        return
    subject, what = _content(content, picture, sizes)
    rows = history()
    costs, missing = content_costs(subject, [row for row in rows if row.flagship])
    if as_json:
        click.echo(opt.dump(_document(rows, costs, missing, what)))
        return
    if as_csv:
        _write_csv(rows)
        return
    panels = [price_panel(rows)]
    if costs:
        panels.append(content_panel(costs, rows, what))
    if png:
        save_picture(prices_png(panels), png)
        click.echo(f"wrote {png}", err=True)
    if html:
        write_text(html, prices_page(panels, what, costs, missing))
        click.echo(f"wrote {html}", err=True)
    if not png and not html:
        _show(rows, costs, missing, what)


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


def _show(rows: Any, costs: Any, missing: Any, what: str) -> None:
    width = min(opt.width_wanted(), 120)
    click.echo(terminal(price_panel(rows, lines=False), width=width))
    click.echo()
    if costs:
        panel = content_panel(costs, rows, what, lines=False)
        click.echo(terminal(panel, width=width, height=12))
        click.echo()
    for line in text_summary(missing):
        click.echo(click.wrap_text(line, width) if width < 100 else line)


def _row(row: DatedPrice) -> dict[str, Any]:
    return {
        "date": row.day.isoformat(),
        "provider": row.provider,
        "model": row.model,
        "input_usd_per_mtok": f"{row.input:f}",
        "output_usd_per_mtok": f"{row.output:f}",
        "flagship": row.flagship,
        "date_kind": row.date_kind,
        "confidence": row.confidence,
        "source": row.source,
    }


def _document(rows: Any, costs: Any, missing: Any, what: str) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "disclaimer": DISCLAIMER,
        "rules": {"best": RULE, "cheapest": CHEAPEST},
        "prices": [_row(row) for row in rows],
        "cheapest": [_row(row) for row in cheapest(rows)],
        "content": what,
        "content_costs": [
            {
                "date": cost.price.day.isoformat(),
                "provider": cost.price.provider,
                "model": cost.price.model,
                "tokens": cost.count.tokens,
                "kind": cost.count.kind,
                "usd": f"{cost.dollars:f}",
            }
            for cost in costs
        ],
        "not_counted": missing,
    }


def _write_csv(rows: Any) -> None:
    import csv

    documents = [_row(row) for row in rows]
    writer = csv.DictWriter(sys.stdout, list(documents[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(documents)


def _one_model(model: str, *, as_json: bool, as_csv: bool, live: bool) -> None:
    """A model's price now, and its dated rates."""
    dated = of_model(history(), model)
    now = price_for(model, live=live)
    changes = [] if live else dated_prices(model)
    if now is None and not dated:
        names = {row.name for row in history()}
        raise UnknownNameError.of("price of model", model, names, "See: multitok prices --csv")
    if as_csv and dated:
        _write_csv(dated)
        return
    if as_json:
        click.echo(opt.dump(_model_document(model, now, dated, changes)))
        return
    if now is not None:
        click.echo(_rates(now))
        for change in changes if len(changes) > 1 else ():
            since = change.effective.isoformat() if change.effective else "before"
            click.echo(f"  {since:<10}  ${change.input:f} in, ${change.output:f} out")
    if dated:
        click.echo(f"dated rates of {dated[0].provider}, per million tokens:")
        body = [
            [row.day.isoformat(), row.model, f"{row.input:f}", f"{row.output:f}", row.date_kind]
            for row in dated
        ]
        headers = ["from", "model", "input $", "output $", "date is"]
        click.echo(table(headers, body, right=(2, 3), color=opt.color_wanted()))


def _rates(price: Price) -> str:
    checked = f", checked {price.checked}" if price.checked else ""
    lines = [f"{price.model} at {price.provider}, dollars per million tokens:"]
    for name, rate in price.rates.items():
        tiers = "".join(f"; {dollars:f} over {start:,} tokens" for start, dollars in rate.tiers)
        word = name.removesuffix("_mtok").replace("_kcount", ", 1,000 times").replace("_", " ")
        lines.append(f"  {word:<30}{rate.base:f}{tiers}")
    for mode, rates in price.modes.items():
        shown = ", ".join(
            f"{name.removesuffix('_mtok').replace('_', ' ')} {rate.base:f}"
            for name, rate in rates.items()
        )
        lines.append(f"  {mode:<30}{shown}")
    lines.append(f"  source: {price.source}, taken {price.taken}{checked}")
    return "\n".join([*lines, *(f"  note: {note}" for note in price.notes)])


def _model_document(model: str, now: Price | None, dated: Any, changes: Any) -> dict[str, Any]:
    def flat(price: Price) -> dict[str, Any]:
        return {
            "effective": price.effective.isoformat() if price.effective else None,
            "rates": {
                name: {"base": f"{rate.base:f}", "tiers": [[s, f"{d:f}"] for s, d in rate.tiers]}
                for name, rate in price.rates.items()
            },
            "source": price.source,
            "taken": price.taken.isoformat(),
            "checked": price.checked.isoformat() if price.checked else None,
        }

    return {
        "schema": SCHEMA,
        "model": model,
        "price": flat(now) if now is not None else None,
        "changes": [flat(change) for change in changes],
        "history": [_row(row) for row in dated],
    }
