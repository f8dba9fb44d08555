"""multitok decode: from saved tokens back to media."""

from __future__ import annotations

from pathlib import Path

import click

from multitok.cli import options as opt, printing
from multitok.cli.outputs import Output, check_pieces
from multitok.core.boundary import boundary
from multitok.core.errors import OutputError
from multitok.core.media import Text


@click.command(short_help="From saved tokens back to media.")
@opt.source_argument
@opt.out_option(Output(), "The file to write.")
@opt.force_option
def decode(source: str | None, out: str | None) -> None:
    """From tokens that `encode` saved back to a picture, text, sound, series or motion.

    \b
    multitok decode tokens.npz -o seen.png
    """
    from multitok.core.sequence import TokenSequence
    from multitok.counting.encoding import decode as decoded
    from multitok.loaders.saving import save
    from multitok.loaders.source import source_of

    tokens = source_of(opt.source_given(source, "decode"))
    sequence = TokenSequence.load(tokens.name if tokens.path else tokens.open())
    with boundary("decoding", tokens, naming=True):
        media = decoded(sequence)
    if out is None and isinstance(media, Text):
        printing.write_content(media.text)
        return
    if out is None:
        raise OutputError(f"{tokens.name}: name the file to write: --out FILE", output="")
    check_pieces([out], None, *map(str, sequence.tokenizer.values()))  # its vocabulary is read too
    save(media, Path(out))
    printing.wrote(out)
