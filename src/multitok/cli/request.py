"""multitok request: a whole API request counted before it is sent, part by part."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from multitok.cli import options as opt, printing
from multitok.cli.outputs import Output, check_pieces, on_stdout
from multitok.cli.values import BudgetType, TokenRange
from multitok.core.errors import BudgetExceeded
from multitok.core.info import ImageInfo
from multitok.core.writing import write_text
from multitok.prices.rates import MODES
from multitok.report.batches import batch_to_dict, render_batch
from multitok.report.requests import (
    render_overflow,
    render_request,
    render_unknown,
    request_to_dict,
)
from multitok.requests.advice import Advice, advice
from multitok.requests.batches import BatchCount, count_batch, payload_in
from multitok.requests.whole import RequestCount, count_request

if TYPE_CHECKING:
    from multitok.prices.rates import Cost, Mode
    from multitok.requests.fitting.whole import RequestFit


class Paying(NamedTuple):
    """What is paid for beside the input, how it is processed, and how often."""

    output: tuple[int, int] | None
    cached: int
    mode: Mode | None
    requests: int

    @property
    def reserved(self) -> int | None:
        """The most tokens of an answer, where that is said."""
        return self.output[1] if self.output else None

    def cost(self, counted: RequestCount | BatchCount) -> Cost:
        """What the request, or the batch, costs so."""
        return counted.cost(
            output=self.output or 0, cached=self.cached, mode=self.mode, requests=self.requests
        )


paying_options = opt.bundled(
    "paying", Paying,
    click.option(
        "--output-tokens", "output", type=TokenRange(),
        help="Reserve them, and add their cost: 500, 200-800.",
    ),
    click.option("--cached", type=click.IntRange(min=0), default=0, help="Input tokens cached."),
    click.option(
        "--mode", type=click.Choice(MODES),
        help="How it is processed, each at its price; as the request says, if none is named.",
    ),
    opt.requests_option,
)  # fmt: skip


@click.command(short_help="A whole API request, part by part, before it is sent.")
@opt.source_argument
@opt.payload_model_option
@opt.provider_option
@click.option("--allow-files", is_flag=True, help="Open local files that the request names.")
@opt.assume_image_option
@paying_options
@opt.template_option
@opt.calibration_option
@click.option(
    "--fit", "budget", type=BudgetType(),
    help="Make it smaller until it is at most so many tokens, or dollars: 8000, '$0.05'.",
)  # fmt: skip
@opt.out_option(Output("JSON"), "Write the fitted request.")
@opt.force_option
@click.option(
    "--keep", type=click.Choice(("images", "clips", "documents", "turns")), multiple=True,
    help="With --fit: leave these as they are; may be repeated.",
)  # fmt: skip
@click.option(
    "--allow-unknown", is_flag=True, help="With --fit: fit what is known of an open request."
)
@opt.catalog_option
@opt.quiet_option
@opt.json_option
def request(
    source: str | None,
    model: str | None,
    provider: str | None,
    allow_files: bool,
    assume_image: ImageInfo | None,
    paying: Paying,
    template: str | None,
    calibration: str | None,
    budget: int | Decimal | None,
    out: str | None,
    keep: tuple[Any, ...],
    allow_unknown: bool,
    catalog: tuple[str, ...],
    quiet: bool,
    as_json: bool,
) -> None:
    """A whole API request, part by part, before it is sent.

    OpenAI, Anthropic, Gemini and Mistral requests, or a plain list of messages. Pictures are
    counted from their headers, never as text; nothing is fetched. Of a batch file (JSON lines)
    each request has a row; of an MCP server's tools/list, what its tools add to a request; of
    several servers' under their names, a row a server.

    --fit writes it with smaller pictures, shorter documents or fewer old turns; the system text,
    the tools and what the last turn says stay. Exit 1 when that is not enough, and when input and
    output overflow the context window.

    \b
    multitok request payload.json
    multitok request payload.json -m claude-opus-5 --output-tokens 200-800 --requests 10000
    multitok request payload.json --fit 8000 -o smaller.json
    multitok request batch.jsonl --output-tokens 500
    multitok request tools.json -m gpt-5.4
    cat payload.json | multitok request -q
    """
    if budget is None and (out or keep or allow_unknown):
        raise click.UsageError("-o, --keep and --allow-unknown go with --fit: --fit 8000")
    content, many = payload_in(opt.source_given(source, "count"))
    counting: dict[str, Any] = {
        "allow_files": allow_files, "assume_image": assume_image, "catalog": catalog,
        "template": template, "calibration": calibration,
    }  # fmt: skip
    asked = (content, model, provider)
    reserved = paying.reserved
    if many and budget is not None:
        raise click.UsageError("--fit makes one request smaller: give it one line of the batch")
    if many:
        batch = count_batch(*asked, **counting)
        _show_batch(batch, paying.cost(batch), reserved, quiet, as_json)
        sys.exit(_code_of_batch(batch, reserved, quiet))
    if budget is not None:
        if out and allow_files:
            check_pieces([out], "JSON", *_named_files(content, provider))
        words = {"output_tokens": reserved, "mode": paying.mode, "keep": keep, **counting}
        found = _fitted(*asked, budget, allow_unknown=allow_unknown, **words)
        _show_fit(found, paying.cost(found.after), reserved, out, quiet, as_json)
        sys.exit(1 if found.after.overflow(reserved) else 0)
    counted = count_request(*asked, **counting)
    if quiet:
        _show_bare(counted, reserved)
    else:
        _show(counted, paying.cost(counted), advice(counted, catalog=catalog), reserved, as_json)
    sys.exit(_code(counted, reserved, quiet))


def _code(counted: RequestCount, reserved: int | None, quiet: bool) -> int:
    """2 where something went wrong (or, with -q, is not known), 1 where it overflows."""
    known = counted.complete and not counted.rejected
    failed = not known if quiet else bool(counted.unexpected)
    return 2 if failed else int(bool(counted.overflow(reserved)))


def _code_of_batch(batch: BatchCount, reserved: int | None, quiet: bool) -> int:
    """The worst of all; 2 where a request was not read."""
    codes = [_code(one, reserved, quiet) for one in batch.counted]
    return 2 if batch.errors else max(codes)


def _named_files(content: Any, provider: str | None) -> Iterator[str]:
    """The local files that a request names: they are read, too."""
    from multitok.requests.payloads import parse

    for part in parse(content, provider).parts:
        if part.file is not None:
            yield part.file


def _fitted(
    content: Any, model: str | None, provider: str | None, budget: int | Decimal, **words: Any
) -> RequestFit:
    """The request within its budget; exit 1 where no change is enough, 2 where nobody can tell."""
    from multitok.requests.fitting.whole import fit_request

    try:
        if isinstance(budget, Decimal):
            return fit_request(content, model, provider, max_cost=budget, **words)
        return fit_request(content, model, provider, max_tokens=budget, **words)
    except BudgetExceeded as error:
        printing.say(error)
        sys.exit(1 if "max_tokens" in vars(error) else 2)


def _show_fit(
    found: RequestFit, cost: Any, reserved: int | None, out: str | None, quiet: bool, as_json: bool
) -> None:
    """The request to its file, else to stdout; what was changed beside it."""
    from multitok.report.request_fits import render_request_fit, request_fit_to_dict

    if as_json:
        printing.echo_json(request_fit_to_dict(found, cost, reserved, payload=out is None))
    elif not quiet:
        shown = render_request_fit(found, cost, reserved, **printing.form())
        printing.echo(shown, err=out is None or on_stdout(out))
    if out is not None or not as_json:
        write_text(out or "-", found.to_json() + "\n")
        printing.wrote(out or "-")


def _show(
    counted: RequestCount, cost: Any, cheaper: list[Advice], reserved: int | None, as_json: bool
) -> None:
    if as_json:
        printing.echo_json(request_to_dict(counted, cost, cheaper, reserved))
    else:
        shown = render_request(
            counted, cost=cost, advice=cheaper, output=reserved, **printing.form()
        )
        printing.echo(shown)
    for error in counted.unexpected:
        printing.say(error)


def _show_bare(counted: RequestCount, reserved: int | None) -> None:
    """The number, and on stderr what is not in it."""
    printing.echo(str(counted.tokens))
    for line in render_unknown(counted):
        printing.say(f"not counted: {line}")
    for line in render_overflow(counted, reserved):
        printing.say(line)


def _show_batch(
    batch: BatchCount, cost: Cost, reserved: int | None, quiet: bool, as_json: bool
) -> None:
    """A row a request and their sum; -q prints the sum, and on stderr what is not in it."""
    if as_json:
        printing.echo_json(batch_to_dict(batch, cost, reserved))
    elif quiet:
        printing.echo(str(batch.tokens))
        for line in batch.errors:
            printing.say(f"not counted: {line.id}: {line.error}")
        for line in batch.lines:
            for why in render_unknown(line.counted) if line.counted else ():
                printing.say(f"not counted: {line.id}: {why}")
    else:
        printing.echo(render_batch(batch, cost, reserved, **printing.form()))
