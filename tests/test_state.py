"""No state but caches: what a module keeps between two calls is listed here, each with its reason.

A module is shared by all threads, so what a function writes into it is read by others, at any
moment: what is kept must be as right for them. The searches know Python's own ways to keep
something (`global`, a container of a module that a function changes, an attribute of a class or a
module, a closure behind a cache) and caches without an end.
"""

import ast
from pathlib import Path

SRC = Path(__file__).parent.parent / "src" / "multitok"

STATE = {
    ("modalities/image/rule.py", "_last"): "one tuple, read and replaced whole",
    ("catalog/load.py", "_OVERHEADS"): "a cache: what is kept is used if it is of the same table",
    ("core/registry.py", "_registered"): "what `register` was told, a name at a time",
    ("counting/door.py", "_kept"): "counts of shapes, of which two threads may both make one",
    ("drawing/charts/plot.py", "_drawing"): "a lock: matplotlib has one set of settings",
    ("core/quiet.py", "_here"): "of each thread its own",
    ("core/quiet.py", "_here.inside"): "of each thread its own",
    ("modalities/text/carried.py", "since_cleared"): "how much an engine has kept: what is lost of"
    " a sum empties it a little later",
    (
        "modalities/text/backend.py",
        "_LOADED",
    ): "a name joins once: who looks too early counts by the other engine, which gives the same",
    ("requests/rendering.py", "_idle"): "processes that wait: a deque hands each to one thread",
}
"""What is written after the import, and why threads may share it."""

ENDLESS = {
    "names of modules": {"core/extras.py": {"optional", "installed"}},
    "names of our files": {"report/shell.py": {"beside"}, "service/live.py": {"_beside"}},
    "formats and modalities that are known": {
        "loaders/door.py": {"_plain", "_loader"}, "loaders/image_header.py": {"_parser"},
        "report/documents.py": {"_encoder"},
    },
    "classes of rules and of files": {
        "core/parameters.py": {"ranged", "hints"}, "core/schema.py": {"_fields"},
    },
    "vocabularies that ship": {
        "modalities/text/backend.py": {
            "_splintr", "_splintrs", "_fastokens", "_engine", "_tiktoken", "_encode_whole",
        },
        "modalities/text/bpe.py": {"token_lengths", "_special_pattern", "_special_bytes"},
        "modalities/text/carried.py": {"_engine", "_encoder", "_added", "_names"},
        "modalities/text/vocabulary.py": {"special_tokens", "load", "_tokens"},
    },
    "variables that a count reads": {"core/environment.py": {"_written"}},
    "encodings of a stdout": {"cli/printing.py": {"_is_utf8"}},
    "one scan a process": {"datasets/engines/distributed.py": {"_counting"}},
}  # fmt: skip
"""Caches without an end whose keys have one: what the keys are."""

KEEPING = {"Lock", "RLock", "local", "ContextVar", "count", "Queue", "SimpleQueue", "deque",
           "defaultdict", "OrderedDict", "Counter", "WeakKeyDictionary", "WeakValueDictionary",
           "WeakSet", "cycle", "iter"}  # fmt: skip
"""What is made to be changed."""
CHANGING = {
    "append",
    "extend",
    "insert",
    "add",
    "update",
    "setdefault",
    "pop",
    "popitem",
    "clear",
    "remove",
    "discard",
    "sort",
    "reverse",
    "appendleft",
    "popleft",
    "__setitem__",
}


def modules():
    for path in sorted(SRC.rglob("*.py")):
        yield path.relative_to(SRC).as_posix(), ast.parse(path.read_text("utf-8"))


def written(tree):
    """Names of a module, and attributes of its classes and modules, that a function writes."""
    named = {name.id for node in outside(tree) for name in ast.walk(node) if is_stored(name)}
    local = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and any(
        ast.unparse(base).endswith("local") for base in node.bases)}  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield from node.names
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            made = ast.unparse(node.value.func).split(".")[-1]
            if made in KEEPING | local:
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                yield ast.unparse(target)
    packages = imported(tree)
    classes = {n.name for n in tree.body if isinstance(n, ast.ClassDef)}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from changed(function, named | packages | classes | {"cls"}, packages)


def outside(tree):
    """The statements of a module itself."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return [node for node in tree.body if not isinstance(node, kinds)]


def is_stored(node):
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def imported(tree):
    """Modules, by the names that they have here."""
    return {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }


def changed(function, shared, packages):
    """What a function changes of the shared names that are none of its own."""
    own = {node.id for node in ast.walk(function) if is_stored(node)}
    own |= {arg.arg for arg in ast.walk(function) if isinstance(arg, ast.arg)} - {"cls"}
    for node in ast.walk(function):
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            owner, what = node.value, ""
        elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            owner, what = node.value, f".{node.attr}"
        elif isinstance(node, ast.Call) and is_change(node.func):
            owner, what = node.func.value, ""
            if ast.unparse(owner) in packages:  # np.add
                continue
        else:
            continue
        if isinstance(owner, ast.Name) and owner.id in shared - own:
            yield owner.id + what


def is_change(called):
    return isinstance(called, ast.Attribute) and called.attr in CHANGING


def endless(tree):
    """Functions that take something, and keep what they gave for ever."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            kept = {ast.unparse(one).replace("functools.", "") for one in node.decorator_list}
            args = node.args
            if kept & {"cache", "lru_cache(maxsize=None)", "lru_cache(None)"} and (
                args.args or args.posonlyargs or args.kwonlyargs or args.vararg or args.kwarg
            ):
                yield node.name


def closures(tree):
    """Names of a function that is cached, which a function in it writes: all callers share them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and "cache" in "".join(
            map(ast.unparse, node.decorator_list)
        ):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Nonlocal):
                    yield from inner.names


def test_what_a_module_keeps_is_listed_with_its_reason():
    found = {
        (path, name) for path, tree in modules() for name in (*written(tree), *closures(tree))
    }  # fmt: skip
    assert found == set(STATE)


def test_a_cache_without_an_end_has_few_keys():
    found = {(path, name) for path, tree in modules() for name in endless(tree)}
    listed = {
        (path, name) for files in ENDLESS.values() for path, names in files.items()
        for name in names
    }  # fmt: skip
    assert found == listed


def test_the_searches_see_each_way_to_keep_something():
    code = """
import os, threading
from functools import cache
TABLE, LIST, _lock = {}, [], None
_lock = threading.Lock()

class Here(threading.local):
    pass

class Kept:
    pass

here = Here()

def keep(x, mine):
    global last
    TABLE[x] = 1
    LIST.append(x)
    os.name = x
    Kept.last = x
    mine[x] = own = {}
    own[x] = 1

class Other:
    @classmethod
    def make(cls):
        cls.made = True

@cache
def count(name):
    since = 0
    def one():
        nonlocal since
        since += 1
    return one
"""
    tree = ast.parse(code)
    assert sorted(written(tree)) == [
        "Kept.last", "LIST", "TABLE", "_lock", "cls.made", "here", "last", "os.name",
    ]  # fmt: skip
    assert list(endless(tree)) == ["count"]
    assert list(closures(tree)) == ["since"]
