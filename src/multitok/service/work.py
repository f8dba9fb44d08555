"""Reading and counting within limits: what is too large, too slow or too much is refused, and what
is small does not wait for what is large."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from multitok.core.integers import decimal
from multitok.service.answers import Bytes
from multitok.service.gate import Receive, Scope
from multitok.service.refusals import Refused
from multitok.service.settings import Settings

T = TypeVar("T")
BODY = "body"
"""In the state of a request the bytes of its body that came: our server adds to them as more come,
and what `receive` tells has none. Any other server gives them piece by piece."""
WHOLE = "whole"
"""In the state of a request whose body is all there: most are before anybody asks, and to wait for
one takes a twentieth of a small answer."""
AT_ONCE = 8 * 1024
"""Bytes of a request that is counted where it is read: a thread would take as long as the count."""
SMALL = 64 * 1024
"""Bytes of a request that goes into the quick lane."""
THREADS = 4
"""Of each lane: counting text leaves the interpreter to others."""
WAITING = 256
"""Requests that wait for a thread of their lane; the next is refused."""


class Gone(ConnectionError):
    """Whoever asked has hung up."""


class Work:
    """What a service reads and counts at once."""

    def __init__(self, settings: Settings) -> None:
        self.limits = settings.limits
        self._templated = settings.template is not None
        self._quick = _Lane("quick")
        self._large = _Lane("large")
        self._held = 0

    @asynccontextmanager
    async def body(self, scope: Scope, receive: Receive, *kinds: str) -> AsyncIterator[Bytes]:
        """The body, of one of these content types, as long as it is needed."""
        self._check_headers(scope, kinds)
        data, size = _kept(scope), 0
        try:
            if scope.get("state", {}).get(WHOLE):
                self._held += (size := len(data))
                self._check(size)
            else:
                async with asyncio.timeout(self.limits.body_seconds):
                    more = True
                    while more:
                        piece, more = await _piece(receive)
                        data += piece
                        self._held += len(data) - size
                        self._check(size := len(data))
            yield data
        except TimeoutError:
            seconds = f"{self.limits.body_seconds:g} s"
            raise Refused(408, f"the body was not there after {seconds}: send it again") from None
        finally:
            self._held -= size

    def _check_headers(self, scope: Scope, kinds: tuple[str, ...]) -> None:
        """Refused where its headers say that it is not to be read."""
        given = content_type(scope)
        if given not in kinds:
            raise Refused(
                415, f"content-type must be {' or '.join(kinds)}, got {given[:100] or 'none'!r}"
            )
        encoding = header(scope, b"content-encoding") or "identity"
        if encoding.lower() != "identity":
            raise Refused(415, f"content-encoding {encoding[:100]!r} is not read: send it as it is")
        self._check(decimal(header(scope, b"content-length")) or 0)

    def _check(self, size: int) -> None:
        limits = self.limits
        if size > limits.body:
            raise Refused(413, f"a request is read up to {limits.body >> 20} MB")
        if self._held > limits.held:
            raise Refused(503, "too much is being read at once: try again in a second")

    async def count(self, data: Bytes, function: Callable[[], T]) -> T:
        """`run` for a request: at once where it is short and holds no file, by any provider's word
        for one, and no template has to be run."""
        if len(data) <= AT_ONCE and b"data" not in data and not self._templated:
            return function()
        return await self.run(len(data), function)

    async def run(self, size: int, function: Callable[[], T]) -> T:
        """What the function gives, worked out in the lane for requests of this size."""
        lane = self._quick if size <= SMALL else self._large
        try:
            async with asyncio.timeout(self.limits.work_seconds):
                return await lane.run(function)
        except TimeoutError:
            seconds = f"{self.limits.work_seconds:g} s"
            raise Refused(504, f"not counted within {seconds}: send it in smaller parts") from None

    def close(self) -> None:
        self._quick.close()
        self._large.close()


class _Lane:
    """Threads of its own, and what waits for them."""

    def __init__(self, name: str) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix=f"multitok-{name}")
        self._waiting = 0

    async def run(self, function: Callable[[], T]) -> T:
        if self._waiting >= WAITING:
            raise Refused(503, "too many requests wait to be counted: try again in a second")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, function)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _kept(scope: Scope) -> bytearray:
    """Where the bytes of a body are, and will be: taken out, so that nobody else holds them."""
    kept: bytearray | None = scope.get("state", {}).pop(BODY, None)
    return bytearray() if kept is None else kept


async def _piece(receive: Receive) -> tuple[Bytes, bool]:
    """The next bytes of a body, and whether more come."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Gone
    return message.get("body", b""), message.get("more_body", False)


def header(scope: Scope, name: bytes) -> str:
    """The first header of this name; "" where there is none."""
    for key, value in scope["headers"]:
        if key == name:
            found: str = value.decode("latin-1")
            return found
    return ""


def content_type(scope: Scope) -> str:
    """What the body is said to be, without its parameters."""
    return header(scope, b"content-type").partition(";")[0].strip().lower()
