"""One input through many models: a table, ties, and each model's sum in words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from multitok.report.columns import table, wrapped
from multitok.report.counts import charged, cost_to_dict, count_to_dict
from multitok.report.documents import document
from multitok.report.safe import shown
from multitok.report.text import KIND_COLOR, dollars, percent, style

if TYPE_CHECKING:
    from multitok.counting.comparison import Row
    from multitok.counting.counts import Count


RIGHT = ("tokens", "of context", "frames", "cost")
"""Columns of numbers."""


def rows_to_dict(rows: Sequence[Row], name: str) -> dict[str, Any]:
    """A comparison as one document."""
    return document({"input": name, "rows": [row_to_dict(row) for row in rows]})


def row_to_dict(row: Row) -> dict[str, Any]:
    """One model's line as JSON: its count, or why there is none."""
    fields: dict[str, Any] = {"model": row.model}
    fields["silent"] = list(row.silent)
    if row.count is None:
        why = {"why": row.why, "rejected": list(row.rejected)}
        return {**fields, "tokens": None, "kind": row.kind, **why}
    fields |= count_to_dict(row.count)
    fields["kind"] = row.kind
    fields |= {"sees": row.sees, "context_share": row.share}
    fields |= {"frames_seen": row.count.frames_seen, "left_out": row.count.left_out}
    return fields | cost_to_dict(row.count, row.cost)


def render_rows(rows: Sequence[Row], *, color: bool, width: int | None = None) -> str:
    """One line a model: tokens, kind, share of the context window, the frames and the size it sees,
    cost; then what it never gets of the input."""
    costs = dollars([row.cost for row in rows])
    columns: dict[str, list[str]] = {
        "model": [row.model for row in rows],
        "tokens": [f"{row.count.tokens:,}" if row.count else "?" for row in rows],
        "kind": [row.kind for row in rows],
        "of context": [percent(row.share) for row in rows],
        "frames": [
            f"{row.count.frames_seen:,}" if row.count and row.count.frames_seen else ""
            for row in rows
        ],
        "sees": [f"{row.sees[0]} x {row.sees[1]}" if row.sees else "" for row in rows],
        "cost": [
            cost if row.count and charged(row.count) else ""
            for row, cost in zip(rows, costs, strict=True)
        ],
    }
    headers = [name for name, cells in columns.items() if any(cells)]  # a text has no frames
    headers = headers or list(columns)
    right = [i for i, name in enumerate(headers) if name in RIGHT]
    at = headers.index("kind")
    colors = {(i, at): KIND_COLOR[kind] for i, kind in enumerate(columns["kind"])}
    body = list(zip(*(columns[name] for name in headers), strict=True))
    lines = table(headers, body, right=right, color=color, colors=colors, width=width)
    reasons = [
        wrapped(f"{shown(row.model)}: {shown(why)}", width)
        for row in rows
        for why in (row.why, *row.silent, row.count.left_out if row.count else None)
        if why
    ]
    return "\n".join([lines, *([""] if reasons else []), *reasons])


def render_bare(rows: Sequence[Row]) -> str:
    """Tokens and model, a line each, for scripts: ? where none are known, or charged."""
    counts = (row.count.tokens if row.count and not row.rejected else "?" for row in rows)
    return "\n".join(f"{n} {shown(row.model)}" for n, row in zip(counts, rows, strict=True))


def render_steps(row: Row, steps: Sequence[str], *, color: bool) -> str:
    """One model's sum worked in words, with its rule and source."""
    count, name = row.count, style(shown(row.model), "bold", color=color)
    if count is None:
        return f"{name}: {shown(row.why)}"
    kind = style(row.kind, KIND_COLOR[row.kind], color=color)
    lines = [f"{name}  {count.tokens:,} tokens, {kind}", *(f"  {shown(step)}" for step in steps)]
    if count.error is not None:
        low, high = _range(count)
        lines.append(f"  between {low:,.0f} and {high:,.0f} (5th to 95th percentile)")
    lines += [f"  rejected: {shown(why)}" for why in row.rejected]
    notes = (note for note in count.notes if note not in (*row.rejected, *row.silent))
    lines += [f"  note: {shown(note)}" for note in notes]
    checked = f", checked {count.checked.isoformat()}" if count.checked else ""
    rule = f"  rule {count.tokenizer}: {shown(count.source)}{checked}"
    return "\n".join([*lines, style(rule, "dim", color=color)])


def ties(rows: Sequence[Row]) -> list[str]:
    """Neighbors in the list whose ranges overlap: they are not told apart, nor ranked."""
    known = [(row.model, row.count) for row in rows if row.count is not None and not row.rejected]
    lines = []
    for (first, a), (second, b) in pairwise(known):
        (low_a, high_a), (low_b, high_b) = _range(a), _range(b)
        if (a.error or b.error) and low_a <= high_b and low_b <= high_a:
            lines.append(f"tie: {shown(first)} and {shown(second)} are within the stated error")
    return lines


def _range(count: Count) -> tuple[float, float]:
    low, high = count.error or (1.0, 1.0)
    return count.tokens * low, count.tokens * high
