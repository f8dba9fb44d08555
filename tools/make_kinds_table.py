"""How each kind of number stood to recorded bills: the tables of docs/sure.md, of tests/data/.

    python tools/make_kinds_table.py

Requests that were counted whole, with every vocabulary at hand and with none.
tests/test_kinds_table.py holds the page to them.
"""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any, get_args

import bills_numbers
from multitok.core.counts import Kind

PAGE = Path(__file__).parents[1] / "docs" / "sure.md"
BEGIN, END = "<!-- kinds: make bills -->\n\n", "<!-- end of kinds -->"
TITLES = {False: "With all vocabularies at hand", True: "With none of the optional ones"}
HEAD = "| a request that is | bills | equal | close | median off | at most the stated most |"


def tables() -> str:
    """Both tables, in Markdown."""
    made = []
    for plain, title in TITLES.items():
        whole = [row for row in bills_numbers.read(plain) if row["state"] == "whole"]
        made += [f"**{title}**", "", HEAD, "|---|--:|--:|--:|--:|--:|"]
        for kind in get_args(Kind):
            of = [row for row in whole if row["kind"] == kind]
            made += [f"| {kind} | {' | '.join(cells(of))} |"] if of else []
        made += [f"| any of them | {' | '.join(cells(whole))} |", ""]
    return "\n".join(made)


def cells(rows: list[dict[str, Any]]) -> list[str]:
    """Close is within 5 % of the bill, or two tokens."""
    off = [abs(row["tokens"] - row["billed"]) for row in rows]
    shares = [n / row["billed"] for n, row in zip(off, rows, strict=True)]
    close = sum(n <= max(2, 0.05 * row["billed"]) for n, row in zip(off, rows, strict=True))
    within = sum(row["billed"] <= row["most"] for row in rows)
    numbers = (len(rows), sum(n == 0 for n in off), close)
    return [*(f"{n:,}" for n in numbers), f"{statistics.median(shares):.1%}", f"{within:,}"]


def written(page: str) -> str:
    """The page with the tables of today."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}{tables()}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
