"""What is declared, what the design says of it, and what the code imports are one list."""

import ast
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
MODULES = {
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "pillow-heif": "pillow_heif",
    "splintr-rs": "splintr",
    "genai-prices": "genai_prices",
    "mistral-common": "mistral_common",
}
"""Packages whose module has another name."""
IN_HUGGING_FACE = {"huggingface_hub"}
"""Comes with tokenizers."""


def names(requirements: list[str]) -> set[str]:
    return {re.match(r"[\w-]+", requirement)[0] for requirement in requirements}


def declared() -> dict[str, str]:
    """Package to the extra that installs it, or "always"."""
    found = dict.fromkeys(names(PROJECT["dependencies"]), "always")
    for extra, requirements in PROJECT["optional-dependencies"].items():
        found |= dict.fromkeys(names(requirements), extra)
    return found


def imported() -> set[str]:
    """The top of every module that the package imports by statement, by require or by name."""
    found = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module or "")
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("require", "optional", "import_module")
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(node.args[0].value)
    return {name.partition(".")[0] for name in found} - {"", "multitok", "_typeshed"}


def test_every_import_is_declared_and_every_declaration_imported():
    modules = {MODULES.get(package, package) for package in declared()}
    assert imported() - set(sys.stdlib_module_names) - IN_HUGGING_FACE == modules


def test_the_design_lists_each_dependency_with_its_extra():
    text = (ROOT / "docs" / "design.md").read_text("utf-8")
    table = text.partition("## Dependencies")[2]
    rows = re.findall(r"^\| (`[^|]+`) \|[^|]+\| `?(\w+)`? \|$", table, re.MULTILINE)
    listed = {package: extra for cell, extra in rows for package in re.findall(r"`([^`]+)`", cell)}
    assert listed == declared()
