"""The service, asked without a server: ASGI, as one would call it."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from random import Random
from typing import Any

from material import PIXEL, REQUESTS, VALUES
from mutators import changed
from targets import target

from multitok.service.app import application
from multitok.service.settings import Settings

PATHS = [
    "/v1/messages/count_tokens", "/v1/responses/input_tokens",
    "/v1beta/models/gemini-2.5-flash:countTokens", "/utils/token_counter", "/request", "/count",
    "/compare", "/fit", "/inspect", "/page", "/v1/models", "/v1/models/gpt-4o", "/openapi.json",
    "/healthz", "/", "/v1/projects/p/locations/l/publishers/google/models/gpt-4o:countTokens",
]  # fmt: skip
BODIES = [
    *REQUESTS.values(),
    {"model": "gpt-4o", "text": "hello"}, {"model": ["gpt-4o", "gpt-5.4"], "size": "1920x1080"},
    {"model": "gpt-4o", "data": PIXEL, "name": "a.png", "options": {"detail": "low"}},
    {"model": "gpt-4o", "info": {"modality": "image", "width": 5, "height": 5}, "max_tokens": 500},
    {"tokenizer": "o200k_base", "text": "x", "read": {"encoding": "utf-8"}},
    {"model": "gpt-4o", "prompt": "x"},
]  # fmt: skip
FORM = (
    b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\ngpt-4o\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n'
    b"--b--\r\n"
)
KINDS = ["application/json", "multipart/form-data; boundary=b", "application/octet-stream"]
HEADERS = [
    ["content-length", "9" * 5000], ["content-length", "²"], ["content-encoding", "gzip"],
    ["origin", "null"], ["host", "[::1]"], ["host", ""], ["authorization", "Bearer \xe9"],
    ["content-type", "multipart/form-data"], ["content-type", "application/json; charset=\xff"],
]  # fmt: skip
QUERIES = [
    "", "incomplete=sum", "incomplete=x", "model=gpt-4o", "name=a.png&model=gpt-4o", "cached=9",
    "output_tokens=1-5", "output_tokens=%FF", "requests=-1", "mode=batch", "provider=openai",
    "max_tokens=10", "size=5x5", "options=%7B%7D", "read=%7B%22start%22%3A1%7D", "info=%5B", "a=b",
]  # fmt: skip


def _asked(path: str, body: bytes, kind: str = KINDS[0], query: str = "", **more: Any) -> bytes:
    """A request, as bytes that a mutation can change: a line of JSON, then the body."""
    headers = [["host", "localhost"], ["content-type", kind], *more.get("headers", [])]
    told = {"method": "POST", "path": path, "query": query, "headers": headers}
    return json.dumps(told).encode() + b"\n" + body


def _seeds() -> list[bytes]:
    bodies = [json.dumps(body).encode() for body in BODIES]
    made = [_asked(PATHS[i % 11], body) for i, body in enumerate(bodies)]
    made += [_asked(path, FORM, KINDS[1]) for path in ("/count", "/page", "/fit")]
    return [*made, _asked("/count", b"hello", KINDS[2], "model=gpt-4o&name=a.txt")]


def _other(data: bytes, chance: Random) -> bytes:
    """Another path, address, header or body."""
    head, _, body = data.partition(b"\n")
    try:
        told = json.loads(head)
        turn = chance.randrange(10)
        if turn == 0:
            told["path"] = chance.choice([*PATHS, "/" + "x" * 300, "/v1/models/é", "/../x"])
        elif turn == 1:
            told["query"] = chance.choice(QUERIES)
        elif turn == 2:
            told["headers"].append(chance.choice(HEADERS))
        elif turn == 3:
            told["method"] = chance.choice(["GET", "POST", "OPTIONS", "HEAD", "PUT"])
        elif turn == 4:
            body = chance.choice([FORM, b"", b"{", b"[]", b"\xff", FORM.replace(b"--b--", b"")])
        else:
            document = changed(json.loads(body), chance, VALUES, BODIES)
            body = json.dumps(document).encode()
        head = json.dumps(told).encode()
    except (ValueError, KeyError, AttributeError, TypeError):
        return _asked(chance.choice(PATHS), json.dumps(chance.choice(BODIES)).encode())
    return head + b"\n" + body


@cache
def _application() -> Any:
    return application(Settings())


@target(seeds=_seeds, mutate=_other, longest=9000)
def service(data: bytes) -> None:
    """A request to a route: answered once, and never with a fault of ours."""
    head, _, body = data.partition(b"\n")
    try:
        told = json.loads(head)
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http",
            "method": str(told["method"]), "path": str(told["path"]),
            "raw_path": str(told["path"]).encode(), "query_string": told["query"].encode(),
            "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in told["headers"]],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "root_path": "", "state": {},
        }  # fmt: skip
    except (ValueError, KeyError, AttributeError, TypeError):
        return
    sent = asyncio.run(_answer(scope, body))
    status = [message["status"] for message in sent if message["type"] == "http.response.start"]
    assert len(status) == 1, sent
    assert status[0] not in (500, 504), sent[1:]


async def _answer(scope: dict[str, Any], body: bytes) -> list[Any]:
    """What was sent, for a body that comes in two pieces."""
    half = len(body) // 2
    pieces = iter([(body[:half], True), (body[half:], False)])
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        piece, more = next(pieces, (b"", False))
        return {"type": "http.request", "body": piece, "more_body": more}

    async def send(message: Any) -> None:
        sent.append(message)

    await _application()(scope, receive, send)
    return sent
