"""The service in the foreground: its socket, its processes, and the end of whoever says nothing."""

from __future__ import annotations

import asyncio
import gc
import logging
import math
import multiprocessing
import os
import signal
import socket
from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.supervisors import Multiprocess

from multitok.core.errors import SourceError
from multitok.service.app import application
from multitok.service.work import BODY, WHOLE

if TYPE_CHECKING:
    from multitok.service.gate import App
    from multitok.service.settings import Limits, Settings

AHEAD = 1 << 20
"""Bytes of a body that are read before they are handed on."""
LARGEST_HEAD = 64 * 1024
"""Bytes of the headers of a request."""
BACKLOG = 2048
"""Connections that wait to be taken."""
GRACE = 10
"""Seconds that requests have to end in when the service stops."""


class Whole(asyncio.Transport):
    """What an answer is written to: its head goes out with its body, since each write is a packet
    and wakes whoever reads it."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._head: bytes | None = None  # held until the body comes; b"" once it is out

    def write(self, data: bytes) -> None:  # type: ignore[override]
        if self._head is None and b"\r\ncontent-length: " in data:  # what is next is its body
            self._head = data
        else:
            self._transport.write((self._head or b"") + data)
            self._head = b""

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self._transport.close()


class Patient(HttpToolsProtocol):
    """A connection that has so many seconds for the headers of a request, and no more.

    uvicorn waits for them as long as it takes, so that a few sockets that say nothing would keep
    everybody else out. Beyond the number of connections that may be open, those go that wait for
    headers, the oldest first.
    """

    @property
    def limits(self) -> Limits:
        """As the application tells them at its start."""
        limits: Limits = self.app_state["limits"]
        return limits

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._heading = False  # whether its headers are being read
        self._head = 0
        self._timer: asyncio.TimerHandle | None = None
        self._wait()
        if len(self.connections) > self.limits.connections:
            silent = [one for one in self.connections if isinstance(one, Patient) and one._silent()]
            if silent:
                min(silent, key=Patient._ends).transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """As ever; headers that do not end are no headers. Those that came whole, as most do, had
        no time to be waited for."""
        super().data_received(data)
        if not self._heading:
            self._head = 0
            return
        if self._timer is None:
            self._wait()
        self._head += len(data)
        if self._head > LARGEST_HEAD:
            self._end(b"431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._heading = True
        self._stop()

    def on_headers_complete(self) -> None:
        self._heading = False
        self._stop()
        self._ahead = 0
        self._body = self.scope["state"][BODY] = bytearray()
        super().on_headers_complete()
        if self.scope["method"] == "POST":  # an answer to HEAD is a head alone
            self.cycle.transport = Whole(self.transport)

    def on_body(self, body: bytes) -> None:
        """Kept in one piece that grows by what came, never by what is announced: nobody has to join
        it. Each AHEAD bytes who reads is woken, and no more is taken until that has looked."""
        if self.cycle.response_complete:
            return
        self._body += body
        self._ahead += len(body)
        if self._ahead > AHEAD:
            self._ahead = 0
            self.flow.pause_reading()
            self.cycle.message_event.set()

    def on_message_complete(self) -> None:
        self._body = bytearray()  # it is the reader's now: a connection that is idle holds none
        self.scope["state"][WHOLE] = True
        super().on_message_complete()

    def _wait(self) -> None:
        self._stop()
        self._timer = self.loop.call_later(self.limits.head_seconds, self._late)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._end(b"408 Request Timeout")

    def _end(self, status: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 " + status + b"\r\nconnection: close\r\n\r\n")
            self.transport.close()

    def _silent(self) -> bool:
        answered = self.cycle is None or self.cycle.response_complete
        return answered and not self.transport.is_closing()

    def _ends(self) -> float:
        return self._timer.when() if self._timer is not None else float("inf")


def listening(host: str, port: int) -> socket.socket:
    """A socket at this address; SourceError where it is taken, or none of this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small answers at once only where the socket says that it is TCP
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
        made.listen(BACKLOG)  # who comes before the first process is up waits, and is answered
    except (OSError, OverflowError) as error:
        made.close()
        why = getattr(error, "strerror", None) or error
        raise SourceError(
            f"nothing can be served at {host}:{port}: {why}. Another port: --port 0 takes a free"
            " one",
            source=f"{host}:{port}",
        ) from None
    return made


def process(settings: Settings) -> App:
    """The application in a process of its own, which does little else than make small objects and
    drop them: to look for cycles among them as often as Python does takes a tenth of its time."""
    parent = multiprocessing.parent_process()
    if parent is not None:  # one of several
        Thread(target=_end_with, args=(parent.join,), daemon=True).start()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    return application(settings)


def _end_with(ended: Callable[[], object]) -> None:
    """Stop when `ended` returns: whoever started this process may be killed, and its port must not
    stay taken."""
    ended()
    os.kill(os.getpid(), signal.SIGTERM)


def server_of(
    settings: Settings, *, workers: int, made: Callable[[Settings], App] = application
) -> uvicorn.Server:
    """What answers, not started yet."""
    config: Any = uvicorn.Config(
        partial(made, settings),
        factory=True,
        http=Patient,
        ws="none",
        loop="auto",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE,
        workers=workers,
        # a count may hold the interpreter so long: who does not answer is not dead
        timeout_worker_healthcheck=math.ceil(settings.limits.work_seconds),
    )
    for name in ("uvicorn.error", "python_multipart"):  # who sends no HTTP, or no form, is no news
        logging.getLogger(name).setLevel(logging.ERROR)
    return uvicorn.Server(config)


class Crew(Multiprocess):
    """The processes of a service. Each has its end of the pipe by which it is asked for itself:
    were it open here too, one that dies while it is asked would be waited for as long as a count
    may take, and a stop with it."""

    def keep_subprocess_alive(self) -> None:
        for one in self.processes:
            one.child_conn.close()
        super().keep_subprocess_alive()


def serve(settings: Settings, at: socket.socket, *, workers: int = 1) -> None:
    """Answers until it is told to stop (Ctrl-C, SIGTERM), and lets requests end first."""
    server = server_of(settings, workers=workers, made=process)
    if workers == 1:
        server.run(sockets=[at])
    else:
        Crew(server.config, sockets=[at]).run()
