"""A line a request on stderr: what was asked and how it ended, and nothing of what was in it."""

from __future__ import annotations

import sys
import time

from multitok.report.safe import shown
from multitok.service.gate import App, Message, Receive, Scope, Send


class Log:
    """An application whose answers are told: `POST /request 200 1.2 ms`."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, told)
        finally:
            took = (time.perf_counter() - started) * 1000
            path = shown(scope["path"][:200])
            print(f"{scope['method']} {path} {status} {took:.1f} ms", file=sys.stderr, flush=True)
