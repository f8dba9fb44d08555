"""multitok models: the catalogue, listed, searched, or one model whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from multitok.catalog import load, providers
from multitok.cli import options as opt, printing
from multitok.cli.names import ModelName, ProviderName
from multitok.report.catalogue import (
    model_to_dict,
    models_to_dict,
    render_model,
    render_models,
)
from multitok.report.documents import document


@click.command(short_help="The catalogue: models, their rules and sources.")
@click.argument("words", nargs=-1, type=ModelName(), metavar="[MODEL|QUERY]")
@click.option("--provider", type=ProviderName(), help="Only this provider's.")
@opt.modality_option
@click.option(
    "--from-hf",
    "folder",
    type=click.Path(exists=True, file_okay=False),
    help="Print the row of a checkpoint folder, for --catalog.",
)
@opt.catalog_option
@opt.json_option
@opt.jsonl_option
def models(
    words: tuple[str, ...],
    provider: str | None,
    modality: str | None,
    folder: str | None,
    catalog: tuple[str, ...],
    as_json: bool,
    as_lines: bool,
) -> None:
    """List the catalogue, or show one model whole: rules, numbers, options, sources. A name that is
    none is searched for: models with all its words.

    \b
    multitok models
    multitok models --provider anthropic --modality image
    multitok models gpt-5.4
    multitok models "qwen vl"
    multitok models --from-hf path/to/checkpoint > mine.toml
    """
    if folder is not None:
        from multitok.catalog import from_hf

        row = from_hf.row_from_folder(folder)
        _show_one(row, lambda: from_hf.to_toml(row).rstrip("\n"), as_json, as_lines)
        return
    known, name = load.catalog(*catalog), " ".join(words) or None
    found = known.models() if name is None else known.search(name)
    if name is not None and (known.is_own(name) or len(found) < 2):
        model = found[0] if found and not known.has(name) else known.model(name)
        fields = model_to_dict(model)
        _show_one(fields, lambda: render_model(model, **printing.form()), as_json, as_lines)
        return
    seller = providers.provider((provider or "").casefold()).id
    sellers = {model.provider for model in known.models()}
    if provider is not None and seller not in sellers:
        there = ", ".join(sorted(sellers))
        raise click.UsageError(f"no provider is called {provider!r}. There are: {there}")
    found = [
        model
        for model in found
        if (provider is None or model.provider == seller)
        and (modality is None or modality in model.rules)
    ]
    if not found:
        raise click.UsageError("no model is all of that: leave a word or an option away")
    if as_lines:
        for model in found:
            printing.echo_line(model_to_dict(model))
    elif as_json:
        printing.echo_json(models_to_dict(found))
    else:
        printing.echo(render_models(found, **printing.form()))


def _show_one(
    fields: dict[str, Any], text: Callable[[], str], as_json: bool, as_lines: bool
) -> None:
    if as_lines:
        printing.echo_line(fields)
    elif as_json:
        printing.echo_json(document(fields))
    else:
        printing.echo(text())
