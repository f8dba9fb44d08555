"""multitok economics: what training a model takes, and what serving it does."""

from __future__ import annotations

from typing import Any

import click

import multitok
from multitok.cli import options as opt, printing
from multitok.cli.names import AcceleratorName
from multitok.cli.outputs import PICTURES, Output, SourceType
from multitok.compute.accelerators import WEIGHTS
from multitok.loaders.saving import save_picture
from multitok.report.economics import economics_to_dict, economics_to_picture, render_economics


@click.command(short_help="What training and serving take: work, hours, dollars.")
@click.argument("tokens", type=SourceType(), metavar="TOKENS|FILE")
@click.option("--parameters", required=True, metavar="N", help="Of the model: 70B, 405e9.")
@click.option("--active", metavar="N", help="Of a mixture of experts: those that a token passes.")
@click.option("--epochs", metavar="N", default="1", help="Passes over the data.")
@click.option("--layers", metavar="N", help="Of the model; estimated otherwise.")
@click.option("--width", metavar="N", help="Of the model; estimated otherwise.")
@click.option("--kv-width", metavar="N", help="Heads of keys x their size; estimated otherwise.")
@click.option(
    "--accelerator", type=AcceleratorName(), default="h100", help="What computes: h100, b200, ..."
)
@click.option("--price", metavar="D|LOW-HIGH", help="Dollars an hour of one; else as listed.")
@click.option("--utilization", metavar="SHARE", help="Of the peak in training: 40%, 0.38-0.43.")
@click.option("--prompt-utilization", metavar="SHARE", help="Of the peak in serving.")
@click.option("--bandwidth-utilization", metavar="SHARE", help="Of the memory's bandwidth.")
@click.option("--weights", type=click.Choice(WEIGHTS), default="bf16", help="As they are served.")
@click.option("--prompt", metavar="N", default="1000", help="Tokens that a request reads.")
@click.option("--answer", metavar="N", default="200", help="Tokens that a request writes.")
@click.option("--batch", metavar="N", default="64", help="Requests that are answered at once.")
@click.option("--png", type=Output(suffixes=PICTURES), help="Write the chart as a PNG.")
@opt.force_option
@opt.json_option
def economics(tokens: str, parameters: str, png: str | None, as_json: bool, **given: Any) -> None:
    """What a model takes: trained once on so many tokens, then serving tokens for ever.

    TOKENS is a number (15T, 300B, 1.4e12), or a file that `multitok count --json` wrote. Figures
    are estimates with a range; none is a provider's own cost.

    \b
    multitok economics 1.4T --parameters 70B
    multitok economics 14.8T --parameters 671B --active 37B --accelerator h200
    multitok economics 15.6T --parameters 405B --weights fp8 --price 2-4 --png costs.png
    multitok count -r corpus -m gpt-4o --json > counts.json
    multitok economics counts.json --parameters 125M --epochs 4
    """
    found = multitok.economics(tokens, parameters, **given)
    if png:
        save_picture(economics_to_picture(found), png)
        printing.wrote(png)
    if as_json:
        printing.echo_json(economics_to_dict(found))
    elif not png:
        printing.echo(render_economics(found, **printing.form()))
