"""A folder's files, as git sees it."""

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
    return [path.removeprefix(f"{root}/") for path in files_in(str(folder), **options)]


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
