"""multitok serve: the providers' count endpoints on this machine, and a live page."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Any

import click

from multitok.cli import options as opt, printing
from multitok.cli.mcp import root_option
from multitok.core.extras import require
from multitok.service.settings import LOOPBACK, Settings

if TYPE_CHECKING:
    from multitok.core.info import ImageInfo

PORT = 8484
EVERYWHERE = ("0.0.0.0", "::")


class AliasType(click.ParamType):  # type: ignore[type-arg]
    """claude-*=gpt-5.4: a pattern of names, and the model they are counted as."""

    name = "PATTERN=MODEL"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        pattern, equals, model = value.partition("=")
        if not (pattern and equals and model):
            self.fail(f"{value!r} is not PATTERN=MODEL: write 'claude-*=gpt-5.4'", param, ctx)
        return pattern.lower(), model


@click.command(short_help="The providers' count endpoints on this machine, and a live page.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=PORT, show_default=True,
    help="0 takes a free one.",
)  # fmt: skip
@click.option(
    "--token", envvar="MULTITOK_TOKEN", metavar="SECRET",
    help="What every request must carry, as an API key; a must beyond this machine.",
)  # fmt: skip
@click.option(
    "--allow-host", "hosts", multiple=True, metavar="NAME", help="Another name it is reached under."
)
@click.option(
    "--allow-origin", "origins", multiple=True, metavar="URL", help="A site whose pages may ask."
)
@click.option(
    "--answer", type=click.Choice(("middle", "most")), default="middle", show_default=True,
    help="What an estimate is answered by: its middle, or its upper end.",
)  # fmt: skip
@click.option(
    "--incomplete", type=click.Choice(("refuse", "sum")), default="refuse", show_default=True,
    help="Where a part cannot be counted: 422 with its path, or the sum of the rest.",
)  # fmt: skip
@click.option(
    "--alias", "aliases", type=AliasType(), multiple=True,
    help="Count these names as another model: 'claude-*=gpt-5.4'.",
)  # fmt: skip
@opt.assume_image_option
@opt.calibration_option
@opt.template_option
@opt.catalog_option
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True,
    help="Processes: Claude's text holds one while it is counted.",
)  # fmt: skip
@click.option("--access-log", is_flag=True, help="A line a request on stderr; never a body.")
@click.option("--mcp", is_flag=True, help="With the tools for agents at /mcp.")
@root_option
@click.option("--no-page", is_flag=True, help="Without the live page at /.")
def serve(
    host: str,
    port: int,
    token: str | None,
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    answer: Any,
    incomplete: Any,
    aliases: tuple[tuple[str, str], ...],
    assume_image: ImageInfo | None,
    calibration: str | None,
    template: str | None,
    catalog: tuple[str, ...],
    workers: int,
    access_log: bool,
    mcp: bool,
    roots: tuple[str, ...],
    no_page: bool,
) -> None:
    """The providers' count endpoints on this machine, and a live page.

    SDKs of Anthropic, OpenAI and Google count here when their base URL is this address: offline,
    with the numbers of `multitok request`. Nothing is opened or fetched because a request says so.
    Headers x-multitok-* tell how a number is known, and the most that the bill may be.

    \b
    multitok serve
    ANTHROPIC_BASE_URL=http://127.0.0.1:8484 python count.py
    multitok serve --answer most --alias 'claude-*=Qwen/Qwen3-8B'
    multitok serve --host 0.0.0.0 --allow-host box.lan --token SECRET
    """
    _require(mcp)
    if roots and not mcp:
        raise click.UsageError("--root is of the tools for agents: --mcp serves them")
    if not _is_here(host) and not token:
        raise click.UsageError(
            f"{host} is reached from other machines: --token SECRET (or MULTITOK_TOKEN) says who"
            " may ask"
        )
    named = (host,) if host not in (*LOOPBACK, *EVERYWHERE) else ()
    settings = Settings(
        token=token or None,
        hosts=tuple(_host(name) for name in (*hosts, *named)),
        origins=tuple(origin.rstrip("/") for origin in origins),
        answer=answer,
        incomplete=incomplete,
        aliases=aliases,
        assume_image=assume_image,
        catalog=catalog,
        calibration=calibration,
        template=template,
        page=not no_page,
        roots=(roots or (".",)) if mcp else (),
        access_log=access_log,
    )
    from multitok.service.ready import check
    from multitok.service.serving import listening, serve as run

    check(settings)
    at = listening(host, port)
    printing.say(f"serving at {_url(host, at)} (Ctrl-C stops)")
    run(settings, at, workers=workers)


def _require(mcp: bool) -> None:
    """MissingDependencyError, with what to install, where an extra is not there."""
    doing = "multitok serve"
    require("uvicorn", extra="serve", purpose=doing)
    require("httptools", extra="serve", purpose=doing)
    require("msgspec", extra="serve", purpose=doing)
    require("starlette", extra="serve", purpose=doing)
    require("python_multipart", extra="serve", purpose=doing, package="python-multipart")
    if mcp:
        require("mcp", extra="mcp", purpose=f"{doing} --mcp")


def _is_here(host: str) -> bool:
    """Whether only this machine reaches it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _host(name: str) -> str:
    """As a Host header has it: an address of IPv6 in brackets."""
    name = name.lower()
    return f"[{name}]" if ":" in name and not name.startswith("[") else name


def _url(host: str, at: socket.socket) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://{_host(shown)}:{at.getsockname()[1]}"
