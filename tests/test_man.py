"""The manual page says what --help says, in roff that the tools for it accept."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from multitok.cli import COMMANDS, multitok

TOOL = Path(__file__).parent.parent / "tools" / "make_man.py"


@pytest.fixture(scope="module")
def maker():
    spec = importlib.util.spec_from_file_location("make_man", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page(maker, tmp_path_factory):
    path = tmp_path_factory.mktemp("man") / "multitok.1"
    path.write_text(maker.page(), "utf-8")
    return path


def test_every_command_has_a_section(maker):
    sections = [line for line in maker.page().splitlines() if line.startswith(".SS ")]
    assert sections == [f".SS multitok {name}" for name in COMMANDS]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_section_holds_every_option_that_help_shows(maker, name):
    context = click.Context(multitok)
    command = multitok.get_command(context, name)
    section = "\n".join(maker.section(command, name, context))
    shown = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    missing = [p.opts[-1] for p in shown if maker.escaped(p.opts[-1]) not in section]
    assert missing == []


def test_what_roff_would_take_for_its_own_is_escaped(maker):
    """A line that begins with a dot is a request, a backslash an escape, a bare hyphen a dash."""
    assert maker.escaped(".hidden -q it's \\b") == r"\&.hidden \-q it\(aqs \eb"


def test_mandoc_finds_nothing(page):
    if shutil.which("mandoc") is None:
        pytest.skip("mandoc is not installed")
    found = subprocess.run(["mandoc", "-T", "lint", page], capture_output=True, text=True)
    assert found.stdout == ""
    assert found.returncode == 0


def test_groff_warns_of_nothing_and_shows_an_example_as_it_is_typed(page):
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    made = subprocess.run(
        ["groff", "-man", "-ww", "-Tascii", "-P-cbou", page], capture_output=True, text=True
    )
    assert made.stderr == ""
    assert "multitok count *.png -m claude-opus-5 -q" in made.stdout
