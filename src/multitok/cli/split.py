"""multitok split: a text in pieces of at most so many tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from multitok.budgets.texts import split as split_text
from multitok.cli import options as opt
from multitok.cli.tally import Input
from multitok.cli.truncate import check_names, read_text, text_options, write_text
from multitok.core.boundary import boundary
from multitok.report.text import SCHEMA

SEPARATOR = "\0"


@click.command(short_help="A text in pieces of so many tokens.")
@text_options
@click.option("--overlap", type=click.IntRange(min=0), default=0, help="Tokens that pieces share.")
@click.option(
    "--out", type=click.Path(file_okay=False), help="Write 0001.txt, 0002.txt, ... in this folder."
)
def split(
    source: str,
    max_tokens: int,
    model: str | None,
    tokenizer: str | None,
    encoding: str | None,
    as_json: bool,
    overlap: int,
    out: str | None,
) -> None:
    """A text in pieces of at most --max-tokens; on stdout they are separated by NUL.

    \b
    multitok split book.txt --max-tokens 1000 --overlap 50 -m gpt-4o --out pieces/
    multitok split notes.md --max-tokens 500 -t o200k_base --json
    multitok split notes.md --max-tokens 500 -m gpt-5 | xargs -0 -n1 ...
    """
    check_names(model, tokenizer)
    text = read_text(source, encoding)
    pieces = split_text(text, max_tokens, overlap=overlap, model=model, tokenizer=tokenizer)
    with boundary("cutting", Input.of(source)):
        _write(pieces, out, as_json)


def _write(pieces: Iterator[str], out: str | None, as_json: bool) -> None:
    """One JSON document, or the pieces with NULs between them, or a file a piece."""
    if as_json:
        click.echo(opt.dump({"schema": SCHEMA, "pieces": list(pieces)}))
        return
    if out is None:
        for i, piece in enumerate(pieces):
            write_text(SEPARATOR + piece if i else piece)
        return
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for written, piece in enumerate(pieces, 1):
        (folder / f"{written:04}.txt").write_bytes(piece.encode("utf-8"))
    click.echo(f"multitok: {written} piece{'' if written == 1 else 's'} in {folder}", err=True)
