"""What a shell completes: asked of the command line, then of each shell that is installed."""

import os
import pty
import select
import shutil
import subprocess
import sys
import time

import click
import pytest
from click.shell_completion import ShellComplete, get_completion_class

from multitok.catalog.load import catalog
from multitok.cli import COMMANDS, multitok
from multitok.cli.completion import SHELLS, VARIABLE, Bash, completion
from multitok.cli.names import ModelName, TokenizerName
from multitok.cli.outputs import SourceType
from multitok.core import registry

BREAKS = " \t\n\"'><=;|&(:"


def completed(line):
    """What is offered at the end of a line: the values, or the kind of path."""
    words = line.split(" ")
    asked = ShellComplete(multitok, {}, "multitok", VARIABLE)
    found = asked.get_completions(words[1:-1], words[-1])
    return [item.value if item.type == "plain" else f"<{item.type}>" for item in found]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("multitok co", ["count", "compare", "completion"]),
        ("multitok count no", ["<file>"]),
        ("multitok check pyp", ["<file>"]),
        ("multitok decode tok", ["<file>"]),
        ("multitok check --config py", ["<file>"]),
        ("multitok encode a.txt -t bytes -o t", ["<file>"]),
        ("multitok split a.txt -o pie", ["<dir>"]),
        ("multitok count --tok", ["--tokenizer"]),
        ("multitok count -t o200k_h", ["o200k_harmony"]),
        ("multitok tokenizers pooled-b", ["pooled-budget"]),
        ("multitok count -m gpt-4o-min", ["gpt-4o-mini", "gpt-4o-mini-transcribe"]),
        ("multitok request -m claude-opus-4-6", ["claude-opus-4-6"]),
        ("multitok models --provider mini", ["minimax"]),
        ("multitok train wo", ["wordpiece"]),
        ("multitok count --as vid", ["video"]),
        ("multitok completion po", ["powershell"]),
        ("multitok count p.jpg -m gpt-4o -s ", ["detail=high", "detail=auto", "detail=low"]),
        ("multitok count p.jpg -m gpt-4o -s detail=l", ["detail=low"]),
        ("multitok count p.jpg -t patch -s si", ["size=16"]),
        ("multitok count p.jpg -m no-such-model -s ", []),
        ("multitok count p.jpg -t no-such-tokenizer -s ", []),
    ],
)
def test_a_line_is_completed(line, offered):
    assert completed(line) == offered


def test_every_command_is_offered():
    assert completed("multitok ") == list(COMMANDS)


def test_an_unknown_command_is_no_error_while_it_is_typed():
    assert completed("multitok nonsense --he") == ["--help"]


def test_models_of_your_own_catalogue_are_offered(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text(
        '[[model]]\nid = "in-house-7"\n[model.image]\ntokenizer = "patch"\nkind = "exact"\n'
        'source = "our own page"\nchecked = 2026-11-01\n'
    )
    line = f"multitok count --catalog {mine} -m in-h"
    assert completed(line) == ["in-house-7"]


def test_a_catalogue_that_cannot_be_read_offers_nothing(tmp_path):
    """What is wrong with it, the command itself will say."""
    mine = tmp_path / "mine.toml"
    mine.write_text("[[model]")
    assert completed(f"multitok count --catalog {mine} -m gp") == []


def test_what_answers_no_more_is_offered_only_when_nothing_else_begins_so():
    assert catalog().model("gemini-1.5-flash").retired is not None
    assert "gemini-1.5-flash" not in completed("multitok count -m gemini-")
    assert "gemini-1.5-flash" in completed("multitok count -m gemini-1.5")


def test_every_argument_of_every_command_completes_something():
    """A plain word completes nothing, and stops the shell's own files."""
    context = click.Context(multitok)
    kinds = (SourceType, ModelName, TokenizerName, click.Choice)
    plain = [
        (name, param.name)
        for name in COMMANDS
        for param in multitok.get_command(context, name).params
        if isinstance(param, click.Argument) and not isinstance(param.type, kinds)
    ]
    assert plain == []


def test_every_option_that_takes_a_file_completes_files():
    context = click.Context(multitok)
    kinds = (SourceType, click.Path)
    words = ("FILE", "PATH", ".png", ".html")
    plain = [
        (name, param.opts)
        for name in COMMANDS
        for param in multitok.get_command(context, name).params
        if isinstance(param, click.Option)
        and any(word in (param.metavar or "") for word in words)
        and not isinstance(param.type, kinds)
    ]
    assert plain == []


@pytest.mark.parametrize(
    ("line", "placed"),
    [
        ("multitok count p.jpg -m gpt-4o -s detail=l", ["low"]),
        ("multitok count p.jpg -m gpt-4o -s det", ["detail=high", "detail=auto", "detail=low"]),
        ("multitok count --tokenizer=o200k_h", ["o200k_harmony"]),
        ("multitok count 'my file.txt' -t o200k_h", ["o200k_harmony"]),
        ("multitok count 'my fi", [""]),
    ],
)
def test_bash_is_given_what_stands_behind_the_last_break_of_a_word(line, placed, monkeypatch):
    monkeypatch.setenv("COMP_LINE", line)
    monkeypatch.setenv("COMP_WORDBREAKS", BREAKS)
    asked = Bash(multitok, {}, "multitok", VARIABLE)
    found = asked.get_completions(*asked.get_completion_args())
    assert [item.value if item.type == "plain" else "" for item in found] == placed


@pytest.fixture
def home(tmp_path):
    """A folder with two files, and `multitok` on the PATH."""
    shim = tmp_path / "bin" / "multitok"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m multitok "$@"\n')
    shim.chmod(0o755)
    (tmp_path / "notes of mine.txt").touch()
    (tmp_path / "photo.jpg").touch()
    return tmp_path


def environment(home):
    path = f"{home / 'bin'}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "HOME": str(home), "TERM": "dumb", "MULTITOK_MODEL": ""}


SETUP = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        'bind "set enable-bracketed-paste off"; eval "$(multitok completion bash)"',
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        'unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D;'
        ' eval "$(multitok completion zsh)"',
    ),
}  # fmt: skip


FISH = "multitok completion fish | source"


class Terminal:
    """A shell on a terminal of its own, typed into as a person does."""

    def __init__(self, command, home):
        self.keyboard, theirs = pty.openpty()
        self.child = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=home, env=environment(home),
            start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        self.seen = ""

    def type(self, text):
        os.write(self.keyboard, text.encode())

    def until(self, text, seconds=60):
        """What is printed until this text; a shell that never says it fails the test."""
        end = time.monotonic() + seconds
        while text not in self.seen:
            ready, _, _ = select.select([self.keyboard], [], [], max(0, end - time.monotonic()))
            assert ready, f"no {text!r} in {self.seen!r}"
            self.seen += os.read(self.keyboard, 65536).decode("utf-8", "replace")
        before, _, self.seen = self.seen.partition(text)
        return before

    def close(self):
        self.child.kill()
        self.child.wait()
        os.close(self.keyboard)


@pytest.fixture(params=["bash", "zsh"])
def terminal(request, home):
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    command, setup = SETUP[request.param]
    shell = Terminal(command, home)
    shell.type(f"{setup}; echo rea''dy\n")
    shell.until("ready")
    yield shell
    shell.close()


def pressed(terminal, line):
    """The line after the tab key: it is run with `printf '<%s>'` in front of it, so that its words
    can be told apart."""
    terminal.type(f"{line}\t")
    terminal.until(line)
    terminal.type("\x01printf 'word:%s,' \x05; echo e''nd\n")
    shown = terminal.until("end\r\n")
    return [word.partition(",")[0] for word in shown.split("word:")[-9:]]


@pytest.mark.parametrize(
    ("line", "last"),
    [
        ("multitok trunc", "truncate"),
        ("multitok count --tokeni", "--tokenizer"),
        ("multitok count pho", "photo.jpg"),
        ("multitok count not", "notes of mine.txt"),
        ("multitok count -t o200k_h", "o200k_harmony"),
        ("multitok count -m gpt-4o -s detail=l", "detail=low"),
        ("multitok check --config pho", "photo.jpg"),
    ],
)
def test_the_tab_key_completes(terminal, line, last):
    assert pressed(terminal, line)[-1] == last


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("multitok trunc", ["truncate"]),
        ("multitok count --tokeni", ["--tokenizer"]),
        ("multitok count pho", ["photo.jpg"]),
        ("multitok count -t o200k_h", ["o200k_harmony"]),
        ("multitok count -m gpt-4o -s detail=l", ["detail=low"]),
        ("multitok check --config pho", ["photo.jpg"]),
    ],
)
def test_fish_completes(home, line, offered):
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    script = f"{FISH}; complete -C '{line}'"
    child = subprocess.run(
        ["fish", "--no-config", "-c", script], cwd=home, env=environment(home),
        capture_output=True, text=True,
    )  # fmt: skip
    assert child.stderr == ""
    assert [row.partition("\t")[0] for row in child.stdout.splitlines()] == offered


def test_fish_shows_what_is_said_of_a_command_whole(home):
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    child = subprocess.run(
        ["fish", "--no-config", "-c", f"{FISH}; complete -C 'multitok c'"],
        cwd=home, env=environment(home), capture_output=True, text=True,
    )  # fmt: skip
    assert "count\tTokens of files, stdin, a text or a size." in child.stdout.splitlines()


@pytest.mark.skipif(get_completion_class("powershell") is None, reason="click is older than 8.5")
def test_powershell_is_asked_by_its_own_word():
    """Not run: no PowerShell is at hand; its script is click's."""
    script = get_completion_class("powershell")(multitok, {}, "multitok", VARIABLE).source()
    assert "Register-ArgumentCompleter -Native -CommandName multitok" in script
    assert f"$env:{VARIABLE} = 'powershell_complete'" in script


def test_powershell_with_an_older_click_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr("multitok.cli.completion.get_completion_class", lambda shell: None)
    with pytest.raises(click.UsageError) as raised:
        completion.main(["powershell"], standalone_mode=False)
    assert raised.value.message == (
        "completion in powershell needs click 8.5: pip install 'click>=8.5'"
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_is_printed_for_each_shell(shell):
    from click.testing import CliRunner

    if get_completion_class(shell) is None:
        pytest.skip(f"click has no script for {shell}")
    shown = CliRunner().invoke(multitok, ["completion", shell])
    assert shown.exit_code == 0
    assert f"{shell}_complete" in shown.output


def test_names_of_tokenizers_hold_those_of_vocabularies():
    assert set(registry.VOCABULARIES) <= set(completed("multitok count -t "))
