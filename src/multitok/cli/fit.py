"""multitok fit: the largest picture within a token budget, and the sizes worth choosing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from multitok.budgets.clips import VideoFit
from multitok.budgets.fitting import fit_subject
from multitok.budgets.pictures import Fit
from multitok.cli import options as opt, printing
from multitok.cli.outputs import Output, SourceType, on_stdout
from multitok.counting.subject import subject_of
from multitok.loaders.saving import write_resized
from multitok.report.fits import fit_to_dict, render_clip_fit, render_fit


@click.command(short_help="The largest size within a token budget.")
@click.argument("source", type=SourceType(), required=False, metavar="[FILE|-]")
@opt.size_option
@opt.model_option
@opt.settings_option
@opt.reading_options
@opt.catalog_option
@click.option("--max-tokens", type=click.IntRange(min=1), required=True, help="The budget.")
@click.option("--write", "out", type=Output(), help="Write the fitted picture.")
@opt.force_option
@click.option("--quality", type=click.IntRange(1, 100), default=90, help="Of a JPEG or WebP.")
@opt.json_option
def fit(
    source: str | None,
    sizes: tuple[Any, ...],
    models: tuple[str, ...],
    settings: opt.Settings,
    reading: opt.Reading,
    catalog: tuple[str, ...],
    max_tokens: int,
    out: str | None,
    quality: int,
    as_json: bool,
) -> None:
    """The largest size of a picture that costs at most --max-tokens, and the sizes worth choosing;
    of a clip, how far its rate, its size or its length must be turned.

    Exit 1 when no size fits.

    \b
    multitok fit photo.jpg -m gpt-4o --max-tokens 500
    multitok fit photo.jpg -m claude-opus-5 --max-tokens 800 --write small.jpg
    multitok fit clip.mp4 -m Qwen/Qwen2.5-VL-7B-Instruct --max-tokens 2000
    """
    if (source is None) == (not sizes) or len(sizes) > 1:
        raise click.UsageError("fit one picture: a file, - for stdin, or one --size")
    if len(models) != 1:
        raise click.UsageError("name one model: -m gpt-4o")
    if out and source is None:
        raise click.UsageError("--write needs a file to read")
    subject = reading.subject(source) if source else subject_of(sizes[0])
    words = reading.request(settings, subject)
    found = fit_subject(subject, max_tokens, model=models[0], options=words, files=catalog)
    if out and isinstance(found, VideoFit):
        raise click.UsageError("--write writes the fitted picture: of a clip nothing is written")
    if as_json:
        printing.echo_json(fit_to_dict(found), err=on_stdout(out))
    else:
        printing.echo(_shown(found), err=on_stdout(out))
    if not found.fits:
        sys.exit(1)
    if out and isinstance(found, Fit) and found.best is not None:
        size = (found.best.width, found.best.height)
        write_resized(subject.source, size, Path(out), quality=quality)
        printing.wrote(out, f"{size[0]} x {size[1]}")


def _shown(found: Fit | VideoFit) -> str:
    if isinstance(found, Fit):
        return render_fit(found, **printing.form())
    return render_clip_fit(found, **printing.form())
