"""How many recorded bills each model's counts meet: catalog/evidence.toml, by tests/data/bills.csv.

    python tools/make_evidence.py

Of the requests that were counted whole, with every vocabulary at hand: how many were equal to the
bill, how many close to it (within 5 % or two tokens), of how many.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import bills_numbers
import multitok
from multitok.catalog.load import catalog
from multitok.catalog.names import endpoint_of

FILE = Path(multitok.__file__).parent / "catalog" / "evidence.toml"
HEAD = """\
# Written by `make bills` from tests/data/bills.csv: of the recorded requests to a model that were
# counted whole, [equal to the bill, within 5 % or two tokens of it, all].

"""


def row_of(model: str) -> str:
    """The row whose numbers a model has, its own, or that of its family or version, with the word
    for where it answers, where that is counted otherwise."""
    found = catalog().names.find(model)
    assert found is not None, f"{model}: make bills writes tests/data/bills.csv anew"
    elsewhere = endpoint_of(model) in catalog().model(found.row).endpoints
    return f"{endpoint_of(model)}/{found.row}" if elsewhere else found.row


def evidence() -> str:
    """The file's text."""
    equal: Counter[str] = Counter()
    close: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for row in bills_numbers.read():
        if row["state"] == "whole":
            off = abs(row["tokens"] - row["billed"])
            model = row_of(row["model"])
            whole[model] += 1
            equal[model] += off == 0
            close[model] += off <= max(2, 0.05 * row["billed"])
    lines = [
        f"{json.dumps(model)} = [{equal[model]}, {close[model]}, {whole[model]}]\n"
        for model in sorted(whole)
    ]
    return HEAD + "".join(lines)


if __name__ == "__main__":
    FILE.write_text(evidence(), "utf-8")
