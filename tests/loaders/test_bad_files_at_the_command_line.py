"""Bad files among good ones: each is reported, the good ones are counted, and the exit is 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pictures import saved

ROOT = Path(__file__).parents[2]

GIANT = bytearray(saved("PNG"))
GIANT[16:24] = (60_000).to_bytes(4, "big") * 2


def run(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "multitok", *arguments], capture_output=True, text=True, cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "NO_COLOR": "1"}, timeout=60,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("bad")
    (made / "empty.png").write_bytes(b"")
    (made / "cut.png").write_bytes(saved("PNG")[:20])
    (made / "diary.png").write_text("Dear diary")
    (made / "dots.bin").write_bytes(bytes(range(1, 9)))
    (made / "loop.png").symlink_to(made / "loop.png")
    (made / "folder.png").mkdir()
    os.mkfifo(made / "pipe.png")
    (made / "good.png").write_bytes(saved("PNG"))
    (made / "wrong.jpg").write_bytes(saved("PNG"))
    (made / "giant.png").write_bytes(GIANT)
    return made


BAD = {
    "empty.png": "the file is empty",
    "cut.png": "damaged PNG header: cut short",
    "diary.png": "not an image multitok can read (looks like text). To count it as text, pass"
    " --as text",
    "dots.bin": "not a file multitok can read (starts with 01 02 03 04 05 06 07 08). To read it as"
    " text, pass --as text --encoding NAME",
    "loop.png": "a symbolic link that leads back to itself",
    "folder.png": "a directory, not a file. Name the files in it, or: multitok count -r",
    "pipe.png": "a named pipe, not a file. Pipe it in instead, with - for stdin",
    "missing.png": "no such file",
}


@pytest.mark.parametrize("command", ["count", "inspect"])
def test_bad_files_among_good_ones(folder, command):
    ran = run(command, *BAD, "good.png", "wrong.jpg", "-m", "gpt-4o", cwd=folder)
    messages = [line for line in ran.stderr.splitlines() if line.startswith("multitok: ")]
    assert messages == [f"multitok: {name}: {why}" for name, why in BAD.items()]
    assert "Traceback" not in ran.stderr
    assert ran.stdout.count("255") >= 2
    assert ran.returncode == 2


def test_one_bad_file(folder):
    ran = run("count", "pipe.png", "-m", "gpt-4o", "-q", cwd=folder)
    why = "a named pipe, not a file. Pipe it in instead, with - for stdin"
    assert (ran.stdout, ran.stderr, ran.returncode) == ("", f"multitok: pipe.png: {why}\n", 2)


def test_a_giant_is_counted_from_its_header(folder):
    """2,048 is the most that fits: 768 x 768, four tiles."""
    ran = run("count", "giant.png", "-m", "gpt-4o", "-q", cwd=folder)
    assert (ran.stdout, ran.stderr, ran.returncode) == ("765\n", "", 0)


def test_a_wrong_extension_is_a_note_at_the_command_line(folder):
    ran = run("inspect", "wrong.jpg", "-m", "gpt-4o", cwd=folder)
    assert "named .jpg, but holds PNG" in ran.stdout
    assert (ran.stderr, ran.returncode) == ("", 0)
