"""multitok fit: the largest picture within a token budget, and the sizes worth choosing."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from multitok import counting, fitting, report
from multitok.cli import options as opt
from multitok.columns import wrapped

if TYPE_CHECKING:
    from multitok.fit_video import VideoFit

SHOWN = 12
"""Rows of the table; --json has them all."""


@click.command(short_help="The largest size within a token budget.")
@click.argument("source", required=False, metavar="[FILE|-]")
@opt.size_option
@opt.model_option
@opt.settings_option
@opt.reading_options
@opt.catalog_option
@click.option("--max-tokens", type=click.IntRange(min=1), required=True, help="The budget.")
@click.option("--write", "out", type=click.Path(dir_okay=False), help="Write the fitted picture.")
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
    subject = reading.subject(source) if source else counting.subject_of(sizes[0])
    if subject.modality == "video":
        _fit_clip(
            subject, max_tokens, models[0], reading.request(settings, subject), catalog, as_json
        )
        return
    found = fitting.fit_subject(
        subject, max_tokens, model=models[0], options=dict(settings), files=catalog
    )
    click.echo(
        opt.dump({"schema": report.SCHEMA, **asdict(found)})
        if as_json
        else wrapped(_page(found, color=opt.color_wanted()), opt.columns_wanted())
    )
    if found.best is None:
        sys.exit(1)
    if out:
        size = (found.best.width, found.best.height)
        fitting.write_resized(subject.source, size, Path(out), quality=quality)
        click.echo(f"wrote {out}: {size[0]} x {size[1]}", err=True)


def _fit_clip(
    subject: counting.Subject,
    max_tokens: int,
    model: str,
    options: dict[str, Any],
    files: tuple[str, ...],
    as_json: bool,
) -> None:
    """A clip has three knobs: its rate, its size and its length."""
    from multitok.fit_video import fit_video

    found = fit_video(subject, max_tokens, model=model, options=options, files=files)
    if as_json:
        click.echo(opt.dump({"schema": report.SCHEMA, **asdict(found)}))
    else:
        shown = _clip_page(found, color=opt.color_wanted())
        click.echo(wrapped(shown, opt.columns_wanted()))
    if not any((found.rate, found.size, found.length, found.both)):
        sys.exit(1)


def _clip_page(found: VideoFit, *, color: bool) -> str:
    """Each knob by itself, as far as it must be turned; then rate and size together."""
    head = f"{found.info}: {found.now.tokens:,} tokens of {found.max_tokens:,}"
    chosen = [("rate", found.rate), ("size", found.size), ("length", found.length)]
    chosen += [("rate and size", choice) for choice in found.both[:4]]
    rows = [
        [
            knob,
            f"{choice.fps:g} fps" if choice.fps else f"{choice.frames} frames",
            f"{choice.width} x {choice.height}",
            f"{choice.seconds:.1f} s",
            f"{choice.tokens:,}",
        ]
        for knob, choice in chosen
        if choice is not None
    ]
    parts = [report.style(head, "bold", color=color)]
    if rows:
        headers = ["turn the", "frames", "size", "length", "tokens"]
        parts.append(report.table(headers, rows, right=(4,), color=color))
    return "\n\n".join([*parts, *(f"note: {note}" for note in found.notes)])


def _page(found: fitting.Fit, *, color: bool) -> str:
    best = found.best
    *notes, last = [*found.notes, ""] if best else found.notes
    head = (
        last
        if best is None
        else f"{best.width} x {best.height}: {best.tokens:,} tokens"
        f" (now {found.info.width} x {found.info.height}: {found.tokens:,})"
    )
    points = [p for p in found.breakpoints if p.saved >= 0]
    shown = _thinned(points, best)
    rows = [
        [
            f"{p.width} x {p.height}",
            f"{p.tokens:,}",
            f"{p.saved:,}",
            "fits" if p.tokens <= found.max_tokens else "",
        ]
        for p in shown
    ]
    parts = [report.style(head, "bold", color=color)]
    if rows:
        parts.append(report.table(["size", "tokens", "saved", ""], rows, right=(1, 2), color=color))
    if len(shown) < len(points):
        parts.append(f"{len(points) - len(shown)} more sizes: --json")
    parts += [f"note: {note}" for note in notes]
    return "\n\n".join(parts)


def _thinned(points: list[Any], best: Any) -> list[Any]:
    """At most SHOWN rows, evenly through the list, with the first, the best and the last."""
    if len(points) <= SHOWN:
        return points
    step = (len(points) - 1) / (SHOWN - 1)
    keep = {round(i * step) for i in range(SHOWN)}
    if best is not None:
        keep.add(points.index(best))
    return [points[i] for i in sorted(keep)]
