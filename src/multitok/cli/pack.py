"""multitok pack: rows of a training batch from the counts of a scan."""

from __future__ import annotations

import sys

import click

from multitok.cli import options as opt, printing
from multitok.cli.names import ModelName
from multitok.cli.outputs import SourceType
from multitok.datasets.scanned import Scan
from multitok.report.packs import pack_to_dict, render_pack


@click.command(short_help="Rows of a training batch, from the counts of a scan.")
@click.argument("counts", type=SourceType(), metavar="COUNTS")
@click.option("--size", type=click.IntRange(min=1), required=True, help="Tokens that a row holds.")
@click.option("--max-images", type=click.IntRange(min=0), help="Pictures that a row may have.")
@click.option(
    "--extra", type=click.IntRange(min=0), default=0, show_default=True,
    help="Tokens that stand around each item: 1 where an end is put behind it.",
)  # fmt: skip
@click.option(
    "-m", "--model", metavar="MODEL", type=ModelName(), help="Whose counts, where there are more."
)
@opt.out_option(click.Path(file_okay=False), "Write into this folder, not that of the counts.")
@click.option("--strict", is_flag=True, help="Exit 1 when an item has no row.")
@opt.quiet_option
@opt.json_option
def pack(
    counts: str,
    size: int,
    max_images: int | None,
    extra: int,
    model: str | None,
    out: str | None,
    strict: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Rows of so many tokens, of the items that a scan counted: few places stay empty.

    Writes pack.parquet (row, order, id, source, tokens) and lengths.npy, the tokens of each item in
    the order of the data, into the folder of the counts. No item is cut: what is longer than a row
    is left out, and told.

    \b
    multitok scan data -m Qwen/Qwen3-VL-8B-Instruct --out counts
    multitok pack counts --size 8192 --max-images 16
    """
    packed = Scan(counts).pack(size, model=model, max_images=max_images, extra=extra)
    files = packed.save(out or counts)
    if as_json:
        printing.echo_json(pack_to_dict(packed, files))
    elif quiet:
        printing.echo(str(packed.plan.count))
    else:
        printing.echo(render_pack(packed, **printing.form()))
        for path in files:
            printing.wrote(path)
    sys.exit(int(strict and bool(packed.left_out)))
