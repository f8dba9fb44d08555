"""multitok reconcile: counted against billed, for a log of requests."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from multitok.cli import options as opt, printing
from multitok.cli.outputs import Output, SourceType, on_stdout
from multitok.core.info import plural
from multitok.report.bills import bills_to_dict, render_bills
from multitok.requests.bills import (
    TOLERANCE,
    Reconciled,
    calibration_of,
    reconcile as compare_log,
    write_calibration,
)
from multitok.requests.calibration import Calibration
from multitok.requests.payloads import FORMATS


@click.command(short_help="Counted against billed, for a log of requests.")
@click.argument("log", type=SourceType(), default="-", metavar="[FILE|-]")
@click.option("-m", "--model", metavar="MODEL", help="Count for this model, whatever is named.")
@click.option("--provider", type=click.Choice(FORMATS), help="Where the shape does not tell.")
@click.option(
    "--tolerance", type=click.FloatRange(min=0), default=TOLERANCE, show_default=True,
    help="The share of a bill that may differ.",
)  # fmt: skip
@click.option(
    "--calibration", type=Output("JSON"), metavar="FILE",
    help="Write the measured ratios here, for later counts.",
)  # fmt: skip
@opt.force_option
@opt.json_option
def reconcile(
    log: str,
    model: str | None,
    provider: str | None,
    tolerance: float,
    calibration: str | None,
    as_json: bool,
) -> None:
    """Counted against billed, for a log of requests. Exit 1 when one differs beyond --tolerance.

    A line is {"request": {...}, "response": {...}}, or "usage" in place of the response.

    \b
    multitok reconcile usage.jsonl
    multitok reconcile usage.jsonl --tolerance 0.05 --calibration calibration.json
    multitok request payload.json --calibration calibration.json
    """
    from multitok.loaders.source import source_of

    text = source_of(log).read().decode("utf-8", "replace")
    found = list(compare_log(text.splitlines(), model=model, provider=provider))
    if calibration:
        _keep(calibration_of(found, Path(calibration).name), Path(calibration))
    aside = on_stdout(calibration)
    if as_json:
        printing.echo_json(bills_to_dict(found, tolerance), err=aside)
    else:
        printing.echo(render_bills(found, tolerance, **printing.form()), err=aside)
    sys.exit(_code(found, tolerance))


def _keep(measured: Calibration, path: Path) -> None:
    """Write what was measured; where nothing was, an older file is worth more."""
    ratios = sum(len(kinds) for kinds in measured.models.values())
    if not ratios:
        printing.say(f"{path}: not written: no estimate was billed in this log")
        return
    write_calibration(measured, path)
    printing.say(f"{plural(ratios, 'ratio')} in {path}")


def _code(found: list[Reconciled], tolerance: float) -> int:
    if not all(one.compared for one in found):
        return 2
    return int(any(one.beyond(tolerance) for one in found))
