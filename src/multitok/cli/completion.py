"""multitok completion: what a shell needs to complete commands, options, files and names.

click asks the command line itself (`_MULTITOK_COMPLETE=bash_complete multitok`); the types of
`names` and `outputs` answer. This module is imported for that, and to print the script.
"""

from __future__ import annotations

import os
from typing import Any

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from multitok.cli import printing

VARIABLE = "_MULTITOK_COMPLETE"
SHELLS = ("bash", "zsh", "fish", "powershell")

_BASH = """\
%(complete_func)s() {
    local kind value
    COMPREPLY=()
    while IFS=, read -r kind value; do
        case $kind in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                COMPREPLY+=("$value")
                [[ $value == *= ]] && compopt -o nospace ;;
        esac
    done < <(COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" \\
        %(complete_var)s=bash_complete "$1" 2>/dev/null)
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class Bash(BashComplete):
    """bash cuts a word at = and : and replaces what stands behind the last of them; here words are
    those that were typed (detail=low, qwen3:8b), and the answer is what bash will put in place."""

    source_template = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        line = os.environ["COMP_LINE"]
        words = split_arg_string(line)
        begun = words.pop() if words and not line[-1].isspace() else ""
        return words[1:], begun

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        found = super().get_completions(args, incomplete)
        breaks = os.environ.get("COMP_WORDBREAKS", "")
        begun = incomplete
        if begun.startswith("--") and "=" in begun:  # click completes the value alone
            begun = begun.partition("=")[2]
        kept = max((begun.rfind(sign) + 1 for sign in "=:" if sign in breaks), default=0)
        for item in found:
            if item.type == "plain":
                item.value = item.value[kept:]
        return found


class Fish(FishComplete):
    """A comma in what is said of a name is no end of it."""

    source_template = FishComplete.source_template.replace(
        'string split ","', 'string split --max 1 ","'
    )


for shell in (Bash, Fish):  # no decorator: click 8.1.0 gives none back
    add_completion_class(shell)


@click.command(short_help="What your shell needs to complete commands, files and names.")
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """A script for your shell: it completes commands, options, files, models, tokenizers, and what
    -s takes of the model or tokenizer that is named.

    \b
    eval "$(multitok completion bash)"               in ~/.bashrc
    eval "$(multitok completion zsh)"                in ~/.zshrc, after compinit
    multitok completion fish | source                in ~/.config/fish/config.fish
    multitok completion powershell | Out-String | Invoke-Expression     in $PROFILE
    """
    from multitok.cli import multitok

    script: Any = get_completion_class(shell)
    if script is None:
        raise click.UsageError(f"completion in {shell} needs click 8.5: pip install 'click>=8.5'")
    printing.echo(script(multitok, {}, "multitok", VARIABLE).source().rstrip("\n"))
