"""What type checkers are told: right lines pass, wrong ones are flagged, and nothing else is."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from multitok.core.registry import BUILT_IN, VOCABULARIES

ROOT = Path(__file__).parent.parent
PROGRAM = ROOT / "tests" / "typing" / "program.py"
MARK = re.compile(r"# E: ([a-z-]+)$")


def marked():
    """(line, code) of each line that must be flagged."""
    lines = PROGRAM.read_text("utf-8").splitlines()
    return {(n, found[1]) for n, line in enumerate(lines, 1) if (found := MARK.search(line))}


def mypy(path):
    """(line, code) of each error under --strict, as a user's own project would see it."""
    child = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--config-file",
         ROOT / "pyproject.toml", path],
        capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert child.stderr == ""
    told = [line for line in child.stdout.splitlines() if ": error: " in line]
    assert all(line.startswith(str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path))
               for line in told), child.stdout  # fmt: skip
    return {(int(line.split(":")[1]), line.rstrip("]").rpartition("[")[2]) for line in told}


def test_mypy_flags_what_is_wrong_and_nothing_else():
    assert mypy(PROGRAM) == marked()


@pytest.mark.skipif(shutil.which("pyright") is None, reason="pyright is not installed")
def test_pyright_flags_the_same_lines():
    child = subprocess.run(
        ["pyright", "--pythonpath", sys.executable, PROGRAM],
        capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    flagged = {int(n) for n in re.findall(r"program\.py:(\d+):\d+ - error", child.stdout)}
    assert flagged == {line for line, _ in marked()}, child.stdout


def test_the_plugin_of_the_page_is_typed(tmp_path):
    page = (ROOT / "docs" / "plugins.md").read_text("utf-8")
    (tmp_path / "rows.py").write_text(re.search(r"```python\n(.*?)```", page, re.S)[1])
    assert mypy(tmp_path / "rows.py") == set()


def overloads():
    spec = importlib.util.spec_from_file_location("overloads", ROOT / "tools" / "make_overloads.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_stub_is_the_registry_s():
    """Where this fails: make overloads"""
    stub = (ROOT / "src" / "multitok" / "built_in.pyi").read_text("utf-8")
    assert stub == overloads().stub()


def test_every_built_in_name_has_its_overloads():
    stub = (ROOT / "src" / "multitok" / "built_in.pyi").read_text("utf-8")
    for function in ("get_tokenizer", "tokenizer_class"):
        named = re.findall(rf"def {function}\(name: Literal\[(.*?)\]", stub)
        assert sorted(re.findall(r'"(.*?)"', " ".join(named))) == sorted((*BUILT_IN, *VOCABULARIES))
