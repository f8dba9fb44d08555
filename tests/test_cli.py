"""The command line: what it prints, on which stream, and the exit code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from multitok.cli import multitok as cli

ROOT = Path(__file__).parent.parent


def run(*arguments, stdin=None, cwd=ROOT):
    return subprocess.run(
        [sys.executable, "-m", "multitok", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "", "NO_COLOR": "1", "HOME": str(cwd)},
    )


def test_quiet_prints_the_bare_integer():
    child = run("count", "--size", "1024x1024", "-m", "gpt-4o", "-q")
    assert (child.stdout, child.stderr, child.returncode) == ("765\n", "", 0)


def test_stdin_is_a_dash():
    child = run("count", "-", "-m", "gpt-4o", "-q", stdin="hello world")
    assert child.stdout == "2\n"


def test_many_inputs_end_with_a_total():
    child = run("count", "--size", "1024x1024", "--size", "512x512", "-m", "gpt-4o")
    assert child.stdout.splitlines()[-1].split() == ["1,020", "documented", "gpt-4o", "total"]


def test_a_bad_file_is_reported_the_rest_goes_on_and_the_exit_is_2(tmp_path):
    (tmp_path / "good.txt").write_text("hello world")
    child = run("count", "missing.txt", "good.txt", "-m", "gpt-4o", "-q", cwd=tmp_path)
    assert child.stdout == "2\n"
    assert child.stderr == "multitok: missing.txt: no such file\n"
    assert child.returncode == 2


def test_json_is_one_document_with_a_schema():
    child = run("count", "--size", "640x480", "-m", "gpt-4o", "--json")
    document = json.loads(child.stdout)
    assert document["schema"] == 1
    assert document["total"] == 425
    assert document["counts"][0]["geometry"]


def test_jsonl_is_one_object_a_line():
    child = run("count", "--size", "640x480", "--size", "64x64", "-m", "gpt-4o", "--jsonl")
    lines = [json.loads(line) for line in child.stdout.splitlines()]
    assert [line["input"] for line in lines] == ["640x480", "64x64"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("count", "--size", "8x8", "-m", "gpt-9"),
            "multitok: unknown model 'gpt-9'. Did you mean 'gpt-5'? See: multitok models."
            " For open weights: multitok models --from-hf DIR reads their rule",
        ),
        (
            ("count", "README.md", "-m", "gpt-9"),
            "multitok: unknown model 'gpt-9'. Did you mean 'gpt-5'? See: multitok models."
            " To count anyway, name a tokenizer: --tokenizer o200k_base",
        ),
        (
            ("count", "--size", "8x8", "-t", "pathc"),
            "multitok: unknown tokenizer 'pathc'. Did you mean 'patch'? See: multitok tokenizers",
        ),
        (
            ("count", "--size", "8x8", "-t", "patch", "-s", "sise=3"),
            "multitok: tokenizer 'patch' has no parameter 'sise'. Did you mean 'size'?"
            " It takes: size=16, resize=None",
        ),
        (
            ("count", "--size", "8"),
            "Error: Invalid value for '--size': '8' is not WIDTHxHEIGHT: write 1920x1080",
        ),
        (
            ("count", "--size", "0x8", "-m", "gpt-4o"),
            "Error: Invalid value for '--size': image must be at least 1x1 pixels, got 0x8",
        ),
        (
            ("count", "a.txt"),
            "Error: name a model (-m gpt-4o) or a tokenizer (-t o200k_base). See: multitok models",
        ),
        (("count",), "Error: nothing to count: name a file, - for stdin, --text or --size"),
        (("cuont",), "Error: no command 'cuont'. Did you mean 'count'? See: multitok --help"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_usage_says_what_to_type_and_exits_2(arguments, message):
    child = run(*arguments)
    assert child.stdout == ""
    assert child.stderr.strip().splitlines()[-1] == message
    assert child.returncode == 2


def test_fit_exits_1_when_nothing_fits():
    child = run("fit", "--size", "800x600", "-m", "gpt-4o", "--max-tokens", "10")
    assert child.returncode == 1
    assert child.stdout.startswith("no size fits 10 tokens: the least is 255, at 512 x 384\n")
    assert child.stdout.count("no size fits") == 1


def test_fit_says_what_shortens_what_it_cannot(tmp_path):
    (tmp_path / "in.txt").write_text("hello world")
    child = run("fit", "in.txt", "-m", "gpt-4o", "--max-tokens", "1", cwd=tmp_path)
    assert child.stderr == (
        "multitok: fit works on pictures, clips and sounds, got text."
        " To shorten a text: multitok truncate\n"
    )
    assert child.returncode == 2


def test_a_parameter_of_another_type_is_no_traceback():
    child = run("count", "--size", "9x9", "-t", "patch", "-s", "size=big")
    assert child.stderr == (
        "multitok: size of tokenizer 'patch' must be a whole number, got 'big'."
        " It takes: size=16, resize=None\n"
    )
    assert (child.stdout, child.returncode) == ("", 2)


def test_tokens_saved_by_encode_come_back_by_decode(tmp_path):
    (tmp_path / "in.txt").write_text("naïve café")
    assert run("encode", "in.txt", "-t", "o200k_base", "-o", "t.npz", cwd=tmp_path).returncode == 0
    assert run("decode", "t.npz", cwd=tmp_path).stdout == "naïve café"


def test_an_overlay_is_a_picture(tmp_path):
    from PIL import Image

    out = tmp_path / "seen.png"
    child = run("inspect", "samples/photo.jpg", "-m", "gpt-4o", "--overlay", str(out))
    assert child.returncode == 0, child.stderr
    with Image.open(out) as drawn:
        assert min(drawn.size) > 400


def test_a_closed_pipe_ends_quietly():
    script = f"'{sys.executable}' -m multitok models | head -1"
    child = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=ROOT / "src")
    assert child.stderr == ""


def test_text_is_shown_by_tokens():
    child = run("inspect", "-", "-t", "words", stdin="Hello, world")
    assert "\nHello|,| world\n" in child.stdout


def test_a_note_that_many_inputs_share_is_told_once(tmp_path):
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text("hello world")
    child = run("count", "a.txt", "b.txt", "c.txt", "-m", "claude-opus-5", cwd=tmp_path)
    assert child.stderr == (
        "note: a.txt and 2 more: white space at the end of a message is free in this model, and"
        " counted here\n"
    )


def test_a_narrow_terminal_gets_lines_that_fit():
    """Only an address is longer than the terminal is wide: broken, it could not be opened."""
    from multitok.counting.inspection import Inspection
    from multitok.counting.subject import subject_of
    from multitok.report.inspection import render_inspection

    found = Inspection(subject=subject_of(str(ROOT / "samples/photo.jpg")))
    lines = render_inspection(found, explained=True, color=False, width=72).splitlines()
    assert len(lines) > 40
    assert [line for line in lines if len(line) > 72 and " " in line.strip()] == []


def test_a_text_has_no_column_of_sizes_seen():
    assert "sees" not in run("inspect", "samples/english.txt").stdout
    assert "sees" in run("inspect", "samples/photo.jpg", "-m", "gpt-4o").stdout


def test_a_model_and_a_tokenizer_are_one_too_many():
    for command in ("count", "inspect"):
        child = run(command, "--size", "9x9", "-t", "patch", "-m", "gpt-4o")
        assert child.stderr.splitlines()[-1] == (
            "Error: name a model (-m) or a tokenizer (-t), not both"
        )
        assert (child.stdout, child.returncode) == ("", 2)


def test_a_tokenizer_replaces_the_model_of_the_environment(monkeypatch):

    from multitok.cli.count import count

    arguments = ["--text", "hello", "-t", "characters", "-q"]
    answer = CliRunner().invoke(count, arguments, env={"MULTITOK_MODEL": "gpt-4o"})
    assert answer.output == "5\n"


def test_two_ways_to_print_are_one_too_many():
    child = run("count", "--size", "9x9", "-t", "patch", "-q", "--json")
    assert child.stderr.splitlines()[-1] == (
        "Error: -q, --json and --jsonl are three ways to print: name one"
    )
    assert (child.stdout, child.returncode) == ("", 2)


def test_json_says_what_could_not_be_counted(tmp_path):
    (tmp_path / "good.txt").write_text("hello world")
    child = run("count", "missing.txt", "good.txt", "-m", "gpt-4o", "--json", cwd=tmp_path)
    document = json.loads(child.stdout)
    assert document["total"] == 2
    assert document["errors"] == [{"input": "missing.txt", "error": "missing.txt: no such file"}]


def test_a_request_option_is_not_taken_for_a_file_name():
    child = run("encode", "samples/photo.jpg", "-t", "patch", "-o", "size=8")
    assert child.stderr.splitlines()[-1] == (
        "Error: -o is the output now: a rule's option is -s size=8"
    )


@pytest.mark.parametrize(("name", "colored"), [("FORCE_COLOR", True), ("NO_COLOR", False)])
def test_a_pipe_has_colors_where_they_are_forced(name, colored):
    child = subprocess.run(
        [sys.executable, "-m", "multitok", "count", "--size", "8x8", "-m", "gpt-4o"],
        env={"PYTHONPATH": str(ROOT / "src"), name: "1"}, capture_output=True, text=True,
    )  # fmt: skip
    assert ("\x1b[36mdocumented\x1b[0m" in child.stdout) == colored


def test_models_that_are_no_name_are_searched_for():
    child = run("models", "claude opus", "--provider", "anthropic", "--jsonl")
    found = [json.loads(line)["id"] for line in child.stdout.splitlines()]
    assert {"claude-opus-4-6", "claude-opus-5-5"} < set(found)
    assert all("opus" in name for name in found)


def test_a_provider_has_all_its_names():
    child = run("models", "glm", "--provider", "Z-AI", "--jsonl")
    assert {json.loads(line)["provider"] for line in child.stdout.splitlines()} == {"zhipu"}


@pytest.mark.parametrize(
    ("meant", "typed"),
    [
        (["help"], ["--help"]),
        (["help", "count"], ["count", "--help"]),
        (["version"], ["--version"]),
    ],
)
def test_help_and_version_are_taken_as_words_too(meant, typed):
    asked, said = CliRunner().invoke(cli, meant), CliRunner().invoke(cli, typed)
    assert (asked.exit_code, asked.stdout) == (0, said.stdout)


def test_a_file_or_folder_in_place_of_a_command_is_told_what_to_type(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("my photo.jpg").touch()
    Path("pictures").mkdir()
    shown = CliRunner().invoke(cli, ["my photo.jpg"])
    assert shown.exit_code == 2
    assert shown.stderr.endswith(
        "Error: no command 'my photo.jpg'. It is a file: multitok inspect 'my photo.jpg' (what it"
        " is, and what models make of it), or multitok count 'my photo.jpg' -m MODEL\n"
    )
    shown = CliRunner().invoke(cli, ["pictures"])
    assert shown.stderr.endswith(
        "Error: no command 'pictures'. It is a folder: multitok count -r pictures -m MODEL counts"
        " what is in it\n"
    )
