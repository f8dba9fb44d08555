"""A disk that fails at any read of an input: the file is named, and the others are counted.

Real damage of files is tried elsewhere (test_hostile_files.py): here the file is good, and what
fails is below it.
"""

import errno
import json
import os
import subprocess
import sys
import tarfile
import wave
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from faulty import READS, sweep
from outputs import ran
from PIL import Image

import multitok
from multitok import SourceError, Text, TokenSequence

FORMS = {"png": "PNG", "jpg": "JPEG", "gif": "GIF", "webp": "WEBP", "tif": "TIFF", "bmp": "BMP"}


def picture(name):
    noise = np.random.default_rng(0).integers(0, 256, (150, 150, 3), np.uint8)
    Image.fromarray(noise).save(name, FORMS[name.rpartition(".")[2]])


def sound(name):
    with wave.open(name, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(80_000))


def text(name):
    Path(name).write_text("some words of a text\n" * 2000)


def lines(name):
    Path(name).write_text("".join(f'{{"t": {step}, "a": 1.5}}\n' for step in range(50)))


def columns(name):
    Path(name).write_text("time,a\n" + "".join(f"{step},{step % 7}\n" for step in range(50)))


def array(name):
    np.save(name, np.arange(9000.0))


def arrays(name):
    np.savez(name, a=np.arange(9000.0))


def table():
    return pa.table({"a": np.arange(9000.0)})


def parquet(name):
    pq.write_table(table(), name)


def arrow(name):
    with pa.OSFile(name, "wb") as file, pa.ipc.new_file(file, table().schema) as made:
        made.write_table(table())


FILES = {
    **{f"a.{suffix}": picture for suffix in FORMS}, "a.wav": sound, "a.txt": text,
    "a.jsonl": lines, "a.csv": columns, "a.npy": array, "a.npz": arrays, "a.parquet": parquet,
    "a.arrow": arrow,
}  # fmt: skip


KEPT = {"a.tif": ["a.tif: damaged TIFF: missing dimensions"]}
"""Where a decoder keeps to itself what the system said."""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(operation, *given):
    """The operation, whose error is its outcome."""

    def run():
        try:
            return repr(operation(*given))
        except Exception as error:
            return error

    return run


@pytest.mark.parametrize("read", [multitok.examine, multitok.load])
@pytest.mark.parametrize("name", FILES)
def test_a_read_that_fails_is_told_by_the_name_of_the_file_and_is_no_damage(name, read, here):
    """Or nothing hung on it, and what was read is what is read without a fault."""
    FILES[name](name)
    good = told(read, name)()
    for fault in sweep(told(read, name), errno.EIO, READS, here):
        if isinstance(fault.outcome, str):
            assert fault.outcome == good, fault
        else:
            assert type(fault.outcome) is SourceError, fault
            said = str(fault.outcome)
            assert said in (f"{name}: input/output error", *KEPT.get(name, ())), fault


def test_a_token_file_that_cannot_be_read_is_not_called_another_s(here):
    multitok.get_tokenizer("bytes").encode(Text("hello world")).save("t.npz")
    for fault in sweep(told(TokenSequence.load, "t.npz"), errno.EIO, READS, here):
        assert str(fault.outcome) == "t.npz: input/output error", fault


def test_the_other_files_of_a_batch_are_counted(here, monkeypatch, capsys):
    for name in ("1.txt", "2.txt", "3.png"):
        (picture if name.endswith("png") else text)(name)
    words = ["count", "1.txt", "2.txt", "3.png", "-m", "gpt-4o"]
    whole = {one.source: one.tokens for one in multitok.count_many(words[1:4], model="gpt-4o")}
    for fault in sweep(lambda: ran(words, monkeypatch, capsys), errno.EIO, READS, here / "2.txt"):
        code, said = fault.outcome
        assert (code, said.count("2.txt: input/output error")) == (2, 1), fault
    for fault in sweep(
        lambda: list(multitok.count_many(words[1:4], model="gpt-4o")), errno.EIO, READS, here
    ):
        found = {getattr(one, "source", None): one for one in fault.outcome}
        assert len(fault.outcome) == 3, fault
        failed = [one for one in fault.outcome if isinstance(one, SourceError)]
        assert len(failed) <= 1, fault
        counted = {name: one.tokens for name, one in found.items() if hasattr(one, "tokens")}
        assert counted.items() <= whole.items(), fault


def data(here):
    Path("files").mkdir()
    for number in range(2):
        text(f"files/{number}.txt")
        picture(f"files/{number}.png")
    pq.write_table(pa.table({"text": ["hello world"] * 10}), "t.parquet", row_group_size=4)
    Path("l.jsonl").write_text('{"text": "hello world"}\n' * 10)
    with tarfile.open("a.tar", "w") as file:
        for number in range(2):
            file.add(f"files/{number}.png", f"{number}.png")


@pytest.mark.parametrize("source", ["files", "t.parquet", "l.jsonl", "a.tar"])
def test_a_scan_has_a_row_for_what_could_not_be_read_and_the_others_stand(source, here):
    data(here)

    def scanned():
        found = multitok.scan(source, models="gpt-4o", workers=0)
        return {row["id"]: (row["tokens"], row["error"]) for row in found.table().to_pylist()}

    whole = scanned()
    for fault in sweep(scanned, errno.EIO, READS, here):
        errors = {name: error for name, (_, error) in fault.outcome.items() if error}
        assert all(name.startswith(source) for name in errors), fault
        assert all("nput/output error" in e or "a directory" in e for e in errors.values()), fault
        counted = {name: told for name, told in fault.outcome.items() if name not in errors}
        assert counted.items() <= whole.items(), fault
        assert counted == whole or errors, fault


MANY = """
import os, resource, sys
from multitok.__main__ import main

sys.argv = ["multitok", "count", "1.png", "2.png", "-m", "gpt-4o"]
try:
    main()  # what it imports, it has
except SystemExit:
    pass
used = len(os.listdir("/proc/self/fd")) - 1
resource.setrlimit(resource.RLIMIT_NOFILE, (used, 999))
main()
"""


def test_a_process_that_may_open_no_more_files_says_so(here):
    """For real: `ulimit -n`."""
    for name in ("1.png", "2.png"):
        picture(name)
    child = subprocess.run(
        [sys.executable, "-c", MANY], capture_output=True, text=True, env={**os.environ}
    )
    assert child.returncode == 2, child.stderr
    assert json.dumps(child.stderr).count("png: too many open files") == 2, child.stderr
