"""A batch of requests as text for people and as a dictionary for machines: a row a request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from multitok.core.info import plural
from multitok.report.columns import table, wrapped
from multitok.report.documents import document
from multitok.report.requests import (
    HANG,
    ROWS,
    cost_to_dict,
    render_cost,
    render_overflow,
    render_unknown,
    request_to_dict,
)
from multitok.report.safe import shown
from multitok.report.text import KIND_COLOR, style

if TYPE_CHECKING:
    from multitok.prices.rates import Cost
    from multitok.requests.batches import BatchCount, BatchLine


def batch_to_dict(
    batch: BatchCount, cost: Cost | None = None, output: int | None = None
) -> dict[str, Any]:
    """A BatchCount as JSON: its requests in order, each as `request_to_dict` has it under its id,
    or the error that it gave."""
    fields: dict[str, Any] = {
        "tokens": batch.tokens,
        "most": batch.most,
        "kind": batch.kind,
        "complete": batch.complete,
        "requests": [_line_to_dict(line, output) for line in batch.lines],
    }
    if cost is not None:
        fields["cost"] = cost_to_dict(cost)
    return document(fields)


def _line_to_dict(line: BatchLine, output: int | None) -> dict[str, Any]:
    if line.counted is None:
        return {"id": line.id, "error": str(line.error)}
    fields = request_to_dict(line.counted, output=output)
    del fields["schema"]  # the batch's own stands above them
    return {"id": line.id, **fields}


def render_batch(
    batch: BatchCount,
    cost: Cost | None = None,
    output: int | None = None,
    *,
    color: bool,
    width: int | None = None,
) -> str:
    """A row a request, the sum, what is unknown or rejected, and which were not read."""
    listed, rest = _dearest(batch.lines)
    rows = [_row(line) for line in listed]
    if rest:
        tokens = sum(line.counted.tokens if line.counted else 0 for line in rest)
        rows.append([f"{tokens:,}", "", f"{len(rest):,} more", "", "--json has them all"])
    colors = {
        (i, 1): KIND_COLOR[line.counted.kind] for i, line in enumerate(listed) if line.counted
    }
    headers = ["tokens", "kind", "request", "model", "what"]
    above = table(headers, rows, right=(0,), color=color, colors=colors, width=width)
    total = style(f"{batch.tokens:,}", "bold", color=color)
    kind = style(batch.kind, KIND_COLOR[batch.kind], color=color)
    lines = [f"total    {total} tokens in {plural(len(batch.lines), 'request')}, {kind}"]
    lines += [render_cost(cost)] if cost is not None else []
    for line in listed:
        lines += _told(line, output)
    below = wrapped("\n".join(lines), width, hang=HANG)
    return f"{above}\n\n{below}"


def _row(line: BatchLine) -> list[str]:
    if line.counted is None:
        return ["?", "", line.id, "", "not counted"]
    one = line.counted
    parts = plural(sum(part.what not in ("framing", "tool framing") for part in one.parts), "part")
    return [f"{one.tokens:,}", one.kind, line.id, one.model, parts]


def _told(line: BatchLine, output: int | None) -> list[str]:
    """What is to be known of one request, under its id."""
    if line.counted is None:
        return [f"error    {shown(line.id)}: {shown(str(line.error))}"]
    told = [f"{shown(line.id)}: {why}" for why in render_unknown(line.counted)]
    return [
        *(f"unknown  {why}" for why in told),
        *(f"{why[:9]}{shown(line.id)}: {why[9:]}" for why in render_overflow(line.counted, output)),
    ]


def _dearest(lines: Sequence[BatchLine]) -> tuple[list[BatchLine], list[BatchLine]]:
    """The dearest and all that are not whole, in their order; and the rest."""
    if len(lines) <= ROWS:
        return list(lines), []

    def weight(line: BatchLine) -> tuple[bool, int]:
        whole = line.counted is not None and line.counted.complete
        return whole, -(line.counted.tokens if line.counted else 0)

    kept = set(sorted(range(len(lines)), key=lambda i: weight(lines[i]))[:ROWS])
    return (
        [line for i, line in enumerate(lines) if i in kept],
        [line for i, line in enumerate(lines) if i not in kept],
    )
