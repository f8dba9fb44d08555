"""The files of a folder, as git sees it: sorted, links not followed, .gitignore honored."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any


def files_in(folder: str, *, ignored: bool = False) -> Iterator[str]:
    """Paths of the regular files below a folder, in sorted order, `folder` in front.

    What .gitignore files exclude is left out unless `ignored`: those of the folder, of the folders
    below it, and of those above it as far as the repository's root. `.git` is always left out.
    """
    rules = [] if ignored else _rules_above(os.path.abspath(folder))
    yield from _walk(folder, rules, ignored)


Rules = list[tuple[str, Any]]
"""(folder, its parsed .gitignore), from the root down: a deeper file wins."""


def _walk(folder: str, rules: Rules, ignored: bool) -> Iterator[str]:
    if not ignored:
        rules = [*rules, *_rules_of(os.path.abspath(folder))]
    with os.scandir(folder) as listing:
        entries = sorted(listing, key=lambda entry: entry.name)
    for entry in entries:
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.name == ".git" or _excluded(os.path.abspath(entry.path), is_folder, rules):
            continue
        if is_folder:
            yield from _walk(entry.path, rules, ignored)
        elif entry.is_file(follow_symlinks=False):
            yield entry.path


def _excluded(path: str, is_folder: bool, rules: Rules) -> bool:
    for base, spec in reversed(rules):
        relative = os.path.relpath(path, base).replace(os.sep, "/") + "/" * is_folder
        verdict = spec.check_file(relative).include
        if verdict is not None:
            return bool(verdict)
    return False


def _rules_of(folder: str) -> Rules:
    path = os.path.join(folder, ".gitignore")
    if not os.path.isfile(path):
        return []
    from pathspec import GitIgnoreSpec

    with open(path, encoding="utf-8", errors="replace") as file:
        return [(folder, GitIgnoreSpec.from_lines(file))]


def _rules_above(folder: str) -> Rules:
    """The .gitignore files between the repository's root and the folder; none outside one."""
    found: Rules = []
    here = folder
    while not os.path.exists(os.path.join(here, ".git")):
        parent = os.path.dirname(here)
        if parent == here:
            return []
        here = parent
        found = [*_rules_of(here), *found]
    return found
