"""A scan as text for people and as a dictionary for machines: totals, costs, what went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from multitok.core.info import plural
from multitok.datasets.scanned import Scan
from multitok.report.columns import table, wrapped
from multitok.report.documents import document
from multitok.report.requests import HANG, cost_to_dict, render_cost
from multitok.report.safe import shown
from multitok.report.text import KIND_COLOR, percent, style

if TYPE_CHECKING:
    from multitok.datasets.scanning import Progress
    from multitok.datasets.totals import Total
    from multitok.prices.rates import Cost

ROWS = 40
"""Rows of the table; the smallest beyond them are one row together. --json has them all."""
LISTED = 10
"""Errors that are listed; the table in the folder has them all."""
BAR = 40
"""Columns of the longest bar of a histogram."""


def scan_to_dict(
    scan: Scan,
    by: Sequence[str],
    costs: Mapping[str, Cost],
    *,
    histogram: bool = False,
    top: int | None = None,
) -> dict[str, Any]:
    """A Scan as JSON: its totals by `by`, what it costs each model, and the errors."""
    fields: dict[str, Any] = {
        "out": scan.out,
        "models": list(scan.models),
        "items": scan.items,
        "rows": scan.rows,
        "tokens": scan.tokens,
        "failed": scan.failed,
        "totals": [_total_to_dict(total) for total in scan.totals(*by)],
        "costs": {model: cost_to_dict(cost) for model, cost in costs.items()},
        "errors": list(scan.errors()),
        "remarks": list(scan.remarks()),
    }
    if histogram:
        fields["histogram"] = [
            {"model": model, "classes": [{"from": low, "rows": rows} for low, rows in classes]}
            for model, classes in scan.histogram().items()
        ]
    if top:
        fields["top"] = scan.top(top)
    return document(fields)


def _total_to_dict(total: Total) -> dict[str, Any]:
    return {**total.by, **{name: value for name, value in total._asdict().items() if name != "by"}}


def progress_to_dict(progress: Progress) -> dict[str, Any]:
    """How far a scan is, as a line of JSON."""
    left = progress.left
    return {
        **progress._asdict(),
        "seconds": round(progress.seconds, 3),
        "left": None if left is None else round(left, 3),
    }


def render_scan(
    scan: Scan,
    by: Sequence[str],
    costs: Mapping[str, Cost],
    *,
    histogram: bool = False,
    top: int | None = None,
    color: bool,
    width: int | None = None,
) -> str:
    """A row a total, the sum, what it costs, the largest items, and what was not counted."""
    totals = _totals(scan, by, color=color, width=width)
    lines = [*([totals, ""] if totals else []), *_below(scan, costs, color, width)]
    if histogram:
        for model, classes in scan.histogram().items():
            lines += ["", _histogram(model, classes, color=color, width=width)]
    if top:
        lines += ["", _top(scan, top, color=color, width=width)]
    return "\n".join(lines)


def _totals(scan: Scan, by: Sequence[str], *, color: bool, width: int | None) -> str:
    totals = [total for total in scan.totals(*by) if total.rows > total.errors]
    if not totals:
        return ""
    whole = sum(total.tokens for total in totals)
    listed, rest = totals[:ROWS], totals[ROWS:]
    rows = [
        [
            f"{total.tokens:,}",
            percent(total.tokens / whole) if whole else "",
            f"{total.rows - total.errors:,}",
            *(total.by[name] or "" for name in by),
        ]
        for total in listed
    ]
    if rest:
        tokens, items = sum(t.tokens for t in rest), sum(t.rows - t.errors for t in rest)
        more = [f"{len(rest):,} more: --json has them all", *[""] * (len(by) - 1)]
        rows.append([f"{tokens:,}", percent(tokens / whole), f"{items:,}", *more])
    colors = {}
    if "kind" in by:
        place = 3 + by.index("kind")
        colors = {
            (number, place): KIND_COLOR[total.by["kind"] or "unknown"]
            for number, total in enumerate(listed)
        }
    headers = ["tokens", "share", "items", *by]
    return table(headers, rows, right=(0, 1, 2), color=color, colors=colors, width=width)


def _below(scan: Scan, costs: Mapping[str, Cost], color: bool, width: int | None) -> list[str]:
    """The sum, costs, and errors."""
    many = f" for {plural(len(scan.models), 'model')}" if len(scan.models) > 1 else ""
    tokens = style(f"{scan.tokens:,}", "bold", color=color)
    noun = "token" if scan.tokens == 1 else "tokens"
    lines = [f"total    {tokens} {noun} of {plural(scan.items, 'item')}{many}"]
    for cost in costs.values():
        if cost.requests:
            lines.append(render_cost(cost))
    remarks = _kinds(((row["id"], row["remark"]) for row in scan.remarks()), scan.out)
    if remarks:
        lines += ["open     known in part only, or to be rejected:", *remarks]
    if scan.failed:
        what = plural(scan.failed, "row")
        lines.append(f"errors   {what} of {scan.rows:,} could not be counted")
        lines += error_lines(scan)
    return [wrapped(line, width, hang=HANG) for line in lines]


def error_lines(scan: Scan) -> list[str]:
    """What could not be counted, a line for each kind of error."""
    return _kinds(((row["id"], bare(row["error"], row["id"])) for row in scan.errors()), scan.out)


def _kinds(told: Iterable[tuple[str, str]], out: str) -> list[str]:
    """What is said of items: what is said of many once, with the first of them."""
    found: dict[str, list[str]] = {}
    more: Counter[str] = Counter()
    for name, why in told:
        if why in found or len(found) < LISTED:
            found.setdefault(why, [name])
            more[why] += 1
        else:
            more[""] += 1
    lines = []
    for why, [name] in found.items():
        others = f" (and {more[why] - 1:,} more)" if more[why] > 1 else ""
        lines.append(shown(f"         {name}{others}: {why}"))
    if more[""]:
        lines.append(f"         and {more['']:,} more: the rows of {shown(out)}")
    return lines


def bare(error: str, name: str) -> str:
    """An error without its class and the name that stands before it already."""
    message = error.partition(": ")[2] or error
    return message.removeprefix(f"{name}: ")


def _histogram(
    model: str | None, classes: Sequence[tuple[int, int]], *, color: bool, width: int | None
) -> str:
    """A bar a class of sizes."""
    most = max((rows for _, rows in classes), default=1)
    rows = [
        [
            f"{low:,}" if low < 2 else f"{low:,} to {2 * low - 1:,}",
            f"{number:,}",
            "█" * -(-number * BAR // most),
        ]
        for low, number in classes
    ]
    headers = ["tokens an item", "items", (model or "").strip()]
    return table(headers, rows, right=(0, 1), color=color, width=width)


def _top(scan: Scan, number: int, *, color: bool, width: int | None) -> str:
    rows = [
        [f"{row['tokens']:,}", row["kind"], row["id"], row["model"] or ""]
        for row in scan.top(number)
    ]
    colors = {(place, 1): KIND_COLOR[row[1]] for place, row in enumerate(rows)}
    headers = ["tokens", "kind", "the largest", "model"]
    return table(headers, rows, right=(0,), color=color, colors=colors, width=width)
