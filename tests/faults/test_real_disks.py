"""Disks that are full, for real: a limit on the size of a file, /dev/full, and, where the machine
lets one be made, a disk of 64 kB."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

FULL = "no space is left on the disk. Free some, or name an output elsewhere"
LARGE = "it is larger than a file may be here (ulimit -f). Name an output elsewhere"


def multitok(*words, limit=None, stdin=None, stdout=subprocess.DEVNULL, **environment):
    """The command in a process of its own, whose files may have `limit` bytes."""

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    child = subprocess.run(
        [sys.executable, "-m", "multitok", *words],
        stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, text=True,
        preexec_fn=limited if limit else None,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", **environment},
    )  # fmt: skip
    return child.returncode, child.stderr


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("texts").mkdir()
    for number in range(300):
        Path(f"texts/{number:03}.txt").write_text(f"text number {number} is another\n" * 9)
    Path("long.txt").write_text("".join(f"line {number}\n" for number in range(30_000)))
    return tmp_path


def left(folder):
    """What a run leaves that is no whole file of its own."""
    return [str(path) for path in Path(folder).rglob("*") if path.name.startswith((".", "_work"))]


@pytest.mark.parametrize("jobs", ["0", "1"])
def test_a_part_that_is_larger_than_a_file_may_be_ends_a_scan_in_words(jobs, here):
    """The workers have the limit of who started them; without it the scan comes through."""
    words = ("scan", "texts", "-t", "bytes", "-o", "counts", "--jobs", jobs)
    code, said = multitok(*words, limit=2000)
    assert (code, said.count(LARGE), left(".")) == (2, 1, []), said
    assert multitok(*words)[0] == 0


def test_stdout_that_is_full_is_an_error(here):
    for words in (("count", "long.txt", "-t", "bytes"), ("scan", "texts", "-t", "bytes", "--json")):
        with open("/dev/full", "wb") as full:
            code, said = multitok(*words, stdout=full)
        assert (code, said) == (2, "multitok: no space left on device\n")


@pytest.fixture
def disk(tmp_path):
    """A disk of 64 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(place)]
    try:
        made = subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        made = False
    if not made:
        pytest.skip("nobody may mount a disk here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize(
    "words",
    [
        "encode long.txt -t bytes -o {}/tokens.npz",
        "split long.txt -t bytes --max-tokens 5000 -o {}/pieces",
        "scan texts -m gpt-4o -m claude-opus-5 -m gemini-2.5-pro -o {}/counts --jobs 1",
        "tokenize long.txt texts -t bytes -o {}/shards --jobs 1",
    ],
    ids=lambda words: words.split()[0],
)
def test_a_disk_that_is_full_holds_whole_files_only(words, here, disk):
    (disk / "other").write_bytes(bytes(50_000))
    code, said = multitok(*words.format(disk).split())
    assert (code, said.splitlines()[-1].endswith(FULL)) == (2, True), said
    assert str(disk) in said.splitlines()[-1]
    assert left(disk) == []
    (disk / "other").unlink()


def test_a_pipe_that_finds_no_room_says_where(here, disk):
    """64 MB are kept in memory, what is more on the disk for temporary files."""
    with subprocess.Popen(["head", "-c", "70000000", "/dev/zero"], stdout=subprocess.PIPE) as child:
        code, said = multitok("count", "-", "-t", "bytes", stdin=child.stdout, TMPDIR=str(disk))
    assert code == 2
    assert f"<stdin>: it cannot be kept in {disk} (no space left on device)" in said
