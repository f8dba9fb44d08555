"""multitok mcp: tools for agents, over stdin and stdout."""

from __future__ import annotations

import sys

import click

from multitok.cli import options as opt, printing
from multitok.core.extras import require
from multitok.service.settings import Settings

root_option = click.option(
    "--root", "roots", multiple=True, metavar="DIR",
    help="Agents may have files below it counted; may be repeated. This folder, if none is named.",
)  # fmt: skip


@click.command(short_help="Tools for agents: counts over stdin and stdout.")
@root_option
@opt.template_option
@opt.calibration_option
@opt.catalog_option
def mcp(
    roots: tuple[str, ...], template: str | None, calibration: str | None, catalog: tuple[str, ...]
) -> None:
    """Tools for agents: count, compare, request, fit, truncate and folder, for any client of the
    Model Context Protocol (MCP), which starts this command and asks it over stdin and stdout.

    Files below --root are read, and no others. Nothing is written or fetched.

    \b
    multitok mcp --root .
    claude mcp add multitok -- multitok mcp --root .
    """
    require("mcp", extra="mcp", purpose="multitok mcp")
    settings = Settings(
        roots=roots or (".",), template=template, calibration=calibration, catalog=catalog
    )
    from multitok.service.agents import run, server_of
    from multitok.service.ready import check

    check(settings)
    server = server_of(settings)
    if sys.stdin is not None and sys.stdin.isatty():
        printing.say("an agent starts this and asks over stdin and stdout (Ctrl-C stops)")
    run(server)
