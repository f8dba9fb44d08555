"""multitok doctor: what is installed, and what each plugin costs to import."""

from __future__ import annotations

import sys

import click

from multitok.cli import options as opt, printing
from multitok.core import installed
from multitok.report.installed import installed_to_dict, render_installed


@click.command(short_help="What is installed, and what each plugin costs.")
@opt.json_option
def doctor(as_json: bool) -> None:
    """What is installed, which back ends are used, and what each plugin costs to import.

    Exit 1 when a plugin does not load.
    """
    extras, plugins = installed.extras(), installed.plugins()
    if as_json:
        printing.echo_json(installed_to_dict(extras, plugins))
    else:
        printing.echo(render_installed(extras, plugins, **printing.form()))
    if any(plugin.error for plugin in plugins):
        sys.exit(1)
