"""Text: prose counted with o200k_base, against tiktoken and Hugging Face tokenizers."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from hashlib import sha1
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import tiktoken

import multitok
import scans
from measure import Row, best, duration, row, skipped
from multitok.core.extras import optional
from multitok.modalities.text import stream
from multitok.modalities.text.backend import VARIABLE
from multitok.modalities.text.vocabulary import Vocabulary, load

SIZE, LONG = 20_000_000, 200_000_000
ADDRESS = "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken"
"""What tiktoken calls its copy by."""
DOCSTRING = re.compile(r'"""(.{80,}?)"""', re.DOTALL)


def rows() -> Iterator[Row]:
    text = prose(SIZE)
    size = f"{len(text) / 1e6:.0f} MB of prose, o200k"
    vocabulary = load("o200k_base")
    media = multitok.Text(text)
    tokenizer = multitok.get_tokenizer("o200k_base")
    peer = tiktoken.Encoding(
        "o200k_base", pat_str=vocabulary.pattern, mergeable_ranks=vocabulary.ranks(),
        special_tokens={},
    )  # fmt: skip

    def count(backend: str) -> Callable[[], int]:
        def run() -> int:
            os.environ[VARIABLE] = backend
            return int(tokenizer.count(media))

        return run

    ours, theirs = alternate(count("tiktoken"), lambda: len(peer.encode_ordinary(text)))
    yield row(f"count {size}, core", ours=ours, peer=theirs, against="tiktoken", faster=1.0)
    fastest = ours
    if optional("splintr") is None:
        yield skipped(f"count {size}, fast", "2.5 times faster", "splintr-rs is not installed")
    else:
        fastest, theirs = alternate(count("splintr"), lambda: len(peer.encode_ordinary(text)))
        yield row(f"count {size}, fast", ours=fastest, peer=theirs, against="tiktoken", faster=2.5)
    yield against_tokenizers(text, size, vocabulary, ours, fastest)
    yield from short(multitok.Text(text[:1000]), peer)
    yield from long(peer)
    yield through_scan()
    yield first()


def short(text: multitok.Text, peer: tiktoken.Encoding) -> Iterator[Row]:
    """A whole Count of 1 kB, with its parts, kind and notes, against the number of bare ids: of
    tiktoken, and of the engine that runs."""
    for backend, words, bound in (
        ("tiktoken", "core", {"within": 1.5}),
        ("splintr", "fast", {"faster": 1.0}),
    ):
        work = f"multitok.count(1 kB of prose, model=...), {words}"
        if optional(backend) is None:
            yield skipped(work, "", f"{backend} is not installed")
            continue
        os.environ[VARIABLE] = backend
        mine, theirs = best(
            lambda: multitok.count(text, model="gpt-4o"),
            lambda: len(peer.encode_ordinary(text.text)),
        )
        yield row(work, ours=mine, peer=theirs, against="tiktoken", **bound)
    if optional("splintr") is not None:
        import splintr

        os.environ.pop(VARIABLE)  # what is installed is taken, as by whoever asks for nothing
        ids = splintr.Tokenizer.from_pretrained("o200k_base").encode_ordinary
        mine, theirs = best(
            lambda: multitok.count(text, model="gpt-4o"), lambda: len(ids(text.text))
        )
        yield row(work, ours=mine, peer=theirs, against="splintr's own ids", within=1.5)
        yield from alone(text)


def alone(text: multitok.Text) -> Iterator[Row]:
    """What is left of a text's work where its ids, or its number, are all that is wanted."""
    tokenizer, counter = multitok.get_tokenizer("o200k_base"), multitok.counter(model="gpt-4o")
    mine, theirs = best(lambda: tokenizer.encode_ids(text), lambda: tokenizer.encode(text))
    work = "encode_ids of 1 kB of prose, fast"
    yield row(work, ours=mine, peer=theirs, against="encode, with spans", faster=5)
    mine, theirs = best(
        lambda: counter.count(text.text), lambda: multitok.count(text, model="gpt-4o")
    )
    work = "multitok.counter(...).count(1 kB of prose), fast"
    yield row(work, ours=mine, peer=theirs, against="multitok.count", faster=1.0)


def long(peer: tiktoken.Encoding) -> Iterator[Row]:
    """200 MB, of which 60 are of different paragraphs: seconds of the processor, one thread. Both
    count in windows, for 200 MB of ids are a list of 2 GB."""
    work = "count 200 MB of prose, o200k, fast"
    if optional("splintr") is None or optional("fastokens") is None:
        yield skipped(work, "6 times faster", "splintr-rs or fastokens is not installed")
        return
    os.environ[VARIABLE] = "splintr"
    text = two_hundred_megabytes()
    media, tokenizer = multitok.Text(text), multitok.get_tokenizer("o200k_base")
    parts = stream.windows([text], stream.cut_between_classes)
    expected, theirs = processor(lambda: sum(len(peer.encode_ordinary(part)) for part, _ in parts))
    times = []
    for _ in range(3):
        found, seconds = processor(lambda: tokenizer.count(media))
        times.append(seconds)
        if found != expected:
            raise RuntimeError(f"{found:,} tokens, and the peer has {expected:,}")
    yield row(
        work, ours=min(times), peer=theirs, against="tiktoken", faster=6,
        note=f"by fastokens, which is loaded; the first count of a process takes"
        f" {duration(times[0])}, {theirs / times[0]:.3g} times faster",
    )  # fmt: skip


def two_hundred_megabytes() -> str:
    once = prose(60_000_000)
    return "\n\n".join([once] * (LONG // len(once) + 1))[:LONG]


def through_scan() -> Row:
    """The same text in rows of 1 kB: seconds of the processor of all processes, imports and all."""
    work = "the same in 200,000 rows of Parquet, by a scan"
    if optional("splintr") is None or optional("pyarrow") is None:
        return skipped(work, "5 times faster", "splintr-rs or pyarrow is not installed")
    import pyarrow as pa
    import pyarrow.parquet as pq

    os.environ.pop(VARIABLE, None)
    with TemporaryDirectory() as folder:
        path, text = Path(folder) / "prose.parquet", two_hundred_megabytes()
        rows = [text[start : start + 1000] for start in range(0, len(text), 1000)]
        pq.write_table(pa.table({"text": rows}), path, row_group_size=5000)
        del text, rows
        os.environ["TIKTOKEN_CACHE_DIR"] = cached(folder)
        mine, theirs = (scans.run(how, path, 2) for how in ("file", "tiktoken"))
    if mine["tokens"] != theirs["tokens"]:
        raise RuntimeError(f"{mine['tokens']:,} tokens, and the peer has {theirs['tokens']:,}")
    return row(
        work, ours=mine["cpu"], peer=theirs["cpu"], against="a loop of tiktoken", faster=5,
    )  # fmt: skip


def cached(folder: str) -> str:
    """The folder, with the vocabulary in it as tiktoken keeps it."""
    name = sha1(ADDRESS.encode()).hexdigest()
    (Path(folder) / name).write_bytes(load("o200k_base").rank_file())
    return folder


def processor(work: Callable[[], int]) -> tuple[int, float]:
    """What it gives, and the seconds of the processor that it takes."""
    start = process_time()
    return work(), process_time() - start


def first() -> Row:
    """The first text of a process, imports and all; both find their vocabulary on the disk."""
    work = "first text count of a process, fast"
    if optional("splintr") is None:
        return skipped(work, "3 times faster", "splintr-rs is not installed")
    mine = "import multitok; multitok.count('hello world', model='gpt-4o', modality='text')"
    theirs = "import tiktoken; len(tiktoken.encoding_for_model('gpt-4o').encode('hello world'))"
    with TemporaryDirectory() as folder:
        environment = {**os.environ, "TIKTOKEN_CACHE_DIR": cached(folder)}
        environment.pop(VARIABLE, None)
        idle, ours, peer = (spent(code, environment) for code in ("pass", mine, theirs))
    return row(
        work, ours=ours - idle, peer=peer - idle, against="tiktoken with its cache", faster=3,
        note="seconds of the processor, without those that Python itself takes to start",
    )  # fmt: skip


def spent(code: str, environment: dict[str, str]) -> float:
    """The least seconds of the processor that some fresh interpreters take."""
    found = []
    for _ in range(9):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(found)


def against_tokenizers(
    text: str, size: str, vocabulary: Vocabulary, core: float, fastest: float
) -> Row:
    """The same vocabulary and pattern as a tokenizer.json; its ids are checked on the way."""
    from tokenizers import Tokenizer

    with TemporaryDirectory() as folder:
        path = Path(folder) / "tokenizer.json"
        path.write_text(json.dumps(tokenizer_json(vocabulary)), "utf-8")
        peer = Tokenizer.from_file(str(path))
    sample = text[:20_000]
    expected = multitok.get_tokenizer("o200k_base").encode(multitok.Text(sample)).ids.tolist()
    if peer.encode(sample).ids != expected:
        raise RuntimeError("the peer's tokenizer.json gives other ids")
    start = process_time()
    len(peer.encode_batch_fast([text])[0])
    theirs = process_time() - start
    return row(
        f"count {size}, fast", ours=fastest, peer=theirs, against="tokenizers", faster=8,
        note=f"the core install: {theirs / core:.3g} times faster than tokenizers",
    )  # fmt: skip


def alternate(
    ours: Callable[[], object], peer: Callable[[], object], rounds: int = 3
) -> tuple[float, float]:
    """The least seconds of the processor of each over rounds in turn; both have one thread, and a
    first call loads the vocabulary."""
    ours()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for work, found in zip((ours, peer), times, strict=True):
            start = process_time()
            work()
            found.append(process_time() - start)
    return min(times[0]), min(times[1])


def prose(size: int) -> str:
    """Documentation and docstrings of what is installed here, each paragraph once."""
    seen: set[str] = set()
    parts: list[str] = []
    left = size
    for text in documents():
        for paragraph in text.split("\n\n"):
            if paragraph in seen or left <= 0:
                continue
            seen.add(paragraph)
            parts.append(paragraph)
            left -= len(paragraph) + 2
        if left <= 0:
            break
    return "\n\n".join(parts)


def documents() -> Iterator[str]:
    paths = sysconfig.get_paths()
    folders = [Path(paths[name]) for name in ("purelib", "stdlib")]
    for patterns in (("*.md", "*.rst", "*.txt", "METADATA"), ("*.py",)):
        for folder in folders:
            for path in sorted(p for pattern in patterns for p in folder.rglob(pattern)):
                text = path.read_text("utf-8", "ignore") if path.is_file() else ""
                yield from DOCSTRING.findall(text) if path.suffix == ".py" else [text]


def tokenizer_json(vocabulary: Vocabulary) -> dict[str, Any]:
    """A rank vocabulary as the Hugging Face library reads it: characters for bytes, and merges."""
    from multitok.modalities.text.hf_file import byte_of_character

    character = {byte: c for c, byte in byte_of_character().items()}

    def spelled(token: bytes) -> str:
        return "".join(character[byte] for byte in token)

    ranks = vocabulary.ranks()
    merges = [[spelled(part) for part in halves(token, ranks)] for token in ranks if len(token) > 1]
    split = {"type": "Split", "pattern": {"Regex": vocabulary.pattern}, "behavior": "Isolated"}
    level = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False}
    return {
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                split | {"invert": False},
                level | {"trim_offsets": False},
            ],
        },
        "model": {
            "type": "BPE",
            "ignore_merges": True,
            "vocab": {spelled(token): rank for token, rank in ranks.items()},
            "merges": merges,
        },
    }


def halves(token: bytes, ranks: dict[bytes, int]) -> list[bytes]:
    """The two tokens whose merge makes this one: all merges of lower rank, in order."""
    parts = [bytes([byte]) for byte in token]
    while len(parts) > 2:
        pairs = [ranks.get(a + b, len(ranks)) for a, b in pairwise(parts)]
        at = min(range(len(pairs)), key=pairs.__getitem__)
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts
