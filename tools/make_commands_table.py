"""Write the tables of docs/commands.md from the command line itself: `make commands`.

Between the comments that name it, each table is replaced; the words around them are a person's.
tests/test_grammar.py holds the page to the code.
"""

from __future__ import annotations

import re
from pathlib import Path

import click

from multitok.cli import COMMANDS, multitok

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"


def options() -> dict[str, list[click.Option]]:
    """The options of each command that its --help shows."""
    context = click.Context(multitok)
    found = {}
    for name in COMMANDS:
        command = multitok.get_command(context, name)
        found[name] = [
            param
            for param in command.params
            if isinstance(param, click.Option) and not param.hidden
        ]
    return found


def spelled(option: click.Option) -> str:
    """`-m`, `--model`"""
    return ", ".join(f"`{word}`" for word in option.opts)


def shared_table() -> str:
    """Options that several commands take, those that most take first: a row each."""
    takes: dict[str, dict[str, click.Option]] = {}
    for command, params in options().items():
        for param in params:
            takes.setdefault(param.opts[-1], {})[command] = param
    shared = {name: by for name, by in takes.items() if len(by) > 1}
    rows = [["", *COMMANDS], ["---", *[":-:"] * len(COMMANDS)]]
    for by in sorted(shared.values(), key=len, reverse=True):
        marks = ["●" if command in by else "" for command in COMMANDS]
        rows.append([spelled(next(iter(by.values()))), *marks])
    return table(rows)


def words_table() -> str:
    """What each shared option means; where it is put another way, the command says so."""
    said: dict[str, dict[str, list[str]]] = {}
    spelling = {}
    for command, params in options().items():
        for param in params:
            said.setdefault(param.opts[-1], {}).setdefault(param.help or "", []).append(command)
            spelling[param.opts[-1]] = spelled(param)
    rows = [["option", "means"], ["---", "---"]]
    for name, helps in said.items():
        if sum(map(len, helps.values())) < 2:
            continue
        if len(helps) == 1:
            means = next(iter(helps))
        else:
            means = " ".join(f"{', '.join(by)}: {text}" for text, by in helps.items())
        rows.append([spelling[name], means])
    return table(rows)


def own_table() -> str:
    """Options that one command alone takes."""
    by_name: dict[str, int] = {}
    for params in options().values():
        for param in params:
            by_name[param.opts[-1]] = by_name.get(param.opts[-1], 0) + 1
    rows = [["command", "option", "means"], ["---", "---", "---"]]
    for command, params in options().items():
        own = [param for param in params if by_name[param.opts[-1]] == 1]
        rows += [[f"`{command}`", spelled(param), param.help or ""] for param in own]
    return table(rows)


def table(rows: list[list[str]]) -> str:
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows
    )


TABLES = {"shared": shared_table, "words": words_table, "own": own_table}


def filled(page: str) -> str:
    for name, make in TABLES.items():
        begin, end = f"<!-- {name} -->\n", f"\n<!-- /{name} -->"
        page = re.sub(
            f"(?<={re.escape(begin)}).*?(?={re.escape(end)})",
            lambda _, make=make: make(),
            page,
            count=1,
            flags=re.DOTALL,
        )
    return page


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text("utf-8")), "utf-8")
