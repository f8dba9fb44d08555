"""multitok scan: data sets counted by many processes, and again only what changed."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

import click

from multitok.cli import options as opt, printing, units
from multitok.cli.values import AmountType, TokenRange
from multitok.core.info import ImageInfo, plural
from multitok.datasets.scanned import Scan
from multitok.datasets.scanning import scan as scan_data
from multitok.datasets.splitting import split_batch
from multitok.datasets.totals import BY
from multitok.datasets.units import AS
from multitok.prices.rates import MODES
from multitok.report.scans import LISTED, render_scan, scan_to_dict


class Parts(NamedTuple):
    """The parts that a batch is written in, and what one of them may hold."""

    split: str | None
    max_tokens: int | None
    max_items: int | None
    max_bytes: int | None

    def check(self) -> None:
        """UsageError for parts without a limit, or a limit of none."""
        pattern, *limits = self
        if (pattern is None) == any(limits):
            raise click.UsageError("--split goes with --max-tokens, --max-items or --max-bytes")

    def written(self, found: Scan) -> bool:
        """Write them, where they are asked for; whether a line is in none of them."""
        if self.split is None:
            return False
        limits = {"max_items": self.max_items, "max_bytes": self.max_bytes}
        made = split_batch(found, self.split, max_tokens=self.max_tokens, **limits)
        for path, items, tokens, size in made.parts:
            printing.wrote(path, f"{plural(items, 'request')}, {tokens:,} tokens, {size:,} bytes")
        for name in made.left_out[:LISTED]:
            printing.say(f"in no part: {name}: not counted whole, or more than a part may hold")
        if len(made.left_out) > LISTED:
            printing.say(f"in no part: {len(made.left_out) - LISTED:,} more")
        return bool(made.left_out)


parts_options = opt.bundled(
    "parts", Parts,
    click.option(
        "--split", metavar="PATTERN", help="Write the lines of a batch in parts: part-{}.jsonl."
    ),
    click.option("--max-tokens", type=AmountType(), help="With --split: tokens of a part, 2M."),
    click.option(
        "--max-items", type=AmountType(), help="With --split: requests of a part, 50000."
    ),
    click.option("--max-bytes", type=AmountType(), help="With --split: bytes of a part, 200MB."),
)  # fmt: skip


@click.command(short_help="Data sets: a million items, resumed, on many processes.")
@opt.sources_argument
@units.files_from_option
@opt.model_option
@opt.tokenizer_option
@opt.settings_option
@opt.out_option(click.Path(file_okay=False), "The counts; a scan into them goes on.")
@units.text_column_option
@click.option(
    "--image-column", "image", multiple=True, metavar="NAME", help="The column of pictures."
)
@units.id_option
@click.option(
    "--by", multiple=True, metavar="WHAT",
    help=f"What to add up by: {', '.join(BY)}, or a column of the data. May be repeated.",
)  # fmt: skip
@opt.assume_image_option
@click.option("--as", "as_", type=click.Choice(AS), help="Read each item as this.")
@units.running_options
@units.strict_option
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
@parts_options
@click.option("--hist", is_flag=True, help="And how the sizes are spread.")
@click.option("--top", type=click.IntRange(min=1), help="And the so many largest.")
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
    assume_image: ImageInfo | None,
    as_: str | None,
    running: units.Running,
    strict: bool,
    output: tuple[int, int] | None,
    mode: Any,
    parts: Parts,
    hist: bool,
    top: int | None,
    catalog: tuple[str, ...],
    quiet: bool,
    as_json: bool,
) -> None:
    """Data sets, counted by many processes: files, folders, JSON lines, Parquet, Arrow, tars.

    Each item is a row in a table of Parquet parts, for each model. What cannot be counted is a row
    with its error; what is named and not there, or no count at all, is exit 2. A scan that was
    killed, or whose data changed, counts only what is missing; one without sources reports again
    from its folder.

    \b
    multitok scan photos -m gpt-5.4 -m claude-opus-5
    multitok scan data/*.parquet --column text -m gpt-5.4 --out counts
    multitok scan batch.jsonl --mode batch --output-tokens 200-800
    multitok scan batch.jsonl --split part-{}.jsonl --max-tokens 2M --max-bytes 200MB
    multitok scan s3://bucket/train/ -m gpt-5.4 --out counts --shard 3/16
    multitok scan --out counts --by source --hist --top 20
    """
    models = opt.named(models, tokenizer)
    parts.check()
    named = [*opt.given(sources, files_from, out), *units.listed(files_from)]
    column, added = _added_by(by)
    if named:
        with running.progress("scanning", out) as progress:
            found = scan_data(
                named, models=models, tokenizer=tokenizer, out=out, options=dict(settings),
                assume_image=assume_image, catalog=catalog, text=text, image=image, id=name,
                by=column, read_as=as_, progress=progress.told,
                **running.words(),
            )  # fmt: skip
    elif out is None:
        raise click.UsageError(
            "nothing to scan: name files or folders, - for stdin, or --out of a scan"
        )
    else:
        found = Scan(out)
    left_out = parts.written(found)
    costs = found.costs(output or 0, mode=mode)
    showing: Any = {"histogram": hist, "top": top}
    if as_json:
        printing.echo_json(scan_to_dict(found, added, costs, **showing))
    elif quiet:
        printing.echo(str(found.tokens))
    else:
        printing.echo(render_scan(found, added, costs, **showing, **printing.form()))
    for source in found.manifests[0].dropped if named else ():
        printing.say(f"{source} is not in this scan: its counts were taken away")
    sys.exit(units.exit_code(found, strict=strict, left_out=left_out))


def _added_by(by: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """The column of the data that groups its rows, and what is added up by."""
    columns = [one for one in by if one not in BY]
    if len(columns) > 1:
        raise click.UsageError(f"--by takes one column of the data, got {' and '.join(columns)}")
    added = dict.fromkeys("group" if one in columns else one for one in by)
    return next(iter(columns), None), tuple(added) or ("modality", "model", "kind")
