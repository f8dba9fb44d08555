"""Users, plugins and pages import from `multitok` and its rooms, and from nowhere else."""

import ast
import doctest
import importlib
import inspect
import re
from pathlib import Path

import pytest

import multitok
import multitok.adapters
import multitok.adapters.daft
import multitok.adapters.huggingface
import multitok.adapters.ray
import multitok.prices
import multitok.testing
import multitok.train

ROOT = Path(__file__).parent.parent
SRC = ROOT / "src"
ADAPTERS = (
    multitok.adapters, multitok.adapters.daft, multitok.adapters.huggingface, multitok.adapters.ray,
)  # fmt: skip
ROOMS = (*ADAPTERS, multitok.prices, multitok.testing, multitok.train)
FACE = {"multitok", *(room.__name__ for room in ROOMS)}
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "samples" / "README.md"]
FENCE = re.compile(r"^```py(?:thon)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = doctest.DocTestParser()


def code_of(text):
    """The Python of a block or docstring: all of it, or what stands behind its prompts."""
    if ">>>" not in text:
        return [text]
    return [example.source for example in EXAMPLES.get_examples(text)]


def strays(source):
    """What a piece of code takes from multitok that is not public."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("multitok"):
            public = getattr(importlib.import_module(node.module), "__all__", None)
            for alias in node.names:
                if node.module not in FACE or (public and alias.name not in public):
                    yield f"from {node.module} import {alias.name}"
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.startswith("multitok")]
            yield from (f"import {name}" for name in names if name not in FACE)
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "multitok":
            yield from () if node.attr in multitok.__all__ else (f"multitok.{node.attr}",)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_uses_what_is_public(page):
    blocks = [match[1] for match in FENCE.finditer(page.read_text("utf-8"))]
    assert [stray for block in blocks for code in code_of(block) for stray in strays(code)] == []


def test_a_stray_import_is_seen():
    for wrong in (
        "from multitok.core.info import ImageInfo", "import multitok.core.info",
        "multitok.resolve('image')", "from multitok.prices import rates",
    ):  # fmt: skip
        assert list(strays(wrong)) != []
    assert list(strays("import multitok\nmultitok.count(multitok.ImageInfo(1, 1))")) == []


# every public name

NAMES = [name for name in multitok.__all__ if name != "__version__"]


def public():
    """(name, object) of the package and of each room."""
    for name in NAMES:
        yield f"multitok.{name}", getattr(multitok, name)
    for room in ROOMS:
        for name in room.__all__:
            yield f"{room.__name__}.{name}", getattr(room, name)


@pytest.mark.parametrize(
    ("name", "value"), list(public()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_public_name_has_a_docstring_of_its_own(name, value):
    text = value.__doc__ or ""
    assert len(text.split()) > 2
    assert not text.startswith(
        f"{name.rpartition('.')[2]}("
    )  # what dataclasses write by themselves


@pytest.mark.parametrize("name", NAMES)
def test_a_type_checker_sees_every_public_name(name):
    """What is loaded on first use is imported under TYPE_CHECKING too, by the same name."""
    tree = ast.parse((SRC / "multitok" / "__init__.py").read_text("utf-8"))
    seen = {
        alias.name: alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen[name] == name


def test_a_verb_shows_an_example():
    verbs = [name for name in NAMES if inspect.isfunction(getattr(multitok, name))]
    shown = {name for name in verbs if ">>>" in (getattr(multitok, name).__doc__ or "")}
    assert set(verbs) - shown == set()


MODULES = sorted(
    ".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__")
    for path in SRC.rglob("*.py")
    if ">>> " in path.read_text("utf-8")
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    found = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert found.attempted > 0
    assert found.failed == 0
