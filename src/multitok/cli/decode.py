"""multitok decode: from saved tokens back to media."""

from __future__ import annotations

from pathlib import Path

import click

from multitok.cli import options as opt, printing
from multitok.cli.outputs import Output, check_pieces
from multitok.core.boundary import boundary
from multitok.core.errors import SourceError
from multitok.core.media import Text


@click.command(short_help="From saved tokens back to media.")
@click.argument("tokens", type=click.Path(exists=True, dir_okay=False), metavar="TOKENS.npz")
@click.option("-o", "--out", "out", type=Output(), help="The file to write.")
@opt.force_option
def decode(tokens: str, out: str | None) -> None:
    """From tokens that `encode` saved back to a picture, text, sound, series or motion.

    \b
    multitok decode tokens.npz -o seen.png
    """
    from multitok.core.sequence import TokenSequence
    from multitok.counting.encoding import decode as decoded
    from multitok.loaders.saving import save

    sequence = TokenSequence.load(tokens)
    with boundary("decoding", tokens, naming=True):
        media = decoded(sequence)
    if out is None and isinstance(media, Text):
        printing.write_content(media.text)
        return
    if out is None:
        raise SourceError(f"{tokens}: name the file to write: --out FILE", source=tokens)
    check_pieces([out], None, *map(str, sequence.tokenizer.values()))  # its vocabulary is read too
    save(media, Path(out))
    printing.wrote(out)
