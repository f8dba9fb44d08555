"""Limits by size first, then by count; folders as git sees them; verdicts as exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from multitok.budgets.files import Budget, check
from multitok.budgets.limits import Limits, settings_of, share
from multitok.cli import multitok as cli
from multitok.core.errors import MediaError, SourceError

SRC = Path(__file__).parent.parent / "src"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(cli, ["check", *arguments])


def budget(limit, **more):
    return Budget(limits=Limits(max_tokens=limit, **more), model="gpt-4o")


def test_a_small_file_is_proven_to_fit_by_its_size(folder):
    """100 bytes are at most 100 tokens."""
    (folder / "a.txt").write_text("x" * 100)
    (one,) = budget(100).check(["a.txt"])
    assert (one.status, one.tokens, one.proven, one.kind) == ("ok", 100, True, "upper-bound")


def test_a_doubtful_file_is_counted(folder):
    """200 bytes of "hello world " are 35 tokens: over 30, near 36 at 80 %, within 60."""
    (folder / "a.txt").write_text("hello world " * 17)
    verdicts = [next(budget(n, warn_at=0.8).check(["a.txt"])) for n in (30, 36, 60)]
    assert [(one.status, one.tokens) for one in verdicts] == [
        ("over", 35),
        ("near", 35),
        ("ok", 35),
    ]
    assert verdicts[0].message == "35 tokens, 5 over its limit of 30"


def test_utf_16_is_not_proven_by_half_its_bytes(folder):
    """漢 is 2 bytes of UTF-16 and 3 of UTF-8, which may be 3 tokens."""
    (folder / "a.txt").write_bytes(("漢" * 100).encode("utf-16"))
    (one,) = budget(300).check(["a.txt"])
    assert not one.proven


def test_pictures_are_counted_from_their_headers(folder):
    Image.new("1", (1024, 1024)).save("a.png")
    (one,) = budget(700).check(["a.png"])
    assert (one.status, one.tokens) == ("over", 765)


def test_a_folder_is_what_git_sees_in_it(folder):
    (folder / ".gitignore").write_text("build/\n")
    (folder / "build").mkdir()
    (folder / "build" / "b.txt").write_text("x")
    (folder / "a.txt").write_text("x")
    (folder / "c.bin").write_bytes(b"\0\1\2")
    seen = {one.path: one.status for one in budget(9).check(["."])}
    assert seen["./a.txt"] == "ok"
    assert seen["./c.bin"] == "skipped"
    assert "./build/b.txt" not in seen
    assert "./build/b.txt" in {one.path for one in budget(9).check(["."], ignored=True)}


def test_a_pattern_has_its_own_limit_and_the_last_that_matches_holds(folder):
    limits = Limits(max_tokens=10, patterns=(("*.md", 20), ("docs/*.md", 30)))
    assert [limits.of(path) for path in ("a.txt", "a.md", "docs/a.md")] == [10, 20, 30]


def test_no_limit_is_no_verdict(folder):
    (folder / "a.txt").write_text("x")
    (one,) = Budget(limits=Limits(patterns=(("*.md", 1),)), model="gpt-4o").check(["a.txt"])
    assert one.status == "skipped"


def test_a_thousand_small_files_load_no_vocabulary(folder):
    """No numpy, no engine, no vocabulary: the sizes are enough."""
    for i in range(1000):
        (folder / f"{i}.txt").write_text("hello world " * 10)
    command = [sys.executable, "-X", "importtime", "-m", "multitok", "check", ".",
               "--max-tokens", "500", "-m", "gpt-4o"]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(SRC)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "1,000 files checked, 1,000 proven by size\n"
    for name in ("numpy", "tiktoken", "tokenizers", "splintr", "fastokens", "PIL"):
        assert f" {name}\n" not in done.stderr


def test_exit_codes_and_the_report(folder):
    (folder / "long.txt").write_text("word " * 100)
    (folder / "short.txt").write_text("word")
    good = run("short.txt", "--max-tokens", "50", "-m", "gpt-4o")
    assert (good.exit_code, good.stdout) == (0, "1 file checked, 1 proven by size\n")
    over = run("short.txt", "long.txt", "--max-tokens", "50", "-m", "gpt-4o")
    assert over.exit_code == 1
    assert over.stdout == (
        "over    long.txt: 101 tokens, 51 over its limit of 50\n"
        "2 files checked, 1 over, 1 proven by size\n"
    )
    bad = run("gone.txt", "--max-tokens", "50", "-m", "gpt-4o")
    assert (bad.exit_code, bad.stderr) == (2, "failed  gone.txt: no such file\n")


def test_annotations_for_a_workflow(folder):
    (folder / "a,b.txt").write_text("word " * 100)
    result = run("a,b.txt", "--max-tokens", "50", "-m", "gpt-4o", "--format", "github")
    assert result.stdout == (
        "::error file=a%2Cb.txt,title=multitok::101 tokens, 51 over its limit of 50\n"
    )


def test_json_has_every_file(folder):
    (folder / "a.txt").write_text("word")
    document = json.loads(run("a.txt", "--max-tokens", "9", "-m", "gpt-4o", "--json").stdout)
    assert document["files"][0]["status"] == "ok"
    assert document["totals"]["proven"] == 1


def test_settings_come_from_pyproject(folder):
    (folder / "pyproject.toml").write_text(
        '[tool.multitok]\nmodel = "gpt-4o"\nmax-tokens = 200\nwarn-at = "80%"\n'
        'exclude = ["skip.md"]\n[tool.multitok.limits]\n"*.md" = 50\n'
    )
    (folder / "a.md").write_text("word " * 100)
    (folder / "skip.md").write_text("word " * 100)
    result = run(".")
    assert result.exit_code == 1
    assert "over    ./a.md: 101 tokens, 51 over its limit of 50" in result.stdout
    assert "skip.md" not in result.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.multitok]\nmodle = 3", "[tool.multitok] has no 'modle'. There are: model,"
         " tokenizer, max-tokens, warn-at, exclude, limits"),
        ("[tool.multitok.limits]\na = -1", "[tool.multitok] a must be a number of tokens, got -1"),
        ('[tool.multitok]\nexclude = "*.lock"', "[tool.multitok] exclude must be a list (a text"
         """ each), got '*.lock': write ["*.lock"]"""),
        ("[tool.multitok]\nexclude = 5", "[tool.multitok] exclude must be a list (a text each), got"
         " 5"),
        ("[tool.multitok]\nexclude = [5]", "[tool.multitok] exclude[0] must be a text, got 5"),
        ("[tool.multitok]\nlimits = 5", "[tool.multitok] limits must be a table, got 5"),
        ("[tool.multitok]\nmodel = 5", "[tool.multitok] model must be a text, got 5"),
        ("[tool.multitok]\nmax-tokens = '5'", "[tool.multitok] max-tokens must be a number of"
         " tokens, got '5'"),
        ("[tool.multitok]\nmax-tokens = true", "[tool.multitok] max-tokens must be a number of"
         " tokens, got True"),
        ("[tool.multitok]\nwarn-at = [1]", "[tool.multitok] warn-at must be a text or a number, got"
         " [1]"),
        ("[tool.multitok]\nwarn-at = 'x'", "a warning level is a share: write 80% or 0.8, got 'x'"),
        ("[tool.multitok.limits]\n'[z-a]' = 5", "'[z-a]' is no pattern (bad character range z-a)"),
        ("[tool]\nmultitok = 5", "tool.multitok must be a table, got 5"),
        ("tool = 5", "tool must be a table, got 5"),
        ("[tool", "Expected ']' at the end of a table declaration (at end of document)"),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_errors(folder, text, message):
    path = folder / "pyproject.toml"
    path.write_text(text)
    with pytest.raises((SourceError, MediaError)) as error:
        settings_of(path)
    assert str(error.value) == f"{path}: {message}"


def test_settings_nested_too_deep_are_an_error_of_ours(folder):
    path = folder / "pyproject.toml"
    path.write_text("a = " + "[" * 100_000)
    with pytest.raises(SourceError, match="recursion"):
        settings_of(path)


def test_a_config_that_is_named_must_be_there(folder):
    (folder / "a.txt").write_text("x")
    result = run("a.txt", "--config", "nope.toml", "--max-tokens", "5", "-m", "gpt-4o")
    assert result.exit_code == 1
    assert str(result.exception) == "nope.toml: no such file or directory"
    assert run("a.txt", "--max-tokens", "5", "-m", "gpt-4o").exit_code == 0


@pytest.mark.parametrize("paths", [("a.lock",), (".",), ("a.lock", "b.lock")])
def test_a_check_of_nothing_is_an_error_unless_it_is_meant(folder, paths):
    (folder / "a.lock").write_text("x")
    (folder / "b.lock").write_text("x")
    limits = ("--max-tokens", "5", "-m", "gpt-4o", "--exclude", "*.lock")
    result = run(*paths, *limits)
    assert (result.exit_code, result.stdout) == (2, "0 files checked\n")
    assert result.stderr == (
        f"multitok: nothing was checked of {', '.join(paths)}: every file is left out (exclude,"
        " .gitignore), has no limit, or is none that multitok reads. If that is meant, pass"
        " --allow-empty\n"
    )
    assert run(*paths, *limits, "--allow-empty").exit_code == 0


def test_a_hook_that_is_given_only_what_is_excluded_lets_it_pass():
    assert "entry: multitok check --allow-empty\n" in (
        SRC.parent / ".pre-commit-hooks.yaml"
    ).read_text("utf-8")


@pytest.mark.parametrize("pattern", ["[[-a]", "[a&&b]", "[!+--b]", "[[:alpha:]]"])
def test_what_python_warns_of_in_a_pattern_is_not_told(folder, pattern):
    (folder / ".gitignore").write_text(f"{pattern}\n")
    result = run(".", "--exclude", pattern, "--max-tokens", "5000", "-m", "gpt-4o")
    assert (result.exit_code, result.stderr) == (0, "")


def test_a_pattern_that_is_none_is_refused_before_anything_is_checked(folder):
    result = run("a.txt", "--exclude", "[z-a]", "--max-tokens", "5", "-m", "gpt-4o")
    assert result.stderr.endswith("Error: '[z-a]' is no pattern (bad character range z-a)\n")
    assert result.exit_code == 2


def test_a_warning_level_is_a_share():
    assert (share("80%"), share("0.8"), share(1.0)) == (0.8, 0.8, 1.0)
    with pytest.raises(MediaError) as error:
        share("80")
    assert str(error.value) == "a warning level is a share: write 80% or 0.8, got '80'"


def test_no_limit_at_all_is_bad_usage(folder):
    result = run("a.txt", "-m", "gpt-4o")
    assert result.exit_code == 2
    assert "no limit: pass --max-tokens 8000" in result.stderr


def test_count_bound_is_the_size_and_says_so(folder):
    (folder / "a.txt").write_text("hello world")
    result = CliRunner().invoke(cli, ["count", "a.txt", "-m", "gpt-4o", "--bound"])
    assert result.stdout.splitlines()[1].split() == ["11", "upper-bound", "gpt-4o", "a.txt"]
    assert result.stderr == "note: a.txt: proven by the size alone: nothing was counted\n"
    refused = CliRunner().invoke(cli, ["count", "--size", "8x8", "-m", "gpt-4o", "--bound"])
    assert refused.exit_code == 2
    assert "only texts in a byte-level vocabulary have one" in refused.stderr


PROJECT = '[tool.multitok]\nmodel = "gpt-4o"\n[tool.multitok.limits]\n"docs/*.md" = 50\n'


def test_the_nearest_project_above_is_read_and_its_patterns_are_seen_from_there(
    folder, monkeypatch
):
    (folder / "pyproject.toml").write_text(PROJECT)
    inner = folder / "docs" / "inner"
    inner.mkdir(parents=True)
    (folder / "docs" / "a.md").write_text("word " * 100)
    (inner / "pyproject.toml").write_text("[project]\nname = 'no word of multitok'\n")
    monkeypatch.chdir(inner)
    result = run("../a.md")
    assert result.exit_code == 1
    assert result.stdout.startswith("over    ../a.md: 101 tokens, 51 over its limit of 50\n")


def test_a_project_above_the_repository_is_none_of_it(folder, monkeypatch):
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "apart" / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder / "apart")
    result = run(".")
    assert result.exit_code == 2
    assert "no limit: pass --max-tokens 8000" in result.stderr


def test_a_config_elsewhere_has_patterns_of_the_working_folder(folder):
    (folder / "conf").mkdir()
    (folder / "conf" / "limits.toml").write_text(PROJECT)
    (folder / "docs").mkdir()
    (folder / "docs" / "a.md").write_text("word")
    assert run("docs", "--config", "conf/limits.toml").exit_code == 0


def test_a_limit_that_holds_for_no_file_of_the_project_is_told(folder):
    (folder / "pyproject.toml").write_text(
        '[tool.multitok]\nmodel = "gpt-4o"\n[tool.multitok.limits]\n"AGENTSS.md" = 5\n"*.txt" = 5\n'
    )
    (folder / "a.txt").write_text("word")
    result = run()
    assert result.exit_code == 0
    assert result.stderr == (
        "multitok: the limit of 'AGENTSS.md' holds for no file: is it misspelt?\n"
    )
    assert json.loads(run("--json").stdout)["unmet"] == ["AGENTSS.md"]


def test_of_one_file_nobody_can_tell_which_limit_holds_for_none(folder):
    (folder / "a.txt").write_text("word")
    found = check("a.txt", limits={"*.txt": 5, "*.md": 5}, model="gpt-4o")
    assert [one.status for one in found] == ["ok"]
    assert found.unmet == ()


def test_a_check_of_a_folder_without_a_file_to_look_at_is_an_error(folder):
    """Nothing is named: the working folder is meant."""
    (folder / "pyproject.toml").write_text(PROJECT)
    result = run()
    assert result.exit_code == 2
    assert result.stderr.startswith(
        "multitok: the limit of 'docs/*.md' holds for no file: is it misspelt?\n"
        "multitok: nothing was checked of .: every file is left out"
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            {"exclude": "*.lock"},
            """exclude must be a list (a text each), got '*.lock': write ["*.lock"]""",
        ),
        ({"exclude": [5]}, "exclude[0] must be a text, got 5"),
        ({"limits": {"a.md": "5"}}, "limits.a.md must be a number of tokens, got '5'"),
    ],
)
def test_words_of_check_that_are_shaped_wrong_are_told(words, told):
    with pytest.raises(MediaError) as error:
        check("a.txt", max_tokens=5, model="gpt-4o", **words)
    assert str(error.value) == told
