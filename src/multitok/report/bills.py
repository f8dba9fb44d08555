"""Counted against billed: a table of a log, how its groups stand, and its JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from multitok.report.columns import table
from multitok.report.documents import document, usd
from multitok.report.text import percent
from multitok.requests.bills import Reconciled
from multitok.requests.groups import Standing, standings

ROWS = 40
"""Lines of the table; of a longer log those to look at. --json has them all."""

STANDING = (
    "requests", "bills", "whole", "open", "refused", "equal", "close", "median off", "over most",
)  # fmt: skip


def bill_to_dict(one: Reconciled, tolerance: float) -> dict[str, Any]:
    """One line of the log: counted, billed, by how much they differ and in which part; dollars."""
    cost = one.cost
    return {
        "line": one.line,
        "model": one.counted.model if one.counted is not None else None,
        "provider": one.provider,
        "holds": one.holds,
        "counted": one.counted.tokens if one.counted is not None else None,
        "billed": one.billed.input if one.billed is not None else None,
        "drift": one.drift,
        "beyond": one.beyond(tolerance),
        "parts": {
            name: {"counted": counted, "billed": billed}
            for name, (counted, billed) in one.by_modality().items()
        },
        "cost_usd": usd(cost.high) if cost is not None else None,
        "why": one.why,
    }


def bills_to_dict(found: Sequence[Reconciled], tolerance: float) -> dict[str, Any]:
    """Every line of the log, and how its groups stand."""
    requests = [bill_to_dict(one, tolerance) for one in found]
    groups = [row._asdict() for row in standings(one.bill() for one in found)]
    return document({"tolerance": tolerance, "requests": requests, "groups": groups})


def render_bills(
    found: Sequence[Reconciled], tolerance: float, *, color: bool, width: int | None = None
) -> str:
    """A row a modality of each line; and of more than one bill, how each group stands."""
    listed = _worst(found, tolerance)
    text = _lines(listed, tolerance, color=color, width=width)
    if len(listed) < len(found):
        text += f"\n{len(found) - len(listed):,} more; --json has them all"
    groups = standings(one.bill() for one in found)
    if sum(row.bills for row in groups) < 2:
        return text
    rows = [standing_cells(row) for row in groups]
    below = table(STANDING, rows, right=range(1, len(STANDING)), color=color, width=width)
    return f"{text}\n\n{below}"


def _lines(found: Sequence[Reconciled], tolerance: float, *, color: bool, width: int | None) -> str:
    """The drift is red where it is beyond the tolerance."""
    rows, colors = [], {}
    for one in found:
        line = f"{one.line:,}"
        name = one.counted.model if one.counted is not None else ""
        pairs = one.by_modality()
        if not pairs:
            rows.append([line, name, "", "", "", "", one.why or ""])
        for modality, (counted, billed) in pairs.items():
            share = f"{100 * (billed - counted) / billed:+.1f} %" if billed else ""
            if one.beyond(tolerance):
                colors[len(rows), 5] = "red"
            cells = [line, name, modality, f"{counted:,}", f"{billed:,}", share]
            rows.append([*cells, one.why or ""])
    headers = ["line", "model", "part", "counted", "billed", "drift", ""]
    return table(headers, rows, right=(0, 3, 4, 5), color=color, colors=colors, width=width)


def standing_cells(row: Standing) -> list[str]:
    """The cells of a row under STANDING: close is within 5 % or two tokens of the bill, and the
    last four are of the whole ones."""
    off = "" if row.median_off is None else percent(row.median_off)
    numbers = (row.bills, row.whole, row.open, row.refused, row.equal, row.close)
    return [row.group, *(f"{n:,}" for n in numbers), off, f"{row.over_most:,}"]


def _worst(found: Sequence[Reconciled], tolerance: float) -> list[Reconciled]:
    """The lines to look at, in their order: whole counts that are beyond the tolerance, the
    farthest first; then what could not be compared, then what is open."""

    def rank(one: Reconciled) -> tuple[int, float]:
        if one.drift is None:
            return 1, 0.0
        return (2 if one.why else 3 - 3 * one.beyond(tolerance)), -abs(one.drift)

    return sorted(sorted(found, key=rank)[:ROWS], key=lambda one: one.line)
