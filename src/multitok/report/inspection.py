"""What `inspect` shows of one input: as text, by modality, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from multitok.core.info import info_to_dict, plural
from multitok.report.columns import wrapped
from multitok.report.comparison import render_rows, render_steps, row_to_dict
from multitok.report.counts import describe, probed_to_dict
from multitok.report.documents import document
from multitok.report.safe import shown
from multitok.report.text import legend, percent, style

if TYPE_CHECKING:
    from multitok.counting.inspection import Inspection

MORE = "Each sum in words, with its notes and its source: --explain, or one model (-m)"
WIDEST = 100
"""Columns of a drawing in text."""


def inspections_to_dict(
    inputs: Sequence[Mapping[str, Any]], errors: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """All inputs as one document; `errors` say what could not be inspected."""
    return document({"inputs": list(inputs), "errors": list(errors)})


def inspection_to_dict(found: Inspection) -> dict[str, Any]:
    """One input: what its header tells, and every model's count with its sum in words."""
    probed = found.subject.probed
    fields: dict[str, Any] = {"info": info_to_dict(found.subject.info)}
    fields |= probed_to_dict(probed) if probed is not None else {}
    fields["rows"] = [{**row_to_dict(row), "explain": found.steps(row)} for row in found.rows]
    if found.is_curves:
        fields["distortion"] = [row._asdict() for row in found.distortion]
    if found.picture_distortion:
        fields["picture_distortion"] = [row._asdict() for row in found.picture_distortion]
    if found.sound_distortion:
        fields["sound_distortion"] = [row._asdict() for row in found.sound_distortion]
    return fields


def render_inspection(
    found: Inspection, *, explained: bool = False, color: bool, width: int | None = None
) -> str:
    """What it is, what it looks like, the table of models, and the sum in words: of one model, or
    of each where they are to be `explained`."""
    parts = [_head(found, color=color, width=width)]
    alone = bool(found.tokenizer) or len(found.models) == 1
    if alone:
        parts += _tokens(found, color=color)
    if found.is_curves:
        parts += [_curves(found, width), _distortion(found, width)]
    parts += [_picture_distortion(found, width), _sound_distortion(found, width)]
    if found.rows:
        parts.append(render_rows(found.rows, color=color, width=width))
        parts += [
            wrapped(render_steps(row, found.steps(row), color=color), width)
            for row in found.rows
            if (alone or explained) and row.count is not None  # the reason stands under the table
        ]
        kinds = {row.kind for row in found.rows}
        parts.append(wrapped(legend(sorted(kinds), color=color), width, hang=13))
        if not (alone or explained):
            parts.append(wrapped(style(MORE, "dim", color=color), width))
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(found: Inspection, *, color: bool, width: int | None) -> str:
    probed = found.subject.probed
    if probed is None:
        return style(str(found.subject.info), "bold", color=color)
    lines = [
        style(shown(probed.name), "bold", color=color),
        f"  {describe(probed)}",
        *(f"  note: {shown(note)}" for note in probed.notes),
    ]
    return wrapped("\n".join(lines), width)


def _tokens(found: Inspection, *, color: bool) -> list[str]:
    """The tokens themselves, a character never cut."""
    from multitok.report.texts import render_tokenized

    return [render_tokenized(text, color=color) for text in found.tokenized]


def _curves(found: Inspection, width: int | None) -> str:
    """A row of braille a channel, and what is missing."""
    import numpy as np

    from multitok.drawing import charts

    media = found.medium
    if not media.values.size:
        return ""
    names = [shown(name) for name in media.names]
    plot = charts.rows(media.values, names, width=min(width or WIDEST, WIDEST))
    missing = int(np.isnan(media.values).sum())
    share = percent(missing / media.values.size)
    return f"{plot}\n{plural(missing, 'value')} missing ({share})" if missing else plot


def _picture_distortion(found: Inspection, width: int | None) -> str:
    """What each way to write the picture as tokens costs, and of which part, where it is large."""
    rows = found.picture_distortion
    if not rows:
        return ""
    from multitok.report.distortion import render_pictures

    info: Any = found.subject.info
    some = rows[0].pixels < info.width * info.height
    part = f"of {rows[0].pixels:,} px in the middle:\n" if some else ""
    return part + render_pictures(rows, width=width)


def _sound_distortion(found: Inspection, width: int | None) -> str:
    """What each way to write the sound as tokens costs, and of which part, where it is long."""
    rows = found.sound_distortion
    if not rows:
        return ""
    from multitok.report.distortion import render_sounds

    info: Any = found.subject.info
    some = rows[0].seconds < info.duration
    part = f"of the first {rows[0].seconds:.1f} s:\n" if some else ""
    return part + render_sounds(rows, width=width)


def _distortion(found: Inspection, width: int | None) -> str:
    """What each way to tokenize it costs, and of which part, where it is long or wide."""
    if not found.distortion:
        return ""
    from multitok.counting.distortion import share_of
    from multitok.report.distortion import render

    share = share_of(found.excerpt, found.medium)
    return (f"of the {share}:\n" if share else "") + render(found.distortion, width=width)
