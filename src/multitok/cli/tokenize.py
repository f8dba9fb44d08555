"""multitok tokenize: shards of ids for training, on the engine of a scan."""

from __future__ import annotations

import sys
from typing import Any

import click

from multitok.cli import options as opt, printing, units
from multitok.core.info import MODALITIES
from multitok.datasets.shards import FORMATS
from multitok.datasets.tokenizing import tokenize as tokenize_data
from multitok.report.shards import render_shards, shards_to_dict


@click.command(short_help="Shards of token ids for training, from data sets.")
@opt.sources_argument
@units.files_from_option
@opt.model_option
@opt.tokenizer_option
@opt.settings_option
@opt.out_option(click.Path(file_okay=False), "The shards; a run into them goes on.", required=True)
@click.option(
    "--format", type=click.Choice(FORMATS), default="npy", show_default=True,
    help="megatron: .bin and .idx; datatrove: .ds; numpy arrays; arrow: Hugging Face datasets.",
)  # fmt: skip
@click.option("--bos", metavar="ID", help="Before each document: an id, or a special token.")
@click.option("--eos", metavar="ID", help="Behind each document: an id, or a special token.")
@units.text_column_option
@units.id_option
@click.option("--as", "as_", type=click.Choice(MODALITIES), help="Read each item as this.")
@units.running_options
@units.strict_option
@opt.catalog_option
@opt.quiet_option
@opt.json_option
def tokenize(
    sources: tuple[str, ...],
    files_from: str | None,
    models: tuple[str, ...],
    tokenizer: str | None,
    settings: opt.Settings,
    out: str,
    format: Any,
    bos: str | None,
    eos: str | None,
    text: tuple[str, ...],
    name: str | None,
    as_: str | None,
    running: units.Running,
    strict: bool,
    catalog: tuple[str, ...],
    quiet: bool,
    as_json: bool,
) -> None:
    """Token ids of data sets as files that training reads: text, series, movement, sound.

    Each item is a document. What is before and behind it is what --bos and --eos say, and stands in
    the manifest; nothing, if they say nothing. What is named and not there, or no document at all,
    is exit 2. A run that was killed, or whose data changed, makes only what is missing. How long
    each document is, and what has none, is a scan: OUT/_counts.

    \b
    multitok tokenize data/*.parquet --column text -t o200k_base --eos '<|endoftext|>' --out shards
    multitok tokenize data -t hf -s path=tokenizer.json --out shards --format megatron
    multitok pack shards/_counts --size 8192
    """
    model = opt.one_named(models, tokenizer)
    named = [*opt.given(sources, files_from), *units.listed(files_from)]
    if not named:
        raise click.UsageError("nothing to tokenize: name a file, or - for stdin")
    with running.progress("tokenizing", out) as progress:
        made = tokenize_data(
            named, out=out, tokenizer=tokenizer, model=model, options=dict(settings),
            catalog=catalog, format=format, bos=bos, eos=eos, text=text, id=name, read_as=as_,
            progress=progress.told, **running.words(),
        )  # fmt: skip
    if as_json:
        printing.echo_json(shards_to_dict(made))
    elif quiet:
        printing.echo(str(made.tokens))
    else:
        printing.echo(render_shards(made, **printing.form()))
        printing.wrote(made.manifest_path)
    sys.exit(units.exit_code(made.counts, strict=strict))
