"""A folder's files, as git sees it."""

import os

import pytest

from multitok.loaders.folders import files_in


@pytest.fixture
def tree(tmp_path):
    for name in ("b.txt", "a.txt", "build/out.txt", "src/keep.log", "src/x.log", ".git/config"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    (tmp_path / ".gitignore").write_text("build/\n*.log\n")
    (tmp_path / "src" / ".gitignore").write_text("!keep.log\n")
    return tmp_path


def names(folder, root, **options):
    """The files, none of which may be told to be wrong."""
    told = []
    found = list(files_in(str(folder), lambda *error: told.append(error), **options))
    assert told == []
    return [path.removeprefix(f"{root}/") for path in found]


def walked(folder):
    """The files, and what was told."""
    told = []
    found = list(files_in(str(folder), lambda path, error: told.append((path, str(error)))))
    return found, told


def test_files_come_sorted_and_without_what_is_ignored(tree):
    assert names(tree, tree) == [".gitignore", "a.txt", "b.txt", "src/.gitignore", "src/keep.log"]


def test_a_folder_inside_a_repository_keeps_its_rules(tree):
    assert names(tree / "src", tree) == ["src/.gitignore", "src/keep.log"]


def test_everything_can_be_asked_for_but_git_s_own_files(tree):
    found = names(tree, tree, ignored=True)
    assert "build/out.txt" in found
    assert not any(name.startswith(".git/") for name in found)


def test_a_link_to_a_folder_is_not_followed(tree):
    (tree / "loop").symlink_to(tree)
    assert "loop" not in " ".join(names(tree, tree))


def test_a_list_of_rules_that_is_a_link_is_none(tree):
    (tree / "rules").write_text("*.txt\n")
    (tree / "src" / ".gitignore").unlink()
    (tree / "src" / ".gitignore").symlink_to(tree / "rules")
    (tree / "src" / "c.txt").write_text("c")
    assert names(tree / "src", tree) == ["src/c.txt"]


def test_above_the_top_no_rules_are_looked_for(tree):
    top = tree / "src"
    assert names(top, tree, top=str(top)) == ["src/.gitignore", "src/keep.log", "src/x.log"]
    assert names(top, tree, top=str(tree)) == ["src/.gitignore", "src/keep.log"]


def test_a_folder_that_cannot_be_read_is_told_and_the_rest_goes_on(tree, monkeypatch):
    real = os.scandir

    def scandir(path):
        if path.endswith("src"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    (tree / "z.txt").write_text("z")
    found, told = walked(tree)
    assert found == [str(tree / name) for name in (".gitignore", "a.txt", "b.txt", "z.txt")]
    assert told == [(str(tree / "src"), f"{tree / 'src'}: permission denied")]


@pytest.fixture
def deep(tmp_path, monkeypatch):
    """1,500 folders in each other, taken away again from within: pytest's own way recurses."""
    monkeypatch.chdir(tmp_path)
    for _ in range(1500):
        os.mkdir("d")
        os.chdir("d")
    os.close(os.open("deep.txt", os.O_CREAT))
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir("d/" * 1500)
    os.unlink("deep.txt")
    for _ in range(1500):
        os.chdir("..")
        os.rmdir("d")


def test_a_tree_deeper_than_python_recurses_is_walked(deep):
    (deep / "top.txt").write_text("x")
    assert walked(".") == (["./" + "d/" * 1500 + "deep.txt", "./top.txt"], [])


def test_a_pattern_that_is_none_is_told_and_the_others_hold(tree):
    (tree / ".gitignore").write_text("build/\n[z-a]\n*.log\n!\n")
    found, told = walked(tree)
    assert [path.removeprefix(f"{tree}/") for path in found] == [
        ".gitignore", "a.txt", "b.txt", "src/.gitignore", "src/keep.log",
    ]  # fmt: skip
    path = str(tree / ".gitignore")
    assert told == [
        (path, f"{path}: line 2: '[z-a]' is no pattern (bad character range z-a): it is left out"),
        (path, f"{path}: line 4: '!' is no pattern: it is left out"),
    ]
