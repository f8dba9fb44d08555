"""Who may ask: looked at before anything of a request is read.

A page that lets its name point at this machine is told apart by its Host, a page of another site by
its Origin; a form cannot send JSON. Beyond this machine a token is asked for.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from multitok.service import live
from multitok.service.refusals import Refused
from multitok.service.settings import Settings

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

CARRIES = (b"authorization", b"x-api-key", b"x-goog-api-key")
"""Headers in which the SDKs send their key: the token is taken as one."""
OPEN = ("/healthz", *live.PATHS)
"""Told without a token: the live page asks for it, and sends it with all that it counts."""


class Gate:
    """An application, and who may reach it. `refuse` answers whoever may not."""

    def __init__(
        self, app: App, settings: Settings, refuse: Callable[[Scope, Refused], App]
    ) -> None:
        self._app = app
        self._settings = settings
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        hosts, origins = _told(scope, b"host"), _told(scope, b"origin")
        app = self._app
        try:
            self._check(scope, hosts, origins)
            if origins and scope["method"] == "OPTIONS":
                app = _allowed
        except Refused as refused:
            app = self._refuse(scope, refused)
        named = next((one for one in origins if one in self._settings.origins), "")
        await app(scope, receive, _telling(send, named) if named else send)

    def _check(self, scope: Scope, hosts: list[str], origins: list[str]) -> None:
        settings = self._settings
        if len(hosts) != 1 or not settings.serves(hosts[0]):
            named = hosts[0][:100] if hosts else ""
            raise Refused(421, f"nothing is served as {named!r}: multitok serve --allow-host NAME")
        for origin in origins:
            if not settings.admits(origin, hosts[0]):
                raise Refused(
                    403, "pages of other sites may not ask: multitok serve --allow-origin URL"
                )
        preflight = scope["method"] == "OPTIONS" and settings.origins
        if settings.token is not None and scope["path"] not in OPEN and not preflight:
            self._check_token(scope, settings.token)

    def _check_token(self, scope: Scope, token: str) -> None:
        for name in CARRIES:
            for value in _told(scope, name):
                given = value[7:] if value[:7].lower() == "bearer " else value
                if secrets.compare_digest(given.encode("latin-1"), token.encode("utf-8")):
                    return
        raise Refused(401, "the token is wrong or missing: send it as the API key of the SDK")


def _told(scope: Scope, name: bytes) -> list[str]:
    """All headers of a name."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


async def _allowed(scope: Scope, receive: Receive, send: Send) -> None:
    """The answer to a browser that asks whether a named site may ask."""
    headers = [
        (b"access-control-allow-methods", b"GET, POST"),
        (b"access-control-allow-headers", b"*, authorization, content-type"),
        (b"access-control-max-age", b"600"),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _telling(send: Send, origin: str) -> Send:
    """Tells the browser that this origin may read the answer, and its labels."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [
                *message["headers"],
                (b"access-control-allow-origin", origin.encode("latin-1")),
                (b"access-control-expose-headers", b"*"),
                (b"vary", b"origin"),
            ]
        await send(message)

    return told
