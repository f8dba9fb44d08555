"""The suite where `make test` does not run it: the lowest versions, and the later Pythons.

Usage: python tools/matrix.py UV. Each leg has a virtual environment of its own, made anew; the last
lines say what came of each, and the exit code is 1 where one failed. A Python that this machine
does not have is named and left out.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LEGS = (("3.11", "lowest-direct"), ("3.12", "highest"), ("3.13", "highest"))
"""A Python, and which of the versions that are allowed uv installs. Not every pair: a fault of both
a Python and an old package at once is rare, and minutes are not."""


def main(uv: str) -> int:
    outcomes = {leg: outcome(uv, *leg) for leg in LEGS}
    print()
    for (python, resolution), said in outcomes.items():
        print(f"Python {python}, {resolution} versions: {said}")
    return int("failed" in outcomes.values())


def outcome(uv: str, python: str, resolution: str) -> str:
    """Run one leg; what to say of it."""
    path = interpreter(python)
    if path is None:
        return "not found"
    print(f"\nPython {python}, {resolution} versions", flush=True)
    environment = ROOT / f".venv-{python}-{resolution}"
    own = environment / "bin" / "python"
    shutil.rmtree(environment, ignore_errors=True)
    install = [uv, "pip", "install", "--quiet", "--python", own, "--resolution", resolution]
    steps = (
        [uv, "venv", "--quiet", "--python", path, environment],
        [*install, "--requirement", "tests/requirements.txt"],
        [own, "tools/versions.py"],
        [own, "-m", "pytest", "-n", "2"],
    )
    passed = all(subprocess.run(step, cwd=ROOT).returncode == 0 for step in steps)
    return "passed" if passed else "failed"


def interpreter(python: str) -> str | None:
    """The path of this Python: on PATH, or among pyenv's.

    It is asked for its path, as a shim of pyenv is there for a Python that is not switched on too.
    """
    home = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = [shutil.which(f"python{python}"), *home.glob(f"versions/{python}.*/bin/python")]
    ask = "import sys; print(sys.executable)"
    for candidate in filter(None, candidates):
        asked = subprocess.run([candidate, "-c", ask], capture_output=True, text=True)
        if asked.returncode == 0:
            return asked.stdout.strip()
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
