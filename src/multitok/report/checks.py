"""What `check` found: a line a file, or a row of a baseline, a summary, a JSON document, commands
of a workflow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from multitok.budgets.baseline import Drift
from multitok.budgets.files import Checked, totals
from multitok.core.info import plural
from multitok.report.documents import document
from multitok.report.safe import shown
from multitok.report.text import style

_COLOR = {"over": "red", "failed": "red", "near": "yellow", "moved": "red", "new": "yellow"}


def check_to_dict(one: Checked) -> dict[str, Any]:
    """One file with its verdict."""
    return {
        "path": one.path,
        "status": one.status,
        "tokens": one.tokens,
        "limit": one.limit,
        "kind": one.kind or None,
        "proven": one.proven,
        "why": one.why or None,
    }


def checks_to_dict(checked: Sequence[Checked], unmet: Sequence[str] = ()) -> dict[str, Any]:
    """Every file with its verdict, how many of each, and the limits that hold for no file."""
    files = [check_to_dict(one) for one in checked]
    return document({"files": files, "totals": totals(checked), "unmet": list(unmet)})


def drift_to_dict(one: Drift) -> dict[str, Any]:
    """One row of a baseline, as it is and as it was."""
    return {
        "path": one.path,
        "model": one.model or None,
        "status": one.status,
        "tokens": one.tokens,
        "kind": one.kind,
        "was": one.was,
        "kind_was": one.kind_was,
        "why": list(one.why),
    }


def drifts_to_dict(drifts: Sequence[Drift]) -> dict[str, Any]:
    """Every row of a baseline, and how many of each status."""
    return document({"rows": [drift_to_dict(one) for one in drifts], "totals": drifted(drifts)})


def drifted(drifts: Sequence[Drift]) -> dict[str, int]:
    """How many rows have each status."""
    found = dict.fromkeys(("same", "moved", "new", "failed"), 0)
    for one in drifts:
        found[one.status] += 1
    return found


def drift_summary(drifts: Sequence[Drift]) -> str:
    """`12 counts of 6 files held against the baseline, 2 moved`"""
    found = drifted(drifts)
    files = plural(len({one.path for one in drifts}), "file")
    words = [f"{plural(len(drifts), 'count')} of {files} held against the baseline"]
    words += [f"{found[name]:,} {name}" for name in ("moved", "new", "failed") if found[name]]
    return ", ".join(words)


def render_check(one: Checked | Drift, *, color: bool) -> str:
    """`over    docs/a.md: 1,204 tokens, 204 over its limit of 1,000`."""
    word = style(f"{one.status:<6}", _COLOR[one.status], color=color)
    named = one.message if one.status == "failed" else f"{one.path}: {one.message}"
    return f"{word}  {shown(named)}"


def annotation(one: Checked | Drift) -> str:
    """The command that marks a file in a GitHub workflow: nothing in it ends it early."""
    level = "warning" if one.status == "near" else "error"
    path, message = _escaped(shown(one.path), ":,"), _escaped(shown(one.message))
    return f"::{level} file={path},title=multitok::{message}"


def _escaped(text: str, more: str = "") -> str:
    """As workflow commands have it."""
    for mark in "%\r\n" + more:
        text = text.replace(mark, f"%{ord(mark):02X}")
    return text


def summary(checked: Sequence[Checked]) -> str:
    """`12 files checked, 1 over, 9 proven by size`."""
    found = totals(checked)
    words = [f"{plural(len(checked) - found['skipped'], 'file')} checked"]
    words += [f"{found[name]:,} {name}" for name in ("over", "near", "failed") if found[name]]
    if found["proven"]:
        words.append(f"{found['proven']:,} proven by size")
    if found["skipped"]:
        words.append(f"{found['skipped']:,} skipped")
    return ", ".join(words)
