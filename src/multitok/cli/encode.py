"""multitok encode: the tokens themselves, saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from multitok.cli import options as opt, printing
from multitok.cli.outputs import Output, SourceType
from multitok.cli.progress import busy
from multitok.core.boundary import boundary
from multitok.core.errors import NotInvertibleError
from multitok.core.info import VideoInfo, plural
from multitok.core.tokenizer import Sampled, Tokenizer
from multitok.counting.rules import resolve
from multitok.counting.subject import Subject
from multitok.report.texts import ids_to_dict

if TYPE_CHECKING:
    from multitok.core.sequence import TokenSequence


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
    subject = reading.subject(source)
    rule = resolve(
        subject.modality,
        model=models[0] if models else None,
        tokenizer=tokenizer,
        options=reading.request(settings, subject),
        files=catalog,
    )
    if not isinstance(rule.counter, Tokenizer):
        raise NotInvertibleError(
            f"{rule.counter.name} only counts: the provider does not publish the tokens."
            " See: multitok tokenizers"
        )
    with busy(source), boundary("encoding", subject):
        tokens = _encoded(rule.counter, subject)
    if out:
        tokens.save(out)
        printing.wrote(out, plural(len(tokens), "token"))
    elif tokens.ids is None:
        raise click.UsageError("these tokens are values, not ids: write them with -o tokens.npz")
    elif as_json:
        printing.echo_line(ids_to_dict(tokens.ids.tolist()))
    else:
        printing.echo(" ".join(map(str, tokens.ids.tolist())))


def _encoded(counter: Tokenizer[Any, Any], subject: Subject) -> TokenSequence:
    """The tokens; of a clip frame by frame where the rule takes it so, however long it is."""
    info = subject.info
    if not isinstance(counter, Sampled) or not isinstance(info, VideoInfo) or not subject.source:
        return counter.encode(subject.content())
    from multitok.loaders.clips.frames import frames

    words = {k: v for k, v in (subject.read or {}).items() if k in ("start", "end", "fps")}
    stream = frames(subject.source, counter.frame_indices(info), **words)
    return counter.encode_frames(info, ((f.time, f.pixels) for f in stream))
