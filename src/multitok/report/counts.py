"""Counts as dictionaries for machines and as text for people. Pure: nothing here prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from multitok.core.counts import Count, weakest
from multitok.core.info import info_to_dict
from multitok.report.columns import table, wrapped
from multitok.report.documents import document
from multitok.report.safe import shown
from multitok.report.text import KIND_COLOR

if TYPE_CHECKING:
    from multitok.loaders.probed import Probed


def count_to_dict(count: Count, name: str | None = None) -> dict[str, Any]:
    """A Count as JSON, with the name of its input."""
    return {**({"input": name} if name is not None else {}), **count.to_dict()}


def counts_to_dict(
    counted: Sequence[tuple[str, Count]], errors: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Many counts as one document with their total; `errors` say what could not be counted, with
    its `input`."""
    return document(
        {
            "counts": [count_to_dict(count, name) for name, count in counted],
            "total": sum(count.tokens for _, count in counted),
            "kind": weakest(count.kind for _, count in counted),
            "errors": list(errors),
        }
    )


def render_counts(
    counted: Sequence[tuple[str, Count]], *, color: bool, width: int | None = None
) -> str:
    """A row an input, then the total where there is more than one."""
    rows = [
        [f"{count.tokens:,}", count.kind, count.model or count.tokenizer, name]
        for name, count in counted
    ]
    colors = {(i, 1): KIND_COLOR[count.kind] for i, (_, count) in enumerate(counted)}
    models = {row[2] for row in rows}
    if len({name for name, _ in counted}) > 1 and len(models) == 1:
        total = sum(count.tokens for _, count in counted)
        kind = weakest(count.kind for _, count in counted)
        colors[len(rows), 1] = KIND_COLOR[kind]
        rows.append([f"{total:,}", kind, next(iter(models)), "total"])
    headers = ["tokens", "kind", "model", "input"]
    return table(headers, rows, right=(0,), color=color, colors=colors, width=width)


def render_notes(counted: Sequence[tuple[str, Count]], *, width: int | None = None) -> str:
    """Each note once, with the first input that has it and how many more."""
    named: dict[str, list[str]] = {}
    for name, count in counted:
        for note in count.notes:
            named.setdefault(note, []).append(name)
    lines = []
    for note, names in named.items():
        names = list(dict.fromkeys(names))
        more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
        lines.append(wrapped(f"note: {shown(names[0])}{more}: {shown(note)}", width))
    return "\n".join(lines)


def describe(probed: Probed) -> str:
    """What a file is, in one line: `JPEG, 1512 x 2016 px (EXIF orientation 6)`."""
    words = [probed.format, probed.info.words()]
    for key, value in probed.facts.items():
        if _told(value):
            said = key.replace("_", " ")
            words.append(said if value is True else f"{said} {value}")
    return shown(" · ".join(words))


def _told(value: Any) -> bool:
    return value is not None and isinstance(value, str | int | float) and value is not False


def probed_to_dict(probed: Probed) -> dict[str, Any]:
    """What a header tells, as JSON."""
    return {
        "input": probed.name,
        "modality": probed.modality,
        "format": probed.format,
        "info": info_to_dict(probed.info),
        "facts": dict(probed.facts),
        "notes": list(probed.notes),
    }
