"""A scan beside a plain loop and the engines that people have: 20,000 pictures in files and 50,000
texts of 1.2 kB in Parquet, the CPU seconds of all processes, the least of three runs.

    python benchmarks/scans.py HOW FOLDER    one run, in a process of its own
"""

from __future__ import annotations

import importlib.util
import io
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from measure import Row, row, skipped

PICTURES, TEXTS = 20_000, 50_000
MODEL = "gpt-4o"
EIGHT = (
    MODEL, "gpt-5.4", "claude-opus-5", "gemini-2.5-flash", "grok-4", "pixtral-large-2411",
    "Qwen/Qwen2.5-VL-7B-Instruct", "Qwen/Qwen3-VL-8B-Instruct",
)  # fmt: skip
TIMES = 4
"""As much again shows what a scan costs beside the start of its processes."""
RUNS = 3
SMALL, LARGE = 500, 1500
"""Megabytes of Parquet whose peaks of memory are compared."""
ENGINES = {"Daft, native": "daft", "Polars": "polars", "datasets, 1 process": "datasets"}


def made(folder: Path, times: int = 1) -> tuple[int, int]:
    """The pictures, of 300 sizes and three formats, one in 500 broken; and the texts."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from PIL import Image

    choice = random.Random(0)
    files = []
    for number in range(300):
        size = choice.randint(8, 1200), choice.randint(8, 900)
        file = io.BytesIO()
        form = ("jpeg", "png", "webp")[number % 3]
        Image.new("RGB", size, (number % 255, 0, 0)).save(file, form)
        files.append((file.getvalue(), form))
    for number in range(times * PICTURES):
        place = folder / "pictures" / f"{number % 20:02}"
        place.mkdir(parents=True, exist_ok=True)
        data, form = files[number % 300]
        (place / f"{number:05}.{form}").write_bytes(b"broken" if number % 500 == 7 else data)
    words = (Path(__file__).parent.parent / "samples" / "english.txt").read_text("utf-8").split()
    texts = [" ".join(choice.choices(words, k=200)) for _ in range(times * TEXTS)]
    pq.write_table(pa.table({"text": texts}), folder / "texts.parquet", row_group_size=5000)
    return 0, 0


def heavy(path: Path, megabytes: int) -> tuple[int, int]:
    """Parquet with pictures of 100 kB in its cells."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from PIL import Image

    noise = random.Random(0).randbytes(200 * 166 * 3)
    file = io.BytesIO()
    Image.frombytes("RGB", (200, 166), noise).save(file, "PNG", compress_level=0)
    cells = pa.array([{"bytes": file.getvalue(), "path": None}] * 200)
    table = pa.table({"image": cells})
    words: dict[str, Any] = {"compression": "none", "use_dictionary": False}
    with pq.ParquetWriter(path, table.schema, **words) as out:
        while path.stat().st_size < megabytes << 20:
            out.write_table(table)
    return 0, 0


def loop(folder: Path) -> tuple[int, int]:
    """What one writes first."""
    import pyarrow.parquet as pq

    import multitok

    tokens = errors = 0
    for path in sorted((folder / "pictures").rglob("*.*")):
        try:
            tokens += multitok.count(str(path), model=MODEL).tokens
        except multitok.MultitokError:
            errors += 1
    for text in pq.read_table(folder / "texts.parquet").column("text").to_pylist():
        tokens += multitok.count(text, model=MODEL, modality="text").tokens
    return tokens, errors


def scan(folder: Path, workers: int) -> tuple[int, int]:
    import multitok

    sources = [folder / "pictures", folder / "texts.parquet"]
    found = multitok.scan(sources, models=MODEL, workers=workers)
    return found.tokens, found.failed


def pictures(folder: Path, models: tuple[str, ...]) -> tuple[int, int]:
    import multitok

    found = multitok.scan(folder / "pictures", models=models, workers=1)
    return found.tokens, found.failed


def scan_file(path: Path) -> tuple[int, int]:
    import multitok

    found = multitok.scan(path, models=MODEL, workers=1)
    return found.tokens, found.failed


def tiktoken_loop(path: Path) -> tuple[int, int]:
    """The texts of a file, one after the other; the vocabulary is read from its cache."""
    import pyarrow.parquet as pq
    import tiktoken

    encoding = tiktoken.encoding_for_model(MODEL)
    tokens = 0
    for batch in pq.ParquetFile(path).iter_batches(columns=["text"]):
        tokens += sum(len(encoding.encode_ordinary(text)) for text in batch[0].to_pylist())
    return tokens, 0


def columns(folder: Path) -> tuple[list[str], Path]:
    paths = [str(path) for path in sorted((folder / "pictures").rglob("*.*"))]
    return paths, folder / "texts.parquet"


def polars(folder: Path) -> tuple[int, int]:
    import polars as pl

    from multitok.adapters import count_column

    def counted(modality: str) -> Callable[[Any], Any]:
        def of(cells: Any) -> Any:
            found = count_column(cells, model=MODEL, modality=modality)
            return pl.Series(found["tokens"], dtype=pl.Int64)

        return of

    paths, texts = columns(folder)
    words: dict[str, Any] = {"return_dtype": pl.Int64, "is_elementwise": True}
    frames = (
        (pl.LazyFrame({"cell": paths}), "image"),
        (pl.scan_parquet(texts).rename({"text": "cell"}), "text"),
    )
    sums = [
        frame.select(pl.col("cell").map_batches(counted(modality), **words)).collect()["cell"]
        for frame, modality in frames
    ]
    return sum(int(one.sum()) for one in sums), sum(one.null_count() for one in sums)


def daft(folder: Path) -> tuple[int, int]:
    import daft as df

    from multitok.adapters.daft import tokens

    paths, texts = columns(folder)
    frames = (
        (df.from_pydict({"cell": paths}), "image"),
        (df.read_parquet(str(texts)).with_column_renamed("text", "cell"), "text"),
    )
    total = errors = 0
    for frame, modality in frames:
        counted = frame.select(tokens("cell", model=MODEL, modality=modality).alias("n"))
        found = counted.to_pydict()["n"]
        total += sum(one["tokens"] or 0 for one in found)
        errors += sum(one["error"] is not None for one in found)
    return total, errors


def datasets(folder: Path) -> tuple[int, int]:
    import datasets as hf
    from multitok.adapters.huggingface import features, map_function

    hf.disable_progress_bars()
    paths, texts = columns(folder)
    cache = str(folder / "cache")
    frames = (
        (hf.Dataset.from_dict({"cell": paths}), "image"),
        (
            hf.Dataset.from_parquet(str(texts), cache_dir=cache).rename_column("text", "cell"),
            "text",
        ),
    )
    total = errors = 0
    for frame, modality in frames:
        function = map_function("cell", model=MODEL, modality=modality)
        words: dict[str, Any] = {"load_from_cache_file": False, "features": features(frame)}
        found = frame.map(function, batched=True, **words)
        total += sum(filter(None, found["tokens"]))
        errors += sum(error is not None for error in found["error"])
    return total, errors


HOW: dict[str, Callable[[Path], tuple[int, int]]] = {
    "loop": loop,
    "one": lambda folder: scan(folder, 1),
    "two": lambda folder: scan(folder, 2),
    "pictures": lambda folder: pictures(folder, (MODEL,)),
    "eight": lambda folder: pictures(folder, EIGHT),
    "made": lambda folder: made(folder),
    "more": lambda folder: made(folder, TIMES),
    "heavy": lambda path: heavy(path, int(path.stem)),
    "file": scan_file,
    "tiktoken": tiktoken_loop,
    "polars": polars,
    "daft": daft,
    "datasets": datasets,
}


def run(how: str, folder: Path, runs: int = RUNS) -> dict[str, float]:
    """The least of some runs, each in a process of its own."""
    found = []
    for _ in range(runs):
        command = [sys.executable, __file__, how, str(folder)]
        out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        found.append(json.loads(out.splitlines()[-1]))
    return {key: min(one[key] for one in found) for key in found[0]}


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # elsewhere: the peak of a process begins at what its parent holds
        run("made", folder / "once", 1)
        yield from _whole(folder / "once")
        run("more", folder / "more", 1)
        plain, one = (run(how, folder / "more") for how in ("loop", "one"))
        yield row(
            f"CPU of a scan of {TIMES} times as many, one worker", ours=one["cpu"],
            peer=plain["cpu"], against="a loop of multitok.count", faster=1.25,
        )  # fmt: skip
        for megabytes in (SMALL, LARGE):
            run("heavy", folder / f"{megabytes}.parquet", 1)
        small, large = (run("file", folder / f"{mb}.parquet", 1) for mb in (SMALL, LARGE))
        made_of = row(
            f"peak memory of a scan of {LARGE / 1000:g} GB of Parquet, a worker",
            ours=large["peak"], peer=small["peak"], against=f"of {SMALL / 1000:g} GB", within=1.1,
        )  # fmt: skip
        yield {
            **made_of,
            "ours": f"{large['peak']:.0f} MB",
            "peer": f"of {SMALL / 1000:g} GB: {small['peak']:.0f} MB",
        }


def _whole(folder: Path) -> Iterator[Row]:
    """The rows of all pictures and texts."""
    ways = "loop", "one", "two", "pictures", "eight"
    plain, one, two, seen, eight = (run(how, folder) for how in ways)
    assert plain["tokens"] == one["tokens"] == two["tokens"], (plain, one, two)
    what = f"{PICTURES:,} pictures and {TEXTS:,} texts"
    yield row(
        f"CPU of a scan of {what}, one worker", ours=one["cpu"], peer=plain["cpu"],
        against="a loop of multitok.count", faster=1.25,
        note=f"{one['tokens']:,.0f} tokens and {one['errors']:.0f} errors, the same in all",
    )  # fmt: skip
    yield row(
        "the same, two workers", ours=two["cpu"], peer=one["cpu"], against="one", within=1.15,
        note=f"on the clock {two['wall']:.2g} s against {one['wall']:.2g} s",
    )  # fmt: skip
    yield row(
        f"CPU of a scan of {PICTURES:,} pictures for 8 models",
        ours=eight["cpu"],
        peer=seen["cpu"],
        against="for one",
        within=1.6,
    )
    for name, module in ENGINES.items():
        if importlib.util.find_spec(module) is None:
            yield skipped(f"{what} beside {name}", "", f"{module} is not installed")
            continue
        theirs = run(module, folder)
        assert (theirs["tokens"], theirs["errors"]) == (one["tokens"], one["errors"]), theirs
        yield row(
            f"{what} beside {name}", ours=one["cpu"], peer=theirs["cpu"],
            against="its adapter or recipe",
            note=f"the most memory {one['peak']:.0f} MB against {theirs['peak']:.0f} MB",
        )  # fmt: skip


def measured(how: str, folder: Path) -> dict[str, float]:
    """One run: CPU seconds of this process and its children, and the largest of them in MB."""
    start = perf_counter()
    tokens, errors = HOW[how](folder)
    wall = perf_counter() - start
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(one.ru_utime + one.ru_stime for one in used)
    peak = max(one.ru_maxrss for one in used) / 1024
    return {"tokens": tokens, "errors": errors, "cpu": cpu, "wall": wall, "peak": peak}


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1], Path(sys.argv[2]))))
