"""The page of every command has what --help shows."""

import doctest
import importlib.util
from pathlib import Path

import click
import pytest

from multitok.cli import COMMANDS, multitok

TOOL = Path(__file__).parent.parent / "tools" / "make_help.py"


@pytest.fixture(scope="module")
def maker():
    spec = importlib.util.spec_from_file_location("make_help", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_command_has_a_section(maker):
    lines = maker.page().splitlines()
    assert [line[3:] for line in lines if line.startswith("## ")] == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_section_has_a_row_for_each_option_that_help_shows(maker, name):
    context = click.Context(multitok)
    command = multitok.get_command(context, name)
    section = "\n".join(maker.section(command, name, context))
    shown = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    assert [p.opts[-1] for p in shown if f"{p.opts[-1]}" not in section] == []
    assert section.count("\n| `") == len(shown) + 1  # and --help


def test_the_examples_of_the_tool_hold(maker):
    assert doctest.testmod(maker).failed == 0
