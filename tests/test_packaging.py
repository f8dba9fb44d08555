"""What is declared, what the design says of it, what the code imports and what CI runs are one."""

import ast
import json
import re
import runpy
import sys
import tomllib
from pathlib import Path

from multitok.core import extras

ROOT = Path(__file__).parent.parent
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = CONFIG["project"]
LEGS = runpy.run_path(str(ROOT / "tools" / "matrix.py"))["LEGS"]
MODULES = {
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "pillow-heif": "pillow_heif",
    "pillow-jxl-plugin": "pillow_jxl",
    "splintr-rs": "splintr",
    "genai-prices": "genai_prices",
    "mistral-common": "mistral_common",
    "mcap-ros2-support": "mcap_ros2",
    "python-multipart": "python_multipart",
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
    """The top of every module that the package imports by statement, by require or by name; an
    adapter is called by who has its engine."""
    found = set()
    for path in (ROOT / "src").rglob("*.py"):
        if path.parent.name == "adapters":
            continue
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


def test_the_pythons_that_are_claimed_are_those_that_ci_runs():
    ci = (ROOT / ".ci" / "run").read_text("utf-8")
    ran = {re.search(r"PYTHON=python([\d.]+)", ci)[1], *(python for python, _ in LEGS)}
    claimed = {line.rpartition(" ")[2] for line in PROJECT["classifiers"] if ":: Python ::" in line}
    assert claimed == ran


def test_the_lowest_versions_are_run_on_the_lowest_python():
    lowest = PROJECT["requires-python"].removeprefix(">=")
    assert [python for python, versions in LEGS if versions == "lowest-direct"] == [lowest]


def required(name: str) -> list[str]:
    """The packages of one file of requirements, without what it includes."""
    lines = (ROOT / "tests" / name).read_text("utf-8").splitlines()
    return [line for line in lines if not line.startswith(("#", "-"))]


def test_every_dependency_has_a_floor():
    extras = PROJECT["optional-dependencies"].values()
    declared = [*PROJECT["dependencies"], *(line for lines in extras for line in lines)]
    installed = required("requirements.txt") + required("requirements-sdks.txt")
    assert [
        line for line in declared + installed if not re.match(r"[\w-]+(\[.+\])?>=\d", line)
    ] == []


def test_the_tests_and_a_developer_have_the_same_tools():
    assert required("requirements.txt") == CONFIG["dependency-groups"]["dev"]


def test_the_library_of_prices_is_no_older_than_the_snapshot():
    snapshot = json.loads((ROOT / "src/multitok/prices/prices.json").read_text("utf-8"))
    version = re.match(r"genai-prices ([\d.]+),", snapshot["source"])[1]
    assert PROJECT["optional-dependencies"]["prices"] == [f"genai-prices>={version}"]


HINT = re.compile(r"""pip install (?:-U )?'[\w.]*\[([\w,]+)\]'""")


def test_an_install_hint_is_of_a_clone_until_the_package_is_on_an_index(monkeypatch):
    assert extras.install("heif") == "pip install '.[heif]'"
    assert extras.install("fast", anew=True) == "pip install -U '.[fast]'"
    monkeypatch.setattr(extras, "ON_AN_INDEX", True)
    assert extras.install("heif") == "pip install 'multitok[heif]'"


def test_every_hint_of_the_pages_is_what_the_code_says():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    found = [
        (page.name, match[0], match[1])
        for page in pages
        for match in HINT.finditer(page.read_text("utf-8"))
    ]
    assert {name for name, _, _ in found} >= {"README.md", "text.md", "sources.md", "series.md"}
    assert [(name, hint) for name, hint, extra in found if hint != extras.install(extra)] == []


def test_one_place_writes_the_hints_of_the_code():
    written = [
        path.name
        for path in (ROOT / "src").rglob("*.*")
        if path.suffix in (".py", ".toml", ".json")
        and re.search(r"multitok\[\w|pip install \S*\.\[", path.read_text("utf-8"))
    ]
    assert written == ["extras.py"]


def named_extras() -> set[str]:
    """The extras that the code tells people to install, by require or install, and the pages."""
    found = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id == "require":
                    words = [k.value for k in node.keywords if k.arg == "extra"]
                elif node.func.id == "install":
                    words = node.args
                else:
                    continue
                found |= {word.value for word in words if isinstance(word, ast.Constant)}
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for match in HINT.finditer(page.read_text("utf-8")):
            found |= set(match[1].split(","))
    return found


def test_every_extra_that_is_named_is_there_and_installs_on_each_python():
    """A requirement with a marker installs nothing where the marker does not hold: no such extra
    is named to anybody."""
    there, named = PROJECT["optional-dependencies"], named_extras()
    assert {"fast", "heif", "pdf", "parquet"} <= named <= set(there)
    marked = [name for name in named if any(";" in line for line in there[name])]
    assert marked == []
