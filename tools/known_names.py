"""How many of the names that people use get a number for a picture: figures of docs/catalogue.md.

    python tools/known_names.py              prints the table
    python tools/known_names.py --write      writes it into docs/catalogue.md
    python tools/known_names.py --unknown    lists the names that get none, and why

The lists are halves of public ones: models that take pictures by the price lists of resellers
(models.dev, 2026-07-02, with how many list each), and open vision checkpoints (ms-swift's table of
supported models, 2026-08-22).
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import NamedTuple

from multitok.catalog.load import catalog
from multitok.core.errors import MultitokError

ROOT = Path(__file__).parents[1]
LISTS = ROOT / "tests" / "catalog"
BEGIN, END = "<!-- known names: tools/known_names.py --write -->\n", "<!-- end of known names -->\n"


class Known(NamedTuple):
    """Names of a list, each with its weight and why it has no number (None where it has one)."""

    what: str
    names: tuple[tuple[str, int, str | None], ...]

    @property
    def share(self) -> float:
        return sum(n for _, n, why in self.names if why is None) / sum(n for _, n, _ in self.names)


def why_unknown(name: str) -> str | None:
    try:
        catalog().model(name).rule("image")
    except MultitokError as error:
        return str(error)
    return None


def hosted() -> Known:
    with (LISTS / "names_hosted.csv").open(encoding="utf-8") as file:
        rows = [(row["name"], int(row["listings"])) for row in csv.DictReader(file)]
    return Known("listings of hosted models", tuple((n, k, why_unknown(n)) for n, k in rows))


def checkpoints() -> Known:
    with (LISTS / "names_open.csv").open(encoding="utf-8") as file:
        rows = [row["name"] for row in csv.DictReader(file)]
    return Known("open vision checkpoints", tuple((n, 1, why_unknown(n)) for n in rows))


def table() -> str:
    lines = ["| names | tried | with a number for a picture |", "|---|--:|--:|"]
    for known in (hosted(), checkpoints()):
        total = sum(n for _, n, _ in known.names)
        met = sum(n for _, n, why in known.names if why is None)
        lines.append(f"| {known.what} | {total:,} | {met:,} ({known.share:.0%}) |")
    return "\n".join(lines) + "\n"


def main(argv: list[str]) -> None:
    if "--unknown" in argv:
        for known in (hosted(), checkpoints()):
            for name, n, why in sorted(known.names, key=lambda row: -row[1]):
                if why is not None:
                    print(f"{n:4} {name}: {why}")
        return
    if "--write" in argv:
        page = ROOT / "docs" / "catalogue.md"
        before, _, rest = page.read_text("utf-8").partition(BEGIN)
        page.write_text(before + BEGIN + table() + END + rest.partition(END)[2], "utf-8")
    print(table(), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
