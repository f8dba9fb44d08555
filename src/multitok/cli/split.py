"""multitok split: a text in pieces of at most so many tokens."""

from __future__ import annotations

import os
from collections.abc import Iterator

import click

from multitok.budgets.texts import split as split_text
from multitok.cli import options as opt, printing
from multitok.cli.outputs import OutputFolder, check_pieces
from multitok.cli.tally import Input
from multitok.cli.truncate import check_names, read_text, text_options
from multitok.core.boundary import boundary
from multitok.core.info import plural
from multitok.core.writing import write_text
from multitok.report.texts import split_to_dict

SEPARATOR = "\0"


@click.command(short_help="A text in pieces of so many tokens.")
@text_options
@click.option("--overlap", type=click.IntRange(min=0), default=0, help="Tokens that pieces share.")
@click.option("--out", type=OutputFolder(), help="Write 0001.txt, 0002.txt, ... in this folder.")
@opt.force_option
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
        printing.echo_json(split_to_dict(list(pieces)))
        return
    if out is None:
        for i, piece in enumerate(pieces):
            printing.write_content(SEPARATOR + piece if i else piece)
        return
    files = {os.path.join(out, f"{n:04}.txt"): piece for n, piece in enumerate(pieces, 1)}
    check_pieces([path for path in files if os.path.lexists(path)], "text")
    os.makedirs(out, exist_ok=True)
    for path, piece in files.items():
        write_text(path, piece)
    printing.say(f"{plural(len(files), 'piece')} in {out}")
