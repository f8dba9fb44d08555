"""A corpus's counts as a baseline: which rows moved, and why."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from pictures import saved

from multitok import baseline_of, check_baseline, read_baseline, write_baseline
from multitok.cli import multitok as cli
from multitok.core.errors import MediaError, SourceError

ROW = """
provider = "mine"

[[model]]
id = "mine-1"

[model.image]
tokenizer = "openai-tile"
kind = "documented"
params = {{ base = {base}, tile = 170, box = 2048, short = 768, size = 512 }}
source = "https://example.org/{page}"
checked = 2026-11-23
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MULTITOK_MODEL", raising=False)
    Path("prompts").mkdir()
    Path("prompts/a.txt").write_text("hello world")
    Path("prompts/b.png").write_bytes(saved("PNG"))
    Path("prompts/c.bin").write_bytes(bytes(range(256)))
    return tmp_path


def run(*words):
    return CliRunner().invoke(cli, list(words))


def edited(change):
    """The baseline with a change of somebody's hand."""
    told = json.loads(Path("counts.json").read_text())
    change(told)
    Path("counts.json").write_text(json.dumps(told))


def moved(path="counts.json"):
    return {(one.path, one.model): one for one in check_baseline(path) if one.status != "same"}


def test_a_baseline_of_a_folder_has_a_row_for_each_file_and_model_that_counts_it(folder):
    """No rule reads c.bin, and gpt-3.5-turbo takes no picture."""
    made = baseline_of("prompts", models=["gpt-4o", "gpt-3.5-turbo"])
    rows = {(one.path, one.model): one.tokens for one in made.rows}
    assert rows == {
        ("prompts/a.txt", "gpt-4o"): 2,
        ("prompts/a.txt", "gpt-3.5-turbo"): 2,
        ("prompts/b.png", "gpt-4o"): 255,
    }


def test_what_is_written_is_read_back(folder):
    made = baseline_of("prompts/b.png", models="gpt-4o", options={"detail": "low"})
    write_baseline(made, "counts.json")
    assert read_baseline("counts.json") == made


def test_nothing_has_moved_right_after_it_was_written(folder):
    assert run("check", "prompts", "-m", "gpt-4o", "-o", "counts.json").exit_code == 0
    done = run("check", "--baseline", "counts.json")
    assert (done.exit_code, done.stdout) == (0, "2 counts of 2 files held against the baseline\n")


def test_a_file_that_changed_is_the_reason(folder):
    write_baseline(baseline_of("prompts", models="gpt-4o"), "counts.json")
    Path("prompts/a.txt").write_text("hello world again")
    done = run("check", "--baseline", "counts.json", "-q")
    assert (done.exit_code, done.stdout) == (
        1, "moved   prompts/a.txt: 3 tokens for gpt-4o, was 2 (+1): the file changed\n",
    )  # fmt: skip


def test_a_file_that_changed_to_as_many_tokens_has_not_moved(folder):
    write_baseline(baseline_of("prompts", models="gpt-4o"), "counts.json")
    Path("prompts/a.txt").write_text("hello earth")
    assert moved() == {}


def test_a_row_of_the_catalogue_that_changed_is_the_reason(folder):
    """85 + 170 for one tile, then 84 + 170, on another page."""
    Path("mine.toml").write_text(ROW.format(base=85, page="old"))
    write_baseline(baseline_of("prompts", models="mine-1", catalog="mine.toml"), "counts.json")
    Path("mine.toml").write_text(ROW.format(base=84, page="new"))
    found = moved()["prompts/b.png", "mine-1"]
    assert (found.was, found.tokens) == (255, 254)
    assert found.why == (
        "base is 84, was 85",
        "its source is https://example.org/new, was https://example.org/old",
    )


def test_another_vocabulary_is_the_reason(folder):
    """A tokenizer file of the same name that was trained anew: 'hello' is a token of it now."""
    words = ["train", "bpe", "-o", "mine.json", "--vocab-size"]
    Path("corpus.txt").write_text("hello hello hello\n" * 9)
    assert run(*words, "258", "corpus.txt").exit_code == 0
    options = {"path": "mine.json"}
    made = baseline_of("prompts/a.txt", tokenizer="hf", options=options)
    write_baseline(made, "counts.json")
    assert run(*words, "261", "corpus.txt").exit_code == 0
    found = moved()["prompts/a.txt", "hf"]
    assert found.tokens < found.was
    assert found.why == ("another vocabulary",)


def test_another_version_is_the_reason(folder):
    write_baseline(baseline_of("prompts", models="gpt-4o"), "counts.json")

    def older(told):
        told["multitok"] = "0.0.9"
        told["packages"]["tiktoken"] = "0.1"
        told["files"][0]["counts"]["gpt-4o"]["tokens"] = 1

    edited(older)
    why = moved()["prompts/a.txt", "gpt-4o"].why
    assert [one.partition(" is ")[0] for one in why] == ["multitok", "tiktoken"]


def test_what_no_baseline_keeps_is_said_to_be_that(folder):
    write_baseline(baseline_of("prompts", models="gpt-4o"), "counts.json")
    edited(lambda told: told["files"][0]["counts"]["gpt-4o"].update(tokens=1))
    assert moved()["prompts/a.txt", "gpt-4o"].why == (
        "nothing differs that a baseline keeps: the code of multitok, or of Python",
    )


def test_how_a_number_is_known_moves_too(folder):
    write_baseline(baseline_of("prompts", models="gpt-4o"), "counts.json")
    edited(lambda told: told["files"][0]["counts"]["gpt-4o"].update(kind="estimate"))
    found = moved()["prompts/a.txt", "gpt-4o"]
    assert found.message.startswith("2 tokens for gpt-4o, exact, was estimate: ")


def test_paths_are_seen_from_the_folder_of_the_baseline(folder, monkeypatch):
    Path("ci").mkdir()
    write_baseline(baseline_of("prompts", models="gpt-4o"), "ci/counts.json")
    paths = [one["path"] for one in json.loads(Path("ci/counts.json").read_text())["files"]]
    assert paths == ["../prompts/a.txt", "../prompts/b.png"]
    monkeypatch.chdir("prompts")
    assert {one.path for one in check_baseline("../ci/counts.json")} == {
        "../prompts/a.txt", "../prompts/b.png",
    }  # fmt: skip
    assert moved("../ci/counts.json") == {}


def test_a_folder_that_is_named_has_what_is_new(folder):
    write_baseline(baseline_of("prompts", models="gpt-4o"), "counts.json")
    Path("prompts/new.md").write_text("hello")
    assert run("check", "--baseline", "counts.json").exit_code == 0
    done = run("check", "prompts", "--baseline", "counts.json", "-q")
    assert (done.exit_code, done.stdout) == (1, "new     prompts/new.md: 1 tokens for gpt-4o\n")


def test_a_file_that_is_gone_fails(folder):
    write_baseline(baseline_of("prompts", models="gpt-4o"), "counts.json")
    Path("prompts/a.txt").unlink()
    done = run("check", "--baseline", "counts.json", "-q")
    assert (done.exit_code, done.stderr) == (2, "failed  prompts/a.txt: no such file\n")


def test_a_baseline_is_not_written_when_a_named_file_cannot_be_counted(folder):
    done = run("check", "prompts", "gone.txt", "-m", "gpt-4o", "-o", "counts.json")
    assert (done.exit_code, done.stderr) == (2, "failed  gone.txt: no such file\n")
    assert not Path("counts.json").exists()
    with pytest.raises(MediaError, match=r"has each file that is named: gone\.txt: no such file"):
        write_baseline(baseline_of("gone.txt", models="gpt-4o"), "counts.json")


def test_a_baseline_of_nothing_is_an_error(folder):
    done = run("check", "prompts/c.bin", "-m", "gpt-4o", "-o", "counts.json", "--as", "image")
    assert done.exit_code == 2
    Path("none").mkdir()
    done = run("check", "none", "-m", "gpt-4o", "-o", "counts.json")
    assert isinstance(done.exception, MediaError)
    assert str(done.exception) == "nothing that was named is counted by gpt-4o: name files"


def test_a_check_of_nothing_is_no_success(folder):
    write_baseline(baseline_of("prompts", models="gpt-4o"), "counts.json")
    Path("none").mkdir()
    done = run("check", "none", "--baseline", "counts.json", "-q")
    assert (done.exit_code, done.stderr) == (
        2,
        "multitok: nothing was held against the baseline: what was named has no count in it\n",
    )  # fmt: skip


def test_the_project_says_what_counts_and_what_is_left_out(folder):
    Path("pyproject.toml").write_text('[tool.multitok]\nmodel = "gpt-4o"\nexclude = ["*.txt"]\n')
    assert run("check", "prompts", "-o", "counts.json").exit_code == 0
    assert list(read_baseline("counts.json").files) == ["prompts/b.png"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("-o c.json -m gpt-4o --max-tokens 9", "--max-tokens is not for -o, which writes what"),
        ("-o c.json --baseline {kept}", "--baseline is not for -o, which writes what there is"),
        ("--baseline {kept} -m gpt-4o", "--model says who counts, or how: the baseline does, and"),
        ("--baseline {kept} --fps 2", "--fps says who counts, or how: the baseline does, and"),
    ],
)
def test_words_that_would_say_nothing_are_refused(folder, words, message):
    write_baseline(baseline_of("prompts", models="gpt-4o"), "kept.json")
    done = run("check", "prompts", *words.format(kept="kept.json").split())
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1].startswith(f"Error: {message}")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "Expecting property name"),
        ("[]", "its schema is None"),
        ('{"schema": 2}', "its schema is 2"),
        ('{"schema": 1}', "it lacks 'multitok'"),
        (
            '{"schema": 1, "multitok": "1", "packages": {}, "asked": {"models": "gpt-4o"},'
            ' "rules": {}, "files": []}',
            "asked lacks 'tokenizer'",
        ),
    ],
)
def test_a_file_that_is_no_baseline_says_what_is_wrong(folder, text, why):
    Path("counts.json").write_text(text)
    with pytest.raises(SourceError) as caught:
        read_baseline("counts.json")
    assert str(caught.value).startswith(f"counts.json: no baseline ({why}")
    assert str(caught.value).endswith("Write one: multitok check FILES -m gpt-4o -o counts.json")
