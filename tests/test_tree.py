"""`count -r` draws a tree: a total a folder, the largest first, and what is not shown is told."""

import json
from pathlib import PurePath

import pytest
from click.testing import CliRunner
from hypothesis import given, strategies as st

from multitok import Count, TextInfo
from multitok.cli import multitok
from multitok.report.tree import render_tree, tree_to_dict


def run(*words):
    return CliRunner().invoke(multitok, words)


def counted(tokens, model="m"):
    return Count(tokens, "exact", {"text": tokens}, TextInfo(4), model, "bytes", "a page")


def tree(files, **words):
    named = [(name, counted(tokens)) for name, tokens in files.items()]
    return render_tree(named, {*files}, color=False, **words)


FILES = {"a/one.md": 5, "a/b/two.md": 30, "a/b/three.md": 2, "c.md": 7}


def test_each_folder_has_its_total_and_the_largest_stands_first():
    assert tree(FILES).splitlines() == [
        "m",
        "tokens  kind   input",
        "    44  exact  total  (4 files)",
        "    37  exact    a/  (3 files)",
        "    32  exact      b/  (2 files)",
        "    30  exact        two.md",
        "     2  exact        three.md",
        "     5  exact      one.md",
        "     7  exact    c.md",
    ]


def test_folders_may_be_deeper_than_python_calls_itself():
    """1,500 folders, a file of a token in each: as many rows below the head."""
    files = {"/".join(["d"] * depth + ["f.txt"]): 1 for depth in range(1500)}
    assert sum("f.txt" in line for line in tree(files).splitlines()) == 1500


@pytest.mark.parametrize("part", [{"top": 2}, {"least": 6}])
def test_a_part_is_shown_and_the_rest_is_a_row_with_its_sum(part):
    """The two largest, or what has six tokens: the same files here."""
    assert tree(FILES, **part).splitlines()[2:] == [
        "    44  exact  total  (4 files)",
        "    37  exact    a/  (3 files)",
        "    32  exact      b/  (2 files)",
        "    30  exact        two.md",
        "     2  exact        ... 1 more file",
        "     5  exact      ... 1 more file",
        "     7  exact    c.md",
    ]


def test_a_tree_begins_where_the_files_part():
    assert tree({"src/pack/a.py": 3, "src/pack/b.py": 4}).splitlines()[2:] == [
        "     7  exact  src/pack/  (2 files)",
        "     4  exact    b.py",
        "     3  exact    a.py",
    ]


def test_a_folder_may_be_called_as_the_sum_is():
    assert tree({"total/x/a.py": 3, "total/x/b.py": 4, "c.py": 1}).splitlines()[2:4] == [
        "     8  exact  total  (3 files)",
        "     7  exact    total/x/  (2 files)",
    ]


def test_what_is_no_file_is_no_folder_either():
    """A text on the command line goes by itself, and may hold a slash."""
    rows = render_tree([("'a/b'", counted(3)), ("c/d", counted(4))], {"c/d"}, color=False)
    assert rows.splitlines()[-1] == "     3  exact    'a/b'"


def test_each_model_has_a_tree():
    named = [("a/x", counted(3)), ("a/x", counted(4, "other"))]
    assert [line for line in render_tree(named, {"a/x"}, color=False).splitlines() if line] == [
        "m", "tokens  kind   input", "     3  exact  x",
        "other", "tokens  kind   input", "     4  exact  x",
    ]  # fmt: skip


NAMES = st.lists(
    st.lists(st.sampled_from(["a", "b", "total"]), min_size=1, max_size=4), min_size=1, max_size=12
)


@given(NAMES, st.integers(1, 5), st.integers(0, 8), st.randoms(use_true_random=False))
def test_nothing_is_lost_and_nothing_is_counted_twice(paths, top, least, random):
    """The sum of the files of a folder is its total, whatever is shown of them."""
    files = [("/".join(path) + f"/{i}.md", random.randrange(9)) for i, path in enumerate(paths)]
    named = [(name, counted(tokens)) for name, tokens in files]
    names = {name for name, _ in files}
    found = tree_to_dict(named, names, top=top, least=least)
    assert found["total"] == sum(tokens for _, tokens in files)
    assert len(found["counts"]) + found["not_shown"] == len(files)
    large = sorted((t for _, t in files if t >= least), reverse=True)[:top]
    assert [one["tokens"] for one in found["counts"]] == large
    for folder in found["folders"]:
        inside = [t for name, t in files if folder["input"] in parents(name)]
        assert (folder["files"], folder["tokens"]) == (len(inside), sum(inside))


def parents(name):
    return [str(path) for path in PurePath(name).parents]


@given(NAMES, st.integers(1, 5))
def test_the_rows_below_a_folder_add_up_to_it(paths, top):
    named = [("/".join(path) + f"/{i}.md", counted(i + 1)) for i, path in enumerate(paths)]
    drawn = render_tree(named, {name for name, _ in named}, top=top, color=False)
    rows = [(int(line[:6]), len(line) - len(line[15:].lstrip())) for line in drawn.splitlines()[2:]]
    for i, (total, depth) in enumerate(rows):
        below = []
        for tokens, deeper in rows[i + 1 :]:
            if deeper <= depth:
                break
            if deeper == depth + 2:
                below.append(tokens)
        assert not below or sum(below) == total


def test_the_command_draws_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("12345")
    (tmp_path / "notes" / "b.txt").write_text("1")
    (tmp_path / "c.txt").write_text("123")
    shown = run("count", "-r", ".", "-t", "bytes", "--top", "1").stdout.splitlines()
    assert shown == [
        "bytes",
        "tokens  kind   input",
        "     9  exact  total  (3 files)",
        "     6  exact    notes/  (2 files)",
        "     5  exact      a.txt",
        "     1  exact      ... 1 more file",
        "     3  exact    ... 1 more file",
    ]
    found = json.loads(run("count", "-r", ".", "-t", "bytes", "--min-tokens", "3", "--json").stdout)
    assert [one["tokens"] for one in found["counts"]] == [5, 3]
    assert [(one["input"], one["tokens"]) for one in found["folders"]] == [
        (".", 9), ("notes", 6)
    ]  # fmt: skip


@pytest.mark.parametrize("way", ["-q", "--jsonl"])
def test_a_choice_of_files_wants_all_of_them_first(way):
    found = run("count", "samples", "-t", "bytes", "--top", "3", way)
    assert found.exit_code == 2
    assert "--top and --min-tokens choose what a tree shows, or --json" in found.stderr
