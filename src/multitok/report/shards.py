"""Shards of ids as text for people and as a dictionary for machines."""

from __future__ import annotations

from typing import Any

from multitok.core.info import plural
from multitok.datasets.tokenized import Tokenized
from multitok.report.columns import wrapped
from multitok.report.documents import document
from multitok.report.requests import HANG
from multitok.report.safe import shown
from multitok.report.scans import error_lines
from multitok.report.text import style


def shards_to_dict(made: Tokenized) -> dict[str, Any]:
    """A folder of shards as JSON: the fields of its manifests, added up, and the errors."""
    manifest = made.manifests[0]
    same = ("tokenizer", "ids_below", "format", "width", "bos", "eos")
    return document(
        {
            "out": made.out,
            **{name: manifest[name] for name in same},
            "documents": len(made),
            "tokens": made.tokens,
            "failed": made.failed,
            "shards": made.stems,
            "errors": list(made.counts.errors()),
        }
    )


def render_shards(made: Tokenized, *, color: bool, width: int | None = None) -> str:
    """How many ids in how many shards, what frames them, and what has no document."""
    tokens = style(f"{made.tokens:,}", "bold", color=color)
    shards = plural(len(made.stems), "shard")
    lines = [
        f"tokens   {tokens} of {plural(len(made), 'document')}",
        f"shards   {shards} of {shown(made.format)}, ids of {shown(made.manifests[0]['width'])}",
        f"framed   begin {_id(made.bos)}, end {_id(made.eos)}",
    ]
    if made.failed:
        lines.append(f"errors   {plural(made.failed, 'item')} could not be tokenized")
        lines += error_lines(made.counts)
    return "\n".join(wrapped(line, width, hang=HANG) for line in lines)


def _id(given: int | None) -> str:
    return "none" if given is None else str(given)
