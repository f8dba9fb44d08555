"""multitok tokenizers: every tokenizer that can be named."""

from __future__ import annotations

import click

from multitok.cli import options as opt, printing
from multitok.cli.names import TokenizerName
from multitok.core import registry
from multitok.report.catalogue import (
    render_tokenizer,
    render_tokenizers,
    tokenizer_to_dict,
    tokenizers_to_dict,
)


@click.command(short_help="Tokenizers that can be named.")
@click.argument("name", type=TokenizerName(), required=False)
@opt.modality_option
@opt.json_option
@opt.jsonl_option
def tokenizers(name: str | None, modality: str | None, as_json: bool, as_lines: bool) -> None:
    """List the tokenizers, or show one with its parameters and what it does.

    \b
    multitok tokenizers --modality image
    multitok tokenizers patch
    """
    if name is not None:
        described = tokenizer_to_dict(registry.class_for(name))
        if as_lines:
            printing.echo_line(described)
        elif as_json:
            printing.echo_json(described)
        else:
            printing.echo(render_tokenizer(described, color=printing.color_wanted()))
        return
    entries = [e for e in registry.tokenizers() if modality in (None, e.modality)]
    if as_lines:
        for entry in entries:
            printing.echo_line(entry._asdict())
    elif as_json:
        printing.echo_json(tokenizers_to_dict(entries))
    else:
        printing.echo(render_tokenizers(entries, **printing.form()))
