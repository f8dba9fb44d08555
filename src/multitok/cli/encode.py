"""multitok encode: the tokens themselves, saved."""

from __future__ import annotations

import click

from multitok.cli import options as opt, printing
from multitok.cli.outputs import Output, SourceType
from multitok.cli.progress import busy
from multitok.core.info import plural
from multitok.counting.encoding import encode_subject
from multitok.counting.rules import modalities_of
from multitok.report.texts import ids_to_dict


@click.command(short_help="The tokens themselves, saved as .npz.")
@click.argument("source", type=SourceType(), metavar="FILE|-")
@opt.model_option
@opt.tokenizer_option
@click.option(
    "--option",
    "settings",
    multiple=True,
    type=opt.SettingType(),
    help="The model's request option, or the tokenizer's parameter (size=8).",
)
@opt.reading_options
@opt.catalog_option
@click.option("-o", "--out", "out", type=Output("NPZ"), help="The .npz to write.")
@opt.force_option
@opt.json_option
def encode(
    source: str,
    models: tuple[str, ...],
    tokenizer: str | None,
    settings: opt.Settings,
    reading: opt.Reading,
    catalog: tuple[str, ...],
    out: str | None,
    as_json: bool,
) -> None:
    """The tokens of a file: ids on stdout, or everything in an .npz that `decode` reads.

    \b
    multitok encode notes.txt -t o200k_base
    multitok encode photo.jpg -m Qwen/Qwen2.5-VL-7B-Instruct -o tokens.npz
    """
    if out and "=" in out and not out.endswith(".npz"):
        raise click.UsageError(
            f"-o names the file to write, got {out!r}. A request option is --option {out}"
        )
    models = opt.named(models, tokenizer)
    if len(models) + (tokenizer is not None) != 1:
        raise click.UsageError("name one model (-m) or one tokenizer (-t)")
    model = models[0] if models else None
    subject = reading.subject(source, modalities_of(models, tokenizer, catalog))
    with busy(source):
        tokens = encode_subject(
            subject,
            model=model,
            tokenizer=tokenizer,
            options=reading.request(settings, subject),
            files=catalog,
        )
    if out:
        tokens.save(out)
        printing.wrote(out, plural(len(tokens), "token"))
    elif tokens.ids is None:
        raise click.UsageError("these tokens are values, not ids: write them with -o tokens.npz")
    elif as_json:
        printing.echo_line(ids_to_dict(tokens.ids.tolist()))
    else:
        printing.echo(" ".join(map(str, tokens.ids.tolist())))
