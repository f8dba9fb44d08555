"""multitok reconcile: counted against billed, for a log of requests."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from multitok.cli import options as opt, printing
from multitok.cli.outputs import Output, on_stdout
from multitok.core.info import plural
from multitok.report.bills import bill_to_dict, bills_to_dict, render_bills
from multitok.requests.bills import (
    TOLERANCE,
    Reconciled,
    calibration_of,
    reconcile as compare_log,
    write_calibration,
)
from multitok.requests.calibration import Calibration


@click.command(short_help="Counted against billed, for a log of requests.")
@opt.source_argument
@opt.payload_model_option
@opt.provider_option
@click.option(
    "--tolerance", type=click.FloatRange(min=0), default=TOLERANCE, show_default=True,
    help="The share of a bill that may differ.",
)  # fmt: skip
@opt.catalog_option
@opt.out_option(Output("JSON"), "Write what corrects estimates, for request --calibration.")
@opt.renamed("--calibration", "--out", "-o {}")
@opt.force_option
@opt.json_option
@opt.jsonl_option
def reconcile(
    source: str | None,
    model: str | None,
    provider: str | None,
    tolerance: float,
    catalog: tuple[str, ...],
    out: str | None,
    as_json: bool,
    as_lines: bool,
) -> None:
    """Counted against billed, for a log of requests. Exit 1 when one differs beyond --tolerance.

    A line is {"request": {...}, "response": {...}}, or "usage" in place of the response; "model"
    and "provider" beside them where the request does not tell. Several bills end in a table of how
    counts stand to them, by provider and by what the requests hold.

    \b
    multitok reconcile usage.jsonl
    multitok reconcile usage.jsonl --tolerance 0.05 -o calibration.json
    multitok request payload.json --calibration calibration.json
    """
    from multitok.loaders.source import source_of

    text = source_of(opt.source_given(source, "reconcile")).read().decode("utf-8", "replace")
    found = []
    for one in compare_log(text.splitlines(), model=model, provider=provider, catalog=catalog):
        found.append(one)
        if as_lines:
            printing.echo_line(bill_to_dict(one, tolerance))
    if out:
        _keep(calibration_of(found, Path(out).name), Path(out))
    if as_json:
        printing.echo_json(bills_to_dict(found, tolerance))
    elif not as_lines:
        printing.echo(render_bills(found, tolerance, **printing.form()), err=on_stdout(out))
    sys.exit(_code(found, tolerance))


def _keep(measured: Calibration, path: Path) -> None:
    """Write what was measured, and say why the rest is not; where nothing was, an older file is
    worth more."""
    for model, parts in measured.refused.items():
        for part, why in parts.items():
            printing.say(f"{model}, {part}: not kept: {why}")
    kept = sum(len(parts) for parts in measured.models.values())
    if not kept:
        why = "nothing could be kept" if measured.refused else "no estimate was billed in this log"
        printing.say(f"{path}: not written: {why}")
        return
    write_calibration(measured, path)
    printing.say(f"{plural(kept, 'correction')} in {path}")


def _code(found: list[Reconciled], tolerance: float) -> int:
    if not found:
        printing.say("nothing was reconciled: no line holds a request and its bill")
        return 2
    if not all(one.compared for one in found):
        return 2
    return int(any(one.beyond(tolerance) for one in found))
