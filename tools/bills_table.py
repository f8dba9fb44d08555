"""How counts stand to what was billed: the table of docs/requests.md, from recorded requests.

    python tools/bills_table.py FILE...            prints the table
    python tools/bills_table.py --write FILE...    writes it into docs/requests.md, with the day

A file holds JSON lines (xz too), each a request with its usage: {"provider", "model", "request",
"usage"}. The requests themselves stay out of the repository: the table has numbers only. A count is
close when it is within 5 % of the bill, or two tokens.
"""

from __future__ import annotations

import json
import lzma
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import multitok
from multitok.requests.usage import usage_of

PAGE = Path(__file__).parents[1] / "docs" / "requests.md"
BEGIN, END = "<!-- bills: tools/bills_table.py --write -->\n", "<!-- end of bills -->\n"
HELD = {
    "video": ('"mimeType": "video', '"mime_type": "video', '"video_url"'),
    "sound": ('"input_audio"', '"mimeType": "audio', '"mime_type": "audio'),
    "PDF": ('"type": "document"', '"application/pdf"', '"input_file"', "data:application/pdf"),
    "pictures": ('"image_url"', '"input_image"', '"type": "image"', '"mimeType": "image'),
    "tools": ('"tools"', '"toolConfig"', '"functions"'),
    "a schema": ('"response_format"', '"responseSchema"', '"responseJsonSchema"', '"json_schema"',
                 '"output_config"', '"output_format"'),
}  # fmt: skip
"""What a request holds, the dearest first, and what shows it."""


class Held(NamedTuple):
    """One bill: how many tokens, and what was counted; None where the request is open."""

    billed: int
    counted: int | None
    most: int | None


def read(paths: list[str]) -> Iterator[Mapping[str, Any]]:
    for path in paths:
        opened = lzma.open if path.endswith(".xz") else open
        with opened(path, "rt", encoding="utf-8") as file:
            yield from map(json.loads, file)


def group(row: Mapping[str, Any]) -> str:
    text = json.dumps(row["request"])
    held = next((what for what, signs in HELD.items() if any(s in text for s in signs)), "text")
    return f"{row['provider']}, {held}"


def compared(paths: list[str]) -> dict[str, list[Held]]:
    found: dict[str, list[Held]] = defaultdict(list)
    for row in read(paths):
        usage = usage_of(row["usage"])
        if usage is None or not usage.input:
            continue
        try:
            counted = multitok.count_request(row["request"], row["model"])
        except multitok.MultitokError:
            found[group(row)].append(Held(usage.input, None, None))
            continue
        whole = counted.tokens if counted.complete else None
        found[group(row)].append(
            Held(usage.input, whole, counted.most if counted.complete else None)
        )
    return found


def table(found: Mapping[str, list[Held]]) -> str:
    heads = ["requests", "bills", "counted whole", "equal", "close", "median off", "most holds"]
    lines = [f"| {' | '.join(heads)} |", "|---|" + "--:|" * (len(heads) - 1)]
    for name, bills in sorted(found.items()):
        lines.append(f"| {name} | {' | '.join(figures(bills))} |")
    every = [one for bills in found.values() for one in bills]
    return "\n".join([*lines, f"| all | {' | '.join(figures(every))} |"]) + "\n"


def figures(bills: list[Held]) -> list[str]:
    whole = [(b.billed, b.counted, b.most or 0) for b in bills if b.counted is not None]
    off = [abs(counted - billed) for billed, counted, _ in whole]
    close = sum(d <= max(2, 0.05 * billed) for d, (billed, _, _) in zip(off, whole, strict=True))
    middle = statistics.median(d / w[0] for d, w in zip(off, whole, strict=True)) if whole else None
    return [
        f"{len(bills):,}", f"{len(whole):,}", f"{off.count(0):,}", f"{close:,}",
        "" if middle is None else f"{middle:.1%}",
        f"{sum(most >= billed for billed, _, most in whole):,}",
    ]  # fmt: skip


def main(arguments: list[str]) -> None:
    paths = [word for word in arguments if word != "--write"]
    if not paths:
        sys.exit(__doc__)
    made = table(compared(paths))
    if "--write" in arguments:
        day = datetime.now(UTC).date()
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        text = f"{before}{BEGIN}Counted on {day}.\n\n{made}{END}{rest.partition(END)[2]}"
        PAGE.write_text(text, "utf-8")
    print(made, end="")


if __name__ == "__main__":
    main(sys.argv[1:])
