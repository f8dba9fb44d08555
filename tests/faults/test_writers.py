"""A disk that is full, or fails, at any call of any writer: the old file stays whole, or the new
one is, nothing temporary is left, and the error says which file and what to do.

Every call that reaches the disk is made to fail in turn (faulty.py): once, as a bad block does
(EIO), and from there on, as a full disk does (ENOSPC).
"""

import errno
import os
import shutil
from pathlib import Path

import numpy as np
import pyarrow
import pytest
from faulty import WRITES, sweep
from outputs import OUTPUTS, files, prepared, ran

import multitok
from multitok import OutputError, Scan
from multitok.train import train_fast, train_kmeans

FAULTS = [
    (errno.EIO, False, "input/output error. Look at the disk, or name an output elsewhere"),
    (errno.ENOSPC, True, "no space is left on the disk. Free some, or name an output elsewhere"),
]
"""What the system says, whether it goes on to, and what we say."""


def draws(case):
    """Whether it makes a chart."""
    return case.words.startswith(("economics", "prices")) or "--plot" in case.words


@pytest.mark.parametrize("case", OUTPUTS.values(), ids=map(" ".join, OUTPUTS))
def test_a_command_that_cannot_write_leaves_what_was_there(case, tmp_path, monkeypatch, capsys):
    """A disk that fails where nothing is, then, for a file is there, one that is full."""
    prepared(case, tmp_path, monkeypatch)
    older = Path(case.out)
    if older.parent.name == "pieces":
        older.parent.rmdir()
    for number, lasting, what in FAULTS:
        before = files()
        for fault in sweep(
            lambda: ran(case.line(case.out), monkeypatch, capsys),
            number, WRITES, tmp_path, lasting=lasting, every=3 if draws(case) else 1,
        ):  # fmt: skip
            code, said = fault.outcome
            last = said.splitlines()[-1]
            assert (code, last.endswith(f": cannot be written: {what}")) == (2, True), fault
            assert last.startswith((f"multitok: {case.out}: ", "multitok: pieces: ")), fault
            assert files() == before, fault
        assert older.stat().st_size  # the last try came through


def told(operation):
    """The operation, whose error is its outcome."""

    def run():
        try:
            operation()
        except Exception as error:
            return error

    return run


ARM = np.sin(np.arange(400.0))[:, None]


def texts():
    Path("texts").mkdir()
    for number in range(3):
        Path(f"texts/{number}.txt").write_text("hello world " * (number + 1))


def counted():
    texts()
    multitok.scan("texts", tokenizer="bytes", out="counts", workers=0)


def grown():
    """A scan, and its data with one text more."""
    counted()
    Path("texts/9.txt").write_text("one more")


def arm():
    train_fast([ARM], "tokenizer.json", vocab_size=24, scale=1)


def codes():
    train_kmeans([ARM], "codes.npz", codes=2)


def nothing():
    pass


def scan(sources="texts", workers=0):
    return multitok.scan(sources, tokenizer="bytes", out="counts", workers=workers)


def shards(format):
    words = {"tokenizer": "bytes", "out": "shards", "format": format, "workers": 0}
    return lambda: multitok.tokenize("texts", **words)


def table():
    return pyarrow.table({"text": ["hello world", "good morning"]})


OPERATIONS = {
    "scan": (texts, scan),
    "scan of what has grown": (grown, scan),
    "scan by a process": (texts, lambda: scan(workers=1)),
    "scan of a table": (nothing, lambda: scan(table())),
    "shards npy": (texts, shards("npy")),
    "shards megatron": (texts, shards("megatron")),
    "shards datatrove": (texts, shards("datatrove")),
    "shards arrow": (texts, shards("arrow")),
    "pack": (counted, lambda: Scan("counts").pack(50).save("packed")),
    "fast": (arm, lambda: train_fast([ARM], "tokenizer.json", vocab_size=48, scale=2)),
    "kmeans": (codes, lambda: train_kmeans([ARM], "codes.npz", codes=3)),
}  # fmt: skip
"""What writes several files, or no command does: what is there before, and how it is called."""
TEMPORARY = (".multitok-", "_work", "_lock", "at-")


def readable(path, data):
    """Whether a file is whole: a JSON or a table of the end of the format is there."""
    if path.endswith(".parquet"):
        return data[:4] == data[-4:] == b"PAR1"
    if path.endswith(".json"):
        return data.rstrip().endswith(b"}")
    return True


@pytest.mark.parametrize(("number", "lasting", "what"), FAULTS, ids=["EIO", "ENOSPC"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_what_writes_several_files_leaves_each_whole_and_can_be_run_again(
    name, number, lasting, what, tmp_path, monkeypatch
):
    """The error is one of ours; after it the same call comes through, with nothing to take away."""
    make, operation = OPERATIONS[name]
    here, kept = tmp_path / "here", tmp_path / "kept"
    here.mkdir()
    monkeypatch.chdir(here)
    make()
    shutil.copytree(here, kept)
    old = files()
    every = 3 if name == "scan by a process" else 1
    for fault in sweep(told(operation), number, WRITES, here, lasting=lasting, every=every):
        error = fault.outcome
        assert isinstance(error, OutputError), (fault, error)
        assert str(error).endswith(f": cannot be written: {what}"), fault
        left = files()
        assert not [path for path in left if Path(path).name.startswith(TEMPORARY)], fault
        assert not list(here.rglob("_work*")), fault
        assert [path for path in old if path not in left] == [], fault
        assert [path for path in left if not readable(path, left[path])] == [], fault
        if name == "fast":  # a vocabulary of one scale with the settings of another counts wrong
            changed = [path for path in old if left[path] != old[path]]
            assert not changed or fault.calls[-1][0] in ("fsync", "replace"), fault
        if not fault.nth % 3:  # each time would take as long as all that fail
            operation()
        shutil.rmtree(here)
        shutil.copytree(kept, here)
        os.chdir(here)


def test_a_scan_that_goes_on_after_a_full_disk_counts_what_a_new_one_does(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    texts()
    for _ in sweep(told(scan), errno.ENOSPC, WRITES, tmp_path, lasting=True):
        pass  # each goes on with what the one before has left
    rows = Scan("counts").table().to_pylist()
    assert [row["tokens"] for row in rows] == [12, 24, 36]
