"""multitok request: a whole API request counted before it is sent, part by part."""

from __future__ import annotations

import sys
from typing import Any

import click

from multitok.cli import options as opt, printing
from multitok.cli.values import SizeType, TokenRange
from multitok.core.boundary import boundary
from multitok.core.errors import PayloadError
from multitok.core.info import ImageInfo
from multitok.report.requests import render_request, render_unknown, request_to_dict
from multitok.requests.advice import Advice, advice
from multitok.requests.whole import RequestCount, count_request

MAX_PAYLOAD = 512 * 1024 * 1024
"""Bytes: no provider takes a larger request."""


@click.command(short_help="A whole API request, part by part, before it is sent.")
@opt.source_argument
@opt.payload_model_option
@opt.provider_option
@click.option("--allow-files", is_flag=True, help="Open local files that the request names.")
@click.option("--assume-image", type=SizeType(), help="The size of pictures behind a URL or an id.")
@click.option("--output-tokens", "output", type=TokenRange(), help="Add their cost: 500, 200-800.")
@click.option("--cached", type=click.IntRange(min=0), default=0, help="Input tokens cached.")
@click.option(
    "--mode", type=click.Choice(("standard", "batch", "flex", "priority")), default="standard",
    help="How it is processed: each has its own price.",
)  # fmt: skip
@opt.requests_option
@click.option(
    "--template", type=click.Path(exists=True), metavar="PATH",
    help="A folder with tokenizer.json and tokenizer_config.json, or a tekken.json.",
)  # fmt: skip
@click.option(
    "--calibration", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
    help="Correct estimates by what multitok reconcile measured (or MULTITOK_CALIBRATION).",
)  # fmt: skip
@opt.catalog_option
@opt.quiet_option
@opt.json_option
def request(
    source: str | None,
    model: str | None,
    provider: str | None,
    allow_files: bool,
    assume_image: ImageInfo | None,
    output: tuple[int, int] | None,
    cached: int,
    mode: Any,
    requests: int,
    template: str | None,
    calibration: str | None,
    catalog: tuple[str, ...],
    quiet: bool,
    as_json: bool,
) -> None:
    """A whole API request, part by part, before it is sent.

    OpenAI, Anthropic, Gemini and Mistral requests, or a plain list of messages. Pictures are
    counted from their headers, never as text; nothing is fetched.

    \b
    multitok request payload.json
    multitok request payload.json -m claude-opus-5 --output-tokens 200-800 --requests 10000
    cat payload.json | multitok request -q
    """
    source = opt.source_given(source, "count")
    with boundary("reading", source):
        content = _read(source)
    counted = count_request(
        content, model, provider,
        allow_files=allow_files, assume_image=assume_image, catalog=catalog,
        template=template, calibration=calibration,
    )  # fmt: skip
    if quiet:
        printing.echo(str(counted.tokens))
        for line in render_unknown(counted):
            printing.say(f"not counted: {line}")
        sys.exit(0 if counted.complete and not counted.rejected else 2)
    cheaper = advice(counted, catalog=catalog)
    _show(counted, _cost(counted, output, cached, mode, requests), cheaper, as_json)
    for error in counted.unexpected:
        printing.say(error)
    sys.exit(2 if counted.unexpected else 0)


def _show(counted: RequestCount, cost: Any, cheaper: list[Advice], as_json: bool) -> None:
    if as_json:
        printing.echo_json(request_to_dict(counted, cost, cheaper))
    else:
        printing.echo(render_request(counted, cost=cost, advice=cheaper, **printing.form()))


def _cost(
    counted: RequestCount, output: tuple[int, int] | None, cached: int, mode: Any, times: int
) -> Any:
    from multitok.prices.rates import Cost, cost_of, price_for

    if counted.rejected:
        first = counted.rejected[0]
        why = f"{first.path} is rejected, and the request with it"
        return Cost(None, None, requests=times, why=why)
    price = price_for(counted.asked)
    return cost_of(
        price, counted.by_modality(), cached=cached, output=output or 0, mode=mode, requests=times
    )


def _read(name: str) -> Any:
    """The JSON of a file or of stdin."""
    import json

    from multitok.loaders.source import source_of

    source = source_of(name)
    if source.size is not None and source.size > MAX_PAYLOAD:
        raise PayloadError(
            f"{source.name}: {source.size >> 20} MB; no provider takes a request over"
            f" {MAX_PAYLOAD >> 20} MB",
            path="",
        )
    try:
        return json.loads(source.read())
    except (ValueError, UnicodeDecodeError) as error:
        raise PayloadError(f"{source.name}: not JSON: {error}", path="") from None
    except RecursionError:
        raise PayloadError(
            f"{source.name}: nested deeper than any request can be", path=""
        ) from None
