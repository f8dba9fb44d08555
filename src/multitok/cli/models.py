"""multitok models: the catalogue, listed or one model whole."""

from __future__ import annotations

from typing import Any

import click

from multitok.catalog import load
from multitok.catalog.load import Model
from multitok.cli import options as opt
from multitok.core.info import MODALITIES
from multitok.counting.rules import models as all_models
from multitok.report.catalogue import model_to_dict, render_model
from multitok.report.columns import wrapped
from multitok.report.text import SCHEMA, table


@click.command(short_help="The catalogue: models, their rules and sources.")
@click.argument("name", required=False, metavar="[MODEL]")
@click.option("--provider", help="Only this provider's.")
@click.option("--modality", type=click.Choice(MODALITIES), help="Only those that take this.")
@click.option(
    "--from-hf",
    "folder",
    type=click.Path(exists=True, file_okay=False),
    help="Print the row of a checkpoint folder, for --catalog.",
)
@opt.catalog_option
@opt.json_option
def models(
    name: str | None,
    provider: str | None,
    modality: str | None,
    folder: str | None,
    catalog: tuple[str, ...],
    as_json: bool,
) -> None:
    """List the catalogue, or show one model whole: rules, numbers, options, sources.

    \b
    multitok models
    multitok models --provider anthropic --modality image
    multitok models gpt-5.4
    multitok models --from-hf path/to/checkpoint > mine.toml
    """
    if folder is not None:
        from multitok.catalog import from_hf

        row = from_hf.row_from_folder(folder)
        click.echo(
            opt.dump({"schema": SCHEMA, **row}) if as_json else from_hf.to_toml(row),
            nl=as_json,
        )
        return
    if name is not None:
        model = load.catalog(*catalog).model(name)
        document = model_to_dict(model)
        click.echo(
            opt.dump({"schema": SCHEMA, **document})
            if as_json
            else wrapped(render_model(model, color=opt.color_wanted()), opt.columns_wanted())
        )
        return
    found = [
        model
        for model in all_models(*catalog)
        if (provider is None or model.provider == provider)
        and (modality is None or modality in model.rules)
    ]
    if not found:
        known = sorted({model.provider for model in all_models(*catalog)})
        raise click.UsageError(f"no model fits. Providers: {', '.join(known)}")
    if as_json:
        rows: list[Any] = [model_to_dict(model) for model in found]
        click.echo(opt.dump({"schema": SCHEMA, "models": rows}))
        return
    click.echo(_listing(found))


def _listing(found: list[Model]) -> str:
    rows = [
        [
            model.id,
            model.provider,
            f"{model.context_window:,}" if model.context_window else "",
            " ".join(f"{modality}:{rule.kind}" for modality, rule in model.rules.items()),
        ]
        for model in found
    ]
    headers = ["model", "provider", "context", "counts"]
    width = opt.columns_wanted()
    return table(headers, rows, right=(2,), color=opt.color_wanted(), width=width)
