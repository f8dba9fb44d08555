"""multitok split: a text in pieces of at most so many tokens."""

from __future__ import annotations

import os
from collections.abc import Iterator

import click

from multitok.budgets.texts import split as split_text
from multitok.cli import options as opt, printing
from multitok.cli.outputs import OutputFolder, check_pieces
from multitok.cli.tally import Input
from multitok.cli.truncate import read_text, text_options
from multitok.core.boundary import boundary
from multitok.core.info import plural
from multitok.core.writing import make_folder, write_text
from multitok.report.texts import split_to_dict

SEPARATOR = "\0"


@click.command(short_help="A text in pieces of so many tokens.")
@text_options
@click.option("--overlap", type=click.IntRange(min=0), default=0, help="Tokens that pieces share.")
@opt.out_option(OutputFolder(), "Write 0001.txt, 0002.txt, ... in this folder.")
@opt.force_option
@opt.jsonl_option
def split(
    source: str | None,
    max_tokens: int,
    models: tuple[str, ...],
    tokenizer: str | None,
    settings: opt.Settings,
    encoding: str | None,
    catalog: tuple[str, ...],
    quiet: bool,
    as_json: bool,
    as_lines: bool,
    overlap: int,
    out: str | None,
) -> None:
    """A text in pieces of at most --max-tokens; on stdout they are separated by NUL.

    \b
    multitok split book.txt --max-tokens 1000 --overlap 50 -m gpt-4o -o pieces/
    multitok split notes.md --max-tokens 500 -t o200k_base --json
    multitok split notes.md --max-tokens 500 -m gpt-5 | xargs -0 -n1 ...
    """
    model = opt.one_named(models, tokenizer)
    source = opt.source_given(source, "cut")
    text = read_text(source, encoding)
    pieces = split_text(
        text, max_tokens, overlap=overlap, model=model, tokenizer=tokenizer,
        options=dict(settings), catalog=catalog,
    )  # fmt: skip
    with boundary("cutting", Input.of(source)):
        if as_json:
            printing.echo_json(split_to_dict(list(pieces)))
        elif as_lines:
            for piece in pieces:
                printing.echo_line({"text": piece})
        else:
            _write(pieces, out, quiet)


def _write(pieces: Iterator[str], out: str | None, quiet: bool) -> None:
    """The pieces with NULs between them, or a file a piece."""
    if out is None:
        for i, piece in enumerate(pieces):
            printing.write_content(SEPARATOR + piece if i else piece)
        return
    files = {os.path.join(out, f"{n:04}.txt"): piece for n, piece in enumerate(pieces, 1)}
    check_pieces([path for path in files if os.path.lexists(path)], "text")
    make_folder(out)
    for path, piece in files.items():
        write_text(path, piece)
    if not quiet:
        printing.say(f"{plural(len(files), 'piece')} in {out}")
