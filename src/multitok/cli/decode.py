"""multitok decode: from saved tokens, or the ids of a text, back to media."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from multitok.cli import options as opt, printing
from multitok.cli.outputs import Output, check_pieces
from multitok.core.boundary import boundary
from multitok.core.errors import DecodeError, OutputError
from multitok.core.media import Text


@click.command(short_help="From saved tokens back to media.")
@opt.source_argument
@click.option("--ids", metavar="'ID ID ...'", help="These ids of a text, of -t or -m.")
@opt.model_option
@opt.tokenizer_option
@opt.settings_option
@opt.catalog_option
@opt.out_option(Output(), "The file to write.")
@opt.force_option
def decode(
    source: str | None,
    ids: str | None,
    models: tuple[str, ...],
    tokenizer: str | None,
    settings: opt.Settings,
    catalog: tuple[str, ...],
    out: str | None,
) -> None:
    """From tokens that `encode` saved back to a picture, text, sound, series or motion; with a
    tokenizer or a model, from the ids of a text.

    \b
    multitok decode tokens.npz -o seen.png
    multitok decode --ids "6064 290" -t o200k_base
    multitok encode notes.txt -m gpt-5 | multitok decode -m gpt-5
    """
    from multitok.counting.encoding import decode as decoded
    from multitok.loaders.saving import save

    read: tuple[str, ...] = ()
    if tokenizer is None and ids is None and (not models or opt.from_environment("models")):
        media, read = _of_file(opt.source_given(source, "decode"))
    else:
        model, listed = opt.one_named(models, tokenizer), _listed(source, ids)
        words: Any = {"options": dict(settings), "catalog": catalog}
        media = decoded(listed, model=model, tokenizer=tokenizer, **words)
    if out is None and isinstance(media, Text):
        printing.write_content(media.text)
        return
    if out is None:
        raise OutputError(f"{source}: name the file to write: --out FILE", output="")
    check_pieces([out], None, *read)
    save(media, Path(out))
    printing.wrote(out)


def _of_file(source: str) -> tuple[Any, tuple[str, ...]]:
    """What saved tokens stand for, and what else is read for it: a vocabulary."""
    from multitok.core.sequence import TokenSequence
    from multitok.counting.encoding import decode as decoded
    from multitok.loaders.source import source_of

    tokens = source_of(source)
    sequence = TokenSequence.load(tokens.name if tokens.path else tokens.open())
    with boundary("decoding", tokens, naming=True):
        return decoded(sequence), tuple(map(str, sequence.tokenizer.values()))


def _listed(source: str | None, ids: str | None) -> list[int]:
    """The ids that are named, or that a file holds, between blanks or commas."""
    from multitok.loaders.source import source_of

    if ids is not None and source is not None:
        raise click.UsageError("name a file, or --ids")
    text = ids
    if text is None:
        text = source_of(opt.source_given(source, "decode")).read().decode("utf-8", "replace")
    words = text.translate({ord(sign): " " for sign in ",[]"}).split()
    odd = next((word for word in words if not re.fullmatch(r"-?\d{1,18}", word, re.ASCII)), None)
    if odd is not None:
        raise DecodeError(f"an id is a whole number, got {odd[:40]!r}: --ids '6064 290'")
    return [int(word) for word in words]
