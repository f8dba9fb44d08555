"""How counts stand to what was billed: the table of docs/requests.md, from tests/data/bills.csv.

    python tools/bills_table.py            prints the table
    python tools/bills_table.py --write    writes it into docs/requests.md, with the day

The same groups and figures as `multitok reconcile` prints for a log of its user.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import bills_numbers
from multitok.report.bills import STANDING, standing_cells
from multitok.requests.groups import Bill, standings

PAGE = Path(__file__).parents[1] / "docs" / "requests.md"
BEGIN, END = "<!-- bills: tools/bills_table.py --write -->\n", "<!-- end of bills -->\n"


def table() -> str:
    rows = [Bill(*(row[name] for name in Bill._fields)) for row in bills_numbers.read()]
    lines = [
        STANDING,
        ("---", *["--:"] * (len(STANDING) - 1)),
        *map(standing_cells, standings(rows)),
    ]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main(arguments: list[str]) -> None:
    made = table()
    if arguments == ["--write"]:
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        day = datetime.now(UTC).date()
        text = f"{before}{BEGIN}Counted on {day}.\n\n{made}{END}{rest.partition(END)[2]}"
        PAGE.write_text(text, "utf-8")
    print(made, end="")


if __name__ == "__main__":
    main(sys.argv[1:])
