"""One grammar: an option means the same in every command, and stdin is read alike everywhere."""

import importlib.util
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from multitok.__main__ import ERROR, FAULT, INTERRUPTED
from multitok.cli import COMMANDS, multitok

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples"
TEXT = SAMPLES / "english.txt"
BILL = json.dumps(
    {
        "request": {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]},
        "response": {"usage": {"prompt_tokens": 8, "completion_tokens": 1}},
    }
)


def run(*words, text=None):
    return CliRunner().invoke(multitok, [str(word) for word in words], input=text)


def options():
    context = click.Context(multitok)
    for name in COMMANDS:
        for param in multitok.get_command(context, name).params:
            if isinstance(param, click.Option):
                yield name, param


# Words of one option that say more than one thing, each with the reason.
SEVERAL = {
    "--out": "each names the file that the command makes",
    "--html": "each names the page that the command makes",
    "--model": "a request names its own model, which -m replaces",
    "--max-tokens": "of a part scan writes; check has limits by file beside it, and takes 0",
    "--output-tokens": "a request can be priced for a range",
    "--keep": "truncate keeps an end of a text, request kinds of what it holds",
    "--layers": "train makes codebooks, economics asks for the shape of a model",
    "--answer": "economics asks how long one is, serve which number is one",
    "--top": "count shows a tree of them, scan a list",
    "--mode": "a request may name its own, an item of a scan has none",
    "--as": "an item of a scan may be a whole request",
    "--id": "a table of series is named by a column, an item of a scan too",
    "--strict": "a damaged file is an error, or an error is an exit code",
    "--size": "of a picture in pixels, or of a row of a batch in tokens",
    "--format": "request reads a provider's, tokenize writes one that training reads",
    "--provider": "models lists a provider's, the others say how a payload is read",
}


def test_an_option_has_one_spelling_and_one_meaning():
    spelled, meant = {}, {}
    for _, param in options():
        if not param.hidden:
            spelled.setdefault(param.opts[-1], set()).add(tuple(param.opts))
            meant.setdefault(param.opts[-1], set()).add((param.help, param.type.name))
    assert {name for name, ways in spelled.items() if len(ways) > 1} == set()
    assert {name for name, ways in meant.items() if len(ways) > 1} == set(SEVERAL)


def test_a_short_option_is_short_for_one_long_option():
    """But for what is hidden: -o where a rule's option was given by it."""
    long = {}
    for _, param in options():
        if not param.hidden:
            for word in param.opts[:-1]:
                long.setdefault(word, set()).add(param.opts[-1])
    assert long == {
        "-m": {"--model"}, "-t": {"--tokenizer"}, "-s": {"--set"}, "-o": {"--out"},
        "-q": {"--quiet"}, "-r": {"--recursive"}, "-j": {"--jobs"},
    }  # fmt: skip


def test_every_option_says_what_it_does():
    assert [
        (name, param.opts) for name, param in options() if not param.help and not param.hidden
    ] == []


def test_who_takes_a_model_or_a_tokenizer_takes_their_options_and_a_catalogue():
    takes = {}
    for name, param in options():
        takes.setdefault(param.opts[-1], set()).add(name)
    assert takes["--set"] == takes["--model"] - {"request", "reconcile", "pack"}
    assert takes["--tokenizer"] == takes["--set"] - {"compare"}
    assert takes["--catalog"] == (takes["--model"] - {"pack"}) | {"models", "serve", "mcp"}


NOW = "-o is the output now: a rule's option is"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("count a.png -m gpt-4o -o detail=low", f"{NOW} -s detail=low"),
        ("inspect a.png -o detail=low", f"{NOW} -s detail=low"),
        ("compare a.png -o detail=low", f"{NOW} -s detail=low"),
        ("check a.png -o detail=low", f"{NOW} -s detail=low"),
        ("fit a.png --max-tokens 9 -o size=8", f"{NOW} -s size=8"),
        ("encode a.png -o path=codes.npz", f"{NOW} -s path=codes.npz"),
        ("count a.png -m gpt-4o -o out.txt", "count has no -o: it prints, to a file by > out.txt"),
        ("count a.png --option size=8", "--option is --set now: -s size=8"),
        ("encode a.png --option size=8", "--option is --set now: -s size=8"),
        ("fit a.png --max-tokens 9 --write b.png", "--write is --out now: -o b.png"),
        ("reconcile a.jsonl --calibration c.json", "--calibration is --out now: -o c.json"),
        ("truncate a.txt --max-tokens 9 --strict", "--strict is --exit-code now"),
        ("check a.txt --format json", "--format json is --json now"),
    ],
)  # fmt: skip
def test_an_option_of_former_days_says_what_to_type_now(words, message):
    done = run(*words.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == f"Error: {message}"


def test_a_file_whose_name_has_an_equals_sign_is_named_by_its_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run("encode", TEXT, "-t", "bytes", "-o", "./a=b.npz")
    assert (done.exit_code, done.stderr) == (0, "wrote ./a=b.npz: 2,690 tokens\n")


READERS = {
    "inspect": (
        "inspect -m gpt-4o", TEXT, "nothing to inspect: name a file, - for stdin, or --size",
    ),
    "count": (
        "count -m gpt-4o -q",
        TEXT,
        "nothing to count: name a file, - for stdin, --text or --size",
    ),
    "compare": ("compare -m gpt-4o", TEXT, "compare one input: a file, - for stdin, or one --size"),
    "fit": (
        "fit -m gpt-4o --max-tokens 300",
        SAMPLES / "photo.jpg",
        "fit one picture: a file, - for stdin, or one --size",
    ),
    "scan": (
        "scan -m gpt-4o -j 0 -q",
        SAMPLES / "batch.jsonl",
        "nothing to scan: name files or folders, - for stdin, or --out of a scan",
    ),
    "tokenize": (
        "tokenize -t bytes -j 0 -q --fresh --retry --out {out}.shards",
        '{"text": "hello"}\n',
        "nothing to tokenize: name a file, or - for stdin",
    ),
    "request": (
        "request", SAMPLES / "request.json", "nothing to count: name a file, or - for stdin",
    ),
    "truncate": (
        "truncate -m gpt-4o --max-tokens 9", TEXT, "nothing to cut: name a file, or - for stdin",
    ),
    "split": (
        "split -m gpt-4o --max-tokens 99", TEXT, "nothing to cut: name a file, or - for stdin",
    ),
    "reconcile": ("reconcile", BILL, "nothing to reconcile: name a file, or - for stdin"),
    "efficiency": (
        "efficiency -t bytes", TEXT, "nothing to measure: name a file, or - for stdin",
    ),
    "encode": ("encode -t bytes", TEXT, "nothing to encode: name a file, or - for stdin"),
    "decode": ("decode", "tokens", "nothing to decode: name a file, or - for stdin"),
    "train": (
        "train bpe -o {out} --vocab-size 300",
        TEXT,
        "nothing to learn from: name a file, or - for stdin",
    ),
}  # fmt: skip
"""Each command that reads a source: its words, what is piped in, and what a terminal is told."""


def test_every_command_with_a_source_is_among_the_readers():
    context = click.Context(multitok)
    found = {
        name
        for name in COMMANDS
        for param in multitok.get_command(context, name).params
        if isinstance(param, click.Argument) and param.name in ("source", "sources")
    }
    assert found == set(READERS)


@pytest.fixture(params=READERS)
def reader(request, tmp_path):
    words, source, message = READERS[request.param]
    if source == "tokens":
        run("encode", TEXT, "-t", "bytes", "-o", tmp_path / "t.npz")
        source = tmp_path / "t.npz"
    content = source.read_bytes() if isinstance(source, Path) else source
    return words.format(out=tmp_path / "out.json").split(), content, message


def test_what_is_piped_in_is_read_with_a_dash_or_without(reader):
    words, content, _ = reader
    piped, dashed = run(*words, text=content), run(*words, "-", text=content)
    assert piped.exit_code == 0, piped.output
    assert (piped.output, piped.exit_code) == (dashed.output, dashed.exit_code)


@pytest.mark.parametrize("stdin", ["terminal", "null device"])
def test_without_a_pipe_a_command_says_what_to_name_and_does_not_wait(stdin, reader):
    words, _, message = reader
    ours = theirs = None
    if stdin == "terminal":
        ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "multitok", *words],
        stdin=theirs if stdin == "terminal" else subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    for descriptor in (ours, theirs):
        if descriptor is not None:
            os.close(descriptor)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == f"Error: {message}"


LISTS = {
    "inspect": ("inspect {photo} {text} -m gpt-4o", "inputs"),
    "count": ("count {photo} {text} -m gpt-4o", "counts"),
    "compare": ("compare {photo} -m gpt-4o -m gpt-5", "rows"),
    "check": ("check {photo} {text} -m gpt-4o --max-tokens 500", "files"),
    "split": ("split {text} -m gpt-4o --max-tokens 300", "pieces"),
    "reconcile": ("reconcile -", "requests"),
    "efficiency": ("efficiency {text}", "rows"),
    "models": ("models --provider mistral", "models"),
    "tokenizers": ("tokenizers --modality image", "tokenizers"),
}
"""Each command with --jsonl, and the list of its --json that holds the same."""


def test_every_command_with_jsonl_is_among_them():
    assert {name for name, param in options() if "--jsonl" in param.opts} == set(LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_the_lines_of_jsonl_are_the_list_of_json(name):
    words, key = LISTS[name]
    words = words.format(photo=SAMPLES / "photo.jpg", text=TEXT).split()
    lines = [json.loads(line) for line in run(*words, "--jsonl", text=BILL).stdout.splitlines()]
    listed = json.loads(run(*words, "--json", text=BILL).stdout)[key]
    assert len(listed) > 0
    if name == "split":
        lines = [line["text"] for line in lines]
    if name == "compare":
        lines = [{k: v for k, v in line.items() if k != "input"} for line in lines]
    assert lines == listed


@pytest.mark.parametrize(
    ("words", "answer", "code"),
    [
        ("count {text} -m gpt-4o", "594\n", 0),
        ("fit {photo} -m gpt-4o --max-tokens 300", "512x341\n", 0),
        ("fit {photo} -m gpt-4o --max-tokens 3", "", 1),
        ("fit {clip} -m gemini-3-flash-preview --max-tokens 300", "rate 0.75\nlength 3.96\n", 0),
        ("compare {photo} -m gpt-4o -m claude-opus-5", "425 gpt-4o\n330 claude-opus-5\n", 0),
        ("check {text} -m gpt-4o --max-tokens 5000", "", 0),
        (
            "check {text} {photo} -m gpt-4o --max-tokens 500",
            "over    {text}: 594 tokens, 94 over its limit of 500\n",
            1,
        ),
        ("truncate {text} -m gpt-4o --max-tokens 3", "Down the Rabbit", 0),
    ],
)
def test_quiet_is_the_bare_answer(words, answer, code):
    names = {"text": TEXT, "photo": SAMPLES / "photo.jpg", "clip": SAMPLES / "clip.mp4"}
    done = run(*words.format(**names).split(), "-q")
    assert (done.stdout, done.stderr, done.exit_code) == (answer.format(**names), "", code)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("count a.txt -q --json", "-q, --json and --jsonl are three ways to print: name one"),
        ("fit a.png --max-tokens 9 -q --json", "-q and --json are two ways to print: name one"),
        ("models --json --jsonl", "--json and --jsonl are two ways to print: name one"),
        (
            "check a.txt --max-tokens 9 -m gpt-4o --format github --json",
            "--format github and JSON are two ways to print: name one",
        ),
        ("inspect a.txt --json --html -", "--html - takes stdout, and JSON needs it: name a file"),
    ],
)
def test_one_way_to_print_is_named(words, message):
    done = run(*words.split())
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (2, f"Error: {message}")


@pytest.mark.parametrize("command", ["truncate", "split", "check", "encode", "fit"])
def test_a_command_for_one_model_refuses_two(command):
    words = [command, TEXT, "-m", "gpt-4o", "-m", "gpt-5"]
    words += ["--max-tokens", "9"] if command != "encode" else []
    assert run(*words).stderr.splitlines()[-1] == (
        "Error: name one model (-m) or one tokenizer (-t)"
    )


def test_the_model_of_the_environment_is_every_command_s(monkeypatch):
    """A tokenizer replaces it, and a project's own model comes before it."""
    monkeypatch.setenv("MULTITOK_MODEL", "gpt-4o")
    assert run("truncate", TEXT, "--max-tokens", "3", "-q").stdout == "Down the Rabbit"
    assert run("truncate", TEXT, "--max-tokens", "3", "-q", "-t", "bytes").stdout == "Dow"
    assert run("encode", TEXT).stdout.split() == run("encode", TEXT, "-m", "gpt-4o").stdout.split()


def test_a_project_s_model_comes_before_that_of_the_environment(monkeypatch, tmp_path):
    config = tmp_path / "pyproject.toml"
    config.write_text('[tool.multitok]\ntokenizer = "bytes"\nmax-tokens = 100\n')
    monkeypatch.setenv("MULTITOK_MODEL", "gpt-4o")
    one = json.loads(run("check", TEXT, "--config", config, "--jsonl").stdout)
    assert one["tokens"] == 2690
    two = json.loads(run("check", TEXT, "--config", config, "--jsonl", "-m", "gpt-4o").stdout)
    assert two["tokens"] == 594


MINE = """provider = "mine"

[rules.letters]
tokenizer = "bytes"
kind = "exact"
source = "https://mine.example"
checked = 2026-11-23

[[model]]
id = "mine-1"
text = "letters"
"""


def test_a_model_of_your_own_catalogue_is_taken_by_every_command_that_counts(tmp_path):
    (tmp_path / "mine.toml").write_text(MINE)
    own = ["-m", "mine-1", "--catalog", tmp_path / "mine.toml"]
    assert run("count", TEXT, *own, "-q").stdout == "2690\n"
    assert run("truncate", TEXT, "--max-tokens", "3", *own, "-q").stdout == "Dow"
    pieces = json.loads(run("split", TEXT, "--max-tokens", "2000", *own, "--json").stdout)["pieces"]
    assert list(map(len, map(str.encode, pieces))) == [2000, 690]
    rows = json.loads(run("efficiency", TEXT, *own, "--json").stdout)["rows"]
    assert [(row["by"], row["tokens"]) for row in rows] == [("mine-1", 2690)]
    bill = {**json.loads(BILL), "response": {"usage": {"prompt_tokens": 2, "completion_tokens": 1}}}
    done = run("reconcile", *own, "--json", text=json.dumps(bill))
    assert json.loads(done.stdout)["requests"][0]["counted"] == 2


def test_a_tokenizer_s_parameters_are_set_wherever_it_is_named(tmp_path):
    """-t hf takes its file by -s path=..."""
    assert (
        run("train", "bpe", TEXT, "-o", tmp_path / "t.json", "--vocab-size", "300").exit_code == 0
    )
    hf = ["-t", "hf", "-s", f"path={tmp_path / 't.json'}"]
    cut = run("truncate", TEXT, "--max-tokens", "3", *hf, "-q").stdout
    assert cut
    assert TEXT.read_text().startswith(cut)
    assert run("split", TEXT, "--max-tokens", "999", *hf, "-q").stdout.startswith(cut)
    measured = json.loads(run("efficiency", TEXT, *hf, "--json").stdout)
    counted = run("count", TEXT, *hf, "-q").stdout
    assert measured["rows"][0]["tokens"] == int(counted)


def test_columns_are_named_by_commas_or_one_by_one():
    arm = SAMPLES / "arm.csv"
    names = arm.read_text().partition("\n")[0].split(",")[1:3]
    commas = run(
        "count", arm, "-t", "action-bins", "--as", "actions", "-q", "--columns", ",".join(names)
    )
    each = run(
        "count", arm, "-t", "action-bins", "--as", "actions", "-q",
        "--columns", names[0], "--columns", names[1],
    )  # fmt: skip
    assert commas.exit_code == 0, commas.output
    assert commas.stdout == each.stdout


def page_maker():
    path = ROOT / "tools" / "make_commands_table.py"
    spec = importlib.util.spec_from_file_location("make_commands_table", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_commands_is_what_the_code_says():
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert page_maker().filled(page) == page, "run: make commands"


def test_the_page_of_commands_shows_a_change(monkeypatch):
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    monkeypatch.delitem(COMMANDS, "doctor")
    assert page_maker().filled(page) != page


def test_the_page_has_every_exit_code():
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    table = page.partition("## Exit codes")[2].partition("## ")[0]
    codes = [int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)]
    assert codes == [0, 1, ERROR, FAULT, INTERRUPTED]
