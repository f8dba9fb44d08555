"""multitok tokenizers: every tokenizer that can be named."""

from __future__ import annotations

import click

from multitok.cli import options as opt
from multitok.core import registry
from multitok.core.info import MODALITIES
from multitok.report.catalogue import render_tokenizer, tokenizer_to_dict
from multitok.report.text import SCHEMA, table


@click.command(short_help="Tokenizers that can be named.")
@click.argument("name", required=False)
@click.option("--modality", type=click.Choice(MODALITIES), help="Only those of this modality.")
@opt.json_option
def tokenizers(name: str | None, modality: str | None, as_json: bool) -> None:
    """List the tokenizers, or show one with its parameters and what it does.

    \b
    multitok tokenizers --modality image
    multitok tokenizers patch
    """
    if name is not None:
        document = tokenizer_to_dict(registry.class_for(name))
        click.echo(
            opt.dump({"schema": SCHEMA, **document})
            if as_json
            else render_tokenizer(document, color=opt.color_wanted())
        )
        return
    entries = [e for e in registry.tokenizers() if modality in (None, e.modality)]
    if as_json:
        rows = [entry._asdict() for entry in entries]
        click.echo(opt.dump({"schema": SCHEMA, "tokenizers": rows}))
        return
    rows_shown = [[e.name, e.modality or "?", e.origin, e.target] for e in entries]
    headers = ["name", "modality", "from", "class"]
    width = opt.columns_wanted()
    click.echo(table(headers, rows_shown, color=opt.color_wanted(), width=width))
