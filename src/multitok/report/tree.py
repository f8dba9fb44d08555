"""Counts of the files of folders as a tree: each folder with its total, the largest first."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from multitok.core.info import plural
from multitok.counting.counts import Count
from multitok.report.counts import Line, cost_of_all, count_to_dict, line_of, lines_table
from multitok.report.documents import document, usd
from multitok.report.safe import shown
from multitok.report.text import style

WHOLE = "."
"""The path of a tree whose files have no folder in common."""


@dataclass
class _Node:
    """A folder, or a file with its count: `path` is what it is called ("." the whole), `name` what
    it is called in the folder above."""

    name: str
    path: str
    counts: list[Count] = field(default_factory=list)
    folders: dict[str, _Node] = field(default_factory=dict)
    files: list[_Node] = field(default_factory=list)
    shown: bool = False

    @property
    def tokens(self) -> int:
        return sum(count.tokens for count in self.counts)

    @property
    def below(self) -> list[_Node]:
        """What is in a folder: the largest first, then by name."""
        found = [*self.folders.values(), *self.files]
        return sorted(found, key=lambda node: (-node.tokens, node.name))


def render_tree(
    counted: Sequence[tuple[str, Count]],
    paths: Container[str],
    *,
    top: int | None = None,
    least: int = 0,
    cost: bool = False,
    color: bool,
    width: int | None = None,
) -> str:
    """A tree a model; `paths` are the inputs that are files. Of those that have `least` tokens the
    `top` largest are shown; what is not shown is in its folder's total, and has a row that says
    how many files it is."""
    tables = []
    for model, files in _by_model(counted).items():
        rows = list(_lines(_rooted(files, paths, top, least), cost))
        head = style(shown(model), "bold", color=color)
        drawn = lines_table(rows, "input", cost=cost, color=color, width=width)
        tables.append(f"{head}\n{drawn}")
    return "\n\n".join(tables)


def tree_to_dict(
    counted: Sequence[tuple[str, Count]],
    paths: Container[str],
    errors: Sequence[Any] = (),
    *,
    top: int | None = None,
    least: int = 0,
    cost: bool = False,
) -> dict[str, Any]:
    """The counts that are shown, the largest first, each folder's total, and the whole."""
    counts = [count for _, count in counted]
    listed, folders = [], []
    for model, files in _by_model(counted).items():
        root = _rooted(files, paths, top, least)
        for node in _walk(root):
            if node.below:
                folders.append({"model": model, **_total(node, cost)})
            elif node.shown:
                listed.append((node.path, node.counts[0]))
    listed.sort(key=lambda pair: -pair[1].tokens)
    total = line_of(counts)
    return document(
        {
            "counts": [count_to_dict(count, name, cost=cost) for name, count in listed],
            "folders": folders,
            "total": total.tokens,
            "kind": total.kind,
            **({"total_usd": usd(cost_of_all(counts))} if cost else {}),
            "not_shown": len(counts) - len(listed),
            "errors": list(errors),
        }
    )


def _total(node: _Node, cost: bool) -> dict[str, Any]:
    line = line_of(node.counts)
    fields = {"input": node.path, "files": len(node.counts), "tokens": line.tokens}
    fields["kind"] = line.kind
    return fields | ({"cost_usd": usd(cost_of_all(node.counts))} if cost and not line.free else {})


def _by_model(counted: Sequence[tuple[str, Count]]) -> dict[str, list[tuple[str, Count]]]:
    found: dict[str, list[tuple[str, Count]]] = {}
    for name, count in counted:
        found.setdefault(count.named or count.model or count.tokenizer, []).append((name, count))
    return found


def _rooted(
    files: Sequence[tuple[str, Count]], paths: Container[str], top: int | None, least: int
) -> _Node:
    """The tree of these files, with those marked that are shown; it begins where they part."""
    root, leaves = _Node("total", WHOLE), []
    for name, count in files:
        *above, last = (name in paths and PurePath(name).parts) or (name,)
        node = root
        for part in above:
            node.counts.append(count)
            if part not in node.folders:
                path = str(PurePath(node.path, part))
                node.folders[part] = _Node(part.rstrip(os.sep) + os.sep, path)
            node = node.folders[part]
        node.counts.append(count)
        node.files.append(_Node(last, name, [count]))
        leaves.append(node.files[-1])
    large = sorted((leaf for leaf in leaves if leaf.tokens >= least), key=lambda leaf: -leaf.tokens)
    for leaf in large[:top]:
        leaf.shown = True
    joined = _joined(root)
    alone = len(joined.below) == 1
    return joined.below[0] if alone else joined


def _joined(root: _Node) -> _Node:
    """Folders that hold one folder and nothing else are one: `src/multitok/`."""
    became: dict[int, _Node] = {}
    for node in reversed([node for node in _walk(root) if node.below]):  # what is below comes first
        node.folders = {key: became[id(folder)] for key, folder in node.folders.items()}
        node.shown = any(child.shown for child in node.below)
        became[id(node)] = node
        if len(node.below) == 1 and node.folders:
            (only,) = node.folders.values()
            only.name = only.name if node.path == WHOLE else node.name + only.name
            became[id(node)] = only
    return became.get(id(root), root)


def _walk(root: _Node) -> Iterator[_Node]:
    """It and all below it, in order; folders may be deeper than Python calls itself."""
    left = [root]
    while left:
        node = left.pop()
        yield node
        left += reversed(node.below)


def _lines(root: _Node, cost: bool) -> Iterator[Line]:
    left: list[tuple[_Node | Line, int]] = [(root, 0)]
    while left:
        node, depth = left.pop()
        if not isinstance(node, _Node):
            yield node
            continue
        files = f"  ({plural(len(node.counts), 'file')})" if node.below else ""
        yield line_of(node.counts, f"{'  ' * depth}{node.name}{files}", cost=cost)
        rest = [count for child in node.below if not child.shown for count in child.counts]
        if rest:
            words = f"{'  ' * (depth + 1)}... {plural(len(rest), 'more file')}"
            left.append((line_of(rest, words, cost=cost), depth))
        left += [(child, depth + 1) for child in reversed(node.below) if child.shown]
