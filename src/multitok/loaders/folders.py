"""The files of a folder, as git sees it: sorted, links not followed, .gitignore honored."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from multitok.core.boundary import unforeseen
from multitok.core.errors import MultitokError, SourceError
from multitok.core.quiet import quiet

Rules = list[tuple[str, Any]]
"""(folder, its parsed .gitignore), from the root down: a deeper file wins."""
Tell = Callable[[str, MultitokError], None]
"""Called with the path of what could not be read, and why."""


def files_in(
    folder: str, tell: Tell, *, ignored: bool = False, top: str | None = None
) -> Iterator[str]:
    """Paths of the regular files below a folder, in sorted order, `folder` in front.

    What .gitignore files exclude is left out unless `ignored`: those of the folder, of the folders
    below it, and of those above it as far as the repository's root, or `top`, above which nothing
    is looked at. `.git` is always left out, and a .gitignore that is a link is none, as for git. A
    folder that cannot be read, and a pattern that is none, are told, and the rest goes on.
    """
    rules = [] if ignored else _rules_above(os.path.abspath(folder), tell, top)
    # What is still to be visited, the next one last: a tree may be deeper than Python recurses.
    waiting: list[tuple[str, bool, Rules]] = [(folder, True, rules)]
    while waiting:
        path, is_folder, above = waiting.pop()
        if not is_folder:
            yield path
            continue
        inner = above if ignored else [*above, *_rules_of(path, tell)]
        waiting += [(*entry, inner) for entry in reversed(_entries(path, inner, tell))]


def _entries(folder: str, rules: Rules, tell: Tell) -> list[tuple[str, bool]]:
    """The files and folders in a folder, sorted by name: (path, whether it is a folder)."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
        whole = os.path.abspath(folder)
        return [
            (entry.path, is_folder)
            for entry in entries
            if (is_folder := entry.is_dir(follow_symlinks=False))
            or entry.is_file(follow_symlinks=False)
            if entry.name != ".git"
            if not (rules and _excluded(os.path.join(whole, entry.name), is_folder, rules))
        ]
    except OSError as error:
        tell(folder, unforeseen(error, "reading", folder))
        return []


def _excluded(path: str, is_folder: bool, rules: Rules) -> bool:
    for base, spec in reversed(rules):
        relative = os.path.relpath(path, base).replace(os.sep, "/") + "/" * is_folder
        verdict = spec.check_file(relative).include
        if verdict is not None:
            return bool(verdict)
    return False


def _rules_of(folder: str, tell: Tell) -> Rules:
    path = os.path.join(folder, ".gitignore")
    if not os.path.isfile(path) or os.path.islink(path):
        return []
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except OSError as error:
        tell(path, unforeseen(error, "reading", path))
        return []
    try:
        return [(os.path.abspath(folder), patterns_of(lines))]
    except BAD_PATTERN:
        wrong = {number: why for number, line in enumerate(lines) if (why := wrong_pattern(line))}
    for number, why in wrong.items():
        message = f"{path}: line {number + 1}: {why}: it is left out"
        tell(path, SourceError(message, source=path))
    kept = [line for number, line in enumerate(lines) if number not in wrong]
    return [(os.path.abspath(folder), patterns_of(kept))]


BAD_PATTERN = (re.error, ValueError, OverflowError)
"""What pathspec raises for a pattern that it cannot make a regular expression of."""


def patterns_of(lines: Sequence[str]) -> Any:
    """Patterns as .gitignore has them; one of BAD_PATTERN where one is none. What Python warns of,
    that `[[` or `--` in a set may mean something else one day, is pathspec's to see to."""
    from pathspec import GitIgnoreSpec

    with quiet():
        return GitIgnoreSpec.from_lines(lines)


def wrong_pattern(pattern: str) -> str | None:
    """Why a pattern is none, or None where it is one.

    >>> wrong_pattern("*.py"), wrong_pattern("[z-a]")
    (None, "'[z-a]' is no pattern (bad character range z-a)")
    """
    try:
        patterns_of([pattern])
    except BAD_PATTERN as error:
        why = f" ({error.msg})" if isinstance(error, re.error) else ""
        return f"{pattern!r} is no pattern{why}"
    return None


def _rules_above(folder: str, tell: Tell, top: str | None) -> Rules:
    """The .gitignore files between the repository's root, or `top`, and the folder; none outside of
    both."""
    found: Rules = []
    here = folder
    while here != top and not os.path.exists(os.path.join(here, ".git")):
        parent = os.path.dirname(here)
        if parent == here:
            return []
        here = parent
        found = [*_rules_of(here, tell), *found]
    return found
