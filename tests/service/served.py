"""Asking a service by hand: what came back, byte for byte."""

import http.client
import json
from typing import Any, NamedTuple

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
