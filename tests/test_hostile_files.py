"""Commands on files, tables, catalogues and requests whose names and contents would act."""

import json
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

import multitok
from multitok import MediaError, SourceError
from multitok.loaders.source import Source

ROOT = Path(__file__).parent.parent
NAMES = [
    b"a\x1b]0;title\x07.txt", b"b\x1b[2J.txt", b"c\n::error::x.txt", b"d\r::warning::x.txt",
    "e\u202egnp.txt".encode(), b"caf\xe9.txt", b"::error::f.txt", b"##[error]g.txt",
    "h\x9b2J.txt".encode(),
]  # fmt: skip
ACTS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
COMMAND = re.compile(r"^\s*::|##\[|##vso\[", re.MULTILINE)
EVIL = "x\x1b[2J\n::error::y\u202e\x9b"


def run(folder, *arguments, encoding="utf-8", stdin=b""):
    """A command as a log of a workflow would have it: both streams as bytes."""
    environment = {
        "PATH": "", "HOME": str(folder), "PYTHONPATH": str(ROOT / "src"), "LC_ALL": "C.UTF-8",
        "PYTHONIOENCODING": encoding,
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "multitok", *arguments],
        cwd=folder, env=environment, capture_output=True, input=stdin,
    )  # fmt: skip


def harmless(child, *allowed):
    """What was printed; neither stream holds what a terminal or a workflow would obey."""
    for stream in (child.stdout, child.stderr):
        text = stream.decode("utf-8")
        assert ACTS.findall(text) == []
        assert [line for line in text.split("\n") if COMMAND.search(line)] == [*allowed]
        allowed = ()
    assert b"Traceback" not in child.stderr
    return child.stdout.decode("utf-8")


@pytest.fixture
def files(tmp_path):
    """A file of each name: `hello world`."""
    for name in NAMES:
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
            file.write(b"hello world")
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        ("count", "-m", "gpt-4o"),
        ("count", "-m", "claude-opus-5"),
        ("inspect", "-m", "gpt-4o"),
        ("inspect", "-t", "words"),
        ("efficiency", "-t", "words"),
        ("check", "--max-tokens", "1", "-m", "gpt-4o"),
        ("check", "--max-tokens", "1", "-m", "gpt-4o", "--json"),
        ("count", "-m", "gpt-4o", "--json"),
        ("count", "-m", "gpt-4o", "--jsonl"),
        ("inspect", "-m", "gpt-4o", "--json"),
        ("inspect", "-m", "gpt-4o", "--html", "-"),
    ],
    ids=" ".join,
)
def test_a_command_on_files_with_such_names(files, command):
    child = run(files, command[0], "--", *NAMES) if len(command) == 1 else run(
        files, *command, "--", *NAMES
    )  # fmt: skip
    assert child.returncode in (0, 1), child.stderr
    told = harmless(child)
    if "--json" in command:
        json.loads(told)
    for line in told.splitlines() if "--jsonl" in command else ():
        json.loads(line)


def test_a_row_a_file_whatever_its_name(files):
    """A line end in a name makes no second row."""
    told = harmless(run(files, "count", "-m", "gpt-4o", "--", *NAMES))
    assert len(told.splitlines()) == len(NAMES) + 2  # the head and the total
    assert r"c\x0a::error::x.txt" in told
    assert r"caf\xe9.txt" in told


def test_annotations_of_a_workflow_are_one_a_file_and_no_other(files):
    child = run(files, "check", ".", "--max-tokens", "1", "-m", "gpt-4o", "--format", "github")
    lines = child.stdout.decode("utf-8").splitlines()
    harmless(child, *lines)
    assert len(lines) == len(NAMES)
    for line in lines:
        assert re.fullmatch(r"::error file=[^:,\n]*,title=multitok::2 tokens, [^:\n]*", line), line


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_an_error_names_a_file_that_is_not_there(tmp_path, name):
    child = run(tmp_path, "count", "-m", "gpt-4o", "--", name)
    harmless(child)
    assert child.returncode == 2
    assert child.stderr.startswith(b"multitok: ")
    assert child.stderr.count(b"\n") == 1


def test_words_that_click_repeats_are_spelled(tmp_path):
    for arguments in (
        ["count", "--\x1b[2J"],
        ["--\x1b[2J"],
        ["\x1b[2J"],
        ["models", "a", "\x1b[2J"],
    ):
        child = run(tmp_path, *arguments)
        harmless(child)
        assert child.returncode == 2


def test_columns_of_a_table_with_such_names(tmp_path):
    header = '"a\x1b[2J","b\u202e\x9b","::error::c"\n'
    rows = "".join(f"{i},{i * i % 7},{i % 3}\n" for i in range(50))
    (tmp_path / "t.csv").write_text(header + rows, "utf-8")
    for command in (["inspect", "t.csv"], ["inspect", "t.csv", "--as", "actions"],
                    ["inspect", "t.csv", "--columns", "\x1b[2J"]):  # fmt: skip
        harmless(run(tmp_path, *command))
    assert r"a\x1b[2J" in harmless(run(tmp_path, "inspect", "t.csv"))


def test_a_request_of_a_stranger(tmp_path):
    image = {"type": "image_url", "image_url": {"url": f"https://a/{EVIL}"}}
    content = [{"type": "text", "text": "hi"}, image, {"type": EVIL}, {"type": "\ud800"}]
    payload = {"model": "gpt-4o", "messages": [{"role": "user", "content": content}], EVIL: 1}
    (tmp_path / "p.json").write_text(json.dumps(payload))
    line = json.dumps({"request": payload, "usage": {"prompt_tokens": 9}})
    (tmp_path / "log.jsonl").write_text(line)
    for command in (["request", "p.json"], ["request", "p.json", "-q"], ["reconcile", "log.jsonl"]):
        harmless(run(tmp_path, *command))
    told = harmless(run(tmp_path, "request", "p.json", "--json"))
    assert json.loads(told)["parts"]
    payload["messages"] = [{"role": EVIL, "content": 5}]
    (tmp_path / "p.json").write_text(json.dumps(payload))
    assert run(tmp_path, "request", "p.json").returncode == 2
    harmless(run(tmp_path, "request", "p.json"))


def test_a_catalogue_of_a_stranger(tmp_path):
    text = json.dumps(EVIL)  # JSON's escapes are TOML's
    (tmp_path / "mine.toml").write_text(
        f'provider = {text}\n[[model]]\nid = "mine"\nnote = {text}\n'
        f'[model.image]\ntokenizer = "patch"\nkind = "exact"\nsource = {text}\n'
        f'checked = "2026-11-23"\nnotes = [{text}]\n'
    )
    for command in (["models", "mine"], ["count", "--size", "9x9", "-m", "mine"],
                    ["compare", "--size", "9x9", "-m", "mine"],
                    ["inspect", "--size", "9x9", "-m", "mine"]):  # fmt: skip
        child = run(tmp_path, *command, "--catalog", "mine.toml")
        harmless(child)
        assert child.returncode == 0, child.stderr


def test_tokens_of_a_text_that_would_act(tmp_path):
    told = harmless(run(tmp_path, "inspect", "-", "-t", "words", stdin=EVIL.encode("utf-8")))
    assert "⏎\n" in told
    assert r"\x1b" in told


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
@pytest.mark.parametrize(
    "command",
    [("inspect", "samples/sunspots.csv"), ("inspect", "samples/english.txt", "-t", "words"),
     ("prices",), ("inspect", "samples/arm.csv", "--as", "actions")],
    ids=" ".join,
)  # fmt: skip
def test_a_stream_that_is_not_utf_8_gets_escapes_and_no_error(encoding, command):
    child = run(ROOT, *command, encoding=encoding)
    assert (child.returncode, child.stderr) == (0, b"")
    child.stdout.decode(encoding)


def test_json_on_such_a_stream_is_ascii_and_the_same():
    command = ("inspect", "samples/multilingual.txt", "-t", "words", "--json")
    there, here = run(ROOT, *command, encoding="cp1252"), run(ROOT, *command)
    assert there.stdout.isascii()
    assert json.loads(there.stdout) == json.loads(here.stdout)


def test_what_truncate_gives_is_the_content_itself(tmp_path):
    """A filter must not change what passes: ESC and all."""
    child = run(tmp_path, "truncate", "--max-tokens", "99", "-t", "characters", stdin=EVIL.encode())
    assert child.stdout == EVIL.encode()


# --- found by fuzzing: numbers and words that nobody writes ---------------------------------------


def test_a_motion_file_without_a_word_under_endheader_is_refused():
    source = Source("a.sto", data=b"name\nendheader\n\n0 1\n", size=20)
    with pytest.raises(SourceError, match="first column must be time, got ''"):
        multitok.examine(source, modality="series")


def test_a_member_longer_than_any_file_is_damage(tmp_path):
    header = tarfile.TarInfo("a.txt")
    header.size = 2**70
    (tmp_path / "a.tar").write_bytes(header.tobuf(tarfile.GNU_FORMAT) + bytes(512))
    found = multitok.scan(tmp_path / "a.tar", tokenizer="words", workers=0)
    assert found.failed == found.items > 0
    assert not any("unexpected" in row["error"] for row in found.errors())


def test_bins_of_no_dim_are_refused():
    with pytest.raises(MediaError, match="need one number or one a dim, got 0 and 1"):
        multitok.get_tokenizer("action-bins", low=(), high=1.0)


def test_no_more_digits_than_a_double_has():
    with pytest.raises(MediaError, match="precision"):
        multitok.get_tokenizer("llmtime", precision=10**9)
