"""A module imports from its own package, or from a package that stands lower."""

import ast
import inspect
import re
from pathlib import Path

SRC = Path(__file__).parent.parent / "src" / "multitok"
FLOORS = """
    core
    catalog loaders modalities testing train
    prices
    counting
    budgets compute drawing
    requests
    datasets
    report
    adapters service
    cli
    __main__
"""
LEVEL = {name: level for level, names in enumerate(FLOORS.split("\n")) for name in names.split()}
INSIDE = {("video", "image"), ("video", "audio"), ("pdf", "image")}  # what these are made of
SHARED = "coding"  # what several modalities code by: it imports none of them


def imports(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module.split(".")
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")) for alias in node.names)


def violations(root):
    for path in sorted(root.rglob("*.py")):
        here = path.relative_to(root).with_suffix("").parts
        for line, there in imports(path):
            if here == ("__init__",) or there[0] != "multitok" or len(there) < 2:
                continue
            where = f"{path.relative_to(root)}:{line}: {{}} imports {{}}"
            if there[1] != here[0] and LEVEL[there[1]] >= LEVEL[here[0]]:
                yield where.format(here[0], there[1])
            elif there[1] == here[0] == "modalities" and min(len(there), len(here)) > 2:
                pair = here[1], there[2]
                if pair[0] != pair[1] and pair[1] != SHARED and pair not in INSIDE:
                    yield where.format(*pair)


def test_imports_point_down():
    assert list(violations(SRC)) == []


def test_the_design_shows_the_floors():
    page = (SRC.parent.parent / "docs" / "design.md").read_text("utf-8")
    assert f"```text\n{inspect.cleandoc(FLOORS)}\n```" in page


def test_every_package_has_its_floor():
    found = {p.stem for p in SRC.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert found - {"__init__"} == set(LEVEL)


def test_the_walk_sees_a_wrong_import(tmp_path):
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "errors.py").write_text("from multitok.catalog.load import catalog\n")
    assert list(violations(tmp_path)) == ["core/errors.py:1: core imports catalog"]


def calls(path):
    """What a module calls, as it is written: `click.echo`, `print`, `open`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


SAYS = {"print", "click.echo", "click.secho", "sys.stdout.write", "sys.stderr.write", "json.dumps"}


def test_a_command_speaks_through_one_door():
    """Only `check` has a word of its own: the annotation that a workflow is meant to obey."""
    said = {p.name: sorted(SAYS & {*calls(p)}) for p in (SRC / "cli").glob("*.py")}
    assert {name: words for name, words in said.items() if words and name != "printing.py"} == {
        "check.py": ["click.echo"]
    }


def test_a_report_prints_nothing_and_writes_nothing():
    """`shell` reads its own style sheet."""
    for path in (SRC / "report").glob("*.py"):
        opened = {"open"} - ({"open"} if path.name == "shell.py" else set())
        assert {*calls(path)} & (SAYS | opened) == set(), path.name


def test_fit_means_the_best_size_under_a_budget_and_nothing_else():
    """A resize into pixel limits is `limit`, learning is `train`, an axis is `ranged`."""
    elsewhere = []
    for path in sorted(SRC.rglob("*.py")):
        room = path.relative_to(SRC).parts[0]
        if room in ("budgets", "requests", "cli", "report", "service"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name
            if named and re.match(r"_?(fit|fits|fitted|fitting|Fit|Fitted|Fittable)(_|$)", named):
                elsewhere.append(f"{path.relative_to(SRC)}:{node.lineno}: {named}")
    assert elsewhere == []
