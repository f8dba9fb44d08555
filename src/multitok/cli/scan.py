"""multitok scan: data sets counted by many processes, and again only what changed."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from multitok.cli import options as opt, printing
from multitok.cli.progress import Bar
from multitok.cli.values import AmountType, TokenRange
from multitok.core.errors import MultitokError
from multitok.core.info import plural
from multitok.datasets.planning import Shard
from multitok.datasets.scanned import Scan
from multitok.datasets.scanning import ENGINES, Progress, scan as scan_data
from multitok.datasets.splitting import Split, split_batch
from multitok.datasets.totals import BY
from multitok.datasets.units import AS
from multitok.loaders.source import source_of
from multitok.prices.rates import MODES
from multitok.report.scans import LISTED, progress_to_dict, render_scan, scan_to_dict


class ShardType(click.ParamType):  # type: ignore[type-arg]
    """3/16: the fourth of sixteen parts."""

    name = "K/N"

    def convert(self, value: Any, param: Any, ctx: Any) -> Shard:
        if isinstance(value, Shard):
            return value
        try:
            return Shard.of_text(value)
        except MultitokError as error:
            self.fail(str(error), param, ctx)


@click.command(short_help="Data sets: a million items, resumed, on many processes.")
@opt.sources_argument
@click.option(
    "--files-from", type=click.Path(exists=True, dir_okay=False, allow_dash=True), metavar="FILE",
    help="Sources that are listed in a file, a line each; - is stdin.",
)  # fmt: skip
@opt.model_option
@opt.tokenizer_option
@opt.settings_option
@opt.out_option(click.Path(file_okay=False), "The counts; a scan into them goes on.")
@click.option("--column", "text", multiple=True, metavar="NAME", help="The column that is text.")
@click.option(
    "--image-column", "image", multiple=True, metavar="NAME", help="The column of pictures."
)
@click.option("--id", "name", metavar="COLUMN", help="The column that names each item.")
@click.option(
    "--by", multiple=True, metavar="WHAT",
    help=f"What to add up by: {', '.join(BY)}, or a column of the data. May be repeated.",
)  # fmt: skip
@click.option("--as", "as_", type=click.Choice(AS), help="Read each item as this.")
@click.option("-j", "--jobs", type=click.IntRange(min=0), help="Processes that count; 0: this one.")
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), default=60.0, show_default=True,
    help="Seconds that an item may take.",
)  # fmt: skip
@click.option("--shard", type=ShardType(), help="Count this part of it: 3/16, from 0/16 on.")
@click.option("--engine", type=click.Choice(ENGINES), default="local", help="Who runs the units.")
@click.option("--address", metavar="URL", help="With --engine ray: its cluster.")
@click.option("--fresh", is_flag=True, help="Count all of it anew.")
@click.option("--strict", is_flag=True, help="Exit 1 when an item could not be counted.")
@click.option(
    "--output-tokens",
    "output",
    type=TokenRange(),
    help="Add the cost of so many each: 500, 200-800.",
)
@click.option(
    "--mode", type=click.Choice(MODES), default="standard", show_default=True,
    help="How it is processed, each at its price.",
)  # fmt: skip
@click.option(
    "--split", metavar="PATTERN", help="Write the lines of a batch in parts: part-{}.jsonl."
)
@click.option("--max-tokens", type=AmountType(), help="With --split: tokens of a part, 2M.")
@click.option("--max-items", type=AmountType(), help="With --split: requests of a part, 50000.")
@click.option("--max-bytes", type=AmountType(), help="With --split: bytes of a part, 200MB.")
@click.option("--hist", is_flag=True, help="And how the sizes are spread.")
@click.option("--top", type=click.IntRange(min=1), help="And the so many largest.")
@click.option(
    "--progress", "told", type=click.Choice(("bar", "json", "none")), default="bar",
    help="On stderr: a bar on a terminal, a line of JSON a unit, or nothing.",
)  # fmt: skip
@opt.catalog_option
@opt.quiet_option
@opt.json_option
def scan(
    sources: tuple[str, ...],
    files_from: str | None,
    models: tuple[str, ...],
    tokenizer: str | None,
    settings: opt.Settings,
    out: str | None,
    text: tuple[str, ...],
    image: tuple[str, ...],
    name: str | None,
    by: tuple[str, ...],
    as_: str | None,
    jobs: int | None,
    timeout: float,
    shard: Shard | None,
    engine: Any,
    address: str | None,
    fresh: bool,
    strict: bool,
    output: tuple[int, int] | None,
    mode: Any,
    split: str | None,
    max_tokens: int | None,
    max_items: int | None,
    max_bytes: int | None,
    hist: bool,
    top: int | None,
    told: str,
    catalog: tuple[str, ...],
    quiet: bool,
    as_json: bool,
) -> None:
    """Data sets, counted by many processes: files, folders, JSON lines, Parquet, Arrow, tars.

    Each item is a row in a table of Parquet parts, for each model. What cannot be counted is a row
    with its error. A scan that was killed, or whose data changed, counts only what is missing; one
    without sources reports again from its folder.

    \b
    multitok scan photos -m gpt-5.4 -m claude-opus-5
    multitok scan data/*.parquet --column text -m gpt-5.4 --out counts
    multitok scan batch.jsonl --mode batch --output-tokens 200-800
    multitok scan batch.jsonl --split part-{}.jsonl --max-tokens 2M --max-bytes 200MB
    multitok scan s3://bucket/train/ -m gpt-5.4 --out counts --shard 3/16
    multitok scan --out counts --by source --hist --top 20
    """
    models = opt.named(models, tokenizer)
    limits = {"max_tokens": max_tokens, "max_items": max_items, "max_bytes": max_bytes}
    if (split is None) == any(limits.values()):
        raise click.UsageError("--split goes with --max-tokens, --max-items or --max-bytes")
    named = [*opt.given(sources, files_from, out), *_listed(files_from)]
    columns = [one for one in by if one not in BY]
    if len(columns) > 1:
        raise click.UsageError(f"--by takes one column of the data, got {' and '.join(columns)}")
    added = tuple(dict.fromkeys("group" if one in columns else one for one in by))
    if named:
        with _progress(told) as progress:
            found = scan_data(
                named, models=models, tokenizer=tokenizer, out=out, options=dict(settings),
                catalog=catalog, text=text, image=image, id=name, by=next(iter(columns), None),
                read_as=as_, workers=jobs, timeout=timeout, shard=shard or Shard(), engine=engine,
                address=address, fresh=fresh, progress=progress.told,
            )  # fmt: skip
    elif out is None:
        raise click.UsageError(
            "nothing to scan: name files or folders, - for stdin, or --out of a scan"
        )
    else:
        found = Scan(out)
    parts = None if split is None else split_batch(found, split, **limits)
    costs = found.costs(output or 0, mode=mode)
    showing: Any = {"histogram": hist, "top": top}
    by = added or ("modality", "model", "kind")
    if as_json:
        printing.echo_json(scan_to_dict(found, by, costs, **showing))
    elif quiet:
        printing.echo(str(found.tokens))
    else:
        printing.echo(render_scan(found, by, costs, **showing, **printing.form()))
    if parts is not None:
        _tell_parts(parts)
    sys.exit(int(strict and (found.failed > 0 or (parts is not None and bool(parts.left_out)))))


def _tell_parts(parts: Split) -> None:
    for path, items, tokens, size in parts.parts:
        printing.wrote(path, f"{plural(items, 'request')}, {tokens:,} tokens, {size:,} bytes")
    for name in parts.left_out[:LISTED]:
        printing.say(f"in no part: {name}: not counted, or more than a part may hold")
    if len(parts.left_out) > LISTED:
        printing.say(f"in no part: {len(parts.left_out) - LISTED:,} more")


def _listed(name: str | None) -> list[str]:
    """The lines of a file; its names are bytes, as those of all files are."""
    if name is None:
        return []
    return [os.fsdecode(line) for line in source_of(name).read().splitlines() if line]


class _Lines:
    """Progress as lines of JSON on stderr, or not at all."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def told(self, progress: Progress) -> None:
        if self._shown:
            printing.echo_line(progress_to_dict(progress), err=True)


def _progress(how: str) -> _Lines | Bar:
    return Bar("scanning") if how == "bar" else _Lines(shown=how == "json")
