"""Workers and scans that are killed lose nothing."""

import errno
import importlib.util
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from linked_files import linked, rewrite

import multitok
from multitok import OutputError, Scan, UnexpectedError, scan
from multitok.core import registry
from multitok.datasets import parts

PLANTED = '''
import os, signal, time
from dataclasses import dataclass

from multitok import Text, TextInfo, TokenCounter, register


@register
@dataclass(frozen=True, kw_only=True)
class Planted(TokenCounter[Text, TextInfo]):
    """Counts words, slowly; one text kills whoever counts it, and one never ends."""

    name = "planted"
    modality = "text"

    def count(self, x):
        if "KILLER" in x.text:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(1000 if "SLEEPER" in x.text else 0.0005)
        return len(x.text.split())
'''


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """A tokenizer that every process started here has."""
    place = tmp_path / "site"
    place.mkdir()
    (place / "sitecustomize.py").write_text(PLANTED)
    monkeypatch.setenv("PYTHONPATH", str(place))
    spec = importlib.util.spec_from_file_location("planted_tokenizer", place / "sitecustomize.py")
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    yield "planted"
    del registry._registered["planted"]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    for number in range(4000):
        (folder / f"{number:05}.txt").write_text("word " * (number % 7 + 1))
    return folder


@pytest.fixture
def texts(written, tmp_path):
    """4,000 texts, each in a file of its own."""
    return linked(written, tmp_path / "texts")


def rows_of(found):
    return {(row["id"], row["tokens"], row["error"]) for row in found.table().to_pylist()}


def children(pid):
    """Workers of a process and who forks them, as the system lists them: those of each of its
    threads, and theirs."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, path.read_text().split())
    return found + [one for child in found for one in children(child)]


def test_killed_workers_lose_nothing(planted, texts, tmp_path):
    """A random worker is killed twenty times on the way: the same rows, once each. A unit takes
    longer than a worker lives, so that none is done before all are killed."""
    choice = random.Random(0)
    killed = []

    def kill():
        while len(killed) < 20:
            time.sleep(choice.uniform(0.05, 0.15))
            alive = children(os.getpid())
            if alive:
                killed.append(choice.choice(alive))
                with suppress(ProcessLookupError):
                    os.kill(killed[-1], signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    out = tmp_path / "counts"
    found = scan(texts, tokenizer=planted, out=out, workers=2)
    killer.join(0)
    assert len(killed) == 20
    assert len(rows_of(found)) == found.rows == 4000
    assert found.tokens == sum(number % 7 + 1 for number in range(4000))
    assert sorted(p.name for p in out.iterdir() if p.suffix != ".parquet") == [
        "_journal.jsonl",
        "_manifest.json",
    ]


SCAN = """
import multitok, sys
multitok.scan(sys.argv[1], tokenizer="planted", out=sys.argv[2], workers=2)
"""


def test_a_killed_scan_is_gone_on_with(planted, texts, tmp_path):
    """The process that scans is killed at random moments, until one try is let through."""
    out, choice = tmp_path / "counts", random.Random(1)
    command = [sys.executable, "-c", SCAN, str(texts), str(out)]
    for _ in range(5):
        process = subprocess.Popen(command)
        time.sleep(choice.uniform(0.3, 1.5))
        process.kill()
        process.wait()
    subprocess.run(command, check=True)
    found = Scan(str(out))
    assert len(rows_of(found)) == found.rows == 4000
    assert found.tokens == sum(number % 7 + 1 for number in range(4000))
    assert {p.name for p in out.glob("*.parquet")} == {f"{a.key}.parquet" for a in found.parts}
    assert not list(out.glob("_work*"))


def test_an_item_that_kills_its_worker_is_a_row(planted, texts, tmp_path):
    rewrite(texts / "01234.txt", "KILLER")
    found = scan(texts, tokenizer=planted, workers=2)
    [row] = [row for row in found.table().to_pylist() if row["error"]]
    assert row["id"].endswith("01234.txt")
    assert row["error"] == "UnexpectedError: it ended its process 3 times (signal 9)"
    assert found.rows == 4000


def test_an_item_that_never_ends_is_a_row(planted, texts, tmp_path):
    rewrite(texts / "01234.txt", "SLEEPER")
    found = scan(texts, tokenizer=planted, workers=2, timeout=1.5)
    [row] = [row for row in found.table().to_pylist() if row["error"]]
    assert row["id"].endswith("01234.txt")
    assert row["error"] == "TimeoutError: took more than 1.5 s (--timeout)"
    assert found.rows == 4000


def test_workers_end_with_who_started_them(planted, texts, tmp_path):
    rewrite(texts / "00001.txt", "SLEEPER")
    command = [sys.executable, "-c", SCAN, str(texts), str(tmp_path / "counts")]
    process = subprocess.Popen(command)
    workers = wait_for(lambda: children(process.pid))
    process.kill()
    process.wait()
    wait_for(lambda: not any(alive(worker) for worker in workers))


def imports_for_itself(pid):
    with suppress(OSError):
        return b"engines.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except OSError:
        return False


def wait_for(told, seconds=20):
    until = time.monotonic() + seconds
    while not (found := told()):
        assert time.monotonic() < until
        time.sleep(0.05)
    return found


def test_workers_are_forked_from_one_process(planted, texts, tmp_path):
    """When that one is gone, who dies is replaced by a process that imports for itself."""
    rewrite(texts / "00001.txt", "SLEEPER")
    command = [sys.executable, "-c", SCAN, str(texts), str(tmp_path / "counts")]
    process = subprocess.Popen(command)
    try:
        wait_for(lambda: len(children(process.pid)) > 1)  # two or three: units are cut by a hash
        server, *workers = children(process.pid)
        assert children(server) == workers
        for pid in (server, *workers):
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: any(map(imports_for_itself, children(process.pid))))
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("lacking", ["pidfd_open", "fork"])
def test_where_nothing_is_forked_the_numbers_are_the_same(lacking, texts, monkeypatch, tmp_path):
    """On a Python that was built without descriptors of processes, and where no fork is had."""
    if lacking == "pidfd_open":
        monkeypatch.delattr(os, lacking)
    else:
        (tmp_path / "sitecustomize.py").write_text(
            "import os\n"
            "def none():\n"
            "    raise BlockingIOError(11, 'no more processes')\n"
            "os.fork = none\n"
        )
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert scan(texts, tokenizer="words", workers=2).tokens == scan(
        texts, tokenizer="words", workers=0
    ).tokens  # fmt: skip


HANGS = """
import multitok, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # where it was started to ignore it
multitok.scan(sys.argv[1], tokenizer="words", workers=2)
"""


def test_a_scan_is_broken_off_while_its_workers_start(texts, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import sys, time\nif 'fork_server' in ' '.join(sys.orig_argv): time.sleep(60)"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", HANGS, str(texts)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: children(process.pid))
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == -signal.SIGINT
    finally:
        process.kill()
        process.wait()


def test_a_tokenizer_of_this_process_alone_is_not_sent_to_others(texts, monkeypatch):
    @dataclass(frozen=True)
    class Mine(multitok.TokenCounter):
        name = "mine-alone"
        modality = "text"

        def count(self, x):
            return 1

    monkeypatch.setitem(registry._registered, "mine-alone", Mine)
    with pytest.raises(UnexpectedError, match=r"known in its own process alone: .*workers=0"):
        scan(texts, tokenizer="mine-alone", workers=2)
    assert scan(texts, tokenizer="mine-alone", workers=0).tokens == 4000


def test_workers_do_not_wait_for_pandas(texts, tmp_path, monkeypatch):
    """pyarrow would import it with the first list: as long as all the rest of their start."""
    (tmp_path / "pandas.py").write_text("raise SystemExit('imported')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert multitok.scan(texts, tokenizer="words", workers=1).failed == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_that_cannot_start_are_given_up(workers, texts, tmp_path, monkeypatch, capfd):
    (tmp_path / "pyarrow.py").write_text("raise RuntimeError('broken')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(UnexpectedError, match=r"keep ending \(exit 1\): --jobs 0"):
        multitok.scan(texts, tokenizer="words", workers=workers)
    said = "multitok: a process that counts ended: RuntimeError: broken"
    assert set(capfd.readouterr().err.splitlines()) == {said}


def test_a_full_disk_is_said(texts, tmp_path, monkeypatch):
    def full(*words):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(parts.os, "replace", full)
    with pytest.raises(OutputError, match="no space is left on the disk"):
        scan(texts, tokenizer="o200k_base", out=tmp_path / "counts", workers=0)


def test_the_item_that_is_passed_over_is_the_one_that_was_watched(planted, tmp_path):
    """Of several in a row, and behind lines that are blank, the number of a row is another."""
    table = pyarrow.table({"texts": [["a", "b", "KILLER", "c"], ["d"]]})
    lines = tmp_path / "a.jsonl"
    lines.write_text('\n\n"a"\n\n"KILLER"\n"b"\n')
    for data in (table, str(lines)):
        found = scan(data, tokenizer=planted, workers=1).table().to_pylist()
        [killer] = [row["id"] for row in found if row["error"]]
        assert killer in ("table#0[2]", f"{lines}#5")
        assert len(found) > 2


READS_NO_TABLE = """
import os, signal, time

from multitok.datasets.sources import tables

_cut = tables.units


def _dies(source, reading):
    if source.endswith("deadly.parquet"):
        os.kill(os.getpid(), signal.SIGKILL)
    if source.endswith("endless.parquet"):
        time.sleep(1000)
    return _cut(source, reading)


tables.units = _dies
"""


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("deadly", "it ended the process that read its columns 3 times (signal 9)"),
        ("endless", "reading its columns took more than 1.5 s (--timeout)"),
    ],
)
def test_a_table_that_ends_or_holds_up_whoever_opens_it_is_a_row(
    workers, bad, why, tmp_path, monkeypatch
):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(READS_NO_TABLE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    data = tmp_path / "data"
    data.mkdir()
    for name in ("a", bad, "z"):
        table = pyarrow.table({"text": ["one two"]})
        pyarrow.parquet.write_table(table, str(data / f"{name}.parquet"))
    found = scan(data, models="gpt-4o", workers=workers, timeout=1.5)
    assert (found.items, found.tokens, found.unread) == (3, 4, 1)
    [row] = found.errors()
    assert row["error"].startswith(f"UnexpectedError: {data}/{bad}.parquet: {why}")


@pytest.mark.parametrize("workers", [0, 1])
def test_what_stands_before_damage_in_a_saved_data_set_is_counted(workers, tmp_path):
    folder = tmp_path / "saved"
    folder.mkdir()
    names = ["a.arrow", "b.arrow", "c.arrow"]
    for name in names:
        with pyarrow.ipc.new_stream(
            str(folder / name), pyarrow.schema([("text", "string")])
        ) as out:
            out.write_table(pyarrow.table({"text": ["one two"] * 10}))
    (folder / "b.arrow").write_bytes(b"none")
    files = [{"filename": name} for name in names]
    (folder / "state.json").write_text(json.dumps({"_data_files": files}))
    (folder / "dataset_info.json").write_text("{}")
    found = scan(folder, models="gpt-4o", workers=workers)
    assert (found.tokens, found.unread) == (20, 1)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_table_that_cannot_be_read_is_told_in_the_same_words(workers, tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 nothing PAR1")
    found = scan(path, models="gpt-4o", workers=workers)
    [row] = found.errors()
    assert row["error"].startswith(f"SourceError: {path}: ")
    assert row["error"] == next(scan(path, models="gpt-4o", workers=0).errors())["error"]


def test_who_has_others_count_needs_no_pyarrow(texts):
    code = (
        "import sys, multitok; multitok.scan(sys.argv[1], models='gpt-4o', workers=1).tokens;"
        " print({'pyarrow', 'numpy'} & {*sys.modules})"
    )
    command = [sys.executable, "-c", code, texts]
    assert subprocess.check_output(command, text=True) == "set()\n"
