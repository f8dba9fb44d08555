"""Counted against billed: a table of a log, and its JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from multitok.report.columns import table
from multitok.report.documents import document
from multitok.requests.bills import Reconciled


def bill_to_dict(one: Reconciled, tolerance: float) -> dict[str, Any]:
    """One line of the log: counted, billed, by how much they differ and in which part."""
    return {
        "line": one.line,
        "model": one.counted.model if one.counted is not None else None,
        "counted": one.counted.tokens if one.counted is not None else None,
        "billed": one.billed.input if one.billed is not None else None,
        "drift": one.drift,
        "beyond": one.beyond(tolerance),
        "parts": {
            name: {"counted": counted, "billed": billed}
            for name, (counted, billed) in one.by_modality().items()
        },
        "why": one.why,
    }


def bills_to_dict(found: Sequence[Reconciled], tolerance: float) -> dict[str, Any]:
    """Every line of the log."""
    requests = [bill_to_dict(one, tolerance) for one in found]
    return document({"tolerance": tolerance, "requests": requests})


def render_bills(
    found: Sequence[Reconciled], tolerance: float, *, color: bool, width: int | None = None
) -> str:
    """A row a modality of each line; the drift red where it is beyond the tolerance."""
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
