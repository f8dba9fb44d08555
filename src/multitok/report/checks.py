"""What `check` found: a summary, a JSON document, workflow commands."""

from __future__ import annotations

from typing import Any

from multitok.budgets.files import Checked, totals
from multitok.report.text import SCHEMA


def escaped(text: str, more: str = "") -> str:
    """As workflow commands have it."""
    for mark in "%\r\n" + more:
        text = text.replace(mark, f"%{ord(mark):02X}")
    return text


def summary(checked: list[Checked]) -> str:
    found = totals(checked)
    looked = len(checked) - found["skipped"]
    words = [f"{looked:,} file{'' if looked == 1 else 's'} checked"]
    words += [f"{found[name]:,} {name}" for name in ("over", "near", "failed") if found[name]]
    if found["proven"]:
        words.append(f"{found['proven']:,} proven by size")
    if found["skipped"]:
        words.append(f"{found['skipped']:,} skipped")
    return ", ".join(words)


def document(checked: list[Checked]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "files": [
            {
                "path": one.path,
                "status": one.status,
                "tokens": one.tokens,
                "limit": one.limit,
                "kind": one.kind or None,
                "proven": one.proven,
                "why": one.why or None,
            }
            for one in checked
        ],
        "totals": totals(checked),
    }
