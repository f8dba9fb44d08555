"""Counts as dictionaries for machines and as text for people. Pure: nothing here prints.

Text is plain ASCII columns with optional ANSI color; a pipe gets raw numbers, a terminal gets
thousands separators.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from multitok.core.info import info_to_dict
from multitok.core.tokenizer import Count, weakest
from multitok.report.columns import wrapped
from multitok.report.text import KIND_COLOR, SCHEMA, number, percent, style, table

if TYPE_CHECKING:
    from multitok.counting.comparison import Row
    from multitok.loaders.probed import Probed


def count_to_dict(count: Count, name: str | None = None) -> dict[str, Any]:
    """A Count as JSON: every field, the date as ISO text."""
    document: dict[str, Any] = {"input": name} if name is not None else {}
    document |= {
        "tokens": count.tokens,
        "kind": count.kind,
        "model": count.model,
        "tokenizer": count.tokenizer,
        "parts": dict(count.parts),
        "info": info_to_dict(count.info),
        "geometry": dict(count.geometry),
        "source": count.source,
        "checked": count.checked.isoformat() if count.checked else None,
        "notes": list(count.notes),
    }
    if count.error is not None:
        low, high = count.error
        document["range"] = [round(count.tokens * low), round(count.tokens * high)]
    return document


def counts_to_dict(
    counted: Sequence[tuple[str, Count]], errors: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Many counts as one document with their total; `errors` say what could not be counted, with
    its `input`."""
    return {
        "schema": SCHEMA,
        "counts": [count_to_dict(count, name) for name, count in counted],
        "total": sum(count.tokens for _, count in counted),
        "kind": weakest(count.kind for _, count in counted),
        "errors": list(errors),
    }


def render_counts(
    counted: Sequence[tuple[str, Count]], *, people: bool, color: bool, width: int | None = None
) -> str:
    """A row an input, then the total where there is more than one."""
    rows = [
        [number(count.tokens, people), count.kind, count.model or count.tokenizer, name]
        for name, count in counted
    ]
    colors = {(i, 1): KIND_COLOR[count.kind] for i, (_, count) in enumerate(counted)}
    models = {row[2] for row in rows}
    if len({name for name, _ in counted}) > 1 and len(models) == 1:
        total = sum(count.tokens for _, count in counted)
        kind = weakest(count.kind for _, count in counted)
        colors[len(rows), 1] = KIND_COLOR[kind]
        rows.append([number(total, people), kind, next(iter(models)), "total"])
    headers = ["tokens", "kind", "model", "input"]
    return table(headers, rows, right=(0,), color=color, colors=colors, width=width)


def describe(probed: Probed) -> str:
    """What a file is, in one line: `JPEG, 1512 x 2016 px (EXIF orientation 6)`."""
    facts = dict(probed.facts)
    words = [probed.format, probed.info.words()]
    for key, value in facts.items():
        if _told(value):
            said = key.replace("_", " ")
            words.append(said if value is True else f"{said} {value}")
    return " · ".join(words)


def _told(value: Any) -> bool:
    return value is not None and isinstance(value, str | int | float) and value is not False


def rows_to_dict(rows: Sequence[Row], name: str) -> dict[str, Any]:
    """A comparison as one document."""
    return {"schema": SCHEMA, "input": name, "rows": [_row_to_dict(row) for row in rows]}


def _row_to_dict(row: Row) -> dict[str, Any]:
    document: dict[str, Any] = {"model": row.model}
    if row.count is None:
        return {**document, "tokens": None, "kind": "unknown", "why": row.why}
    document |= count_to_dict(row.count)
    document |= {"sees": row.sees, "context_share": row.share}
    document["cost_usd"] = str(row.cost) if row.cost is not None else None
    return document


def render_rows(
    rows: Sequence[Row], *, color: bool, people: bool = True, width: int | None = None
) -> str:
    """One line a model: tokens, kind, share of the context window, the size it sees, cost."""
    with_cost = any(row.cost is not None for row in rows)
    headers = ["model", "tokens", "kind", "of context", "sees"] + ["cost"] * with_cost
    body = [_cells(row, with_cost, people) for row in rows]
    colors = {(i, 2): KIND_COLOR[cells[2]] for i, cells in enumerate(body)}
    right = [1, 3, 5]
    if not any(row.sees for row in rows):  # of a text or a sound there is no size
        headers, body = _without(headers, 4), [_without(cells, 4) for cells in body]
        right = [1, 3, 4]
    shown = table(headers, body, right=right, color=color, colors=colors, width=width)
    reasons = [wrapped(f"{row.model}: {row.why}", width) for row in rows if row.count is None]
    return "\n".join([shown, *([""] if reasons else []), *reasons])


def _without(cells: list[str], place: int) -> list[str]:
    return cells[:place] + cells[place + 1 :]


def _cells(row: Row, with_cost: bool, people: bool) -> list[str]:
    if row.count is None:
        return [row.model, "?", "unknown", "", ""] + [""] * with_cost
    sees = f"{row.sees[0]} x {row.sees[1]}" if row.sees else ""
    tokens = number(row.count.tokens, people)
    cells = [row.model, tokens, row.count.kind, percent(row.share), sees]
    return cells + ([_money(row.cost)] if with_cost else [])


def _money(cost: Any) -> str:
    if cost is None:
        return "unknown"
    from multitok.prices.rates import money

    return money(cost)


def render_steps(row: Row, steps: Sequence[str], *, color: bool) -> str:
    """One model's sum worked in words, with its rule and source."""
    count = row.count
    if count is None:
        return f"{style(row.model, 'bold', color=color)}: {row.why}"
    head = (
        f"{style(row.model, 'bold', color=color)}  {count.tokens:,} tokens,"
        f" {style(count.kind, KIND_COLOR[count.kind], color=color)}"
    )
    lines = [head, *(f"  {step}" for step in steps)]
    if count.error is not None:
        low, high = _range(count)
        lines.append(f"  between {low:,.0f} and {high:,.0f} (5th to 95th percentile)")
    lines += [f"  note: {note}" for note in count.notes]
    checked = f", checked {count.checked.isoformat()}" if count.checked else ""
    lines.append(style(f"  rule {count.tokenizer}: {count.source}{checked}", "dim", color=color))
    return "\n".join(lines)


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


def ties(rows: Sequence[Row]) -> list[str]:
    """Neighbors in the list whose ranges overlap: they are not told apart, nor ranked."""
    known = [row for row in rows if row.count is not None]
    lines = []
    for a, b in pairwise(known):
        (low_a, high_a), (low_b, high_b) = _range(a.count), _range(b.count)
        inexact = a.count.error or b.count.error  # type: ignore[union-attr]
        if inexact and low_a <= high_b and low_b <= high_a:
            lines.append(f"tie: {a.model} and {b.model} are within the stated error")
    return lines


def _range(count: Count | None) -> tuple[float, float]:
    if count is None:
        return 0.0, 0.0
    low, high = count.error or (1.0, 1.0)
    return count.tokens * low, count.tokens * high


PIECES_SHOWN = 2000
"""Tokens of a text that are shown one by one; a longer text is shown as far as that."""


def render_pieces(pieces: Sequence[Any], *, color: bool) -> str:
    """A text cut where its tokens meet: colored by turns, or between bars where color is off.

    `pieces` have `text` and `ids` (multitok.modalities.text.pieces).
    """
    shown = [_visible(piece.text) for piece in pieces[:PIECES_SHOWN]]
    left = len(pieces) - len(shown)
    more = f"\n... and {left:,} more" if left else ""
    if not color:
        return "|".join(shown) + more
    shades = (24, 53, 22, 58)
    painted = (f"\x1b[48;5;{shades[i % 4]}m{text}\x1b[0m" for i, text in enumerate(shown))
    return "".join(painted) + more


def _visible(piece: str) -> str:
    """Line breaks shown and kept, other control characters as their symbols."""
    shown = "".join(chr(0x2400 + ord(c)) if c < " " and c not in "\n\t" else c for c in piece)
    return shown.replace("\n", "\u23ce\n")
