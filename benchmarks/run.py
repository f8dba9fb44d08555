"""The table of ratios: this project against its peers, both measured in one run.

    python benchmarks/run.py                 every benchmark
    python benchmarks/run.py probe text      these only
    python benchmarks/run.py --write         into docs/benchmarks.md too

Each module beside this one with a function `rows()`, which gives a dict for each row, is run in a
process of its own: what one imports or breaks does not touch another. benchmarks/requirements.txt
names the peers.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import traceback
from datetime import date
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
PEERS = (
    "numpy", "pillow", "av", "opencv-python-headless", "tiktoken", "tokenizers", "splintr-rs",
    "fastokens", "chronos-forecasting", "transformers", "torch", "torchvision", "qwen-vl-utils",
    "decord", "torchcodec", "litellm", "pillow-heif",
    "imagesize", "PyWavelets", "fABBA", "pyarrow", "polars", "pandas", "daft", "datasets",
    "vision-squeezer",
)  # fmt: skip
COLUMNS = ("work", "ours", "peer", "ratio", "target", "ok")
Row = dict[str, Any]


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--rows"]:
        print("\n" + json.dumps(measured(arguments[1])))
        return 0
    chosen = [word for word in arguments if not word.startswith("-")]
    modules = chosen or sorted(
        p.stem for p in HERE.glob("*.py") if "\ndef rows(" in p.read_text("utf-8")
    )
    tables = {}
    for module in modules:
        print(f"{module} ...", file=sys.stderr, flush=True)
        tables[module] = run(module)
    text = page(tables)
    print(text)
    if "--write" in arguments:
        PAGE.write_text(text, "utf-8")
    return 0


def measured(module: str) -> list[Row]:
    """The rows of one module; where it breaks off, a row says so and the earlier ones stay."""
    made: list[Row] = []
    try:
        for row in import_module(module).rows():
            print(f"  {row['work']}: {row['ratio'] or row['peer']}", file=sys.stderr, flush=True)
            made.append(row)
    except Exception as error:  # the other modules are measured all the same
        traceback.print_exc()
        made.append(dict.fromkeys(COLUMNS, "") | {"work": module, "peer": str(error), "ok": None})
    return made


def run(module: str) -> list[Row]:
    """The rows of one module, from a process of its own."""
    ran = subprocess.run(
        [sys.executable, __file__, "--rows", module], cwd=HERE, stdout=subprocess.PIPE, text=True,
        check=True,
    )  # fmt: skip
    rows: list[Row] = json.loads(ran.stdout.splitlines()[-1])
    return rows


def page(tables: dict[str, list[Row]]) -> str:
    lines = [
        "# Benchmarks",
        "",
        "Each row times multitok and a peer in turn, in one run on one machine, and takes the best"
        " of each; the ratio is what counts. `make bench` prints this table.",
        "",
        *(f"- {line}" for line in machine()),
    ]
    for module, rows in tables.items():
        lines += ["", f"## {module}", "", *table(rows)]
        for row in rows:
            if row.get("note"):
                lines += ["", f"{row['work']}: {row['note']}"]
    return "\n".join(lines).rstrip() + "\n"


def table(rows: list[Row]) -> list[str]:
    head = ("work", "multitok", "peer", "ratio", "target", "met")
    cells = [head, tuple("-" * len(word) for word in head)]
    for row in rows:
        met = {True: "yes", False: "no", None: "skipped"}[row["ok"]]
        cells.append((*(_shown(row[c]) for c in COLUMNS[:-1]), met))
    widths = [max(len(line[i]) for line in cells) for i in range(len(head))]
    return [
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in cells
    ]


def _shown(value: Any) -> str:
    """Cells are words; a bare number is shown short."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def machine() -> list[str]:
    processor = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [
                line.partition(":")[2].strip() for line in file if line.startswith("model name")
            ]
        processor = names[0] if names else processor
    except OSError:
        pass
    versions = []
    for package in PEERS:
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return [
        f"{os.cpu_count()} cores, {processor}, {platform.system()}",
        f"Python {platform.python_version()}, {', '.join(versions)}",
        f"measured on {date.today()}",
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
