"""multitok fit: the largest picture within a token budget, and the sizes worth choosing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from multitok.budgets.breakpoints import Fit
from multitok.budgets.clips import VideoFit
from multitok.budgets.fitting import fit_subject
from multitok.budgets.sounds import SoundFit
from multitok.cli import options as opt, printing
from multitok.cli.outputs import Output, on_stdout
from multitok.cli.reading import Reading, reading_options
from multitok.counting.subject import subject_of
from multitok.loaders.saving import write_resized
from multitok.report.fits import (
    fit_to_dict,
    render_clip_bare,
    render_clip_fit,
    render_fit,
    render_fit_bare,
    render_sound_bare,
    render_sound_fit,
)


@click.command(short_help="The largest size within a token budget.")
@opt.source_argument
@opt.size_option
@opt.model_option
@opt.tokenizer_option
@opt.settings_option
@reading_options
@opt.catalog_option
@opt.max_tokens_option
@opt.out_option(Output(), "Write the fitted picture.")
@opt.renamed("--write", "--out", "-o {}")
@opt.force_option
@click.option("--quality", type=click.IntRange(1, 100), default=90, help="Of a JPEG or WebP.")
@opt.quiet_option
@opt.json_option
def fit(
    source: str | None,
    sizes: tuple[Any, ...],
    models: tuple[str, ...],
    tokenizer: str | None,
    settings: opt.Settings,
    reading: Reading,
    catalog: tuple[str, ...],
    max_tokens: int,
    out: str | None,
    quality: int,
    quiet: bool,
    as_json: bool,
) -> None:
    """The largest size of a picture that costs at most --max-tokens, and the sizes worth choosing;
    of a clip, how far its rate, its size or its length must be turned; of a sound, its longest
    start.

    Exit 1 when nothing fits.

    \b
    multitok fit photo.jpg -m gpt-4o --max-tokens 500
    multitok fit photo.jpg -m claude-opus-5 --max-tokens 800 -o small.jpg
    multitok fit clip.mp4 -m Qwen/Qwen2.5-VL-7B-Instruct --max-tokens 2000
    multitok fit talk.flac -m gemini-2.5-flash --max-tokens 5000
    """
    source = next(iter(opt.given((source,) if source else (), sizes)), None)
    if (source is None) == (not sizes) or len(sizes) > 1:
        raise click.UsageError("fit one picture: a file, - for stdin, or one --size")
    model = opt.one_named(models, tokenizer)
    if out and source is None:
        raise click.UsageError("--out needs a file to read")
    subject = reading.subject(source) if source else subject_of(sizes[0])
    words = reading.request(settings, subject)
    found = fit_subject(
        subject, max_tokens, model=model, tokenizer=tokenizer, options=words, files=catalog
    )
    if out and not isinstance(found, Fit):
        raise click.UsageError(
            f"--out writes the fitted picture: of {subject.modality} nothing is written"
        )
    if out and isinstance(found, Fit):
        found.check_output(out)
    if as_json:
        printing.echo_json(fit_to_dict(found))
    elif found.fits or not quiet:
        printing.echo(_bare(found) if quiet else _shown(found), err=on_stdout(out))
    if not found.fits:
        sys.exit(1)
    if out and isinstance(found, Fit) and found.best is not None:
        size = (found.best.width, found.best.height)
        notes = write_resized(subject.source, size, Path(out), quality=quality)
        printing.wrote(out, "; ".join((f"{size[0]} x {size[1]}", *notes)))


def _shown(found: Fit | VideoFit | SoundFit) -> str:
    if isinstance(found, Fit):
        return render_fit(found, **printing.form())
    if isinstance(found, VideoFit):
        return render_clip_fit(found, **printing.form())
    return render_sound_fit(found, **printing.form())


def _bare(found: Fit | VideoFit | SoundFit) -> str:
    if isinstance(found, Fit):
        return render_fit_bare(found)
    return render_clip_bare(found) if isinstance(found, VideoFit) else render_sound_bare(found)
