"""How many recorded bills each frame of open weights meets: the `bills` of catalog/frames.toml.

    python tools/bills_met.py FILE...

Files as for tools/bills_table.py. Of the requests that a frame's models were sent, text and tools
alone and counted whole: how many come within 5 % of the bill, or two tokens.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import multitok
from bills_table import group, read
from multitok.catalog import load
from multitok.requests.usage import usage_of

FRAMES = Path(multitok.__file__).parent / "catalog" / "frames.toml"


def main(paths: list[str]) -> None:
    frames = [
        (frame["models"][0], [re.compile(pattern) for pattern in frame["models"]])
        for frame in tomllib.loads(FRAMES.read_text("utf-8"))["frame"]
    ]
    met: dict[str, list[bool]] = defaultdict(list)
    ratios: dict[str, list[float]] = defaultdict(list)
    for row in read(paths):
        usage = usage_of(row["usage"])
        if usage is None or not usage.input or not group(row).endswith((", text", ", tools")):
            continue
        try:
            counted = multitok.count_request(row["request"], row["model"])
            known = load.catalog().model(row["model"]).id
        except multitok.MultitokError:
            continue
        for name, patterns in frames:
            if counted.complete and any(pattern.fullmatch(known) for pattern in patterns):
                off = abs(counted.tokens - usage.input)
                met[name].append(off <= max(2, 0.05 * usage.input))
                ratios[name].append(usage.input / counted.tokens)
    for name, _ in frames:
        one = met[name]
        spread = f"bill / count {min(ratios[name]):.3f} to {max(ratios[name]):.3f}" if one else ""
        print(f"bills = [{sum(one)}, {len(one)}]  {name}  {spread}")


if __name__ == "__main__":
    main(sys.argv[1:])
