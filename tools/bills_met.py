"""How many recorded bills each frame of open weights meets: the `bills` of catalog/frames.toml.

    python tools/bills_met.py

From tests/data/bills.csv. Of the requests that a frame's models were sent, text and tools alone and
counted whole: how many come within 5 % of the bill, or two tokens.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from pathlib import Path

import bills_numbers
import multitok

FRAMES = Path(multitok.__file__).parent / "catalog" / "frames.toml"


def main() -> None:
    frames = [
        (frame["models"][0], [re.compile(pattern) for pattern in frame["models"]])
        for frame in tomllib.loads(FRAMES.read_text("utf-8"))["frame"]
    ]
    met: dict[str, list[bool]] = defaultdict(list)
    ratios: dict[str, list[float]] = defaultdict(list)
    for row in bills_numbers.read():
        if row["state"] != "whole" or row["holds"] not in ("text", "tools"):
            continue
        for name, patterns in frames:
            if any(pattern.fullmatch(row["model"]) for pattern in patterns):
                off = abs(row["tokens"] - row["billed"])
                met[name].append(off <= max(2, 0.05 * row["billed"]))
                ratios[name].append(row["billed"] / row["tokens"])
    for name, _ in frames:
        one = met[name]
        spread = f"bill / count {min(ratios[name]):.3f} to {max(ratios[name]):.3f}" if one else ""
        print(f"bills = [{sum(one)}, {len(one)}]  {name}  {spread}")


if __name__ == "__main__":
    main()
