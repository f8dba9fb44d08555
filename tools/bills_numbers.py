"""Recorded bills as a table of numbers: tests/data/bills.csv, and tests/data/bills_plain.csv.

    python tools/bills_numbers.py FILE...            writes bills.csv
    python tools/bills_numbers.py --plain FILE...    writes bills_plain.csv: counted as if neither
                                                     ctok nor the extras were installed

A file holds JSON lines (xz too): {"provider", "endpoint", "model", "request", "usage"}. No text,
name or id of a recording goes into the table. A row is a bill, in the order of the recordings; an
empty cell is 0, or what nobody said:

number     within its provider
endpoint   the last word of its path
model      the catalogue's name; empty where the count was refused
month      in which the recordings were collected: they bear no date themselves
holds      what of `requests.groups.HOLDS` is in the request
state      whole, open (a part is unknown; the numbers are of what is known), refused
kind       of the whole count
tokens     what was counted, and `most`, its upper end
text ...   the tokens of a kind of part: they add up to `tokens`
estimated_text ...   what of a modality is an estimate; tools and framing are text
billed     all input tokens, and by modality where the bill says so
"""

from __future__ import annotations

import csv
import json
import lzma
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "tests" / "data"
TABLES = {False: DATA / "bills.csv", True: DATA / "bills_plain.csv"}
OPTIONAL = ("ctok", "splintr", "fastokens", "mistral_common")
MONTH = "2026-11"
PARTS = ("text", "tools", "framing", "schema", "image", "audio", "video", "pdf")
MODALITIES = ("text", "image", "audio", "video", "pdf")
COLUMNS = (
    "number", "provider", "endpoint", "model", "month", "holds", "state", "kind", "tokens", "most",
    *PARTS, *(f"estimated_{name}" for name in MODALITIES),
    "billed", *(f"billed_{name}" for name in MODALITIES),
)  # fmt: skip
NUMBERS = COLUMNS[COLUMNS.index("tokens") :]


def read(plain: bool = False) -> list[dict[str, Any]]:
    """The rows of a table, its numbers as int; None where a cell is empty."""
    with TABLES[plain].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        {**row, **{name: int(row[name]) if row[name] else None for name in ("number", *NUMBERS)}}
        for row in rows
    ]


def lines(paths: list[str]) -> Iterator[tuple[str, str]]:
    """Each line of the files, and the last word of the path it was sent to."""
    for path in sorted(paths):
        opened = lzma.open if path.endswith(".xz") else open
        with opened(path, "rt", encoding="utf-8") as file:
            for line in file:
                yield line, str(json.loads(line)["endpoint"]).replace("#", "/").rpartition("/")[2]


def rows(paths: list[str]) -> Iterator[dict[str, Any]]:
    """A row of the table for each line that says what was billed."""
    from multitok.requests.bills import reconcile

    numbers: Counter[str] = Counter()
    for line, endpoint in lines(paths):
        (found,) = reconcile([line])
        bill = found.bill()
        if bill is None or found.billed is None:
            continue
        numbers[bill.provider] += 1
        row = {
            **bill._asdict(),
            "number": numbers[bill.provider],
            "endpoint": endpoint.rpartition(":")[2],
            "month": MONTH,
            **{f"billed_{name}": found.billed.by_modality.get(name) for name in MODALITIES},
        }
        if found.counted is not None:
            row |= {"model": found.counted.model, "kind": found.counted.kind}
            row |= by_part(found.counted.parts)
        yield {name: value for name, value in row.items() if value}


def by_part(parts: Any) -> Mapping[str, int]:
    """Tokens by kind of part, and those of each modality that are estimates."""
    sums: Counter[str] = Counter()
    for part in parts:
        modality = part.modality if part.modality in MODALITIES else "text"
        kind = "schema" if part.what == "response format" else modality
        if part.modality == "tool" or part.what in ("tool framing", "tool system prompt"):
            kind = "tools"
        elif part.what.startswith("framing"):
            kind = "framing"
        sums[kind] += part.tokens or 0
        if part.kind == "estimate":
            sums[f"estimated_{modality}"] += part.tokens or 0
    return sums


def main(arguments: list[str]) -> None:
    plain = "--plain" in arguments
    paths = [word for word in arguments if word != "--plain"]
    if not paths:
        sys.exit(__doc__)
    if plain:
        sys.modules.update(dict.fromkeys(OPTIONAL))  # None: importing it is an ImportError
    found = sorted(rows(paths), key=lambda row: (row["provider"], row["number"]))
    with TABLES[plain].open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
        table.writeheader()
        table.writerows(found)


if __name__ == "__main__":
    main(sys.argv[1:])
