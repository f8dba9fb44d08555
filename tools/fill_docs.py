"""Write what the commands of a page really print under them: `python tools/fill_docs.py README.md`.

For whoever edits a page: read what changed before committing it. Outputs that hold a "..." line are
left alone, since a person chose what to show; so are doctest blocks whose output is not blank.
tests/test_docs.py checks the pages, and never writes them.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def load_checker():
    spec = importlib.util.spec_from_file_location("test_docs", ROOT / "tests" / "test_docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def filled(block: str, checker, folder: Path) -> str:
    lines = []
    for command, expected in checker.transcript(block):
        lines.append(f"$ {command}")
        if any(line.strip() == "..." for line in expected):
            lines += expected
            continue
        child = checker.run(command, folder)
        shown = (child.stdout + child.stderr).rstrip("\n")
        lines += [line.rstrip() for line in shown.splitlines()]
    return "\n".join(lines) + "\n"


def main() -> None:
    checker = load_checker()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        checker.lay_out(folder)
        for name in sys.argv[1:]:
            page = Path(name)
            text = page.read_text("utf-8")
            for match in reversed(list(checker.FENCE.finditer(text))):
                if match[1] == "console":
                    body = filled(match[2], checker, folder)
                    text = f"{text[: match.start(2)]}{body}{text[match.end(2) :]}"
            page.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
