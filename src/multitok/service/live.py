"""The live page: fixed files of this package at `/` and `/live/...`, and the policy they run under.

Nothing of them is secret, so they are told without a token; the page asks for it, and sends it with
what it counts. The report stands in a frame of its own, without an origin; it inherits this policy,
so the one script of the report is allowed here too, by its hash.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from string import Template
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from multitok import __version__
from multitok.report import shell

if TYPE_CHECKING:
    from starlette.requests import Request

    from multitok.service.settings import Settings

FOLDER = os.path.join(os.path.dirname(__file__), "live")
SCRIPTS = (
    "asking.js", "budget.js", "given.js", "main.js", "models.js", "report.js", "request.js",
    "samples.js", "sizes.js", "staircase.js", "totals.js", "words.js",
)  # fmt: skip
"""The modules of the page; main.js begins."""
PATHS = ("/", "/live/live.css", "/live/report.css", *(f"/live/{name}" for name in SCRIPTS))
"""All that is served."""


def policy() -> str:
    """What the page may do: run and ask its own service, and show what it was given.

    >>> policy()[:18]
    "default-src 'none'"
    """
    return (
        f"default-src 'none'; script-src 'self' {shell.hashed(shell.joined(shell.INSPECTION))};"
        " style-src 'self' 'unsafe-inline'; img-src data: blob:; media-src blob:;"
        " connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    )


def headers() -> dict[str, str]:
    """Of every file of the page."""
    return {
        "content-security-policy": policy(),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-cache",
    }


def files(settings: Settings) -> Mapping[str, tuple[str, str]]:
    """Each path, its content type, and its text.

    >>> from multitok.service.settings import Settings
    >>> tuple(files(Settings())) == PATHS
    True
    """
    page = Template(_beside("index.html")).substitute(
        limit=settings.limits.body, version=__version__
    )
    return {
        "/": ("text/html", page),
        "/live/live.css": ("text/css", _beside("live.css")),
        "/live/report.css": ("text/css", shell.beside("page.css")),
        **{f"/live/{name}": ("text/javascript", _beside(name)) for name in SCRIPTS},
    }


def routes(settings: Settings) -> list[Route]:
    """A route a file; none where the service was started without a page."""
    if not settings.page:
        return []
    return [_route(path, kind, text) for path, (kind, text) in files(settings).items()]


def _route(path: str, kind: str, text: str) -> Route:
    body, told = text.encode("utf-8"), headers()

    async def answer(request: Request) -> Response:
        return Response(body, media_type=kind, headers=told)

    return Route(path, answer)


@cache
def _beside(name: str) -> str:
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return file.read()
