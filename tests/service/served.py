"""Asking a service by hand: what came back, byte for byte."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import Any, NamedTuple

COUNT = "/v1/responses/input_tokens"
HELLO = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}


class Answered(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Served(NamedTuple):
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method, path, body=None, **headers) -> Answered:
        """A request with exactly these headers, and what a client must send."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Answered(answer.status, told, answer.read())
        finally:
            connection.close()

    def get(self, path, **headers) -> Answered:
        return self.ask("GET", path, **headers)

    def post(self, path, payload=None, **headers) -> Answered:
        """JSON as clients send it; bytes as they are."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        return self.ask("POST", path, body, **{"content_type": "application/json", **headers})


@contextmanager
def started(*words):
    """`multitok serve` on a free port, as a person starts it."""
    command = [sys.executable, "-m", "multitok", "serve", "--port", "0", *words]
    environment = {k: v for k, v in os.environ.items() if k != "MULTITOK_TOKEN"}
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    line = child.stderr.readline()
    port = int(re.search(r":(\d+) ", line)[1])
    try:
        yield child, Served(port)
    finally:
        child.terminate()
        child.stderr.close()
        child.wait(timeout=30)


@contextmanager
def silent(service, number, said):
    """So many connections that said no more than this."""
    sockets = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(number)]
    try:
        for one in sockets:
            one.sendall(said)
        yield sockets
    finally:
        for one in sockets:
            one.close()


def ending(one):
    """What a connection is told before it is closed."""
    one.settimeout(30)
    try:
        told = b"".join(iter(lambda: one.recv(4096), b""))
    except ConnectionResetError:
        return b""
    return told


HEAD = b"POST /request HTTP/1.1\r\nHost: localhost\r\n"


def asking(payload):
    """A request for a count, as it is sent."""
    body = json.dumps(payload).encode()
    head = HEAD.replace(b"/request", COUNT.encode()) + b"Content-Type: application/json\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


STALLED = HEAD + b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
