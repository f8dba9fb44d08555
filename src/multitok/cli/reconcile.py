"""multitok reconcile: counted against billed, for a log of requests."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from multitok.cli import options as opt
from multitok.cli.outputs import Output, SourceType, on_stdout
from multitok.report.text import SCHEMA, table
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
    click.echo(
        opt.dump(_document(found, tolerance)) if as_json else _table(found, tolerance),
        err=on_stdout(calibration),
    )
    sys.exit(_code(found, tolerance))


def _keep(measured: Calibration, path: Path) -> None:
    """Write what was measured; where nothing was, an older file is worth more."""
    ratios = sum(len(kinds) for kinds in measured.models.values())
    if not ratios:
        click.echo(f"multitok: {path}: not written: no estimate was billed in this log", err=True)
        return
    write_calibration(measured, path)
    click.echo(f"multitok: {ratios} ratios in {path}", err=True)


def _code(found: list[Reconciled], tolerance: float) -> int:
    if any(one.counted is None or one.billed is None or one.counted.unexpected for one in found):
        return 2
    return int(any(_beyond(one, tolerance) for one in found))


def _beyond(one: Reconciled, tolerance: float) -> bool:
    return one.drift is not None and abs(one.drift) > tolerance


def _table(found: list[Reconciled], tolerance: float) -> str:
    color = opt.color_wanted()
    rows, colors = [], {}
    for one in found:
        name = one.counted.model if one.counted is not None else ""
        pairs = one.by_modality()
        if not pairs:
            rows.append([str(one.line), name, "", "", "", "", one.why or ""])
            continue
        for modality, (counted, billed) in pairs.items():
            share = f"{100 * (billed - counted) / billed:+.1f} %" if billed else ""
            if _beyond(one, tolerance):
                colors[len(rows), 5] = "red"
            cells = [str(one.line), name, modality, str(counted), str(billed), share]
            rows.append([*cells, one.why or ""])
    headers = ["line", "model", "part", "counted", "billed", "drift", ""]
    return table(headers, rows, right=(0, 3, 4, 5), color=color, colors=colors)


def _document(found: list[Reconciled], tolerance: float) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "tolerance": tolerance,
        "requests": [
            {
                "line": one.line,
                "model": one.counted.model if one.counted is not None else None,
                "counted": one.counted.tokens if one.counted is not None else None,
                "billed": one.billed.input if one.billed is not None else None,
                "drift": one.drift,
                "beyond": _beyond(one, tolerance),
                "parts": {
                    name: {"counted": counted, "billed": billed}
                    for name, (counted, billed) in one.by_modality().items()
                },
                "why": one.why,
            }
            for one in found
        ],
    }
