"""multitok doctor: what is installed and at hand, and what each plugin costs to import."""

from __future__ import annotations

import sys

import click

from multitok.cli import options as opt, printing
from multitok.core import installed
from multitok.modalities.text import at_hand
from multitok.report.installed import installed_to_dict, render_installed


@click.command(short_help="What is installed, and what each plugin costs.")
@opt.json_option
def doctor(as_json: bool) -> None:
    """What is installed, whose vocabularies are at hand, and what each plugin costs to import.

    Exit 1 when a plugin does not load.
    """
    extras, plugins = installed.extras(), installed.plugins()
    known = at_hand.vocabularies(), at_hand.cached()
    if as_json:
        printing.echo_json(installed_to_dict(extras, plugins, *known))
    else:
        printing.echo(render_installed(extras, plugins, *known, **printing.form()))
    if any(plugin.error for plugin in plugins):
        sys.exit(1)
