"""Every block of README.md and docs/ is run, and prints what the page says it prints.

console   lines that start with "$ " are run in a shell; the lines below are the expected output,
          where a line of "..." stands for any lines
python    run from top to bottom in one namespace a page; ">>>" blocks are checked as doctests
sh        set-up commands: each `make` target must exist
toml      must parse; docs/catalogue.md's is also used by the catalogue tests
js        run by `make sdks`, with the SDK that it imports
py        run by `make frames` or `make engines`, with the engine that it imports
text, mermaid, yaml, go   not run

Where a block asks 127.0.0.1:8484, a service answers: started once, at a port that is free. Commands
run in a scratch folder in which the repository's files can be seen, so that a page may
write files.
"""

import doctest
import os
import re
import subprocess
import sys
import tomllib
import types
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "samples" / "README.md"]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_RUN = {"text", "mermaid", "yaml", "json", "js", "go", "py"}
SERVED = "127.0.0.1:8484"


def blocks(page):
    text = page.read_text("utf-8")
    for match in FENCE.finditer(text):
        yield text[: match.start()].count("\n") + 1, match[1], match[2]


@pytest.fixture(scope="session")
def scratch(tmp_path_factory):
    """A folder that looks like a clone, with `multitok` and its `python` on the PATH."""
    folder = tmp_path_factory.mktemp("docs")
    lay_out(folder)
    return folder


def lay_out(folder):
    for path in ROOT.iterdir():
        if not path.name.startswith("."):
            (folder / path.name).symlink_to(path)
    (folder / "bin").mkdir()
    for name, words in (("multitok", "-m multitok "), ("python", "")):
        shim = folder / "bin" / name
        shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words}"$@"\n')
        shim.chmod(0o755)
    missing = folder / "without" / "ctok.py"  # it counts Claude's text otherwise
    missing.parent.mkdir()
    missing.write_text("raise ImportError('the pages are written without ctok')")


@pytest.fixture(scope="session")
def served(scratch):
    """A text of a page with the address of a service that answers; as it is, if it asks none."""
    with ExitStack() as stack:

        @cache
        def address():
            command = [sys.executable, "-m", "multitok", "serve", "--port", "0"]
            paths = f"{ROOT / 'src'}:{scratch / 'without'}"
            environment = {**os.environ, "PYTHONPATH": paths}
            child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
            stack.callback(child.wait)
            stack.callback(child.stderr.close)
            stack.callback(child.terminate)
            return re.search(r"http://(\S+)", child.stderr.readline())[1]

        yield lambda text: text.replace(SERVED, address()) if SERVED in text else text


def transcript(block):
    """(command, expected output) of each "$ " line."""
    steps = []
    for line in block.splitlines():
        if line.startswith("$ "):
            steps.append((line[2:], []))
        elif steps and steps[-1][0].endswith("\\"):
            steps[-1] = (steps[-1][0] + "\n" + line, [])
        elif steps:
            steps[-1][1].append(line)
    return steps


def agrees(expected, shown):
    """Line by line, trailing blanks aside; "..." matches any lines."""
    pattern = "\n".join(
        r"[^\0]*?" if line.strip() == "..." else re.escape(line.rstrip()) for line in expected
    )
    return re.fullmatch(pattern.strip(), "\n".join(s.rstrip() for s in shown.strip().splitlines()))


def run(command, folder):
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
    environment |= {"PYTHONPATH": f"{ROOT / 'src'}:{folder / 'without'}", "NO_COLOR": "1"}
    for name in ("MULTITOK_MODEL", "MULTITOK_CATALOG"):
        environment.pop(name, None)
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True
    )


WRITES = re.compile(r"(^| )(-o|--out|--html|--png|--plot|--overlay|--save-prepared|2?>+) ?[\w./-]+")
STEPS = {page: [(line, step) for line, kind, block in blocks(page) if kind == "console"
                for step in transcript(block)] for page in PAGES if page.exists()}  # fmt: skip
CONSOLE = [
    pytest.param(page, number, id=f"{page.name}:{line}: {step[0].splitlines()[0]}")
    for page, steps in STEPS.items()
    for number, (line, step) in enumerate(steps)
]


@pytest.fixture(scope="session")
def ran():
    """The steps that were run in this scratch folder."""
    return set()


@pytest.mark.parametrize(("page", "number"), CONSOLE)
def test_a_command_prints_what_the_page_says(page, number, scratch, served, ran):
    """What a step above wrote is there, whichever process of the suite ran that one."""
    for earlier in range(number):
        command = STEPS[page][earlier][1][0]
        if (page, earlier) not in ran and WRITES.search(command):
            ran.add((page, earlier))
            run(served(command), scratch)
    command, expected = STEPS[page][number][1]
    ran.add((page, number))
    child = run(served(command), scratch)
    shown = child.stdout + child.stderr
    assert "Traceback" not in shown
    wanted = "\n".join(expected).strip()
    assert agrees(wanted.splitlines(), shown), f"expected:\n{wanted}\n\nprinted:\n{shown}"


def module_of(page, folder, monkeypatch, served):
    """The page's code as a module in a file, so that its classes can be pickled and found again."""
    name = f"page_{page.parent.name}_{page.stem}".replace("-", "_")
    code = [block for _, kind, block in blocks(page) if kind == "python" and ">>>" not in block]
    (folder / f"{name}.py").write_text(served("\n".join(code)))
    module = types.ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.syspath_prepend(str(folder))
    return vars(module)


@pytest.mark.parametrize("page", [p for p in PAGES if p.exists()], ids=lambda p: p.name)
def test_the_python_of_a_page_runs(page, scratch, monkeypatch, served):
    monkeypatch.chdir(scratch)
    namespace = module_of(page, scratch, monkeypatch, served)
    for line, kind, block in blocks(page):
        if kind != "python":
            continue
        block = served(block)
        if ">>>" in block:
            test = doctest.DocTestParser().get_doctest(block, namespace, page.name, page.name, line)
            runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
            told = []
            runner.run(test, out=told.append, clear_globs=False)
            assert runner.failures == 0, "".join(told)
            namespace.update(test.globs)
        else:
            exec(compile(block, f"{page.name}:{line}", "exec"), namespace)


@pytest.mark.parametrize("page", [p for p in PAGES if p.exists()], ids=lambda p: p.name)
def test_every_block_of_a_page_is_of_a_kind_that_is_tested(page):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for line, kind, block in blocks(page):
        assert kind in NOT_RUN | {"console", "python", "sh", "toml"}, f"line {line}: {kind!r}"
        if kind == "toml":
            tomllib.loads(block)
        if kind == "sh":
            for target in re.findall(r"^make (\w+)", block, re.MULTILINE):
                assert target in targets, f"line {line}: make {target}"


def test_a_wrong_expectation_is_seen():
    assert agrees(["a", "...", "c"], "a\nb\nb\nc\n")
    assert not agrees(["a", "...", "d"], "a\nb\nc\n")
