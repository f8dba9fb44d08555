"""Try what others run multitok by: `make integrations`, after its lints.

    python tools/try_integrations.py            the Action's script, the hook, the notebook
    python tools/try_integrations.py --write    the notebook again, with its outputs

The Action is not run on GitHub here, and no image is built: their files are linted.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "docs" / "notebooks" / "tour.ipynb"
LIMITS = """\
[tool.multitok]
model = "gpt-4o"
max-tokens = 50
"""
FILES = 300
"""So many that a hook without require_serial is run in several batches."""


def main(write: bool) -> None:
    if write:
        nbformat.write(executed(), NOTEBOOK)
        return
    for attempt in (the_notebook, the_action, the_hook):
        began = time.monotonic()
        attempt()
        print(
            f"{attempt.__name__.replace('_', ' ')}: as expected, {time.monotonic() - began:.0f} s"
        )


def executed() -> Any:
    """The notebook, run from top to bottom in its own folder; an error in a cell is raised."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # the time of day
    return notebook


def the_notebook() -> None:
    """What its cells print is what stands in it."""
    expect(texts(executed()), texts(nbformat.read(NOTEBOOK, as_version=4)))


def texts(notebook: Any) -> list[str]:
    """The plain text of every output."""
    outputs = [one for cell in notebook.cells for one in cell.get("outputs", ())]
    return [one.get("text") or one["data"]["text/plain"] for one in outputs]


def the_action() -> None:
    """Its script annotates a file that is over, passes one that is not, and runs no input."""
    script = YAML(typ="safe").load(ROOT / "action.yml")["runs"]["steps"][-1]["run"]
    with project() as folder:
        inputs = {"FILES": ".", "MODEL": "", "MAX_TOKENS": "", "WARN_AT": ""}
        expect(ran(["bash", "-e", "-c", script], folder, inputs)[0], 0)
        inputs |= {"FILES": "0.txt\n\n1.txt\n", "MODEL": "gpt-4o", "MAX_TOKENS": "3"}
        code, shown = ran(["bash", "-e", "-c", script], folder, inputs)
        expect((code, shown.count("::error file=")), (1, 2))
        inputs["FILES"] = "$(touch run)"
        ran(["bash", "-e", "-c", script], folder, inputs)
        expect((folder / "run").exists(), False)


def the_hook() -> None:
    """One run for all files, with one summary; a file over its limit fails it."""
    with project() as folder:
        tried = ["pre-commit", "try-repo", str(ROOT), "multitok", "--all-files", "--verbose"]
        code, shown = ran(tried, folder, {})
        expect((code, shown.count("files checked")), (0, 1))
        (folder / "long.txt").write_text("word " * 100)
        ran(["git", "add", "."], folder, {})
        code, shown = ran(tried, folder, {})
        expect((code, shown.count("long.txt: 101 tokens, 51 over its limit of 50")), (1, 1))


class project(tempfile.TemporaryDirectory[str]):  # noqa: N801 - used as a statement
    """A folder under git with limits, and with many short files."""

    def __enter__(self) -> Path:  # type: ignore[override]
        folder = Path(super().__enter__())
        (folder / "pyproject.toml").write_text(LIMITS)
        for number in range(FILES):
            (folder / f"{number}.txt").write_text(f"a short text, number {number}\n")
        ran(["git", "init", "--quiet"], folder, {})
        ran(["git", "add", "."], folder, {})
        return folder


def ran(command: list[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """The exit code, and all that was printed."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    own = {**os.environ, "PATH": path, **environment}
    child = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True)
    return child.returncode, child.stdout + child.stderr


def expect(found: object, wanted: object) -> None:
    if found != wanted:
        raise SystemExit(f"expected {wanted!r}, found {found!r}")


if __name__ == "__main__":
    main(write=sys.argv[1:] == ["--write"])
