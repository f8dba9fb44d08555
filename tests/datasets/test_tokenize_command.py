"""multitok tokenize: what is printed, how it ends, and what is left of a run that was killed."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from multitok import Tokenized
from multitok.cli import multitok as cli

pytest.importorskip("pyarrow")


def run(*words, text=None):
    return CliRunner().invoke(cli, [str(word) for word in words], input=text)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "hello world"}\n{bad\n')
    return path


def test_what_was_made_is_told(source, tmp_path):
    found = run(
        "tokenize", source, "-t", "o200k_base", "--eos", "<|endoftext|>", "-j", 0,
        "--out", tmp_path / "out", "--format", "megatron",
    )  # fmt: skip
    assert found.stdout.splitlines()[:4] == [
        "tokens   3 of 1 document",
        "shards   1 shard of megatron, ids of int32",
        "framed   begin none, end 199999",
        "errors   1 item could not be tokenized",
    ]
    assert found.stderr == f"wrote {tmp_path / 'out' / 'manifest.json'}\n"


def test_an_end_is_an_id_or_a_name(source, tmp_path):
    for eos in ("199999", "<|endoftext|>"):
        out = tmp_path / f"out{len(eos)}"
        run("tokenize", source, "-t", "o200k_base", "--eos", eos, "-j", 0, "--out", out)
        assert [ids.tolist() for ids in Tokenized(out)] == [[24912, 2375, 199999]]


def test_strict_is_exit_1_for_an_item_without_a_document(source, tmp_path):
    words = ("tokenize", source, "-t", "bytes", "-j", 0, "--out", tmp_path / "out", "-q")
    assert (run(*words).exit_code, run(*words, "--strict").exit_code) == (0, 1)
    assert run(*words).stdout == "11\n"


def test_what_is_named_and_not_there_is_exit_2(source, tmp_path):
    out = tmp_path / "out"
    found = run("tokenize", source, tmp_path / "no.txt", "-t", "bytes", "-j", 0, "--out", out)
    assert found.exit_code == 2
    assert found.stdout.startswith("tokens   11 of 1 document\n")


def test_no_document_at_all_is_exit_2(tmp_path):
    (tmp_path / "a.jsonl").write_text("{bad\n")
    words = ("tokenize", tmp_path / "a.jsonl", "-t", "bytes", "-j", 0, "--out", tmp_path / "out")
    assert run(*words).exit_code == 2


def test_a_model_names_its_tokenizer(source, tmp_path):
    out = tmp_path / "out"
    document = json.loads(
        run("tokenize", source, "-m", "gpt-4o", "-j", 0, "--out", out, "--json").stdout
    )
    assert document["tokenizer"]["vocabulary"] == "o200k_base"
    assert (document["documents"], document["tokens"], document["failed"]) == (1, 2, 1)


SLOWLY = """
import sys, time
from multitok.datasets import tokens
from multitok.datasets.sources import lines
from multitok.datasets.tokenizing import tokenize
lines.LEAST = lines.MEAN = 2000
ids = tokens.Tokenizing.document
def slow(self, item):
    time.sleep(0.002)
    return ids(self, item)
tokens.Tokenizing.document = slow
tokenize(sys.argv[1], tokenizer="bytes", out=sys.argv[2], format="megatron", workers=0)
"""


def test_a_run_that_is_killed_goes_on_where_it_was(tmp_path, monkeypatch):
    """Whatever stands in the folder after a kill is whole; the end is that of one run."""
    from multitok.datasets.sources import lines
    from multitok.datasets.tokenizing import tokenize

    texts = [f"number {number} of many" for number in range(2000)]
    source, out = tmp_path / "a.jsonl", tmp_path / "out"
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    with subprocess.Popen([sys.executable, "-c", SLOWLY, str(source), str(out)]) as process:
        deadline = time.monotonic() + 60
        while not (out.is_dir() and sum(name.endswith(".idx") for name in os.listdir(out)) > 2):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    done = {name: (out / name).stat().st_mtime_ns for name in os.listdir(out) if ".idx" in name}
    monkeypatch.setattr(lines, "LEAST", 2000)
    monkeypatch.setattr(lines, "MEAN", 2000)
    made = tokenize(source, tokenizer="bytes", out=out, format="megatron", workers=0)
    assert [bytes(ids.tolist()).decode() for ids in made] == texts
    again = [name for name, when in done.items() if (out / name).stat().st_mtime_ns != when]
    assert len(again) <= 1  # the one that was on its way between its shard and its part
    assert [name for name in os.listdir(out) if name.startswith(".")] == []
