"""A request that was fitted to a budget: what was changed, what that saved, what it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multitok.prices.rates import Cost, money
from multitok.report.columns import table, wrapped
from multitok.report.documents import document, usd
from multitok.report.requests import (
    HANG,
    render_cost,
    render_overflow,
    request_to_dict,
)
from multitok.report.safe import shown
from multitok.report.text import KIND_COLOR, style

if TYPE_CHECKING:
    from multitok.requests.fitting.whole import RequestFit


def request_fit_to_dict(
    found: RequestFit, cost: Cost, output: int | None, *, payload: bool
) -> dict[str, Any]:
    """The changes and both counts as JSON, and the payload where it is written nowhere else."""
    dollars = found.budget.max_cost
    fields: dict[str, Any] = {
        "max_tokens": found.budget.max_tokens,
        "max_usd": usd(dollars),
        "changes": [
            {"path": one.path, "what": one.what, "was": one.was, "now": one.now, "saved": one.saved}
            for one in found.changes
        ],
        "saved": found.saved,
        "most": found.after.most,
        "before": request_to_dict(found.before, output=output),
        "after": request_to_dict(found.after, cost, output=output),
    }
    return document({**fields, "payload": found.payload} if payload else fields)


def render_request_fit(
    found: RequestFit, cost: Cost, output: int | None, *, color: bool, width: int | None = None
) -> str:
    """A line a change, then what the request has now and had before."""
    after, before = found.after, found.before
    tokens = style(f"{after.tokens:,}", "bold", color=color)
    kind = style(after.kind, KIND_COLOR[after.kind], color=color)
    most = f", at most {after.most:,}" if after.most != after.tokens else ""
    was = f"; it had {before.tokens:,}" if found.changes else ", as it is"
    lines = [f"fitted   {tokens} tokens for {shown(after.model)}, {kind}{most}{was}"]
    if (limit := found.budget.max_cost) is not None:
        output = found.budget.reserved(after)
        with_it = f", with {output:,} tokens of output" if output else ""
        lines.append(f"within   ${limit}: at most {money(found.budget.dollars(after))}{with_it}")
    lines += [render_cost(cost)]
    lines += render_overflow(after, output)
    lines += [f"rejected {shown(p.path)}: {shown('; '.join(p.rejected))}" for p in after.rejected]
    lines += [
        f"unknown  {shown(part.path)}: {shown('; '.join(part.notes))}"
        for part in after.unknown
        if part.kind == "unknown"
    ]
    below = wrapped("\n".join(lines), width, hang=HANG)
    if not found.changes:
        return below
    headers = ["saved", "part", "what", "was", "now"]
    rows = [[f"{one.saved:,}", one.path, one.what, one.was, one.now] for one in found.changes]
    return f"{table(headers, rows, right=(0,), color=color, width=width)}\n\n{below}"
