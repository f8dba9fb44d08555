"""What twice as much takes: each work at three sizes, one twice the other, each in a process of its
own. What grows as its input takes 4 times the time and the memory for 4 times as much, and up to 5
where a cache of the processor ends or a machine is busy; what grows as its square would take 16.

    python benchmarks/growth.py WORK SIZE FOLDER    one run
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from measure import Row, duration

RUNS = 3
LINEAR = 5
"""Times the cost of a quarter, at most."""
ROWS = 2_500
"""Of a row group."""
PART = "The train leaves at nine, and nobody knows when it is back: say {number}.\n"


def text(size: int, folder: Path) -> Callable[[], Any]:
    """A file of so many lines of 75 bytes, counted from its path."""
    import multitok

    path = folder / f"{size}.txt"
    with path.open("w") as file:
        for number in range(size):
            file.write(PART.format(number=number))
    return lambda: multitok.count(path, model="gpt-4o")


def scan(size: int, folder: Path) -> Callable[[], Any]:
    """So many rows of Parquet with texts of 1 kB."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    import multitok

    path = folder / f"{size}.parquet"
    with pq.ParquetWriter(path, pa.schema({"text": pa.string()})) as out:
        for start in range(0, size, ROWS):
            texts = [PART.format(number=start + number) * 13 for number in range(ROWS)]
            out.write_table(pa.table({"text": texts}))
    return lambda: multitok.scan(path, models="gpt-4o", workers=1)


def csv(size: int, folder: Path) -> Callable[[], Any]:
    """A file of so many rows of a clock and two columns, loaded."""
    import multitok

    path = folder / f"{size}.csv"
    with path.open("w") as file:
        file.write("time,a,b\n")
        for number in range(size):
            file.write(f"{number},{number * 7 % 1013 / 8},{number * 3 % 997 / 4}\n")
    return lambda: multitok.load(path, modality="series")


def request(size: int, folder: Path) -> Callable[[], Any]:
    """A chat of so many messages, each another."""
    import multitok

    roles = ("user", "assistant")
    messages = [
        {"role": roles[number % 2], "content": PART.format(number=number) * 4}
        for number in range(size)
    ]
    payload = {"model": "gpt-4o", "messages": messages}
    return lambda: multitok.count_request(payload)


def chronos(size: int, folder: Path) -> Callable[[], Any]:
    """A series of so many steps, encoded."""
    import numpy as np

    import multitok

    series = multitok.Series(np.sin(np.arange(size) / 50))
    tokenizer = multitok.get_tokenizer("chronos", context_length=None)
    return lambda: tokenizer.encode(series).ids


WORKS: dict[str, tuple[Callable[[int, Path], Callable[[], Any]], int, str]] = {
    "scan": (scan, 25_000, "a scan of {:,} texts of 1 kB"),
    "text": (text, 300_000, "count of a file with {:,} lines of text"),
    "csv": (csv, 500_000, "load of {:,} rows of CSV"),
    "request": (request, 5_000, "count of a request with {:,} messages"),
    "chronos": (chronos, 8_000_000, "chronos, {:,} steps encoded"),
}
"""What is done, the least size, and what to call it."""


def rows() -> Iterator[Row]:
    for work, (_, least, words) in WORKS.items():
        sizes = [least, 2 * least, 4 * least]
        found = [measured(work, size) for size in sizes]
        seconds, peaks = ([one[what] for one in found] for what in (0, 1))
        yield grown(words.format(sizes[-1]), seconds, [duration(one) for one in seconds])
        yield grown(f"{words.format(sizes[-1])}: memory", peaks, [f"{p:.0f} MB" for p in peaks])


def grown(work: str, costs: list[float], shown: list[str]) -> Row:
    """A row of what the largest costs, beside the half and the quarter of it."""
    times = [large / small for small, large in pairwise(costs)]
    return {
        "work": work,
        "ours": shown[2],
        "peer": f"a quarter: {shown[0]}, half: {shown[1]}",
        "ratio": " and ".join(f"{one:.2f}" for one in times) + " times for twice",
        "target": f"{LINEAR} times a quarter",
        "ok": costs[2] <= LINEAR * costs[0],
    }


def measured(work: str, size: int) -> tuple[float, float]:
    """The least CPU seconds of some runs, of all processes, and the least of their peaks in MB."""
    found = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, __file__, work, str(size), folder]
            out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        found.append(json.loads(out.splitlines()[-1]))
    return min(one[0] for one in found), min(one[1] for one in found)


def run(work: str, size: int, folder: Path) -> tuple[float, float]:
    """CPU seconds of the work alone, the second time: the first loads what is loaded once, and is
    given its memory page by page. The peak is that of the process that held most, input and all."""
    prepared = WORKS[work][0](size, folder)
    prepared()
    began = _spent()
    prepared()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return _spent() - began, max(one.ru_maxrss for one in used) / 1024


def _spent() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    print("\n" + json.dumps(run(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))))
