"""multitok encode: the tokens themselves, saved."""

from __future__ import annotations

import click

from multitok.cli import options as opt, printing
from multitok.cli.outputs import Output
from multitok.cli.progress import busy
from multitok.cli.reading import Reading, reading_options
from multitok.core.info import plural
from multitok.counting.encoding import encoded
from multitok.counting.rules import modalities_of
from multitok.report.safe import shown
from multitok.report.texts import ids_to_dict


@click.command(short_help="The tokens themselves, saved as .npz.")
@opt.source_argument
@opt.model_option
@opt.tokenizer_option
@opt.settings_option
@reading_options
@opt.catalog_option
@opt.out_option(Output("NPZ"), "The .npz to write.")
@opt.force_option
@opt.json_option
def encode(
    source: str | None,
    models: tuple[str, ...],
    tokenizer: str | None,
    settings: opt.Settings,
    reading: Reading,
    catalog: tuple[str, ...],
    out: str | None,
    as_json: bool,
) -> None:
    """The tokens of a file: ids on stdout, or everything in an .npz that `decode` reads.

    \b
    multitok encode notes.txt -t o200k_base
    multitok encode photo.jpg -m Qwen/Qwen2.5-VL-7B-Instruct -o tokens.npz
    """
    source = opt.source_given(source, "encode")
    model = opt.one_named(models, tokenizer)
    takes = modalities_of((model,), tokenizer, catalog, [source])
    subject = reading.subject(source, takes)
    with busy(source):
        tokens, notes = encoded(
            subject,
            model=model,
            tokenizer=tokenizer,
            options=reading.request(settings, subject),
            files=catalog,
        )
    for note in dict.fromkeys(notes):
        printing.echo(f"note: {shown(note)}", err=True)
    if out:
        tokens.save(out)
        printing.wrote(out, plural(len(tokens), "token"))
    elif tokens.ids is None:
        raise click.UsageError("these tokens are values, not ids: write them with -o tokens.npz")
    elif as_json:
        printing.echo_line(ids_to_dict(tokens.ids.tolist()))
    else:
        printing.echo(" ".join(map(str, tokens.ids.tolist())))
