"""The routes of the service, and how one is answered: read, counted in a thread, and told in the
words of the SDK that asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from multitok import __version__
from multitok.prices.rates import MODES
from multitok.requests.costs import token_range
from multitok.service import listing, live, ours
from multitok.service.dialects import ANTHROPIC, GEMINI, LITELLM, OPENAI, Dialect
from multitok.service.endpoints import JSON, Count, Endpoint, litellm, refused, unexpected
from multitok.service.forms import given_of
from multitok.service.gate import App, Gate, Receive, Scope, Send
from multitok.service.log import Log
from multitok.service.ready import warm
from multitok.service.refusals import Refused, refusing
from multitok.service.settings import Settings
from multitok.service.work import Gone, Work

if TYPE_CHECKING:
    from multitok.service.agents import AtPath
    from multitok.service.given import Given

Handler: TypeAlias = Callable[[Request], Any]


class Service:
    """One service: its settings, its threads, and its handlers."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.work = Work(settings)
        self.agents = _agents(settings, self.work) if settings.roots else None

    # --- the providers' endpoints -----------------------------------------------------------------

    def counts(self, dialect: Dialect, count: Count | None = None) -> Endpoint:
        """A provider's endpoint: one number, and what is known of it in the headers."""
        return Endpoint(self.settings, self.work, dialect, count)

    # --- our own ----------------------------------------------------------------------------------

    def report(self, make: Callable[[Given, Settings], Any], kind: type[Response]) -> Handler:
        """A report of what a request gives: a text, a size, files."""

        async def handle(request: Request) -> Response:
            async with given_of(request, self.work, self.settings) as (size, read):

                def work() -> Any:
                    with refusing("reading", "the request"):
                        return make(read(), self.settings)

                return kind(await self.work.run(size, work))

        return handle

    async def request(self, request: Request) -> Response:
        words = _paid(request.query_params)
        async with self.work.body(request.scope, request.receive, JSON) as data:
            work = partial(ours.request, data, words, self.settings)
            return JSONResponse(await self.work.run(len(data), work))

    # --- what there is ----------------------------------------------------------------------------

    async def models(self, request: Request) -> Response:
        return JSONResponse(listing.as_list(listing.models(self.settings)))

    async def model(self, request: Request) -> Response:
        return JSONResponse(
            listing.as_item(listing.one(request.path_params["model"], self.settings))
        )

    async def health(self, request: Request) -> Response:
        return JSONResponse({"ok": True, "multitok": __version__})

    async def openapi(self, request: Request) -> Response:
        from multitok.service.openapi import document

        return JSONResponse(document())

    def routes(self) -> list[Route]:
        post: Any = {"methods": ["POST"]}
        anthropic, openai, gemini = map(self.counts, (ANTHROPIC, OPENAI, GEMINI))
        vertex = "/{version}/projects/{project}/locations/{location}/publishers"
        return [
            Route("/v1/messages/count_tokens", anthropic, **post),
            Route("/v1/responses/input_tokens", openai, **post),
            Route("/responses/input_tokens", openai, **post),
            Route("/{version}/models/{model:path}:countTokens", gemini, **post),
            Route(f"{vertex}/google/models/{{model}}:countTokens", gemini, **post),
            Route(f"{vertex}/anthropic/models/count-tokens:rawPredict", anthropic, **post),
            Route("/utils/token_counter", self.counts(LITELLM, litellm), **post),
            Route("/{version}/models", self.models),
            Route("/{version}/models/{model:path}", self.model),
            Route("/request", self.request, **post),
            Route("/count", self.report(ours.count, JSONResponse), **post),
            Route("/compare", self.report(ours.compare, JSONResponse), **post),
            Route("/fit", self.report(ours.fit, JSONResponse), **post),
            Route("/inspect", self.report(ours.inspect, JSONResponse), **post),
            Route("/page", self.report(ours.page, HTMLResponse), **post),
            Route("/healthz", self.health),
            Route("/openapi.json", self.openapi),
            *([Route("/mcp", self.agents, **post)] if self.agents is not None else ()),
            *live.routes(self.settings),
        ]

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        """Vocabularies are read beside the first requests; connections are told their limits."""
        reading = asyncio.get_running_loop().run_in_executor(None, warm, self.settings)
        async with self.agents.running() if self.agents is not None else nullcontext():
            yield {"limits": self.settings.limits}
        await reading
        self.work.close()


def application(settings: Settings) -> App:
    """The service as an ASGI application.

    >>> type(application(Settings())).__name__
    'Gate'
    """
    service = Service(settings)
    handlers: Any = {
        Refused: _refused,
        HTTPException: _no_route,
        Gone: _gone,
        Exception: _unexpected,
    }
    routes = service.routes()
    app = Starlette(routes=routes, exception_handlers=handlers, lifespan=service.lifespan)
    gate = Gate(_Direct(app, routes), settings, refused)
    return Log(gate) if settings.access_log else gate


class _Direct:
    """An application whose endpoints with a plain address are found by a look-up: routing and its
    middleware take as long as a count."""

    def __init__(self, app: App, routes: Sequence[Route]) -> None:
        self._app = app
        self._endpoints: dict[str, App] = {
            route.path: route.endpoint for route in routes if isinstance(route.endpoint, Endpoint)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        direct = scope["type"] == "http" and scope["method"] == "POST"
        app = self._endpoints.get(scope["path"], self._app) if direct else self._app
        await app(scope, receive, send)


def _agents(settings: Settings, work: Work) -> AtPath:
    from multitok.service.agents import AtPath  # MCP is an extra of its own

    return AtPath(settings, work)


async def _refused(request: Request, error: Exception) -> App:
    return refused(request.scope, cast("Refused", error))


async def _gone(request: Request, error: Exception) -> App:
    return Response(status_code=499)  # nobody hears it


async def _no_route(request: Request, error: Exception) -> App:
    """Another path, or another method."""
    status = cast("HTTPException", error).status_code
    asked = f"{request.method} {request.url.path[:200]}"
    what = "takes another method" if status == 405 else "is not served here"
    return refused(request.scope, Refused(status, f"{asked} {what}: see /openapi.json"))


async def _unexpected(request: Request, error: Exception) -> App:
    return refused(request.scope, unexpected(request.scope, error))


def _paid(query: Mapping[str, str]) -> dict[str, Any]:
    """The words of `multitok request`, from an address."""
    words: dict[str, Any] = {key: query[key] for key in ("model", "provider") if key in query}
    if (mode := query.get("mode")) is not None:
        if mode not in MODES:
            raise Refused(400, f"mode must be {', '.join(MODES)}, got {mode[:40]!r}", "mode")
        words["mode"] = mode
    for key in ("requests", "cached"):
        if key in query:
            words[key] = _whole(key, query[key])
    if (output := query.get("output_tokens")) is not None:
        with refusing("reading", "output_tokens"):
            words["output"] = token_range(output)
    return words


def _whole(key: str, text: str) -> int:
    if not text.isdecimal() or len(text) > 15:
        raise Refused(400, f"{key} must be a whole number, got {text[:40]!r}", key)
    return int(text)
