"""CSV and Parquet files of some 100 MB, each read in a process of its own: time and memory.

The reading alone is timed, not the imports; the memory is the most that the process held, libraries
and all. The peer is the fastest, or the leanest, of numpy, pyarrow, polars and pandas on the same
file in the same run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from measure import Row, row, skipped

IMPORTS = "import numpy, pyarrow.csv, pyarrow.parquet\nfrom multitok.loaders import door\n"
READ = "read = lambda: door.{what}(path, modality='series')"
READERS = {
    "numpy.loadtxt": "import numpy\nread = lambda: numpy.loadtxt(path, delimiter=',', skiprows=1)",
    "pyarrow": "from pyarrow import csv\nread = lambda: csv.read_csv(path)",
    "polars": "import polars\nread = lambda: polars.read_csv(path, try_parse_dates=True)",
    "pandas": "import pandas\nread = lambda: pandas.read_csv(path)",
}
DATED = {**READERS, "pandas": "import pandas\n"
         "read = lambda: pandas.read_csv(path, parse_dates=['date'])"}  # fmt: skip
DATED.pop("numpy.loadtxt")
PARQUET = {
    "pyarrow": "from pyarrow import parquet\nread = lambda: parquet.read_table(path)",
    "pandas": "import pandas\nread = lambda: pandas.read_parquet(path)",
}
CHILD = """
import json, sys
from time import perf_counter
path = sys.argv[1]
{code}
start = perf_counter()
found = read()
seconds = perf_counter() - start
held = open("/proc/self/status").read().partition("VmHWM:")[2]
peak = int(held.split()[0]) * 1024
print(json.dumps([seconds, peak]))
"""
ROUNDS = 4


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        one, dated, parquet = (Path(folder) / n for n in ("one.csv", "dated.csv", "a.parquet"))
        _write_one(one)
        yield from compared("10,000,000 rows x 1 of CSV", one, READERS)
        _write_dated(dated)
        yield from compared("2,000,000 rows of a date and 4 numbers of CSV", dated, DATED)
        if find_spec("pyarrow") is None:
            yield skipped("load 1,000,000 rows of Parquet with times", "", "no pyarrow")
            return
        _write_parquet(parquet)
        yield from compared("1,000,000 rows of Parquet with times", parquet, PARQUET)


def _write_one(path: Path) -> None:
    values = np.random.default_rng(0).standard_normal(10_000_000).cumsum()
    with path.open("w") as file:
        file.write("value\n")
        for block in np.array_split(values, 100):
            file.write("".join(f"{value:.4f}\n" for value in block))


def _write_dated(path: Path) -> None:
    values = np.random.default_rng(0).standard_normal((2_000_000, 4))
    days = (np.datetime64("2020-01-01T00:00:00") + np.arange(len(values))).astype(str)
    with path.open("w") as file:
        file.write("date,a,b,c,d\n")
        for start in range(0, len(values), 20_000):
            block = zip(days[start : start + 20_000], values[start : start + 20_000], strict=True)
            file.write(
                "".join(
                    f"{day.replace('T', ' ')},{a:.3f},{b:.3f},{c:.3f},{d:.3f}\n"
                    for day, (a, b, c, d) in block
                )
            )


def _write_parquet(path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    times = np.datetime64("2020-01-01T00:00:00", "us") + np.arange(1_000_000) * 1_000_000
    pq.write_table(pa.table({"date": times, "v": np.random.default_rng(0).random(1_000_000)}), path)


def compared(work: str, path: Path, readers: Mapping[str, str]) -> Iterator[Row]:
    """Ours against the best of those that are installed, in turn, each in a new process."""
    there = {name: code for name, code in readers.items() if find_spec(name.split(".")[0])}
    count, load = READ.format(what="examine"), READ.format(what="load")
    codes = {"count": IMPORTS + count, "load": IMPORTS + load, **there}
    best = dict.fromkeys(codes, (float("inf"), float("inf")))
    for _ in range(ROUNDS):
        for name, code in codes.items():
            seconds, peak = _measured(code, path)
            best[name] = min(best[name][0], seconds), min(best[name][1], peak)
    seconds, peak = best.pop("count")
    yield {
        "work": f"count {work}, {megabytes(peak)}", "ours": f"{seconds:.2f} s", "peer": "",
        "ratio": "", "target": "under 1 s", "ok": seconds < 1,
    }  # fmt: skip
    ours = best.pop("load")
    fastest = min(best, key=lambda name: best[name][0])
    yield row(
        f"load {work}", ours=ours[0], peer=best[fastest][0], within=1.3,
        against=f"the fastest, {fastest} ({megabytes(best[fastest][1])})",
    )  # fmt: skip
    leanest = min(best, key=lambda name: best[name][1])
    ratio = ours[1] / best[leanest][1]
    yield {
        "work": f"load {work}: memory", "ours": megabytes(ours[1]),
        "peer": f"the leanest, {leanest} ({best[leanest][0]:.2f} s): {megabytes(best[leanest][1])}",
        "ratio": f"{ratio:.2f} times as much", "target": "within 1.3 times", "ok": ratio <= 1.3,
    }  # fmt: skip


def megabytes(size: float) -> str:
    return f"{size / 1e6:.0f} MB"


def _measured(code: str, path: Path) -> tuple[float, float]:
    child = subprocess.run(
        [sys.executable, "-c", CHILD.format(code=code), str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, peak = json.loads(child.stdout.splitlines()[-1])
    return seconds, peak
